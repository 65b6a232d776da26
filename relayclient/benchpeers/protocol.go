package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// roleVariable tells a process of this program what it is to be.
const roleVariable = "BENCHPEERS_ROLE"

// An address is what a relay's process says when it is ready, and what a
// client's process is told first, with the hybrid connection that is for this
// client alone. It travels through pipes, because other
// users can see arguments.
type address struct {
	Namespace, HybridConnection, KeyName, Key, CA string
}

// An order asks a client for one round of work.
type order struct {
	Op       string `json:"op"` // stream, pingpong, http, connect or idle
	Size     int    `json:"size"`
	Count    int    `json:"count"`
	InFlight int    `json:"inFlight"`
}

// An outcome is what a client did.
type outcome struct {
	Count   int     `json:"count"` // messages, round trips, requests or connections
	Seconds float64 `json:"seconds"`
	P50     float64 `json:"p50"` // seconds
	P99     float64 `json:"p99"`
	Bytes   float64 `json:"bytes"` // of memory, for each end of a connection
	Error   string  `json:"error"`

	// Processor seconds, which the conductor adds.
	Client float64 `json:"-"`
	Relay  float64 `json:"-"`
}

func (o outcome) rate() float64 { return float64(o.Count) / o.Seconds }

// patience is how long a process may take for one order.
const patience = time.Minute

// A process is one contestant or one relay.
type process struct {
	name    string
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan []byte // lines; closed when there are no more
}

// start runs a command that converses in lines of JSON until its standard
// input ends.
func start(ctx context.Context, name string, cmd *exec.Cmd) (*process, error) {
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, in: in, answers: make(chan []byte, 1)}
	go func() {
		defer close(p.answers)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			select {
			case p.answers <- append([]byte(nil), lines.Bytes()...):
			case <-ctx.Done():
				return
			}
		}
	}()
	return p, nil
}

// startSelf runs this program in another role.
func startSelf(ctx context.Context, role, profiles string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", role, err)
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	if profiles != "" {
		cmd.Env = append(cmd.Env, profileVariable+"="+profiles)
	}
	return start(ctx, role, cmd)
}

// startNode runs the script that drives Microsoft's clients.
func startNode(ctx context.Context, role, clients, scratch string) (*process, error) {
	script := filepath.Join(scratch, "peer.js")
	if err := os.WriteFile(script, peerScript, 0o600); err != nil {
		return nil, fmt.Errorf("start %s: %w", role, err)
	}
	cmd := exec.CommandContext(ctx, "node", "--no-deprecation", "--expose-gc", script)
	cmd.Env = append(os.Environ(),
		roleVariable+"="+role,
		"NODE_PATH="+filepath.Join(clients, "node_modules"),
		"NODE_EXTRA_CA_CERTS="+certificateFile(scratch))
	return start(ctx, role, cmd)
}

func certificateFile(scratch string) string { return filepath.Join(scratch, "ca.pem") }

func (p *process) tell(what any) error {
	if err := json.NewEncoder(p.in).Encode(what); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

func (p *process) hear(what any) error {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	select {
	case line, ok := <-p.answers:
		if !ok {
			return fmt.Errorf("%s has ended before its time", p.name)
		}
		if err := json.Unmarshal(line, what); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		return nil
	case <-timeout.C:
		return fmt.Errorf("%s has not answered within %v", p.name, patience)
	}
}

// do has one order carried out.
func (p *process) do(o order) (outcome, error) {
	if err := p.tell(o); err != nil {
		return outcome{}, err
	}
	var got outcome
	if err := p.hear(&got); err != nil {
		return outcome{}, err
	}
	if got.Error != "" {
		return outcome{}, fmt.Errorf("%s, %s: %s", p.name, o.Op, got.Error)
	}
	if o.Op != "idle" && (got.Count != o.Count || got.Seconds <= 0) {
		return outcome{}, fmt.Errorf("%s, %s: did %d of %d in %v s", p.name, o.Op, got.Count, o.Count, got.Seconds)
	}
	return got, nil
}

func (p *process) cpu() float64 { return cpuTime(p.cmd.Process.Pid) }

// close lets the process end and waits for it.
func (p *process) close() error {
	p.in.Close()
	timer := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	for range p.answers {
	}
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

// errNoClients means that Microsoft's clients are not on this machine.
var errNoClients = errors.New("clients for Node are missing")
