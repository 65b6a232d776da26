package relayclient_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// hycoWS plays both roles with Microsoft's client for Node, hyco-ws, through
// the scripts in testdata.
type hycoWS struct {
	node        string // the program
	modules     string // the folder node_modules with hyco-ws in it
	certificate string // file with the relay's CA certificate
}

// needHycoWS finds Node and the client, which the repository's own script
// fetches unless RELAYSCOPE_NODE_CLIENTS names the folder that has it.
func needHycoWS(t *testing.T) hycoWS {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("Node is missing: install Node.js and npm (Debian: apt-get install nodejs npm) to run Microsoft's client against this one")
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
	h := hycoWS{node: node, modules: filepath.Join(clients, "node_modules")}
	for _, module := range []string{"hyco-ws", "ws", "moment"} {
		if _, err := os.Stat(filepath.Join(h.modules, module)); err != nil {
			t.Fatalf("the Node package %s is missing: run .ci/node-clients, or let RELAYSCOPE_NODE_CLIENTS name a folder whose node_modules has it: %v", module, err)
		}
	}
	return h
}

// trusting returns a copy whose programs trust r.
func (h hycoWS) trusting(t *testing.T, r *localrelay.Relay) hycoWS {
	t.Helper()
	h.certificate = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(h.certificate, r.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

// A nodeReport is what a script prints when something has happened.
type nodeReport struct {
	Event                 string
	Status                int    // of an HTTP answer
	Code                  int    // of a Close
	Reason                string // of either, or of a failure
	Protocol, Path, Query string
	Binary                bool
	Data                  []byte
}

// A nodeCommand is what a script is told to do.
type nodeCommand struct {
	Binary bool   `json:"binary"`
	Data   []byte `json:"data"`
	Close  int    `json:"close,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// A nodeProcess is a script at work.
type nodeProcess struct {
	commands *json.Encoder
	reports  chan nodeReport // closed when the script has ended
}

// start runs a script until the test is over.
func (h hycoWS) start(t *testing.T, script string, cfg relayclient.Config, settings ...string) *nodeProcess {
	t.Helper()
	key := cfg.Token.(relayclient.SharedAccessKey)
	cmd := exec.CommandContext(t.Context(), h.node, "--no-deprecation", filepath.Join("testdata", "hyco-ws", script))
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"),
		"NODE_PATH=" + h.modules,
		"NODE_EXTRA_CA_CERTS=" + h.certificate,
		"RELAY_BASE=wss://" + cfg.Namespace + "/$hc/" + cfg.HybridConnection,
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
	p := &nodeProcess{commands: json.NewEncoder(stdin), reports: make(chan nodeReport, 64)}
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
			report = nodeReport{Event: "no JSON", Reason: string(line)}
		}
		p.reports <- report
	}
}

// await returns the next report, which must be of event.
func (p *nodeProcess) await(t *testing.T, event string) nodeReport {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	select {
	case report, ok := <-p.reports:
		if !ok || report.Event != event {
			t.Fatalf("Node reports %q %d %q, want %q", report.Event, report.Status, report.Reason, event)
		}
		return report
	case <-timeout.C:
		t.Fatalf("Node does not report %q", event)
	}
	panic("not reached")
}

func (p *nodeProcess) tell(t *testing.T, c nodeCommand) {
	t.Helper()
	if err := p.commands.Encode(c); err != nil {
		t.Fatal(err)
	}
}

func (h hycoWS) listen(t *testing.T, cfg relayclient.Config) func() end {
	p := h.start(t, "listener.js", cfg)
	p.await(t, "listening")
	return func() end { return newNodeEnd(t, p) }
}

func (h hycoWS) dial(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) func() end {
	p := h.startSender(t, cfg, opt)
	return func() end { return newNodeEnd(t, p) }
}

func (h hycoWS) startSender(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) *nodeProcess {
	return h.start(t, "sender.js", cfg, "RELAY_PATH="+opt.Path, "RELAY_QUERY="+opt.Query, "RELAY_PROTOCOLS="+strings.Join(opt.Subprotocols, ","))
}

func (h hycoWS) refusedListening(t *testing.T, cfg relayclient.Config) (int, string) {
	answer := h.start(t, "listener.js", cfg).await(t, "refused")
	return answer.Status, answer.Reason
}

func (h hycoWS) refusedSending(t *testing.T, cfg relayclient.Config) (int, string) {
	answer := h.startSender(t, cfg, relayclient.DialOptions{}).await(t, "refused")
	return answer.Status, answer.Reason
}

// A nodeEnd is the end of a connection that Node has.
type nodeEnd struct {
	*nodeProcess
	opened nodeReport
}

func newNodeEnd(t *testing.T, p *nodeProcess) end { return nodeEnd{p, p.await(t, "open")} }

func (e nodeEnd) path() string        { return e.opened.Path }
func (e nodeEnd) query() string       { return e.opened.Query }
func (e nodeEnd) subprotocol() string { return e.opened.Protocol }

func (e nodeEnd) send(t *testing.T, m relayclient.Message) {
	t.Helper()
	e.tell(t, nodeCommand{Binary: m.Binary, Data: m.Data})
}

func (e nodeEnd) receive(t *testing.T) relayclient.Message {
	t.Helper()
	r := e.await(t, "message")
	return relayclient.Message{Binary: r.Binary, Data: r.Data}
}

func (e nodeEnd) close(t *testing.T, code int, reason string) {
	t.Helper()
	e.tell(t, nodeCommand{Close: code, Reason: reason})
}

func (e nodeEnd) closed(t *testing.T) (int, string) {
	t.Helper()
	r := e.await(t, "closed")
	return r.Code, r.Reason
}
