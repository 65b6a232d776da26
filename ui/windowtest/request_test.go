//go:build linux

package windowtest

import (
	"io"
	"net"
	"strings"
	"testing"
)

// All of the HTTP pane by keyboard: a request that nobody answers, one that the
// listener answers, one with a body, and the sizes around the limit.
func TestRequestsByKeyboard(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.sees("sender.status", "Not connected")
	w.key("ctrl+shift+h")
	w.sees("request.target")
	w.whole("http-empty")
	w.write("request.target", "/api/items?page=2")
	w.key("Return")
	w.sees("request.problem", "Nobody is listening")
	w.sees("request.status", "404")
	w.whole("http-nobody")
	w.logs("sender|out|#1|request|GET /api/items?page=2", "sender|in|#1|response|Nobody is listening")

	w.click("listener.toggle")
	w.sees("listener.status", "Online")
	w.key("ctrl+m")
	w.key("ctrl+Return")
	w.sees("request.status", "200")
	w.sees("request.verdict", "200 OK from the listener")
	w.logs("sender|in|#2|response|200 OK, from the listener")

	w.fill("request.method", "POST")
	w.press("request.tab.Body")
	w.tabTo("request.body")
	w.write("request.body", `{"order": 1000}`)
	w.key("ctrl+Return")
	w.sees("request.answer", `"order": 1000`)
	w.whole("http-answer")

	w.press("request.tab.Sizes")
	w.tabTo("request.probe")
	w.key("space")
	w.sees("request.sentence", "Every size came back whole")
	w.whole("http-sizes")

	// Once more from the log, where the last rows are.
	w.key("ctrl+g", "End", "r")
	w.sees("request.tab.Answer")
	w.logs("sender|out|#14|request|POST /api/items?page=2")
}

// A local program reaches the listener through the tunnel.
func TestTunnel(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.sees("sender.status", "Not connected")
	w.click("listener.toggle")
	w.sees("listener.status", "Online")
	w.key("ctrl+shift+t")
	w.sees("tunnel.port")
	w.whole("tunnel-closed")
	w.click("tunnel.toggle")
	p := w.sees("tunnel.address", "127.0.0.1:")
	c, err := net.Dial("tcp", p["tunnel.address"].Text)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	w.wait("connection", func(p parts) error {
		return want(strings.Contains(p["tunnel.facts"].Text, "1 open"), "it says %q", p["tunnel.facts"].Text)
	})
	w.whole("tunnel-open")
	w.click("tunnel.toggle")
	w.sees("tunnel.port")
	if _, err := c.Read(got); err == nil {
		t.Error("the connection outlives the tunnel")
	}
	w.logs("sender||#1|tunnel|127.0.0.1:", "sender|||tunnel|closed")
}
