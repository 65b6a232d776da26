package relayclient_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// microsoft runs Microsoft's clients for Node, hyco-ws and hyco-https, through
// the scripts in testdata.
type microsoft struct {
	node        string // the program
	modules     string // the folder node_modules with the clients in it
	certificate string // file with the relay's CA certificate
}

// needMicrosoft finds Node and the clients, which the repository's own script
// fetches unless RELAYSCOPE_NODE_CLIENTS names the folder that has them. Only
// one test at a time may ask for them, for they may have to be fetched.
func needMicrosoft(t *testing.T) microsoft {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("Node is missing: install Node.js and npm (Debian: apt-get install nodejs npm) to run Microsoft's clients against this one")
	}
	clients := os.Getenv("RELAYSCOPE_NODE_CLIENTS")
	if clients == "" {
		root, err := filepath.Abs("..")
		if err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), filepath.Join(root, ".ci", "node-clients")).CombinedOutput(); err != nil {
			t.Fatalf("Microsoft's clients for Node cannot be fetched: .ci/node-clients: %v; it needs bash and npm, and the registry the first time:\n%s", err, out)
		}
		clients = filepath.Join(root, "dist", "node")
	}
	m := microsoft{node: node, modules: filepath.Join(clients, "node_modules")}
	for _, module := range []string{"hyco-ws/node_modules/ws", "hyco-https/node_modules/ws", "moment"} {
		if _, err := os.Stat(filepath.Join(m.modules, filepath.FromSlash(module))); err != nil {
			t.Fatalf("the Node package %s is missing: run .ci/node-clients, or let RELAYSCOPE_NODE_CLIENTS name a folder whose node_modules has it: %v", module, err)
		}
	}
	return m
}

// trusting returns a copy whose programs trust r.
func (m microsoft) trusting(t *testing.T, r *localrelay.Relay) microsoft {
	t.Helper()
	m.certificate = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(m.certificate, r.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return m
}

// A nodeReport is what a script prints when something has happened.
type nodeReport struct {
	Event                 string
	ID                    int // of a request
	Code                  int // of a Close
	Protocol, Path, Query string
	Binary                bool
	Data                  []byte
	httpAnswer            // Reason is also that of a Close or of a failure
}

// A nodeProcess is a script at work.
type nodeProcess struct {
	kill     func() error
	commands *json.Encoder
	reports  chan nodeReport // closed when the script has ended
}

// start runs a script until the test is over.
func (m microsoft) start(t *testing.T, script string, cfg relayclient.Config, settings ...string) *nodeProcess {
	t.Helper()
	key := cfg.Token.(relayclient.SharedAccessKey)
	cmd := exec.CommandContext(t.Context(), m.node, "--no-deprecation", filepath.Join("testdata", filepath.FromSlash(script)))
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"),
		"NODE_PATH=" + m.modules,
		"NODE_EXTRA_CA_CERTS=" + m.certificate,
		"RELAY_NAMESPACE=" + cfg.Namespace,
		"RELAY_NAME=" + cfg.HybridConnection,
		"RELAY_KEY_NAME=" + key.KeyName,
		"RELAY_KEY=" + key.Key.Reveal(), // other users can see arguments
	}, settings...)
	cmd.WaitDelay = 5 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &nodeProcess{kill: cmd.Process.Kill, commands: json.NewEncoder(stdin), reports: make(chan nodeReport, 64)}
	go p.read(stdout)
	t.Cleanup(func() {
		// The test's context, which has just ended, has killed it.
		for range p.reports {
		}
		_ = cmd.Wait()
		if stderr.Len() > 0 {
			t.Errorf("%s wrote:\n%s", script, strings.ReplaceAll(stderr.String(), key.Key.Reveal(), "[redacted]"))
		}
	})
	return p
}

func (p *nodeProcess) read(stdout io.Reader) {
	defer close(p.reports)
	lines := bufio.NewReader(stdout) // a Scanner has a limit on lines
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var report nodeReport
		if err := json.Unmarshal(line, &report); err != nil {
			report = nodeReport{Event: "no JSON", httpAnswer: httpAnswer{Reason: string(line)}}
		}
		p.reports <- report
	}
}

// await returns the next report, which must be of one of the events.
func (p *nodeProcess) await(t *testing.T, events ...string) nodeReport {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	select {
	case report, ok := <-p.reports:
		if !ok || !slices.Contains(events, report.Event) {
			t.Fatalf("Node reports %q %d %d %q, want %q", report.Event, report.Status, report.Code, report.Reason, events)
		}
		return report
	case <-timeout.C:
		t.Fatalf("Node does not report %q", events)
	}
	panic("not reached")
}

func (p *nodeProcess) tell(t *testing.T, command any) {
	t.Helper()
	if err := p.commands.Encode(command); err != nil {
		t.Fatal(err)
	}
}
