package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"relayscope/relayclient/localrelay/localrelaytest"
)

// A local program reaches an HTTP server through tunnel and listener.
func TestTunnel(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	t.Cleanup(page.Close)
	r := localrelaytest.New(t)
	online(t, r, "hyco", "listen", "--answer=forward-tcp", "--target="+page.Listener.Addr().String())
	env := []string{"CS=" + connectionString(t, r, "hyco", "send").Reveal()}
	p := start(t, env, "tunnel", "--connection-string-env=CS", "--ca-file="+caFile(t, r), "--local-port=0", "--json")
	var line reportLine
	if err := json.Unmarshal([]byte(p.line(t, `"tunnel"`)), &line); err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get("http://" + line.Local)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	p.line(t, `"connected"`)
	closed := reportLine{}
	if err := json.Unmarshal([]byte(p.line(t, `"closed"`)), &closed); err != nil || closed.BytesSent == nil || *closed.BytesReceived < 5 || closed.Error != "" {
		t.Errorf("%+v, %v", closed, err)
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for range p.lines {
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v: %s", err, &p.stderr)
	}
}

func TestTunnelWithoutListener(t *testing.T) {
	r := localrelaytest.New(t)
	env := []string{"CS=" + connectionString(t, r, "hyco", "send").Reveal()}
	p := start(t, env, "tunnel", "--connection-string-env=CS", "--ca-file="+caFile(t, r), "--local-port=0")
	_, address, _ := strings.Cut(p.line(t, "tunnel"), "on ")
	if c, err := net.Dial("tcp", strings.TrimSpace(address)); err == nil {
		_, _ = io.ReadAll(c)
		c.Close()
	}
	if line := p.line(t, "failed"); !strings.Contains(line, "Nobody is listening") {
		t.Errorf("it says %q", line)
	}
	p.line(t, "Next: Start a listener")
}

func TestTunnelIsMisused(t *testing.T) {
	for _, args := range [][]string{{"--local-port=65536"}, {"--local-port=1", "--local-address=example.com"}, {"--local-port=1", "--max=0"}, nil} {
		got := relayscope(t, nil, append([]string{"tunnel", "--connection-string-env=CS"}, args...)...)
		wantStatus(t, got, exitUsage)
	}
}
