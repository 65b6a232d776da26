//go:build linux

package windowtest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"relayscope/relayclient"
)

// Every answer is within reach of the mouse, and changes while the listener
// runs.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, theme := range [...]string{"dark", "light"} {
		t.Run(theme, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t)
			d := newDesktop(t, "1280x720")
			d.theme = theme
			w := d.open(t)
			w.paste(r.access("root"), r.certificate())
			w.startBoth()
			w.sees("listener.facts", "nobody else listens")
			w.send("one")
			w.echoes("#1", "one")

			w.choose("listener.answer", "Canned reply")
			w.applies("answer.text", "number {{counter}} for {{message}}")
			w.send("two")
			w.logs("sender|in|#1|text|number 1 for two")
			w.screen("canned")
			w.fill("answer.text", "{{nonsense}}")
			w.sees("listener.wrong", "There is no placeholder {{nonsense}}", "Until then the listener answers as before")
			w.send("three")
			w.logs("sender|in|#1|text|number 2 for three")
			w.screen("mistake")
			w.choose("listener.answer", "Silence")
			w.sees("listener.about", "nothing goes back")
			w.screen("silence")

			target := echoServer(t)
			w.choose("listener.answer", "Forward to TCP")
			w.applies("answer.tcp", target)
			w.sees("listener.about", "Each new connection opens one to "+target)
			w.reconnect()
			w.send("over TCP")
			w.logs("sender|out|#2|text|over TCP", "listener|out|#2|binary|over TCP")
			w.screen("tcp")
			w.applies("answer.tcp", "127.0.0.1:1")
			w.reconnects()
			w.sees("listener.failures", "connection refused; nothing listens there")
			w.logs("listener||#3|answer|The target 127.0.0.1:1: connection refused")
			w.screen("tcp-failed")

			w.choose("listener.answer", "Reject")
			w.fill("answer.refusal", "429")
			w.applies("answer.why", "later, please")
			w.reconnects()
			w.logs("sender", "later, please")
			w.sees("listener.counters", "1 not accepted")
			w.screen("reject")
			w.choose("listener.answer", "Echo")

			w.choose("listener.answerHTTP", "Canned reply")
			w.applies("answer.status", "202")
			w.screen("reply")
			ask := sender(t, r)
			if status, body := ask("/orders?page=2", "x"); status != 202 || !strings.Contains(body, `"path":"/orders"`) {
				t.Errorf("answered %d %q", status, body)
			}
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				fmt.Fprintf(w, "%s %s", req.Method, req.RequestURI)
			}))
			defer site.Close()
			w.choose("listener.answerHTTP", "Forward to HTTP")
			w.applies("answer.target", site.URL)
			w.sees("listener.about", "Requests go to "+site.URL)
			if status, body := ask("/orders?page=2", "x"); status != 200 || body != "POST /orders?page=2" {
				t.Errorf("the target's answer came as %d %q", status, body)
			}
			w.screen("http")
			w.choose("listener.answerHTTP", "Echo")

			w.click("listener.add")
			w.sees("listener.status", "2 online")
			w.whole("several")
			w.click("listener.toggle")
			w.sees("listener.status", "Stopped")
			w.screen("stopped")
		})
	}
}

// applies writes what an answer needs and applies it with the keyboard.
func (w *window) applies(name, text string) {
	w.t.Helper()
	w.fill(name, text)
	w.key("ctrl+Return")
	w.wait("applied "+name, func(p parts) error { return want(!p["answer.apply"].Enabled, "it has yet to be applied") })
}

// reconnect connects the sender anew.
func (w *window) reconnect() {
	w.t.Helper()
	w.reconnects()
	w.sees("sender.status", "Connected")
}

// reconnects has the sender connect anew, whatever comes of it.
func (w *window) reconnects() {
	w.t.Helper()
	if w.sees("sender.toggle")["sender.toggle"].Text == "Disconnect" {
		w.click("sender.toggle")
	}
	w.sees("sender.toggle", "Connect")
	w.wait("disconnected", func(p parts) error {
		return want(p["sender.toggle"].Text == "Connect" && p["sender.toggle"].Enabled, "the sender is still connected")
	})
	w.click("sender.toggle")
}

// echoServer sends back what it receives, over TCP on loopback.
func echoServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.Copy(c, c)
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// sender returns what sends a request and returns status and body.
func sender(t *testing.T, r relay) func(target, body string) (int, string) {
	t.Helper()
	transport, err := relayclient.NewTransport(r.client("both"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	return func(target, body string) (int, string) {
		t.Helper()
		resp, err := client.Post("https://any"+target, "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp.StatusCode, string(data)
	}
}

// A connection's particulars and the ways to end it are within reach of the
// keyboard.
func TestConnectionDetails(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.startBoth()
	conn, err := relayclient.Dial(t.Context(), r.client("both"), relayclient.DialOptions{
		Path: "/orders/7", Query: "page=2&sig=hush", Subprotocols: []string{"chat.v2"}, Header: http.Header{"X-Trace": {"abc"}, "X-Api-Key": {"hush"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	w.logs("listener||#2|connected")
	w.tabTo("connection.1.details")
	w.key("space")
	w.screen("details")
	w.key("Escape")
	w.tabTo("connection.1.more")
	w.key("space")
	w.screen("menu")
	w.click("over.Close with code and reason…")
	w.screen("close")
	w.key("ctrl+a")
	w.xdotool("type", "4321")
	w.key("Return")
	var ce *relayclient.CloseError
	if _, err := conn.Read(t.Context()); !errors.As(err, &ce) || ce.Code != 4321 {
		t.Errorf("closed with %v, want 4321", err)
	}
}

// A listener elsewhere on the same hybrid connection is pointed out.
func TestSomebodyElseListens(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	other, err := relayclient.Listen(t.Context(), r.client("both"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("root"), r.certificate())
	w.click("listener.toggle")
	w.sees("listener.status", "Online")
	w.sees("listener.others", "the relay counts 2 listeners, 1 of them here")
	w.whole("warned")
}

// client returns the settings of a client under a rule.
func (r relay) client(rule string) relayclient.Config {
	cs := r.access(rule)
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}
