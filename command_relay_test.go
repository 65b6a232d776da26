package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"relayscope/relayclient"
)

// wantReady is the ready line as it is documented.
type wantReady struct {
	Event    string       `json:"event"`
	Host     string       `json:"host"`
	Port     int          `json:"port"`
	CAFile   string       `json:"ca_file"`
	Entities []wantEntity `json:"entities"`
}

type wantEntity struct {
	Name       string `json:"name"`
	Anonymous  bool   `json:"anonymous"`
	Listen     string `json:"listen"`
	Send       string `json:"send"`
	ListenSend string `json:"listen_send"`
}

// parseReady reads a ready line, which must have every member, in this order,
// and no other.
func parseReady(t *testing.T, line string) wantReady {
	t.Helper()
	var ready wantReady
	if err := json.Unmarshal([]byte(line), &ready); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(ready)
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != line {
		t.Fatalf("the ready line is\n%s\nwant\n%s", line, again)
	}
	return ready
}

func TestRelayReadyLine(t *testing.T) {
	for name, s := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name, func(t *testing.T) {
			p := start(t, nil, "relay", "--json", "--listen", "127.0.0.1:0", "--entity", "hyco", "--entity", "live/orders,anonymous")
			ready := parseReady(t, p.line(t, ""))
			if ready.Event != "ready" || ready.Host != "localhost" || ready.Port == 0 || filepath.Dir(filepath.Dir(ready.CAFile)) != p.tmp || len(ready.Entities) != 2 {
				t.Fatalf("the ready line says %+v", ready)
			}
			for i, want := range []wantEntity{{Name: "hyco"}, {Name: "live/orders", Anonymous: true}} {
				e := ready.Entities[i]
				if e.Name != want.Name || e.Anonymous != want.Anonymous {
					t.Errorf("hybrid connection %d is %q, anonymous %v; want %q, %v", i, e.Name, e.Anonymous, want.Name, want.Anonymous)
				}
				tryEntity(t, ready, e)
			}
			p.signal(t, s)
			got := p.wait(t)
			if got.status != exitOK || len(got.lines) != 1 || got.stderr != "" {
				t.Errorf("ended with status %d, %d lines and %q on standard error", got.status, len(got.lines), got.stderr)
			}
			if left, err := os.ReadDir(p.tmp); err != nil || len(left) != 0 {
				t.Errorf("temporary files left behind: %v, %v", left, err)
			}
		})
	}
}

// tryEntity sees whether each connection string does what its name promises.
func tryEntity(t *testing.T, ready wantReady, e wantEntity) {
	t.Helper()
	for _, tt := range []struct {
		text            string
		listening, both bool
	}{{e.Listen, true, false}, {e.Send, false, false}, {e.ListenSend, true, true}} {
		cfg := clientConfig(t, tt.text, ready.CAFile)
		if want := fmt.Sprintf("localhost:%d", ready.Port); cfg.Namespace != want || cfg.HybridConnection != e.Name {
			t.Errorf("the connection string is for %s/%s, want %s/%s", cfg.Namespace, cfg.HybridConnection, want, e.Name)
		}
		l, err := relayclient.Listen(t.Context(), cfg)
		if (err == nil) != tt.listening {
			t.Errorf("%s: listening with it ends in %v, want success: %v", e.Name, err, tt.listening)
		}
		if err != nil {
			continue
		}
		c, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
		if (err == nil) != (tt.both || e.Anonymous) {
			t.Errorf("%s: sending with it ends in %v, want success: %v", e.Name, err, tt.both || e.Anonymous)
		}
		if err == nil {
			c.CloseNow()
		}
		l.Close()
	}
	l, err := relayclient.Listen(t.Context(), clientConfig(t, e.Listen, ready.CAFile))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := relayclient.Dial(t.Context(), clientConfig(t, e.Send, ready.CAFile), relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
}

func clientConfig(t *testing.T, text, caFile string) relayclient.Config {
	t.Helper()
	cs, err := relayclient.ParseConnectionString(text)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots, err := relayclient.Roots(pem)
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: roots,
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

func TestRelayForPeople(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, nil, "relay", "--ca-file", file, "--entity", "hyco", "--entity", "open,anonymous")
	p.line(t, "Ctrl+C")
	p.signal(t, os.Interrupt)
	got := p.wait(t)
	if got.status != exitOK || got.stderr != "" {
		t.Errorf("ended with status %d and %q on standard error", got.status, got.stderr)
	}
	for i, want := range []string{
		"The local relay is ready at sb://localhost:", "Its CA certificate is in " + file, "Clients must trust it: ", "",
		"hyco", "  listen       Endpoint=sb://localhost:", "  send         Endpoint=sb://localhost:", "  listen+send  Endpoint=sb://localhost:", "",
		"open (senders need no token)", "  listen       Endpoint=", "  send         Endpoint=", "  listen+send  Endpoint=", "",
		"Stop it with Ctrl+C.",
	} {
		if i >= len(got.lines) || !strings.HasPrefix(got.lines[i], want) {
			t.Fatalf("line %d does not begin with %q:\n%s", i+1, want, strings.Join(got.lines, "\n"))
		}
	}
	if pem, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(pem, []byte("-----BEGIN CERTIFICATE-----")) {
		t.Errorf("the file given with --ca-file holds %.40q, %v; want it to stay", pem, err)
	}
}

func TestRelayHasOneHybridConnectionByDefault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	p := start(t, nil, "relay", "--json", "--ca-file", file)
	ready := parseReady(t, p.line(t, ""))
	if len(ready.Entities) != 1 || ready.Entities[0].Name != "hyco" || ready.Entities[0].Anonymous || ready.CAFile != file {
		t.Errorf("the ready line says %+v", ready)
	}
}

func TestRelayThatCannotStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"port taken":       {[]string{"--listen", taken.Addr().String()}, "The local relay does not start."},
		"no place for CA":  {[]string{"--ca-file", filepath.Join(t.TempDir(), "none", "ca.pem")}, "The CA certificate cannot be written."},
		"no such port":     {[]string{"--listen", "127.0.0.1:99999"}, "The local relay does not start."},
		"no such port: v6": {[]string{"--listen", "[::1]:99999"}, "The local relay does not start."},
	} {
		t.Run(name, func(t *testing.T) {
			got := relayscope(t, nil, append([]string{"relay", "--json"}, tt.args...)...)
			wantStatus(t, got, exitFailed)
			if !strings.HasPrefix(got.stderr, "relayscope: "+tt.want) || !strings.Contains(got.stderr, "\nNext: ") || len(got.lines) != 0 {
				t.Errorf("printed %q and to standard error %q, want %q and what to do next", got.lines, got.stderr, tt.want)
			}
		})
	}
}
