package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// online starts relayscope listen for a rule and waits until it is online.
func online(t *testing.T, r *localrelay.Relay, entity, rule string, args ...string) *program {
	t.Helper()
	env := []string{"CS=" + connectionString(t, r, entity, rule).Reveal()}
	p := start(t, env, append([]string{"listen", "--connection-string-env=CS", "--ca-file=" + caFile(t, r)}, args...)...)
	p.line(t, "online")
	return p
}

// send runs relayscope send with the rule "send".
func send(t *testing.T, r *localrelay.Relay, args ...string) result {
	t.Helper()
	env := []string{"CS=" + connectionString(t, r, "hyco", "send").Reveal()}
	return relayscope(t, env, append([]string{"send", "--connection-string-env=CS", "--ca-file=" + caFile(t, r)}, args...)...)
}

// outline shortens JSON lines to what a test can know beforehand.
func outline(t *testing.T, lines []string) string {
	t.Helper()
	var short []string
	for _, line := range lines {
		var l reportLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if l.Time.IsZero() || l.Role == "" || l.Event != "state" && l.Connection == "" {
			t.Errorf("time, role or connection is missing: %s", line)
		}
		text := l.Event + " " + l.State + l.Type
		switch {
		case l.Text != nil:
			text += fmt.Sprintf(" %d %s", *l.Size, *l.Text)
		case l.Size != nil:
			text += fmt.Sprintf(" %d %x", *l.Size, l.Base64)
		}
		if l.Code != 0 {
			text += fmt.Sprintf("%d %v", l.Code, l.ByPeer)
		}
		if l.Error != "" {
			text += " " + l.Error
		}
		short = append(short, text)
	}
	return strings.Join(short, "\n")
}

func wantOutline(t *testing.T, got result, want ...string) {
	t.Helper()
	if got, want := outline(t, got.lines), strings.Join(want, "\n"); got != want {
		t.Errorf("the lines say\n%s\nwant\n%s", got, want)
	}
}

func TestSendToEchoAsJSON(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--echo", "--json")
	got := send(t, r, "--json", "--text=hello", "--text=grüße", "--hex=00ff", "--expect-reply")
	wantStatus(t, got, exitOK)
	wantOutline(t, got, "connected ", "sent text 5 hello", "received text 5 hello", "sent text 7 grüße", "received text 7 grüße",
		"sent binary 2 00ff", "received binary 2 00ff", "closed 1000 false")
	if got.stderr != "" {
		t.Errorf("standard error has %q", got.stderr)
	}
	l.line(t, `"closed"`)
	l.signal(t, syscall.SIGTERM)
	got = l.wait(t)
	wantStatus(t, got, exitOK)
	wantOutline(t, got, "state connecting", "state online", "connected ", "received text 5 hello", "sent text 5 hello", "received text 7 grüße",
		"sent text 7 grüße", "received binary 2 00ff", "sent binary 2 00ff", "closed 1000 true", "state offline")
}

func TestSendToEchoForPeople(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--echo")
	got := send(t, r, "--text=two\nlines", "--hex=00 ff", "--expect-reply")
	wantStatus(t, got, exitOK)
	const at, id = `\d\d:\d\d:\d\d\.\d{3}  `, `[0-9a-f]{8}`
	wantLines(t, got.lines, at+`sender    `, "connected   "+id, "sent        "+id+`  text    9 B  two\\nlines`, "received    "+id+`  text    9 B  two\\nlines`,
		"sent        "+id+"  binary  2 B  00 ff", "received    "+id+"  binary  2 B  00 ff", "closed      "+id+"  by this side with 1000")
	l.line(t, "closed")
	l.signal(t, os.Interrupt)
	got = l.wait(t)
	wantStatus(t, got, exitOK)
	wantLines(t, got.lines, at+`listener  `, "connecting", `online      token good until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d`, "connected   "+id+`  from 127\.0\.0\.1:\d+|connected   `+id+`  from \[::1\]:\d+`,
		"received    "+id+`  text    9 B  two\\nlines`, "sent        "+id+`  text    9 B  two\\nlines`, "received    "+id+"  binary  2 B  00 ff", "sent        "+id+"  binary  2 B  00 ff",
		"closed      "+id+"  by the other side with 1000", "offline")
}

func wantLines(t *testing.T, got []string, prefix string, want ...string) {
	t.Helper()
	for i, w := range want {
		if i >= len(got) || !regexp.MustCompile(`^`+prefix+`(`+w+`)$`).MatchString(got[i]) {
			t.Fatalf("line %d does not match %q:\n%s", i+1, w, strings.Join(got, "\n"))
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
}

func TestNoReplyInTime(t *testing.T) {
	r := localrelaytest.New(t)
	online(t, r, "hyco", "listen")
	got := send(t, r, "--json", "--text=hello", "--expect-reply", "--timeout=1s")
	wantStatus(t, got, exitFailed)
	wantOutline(t, got, "connected ", "sent text 5 hello", "closed 1000 false")
	if !strings.HasPrefix(got.stderr, "relayscope: Time ran out after 1s while waiting for the reply to message 1.\n") || !strings.Contains(got.stderr, "\nNext: ") {
		t.Errorf("standard error has %q", got.stderr)
	}
}

func TestAnonymousSend(t *testing.T) {
	r := localrelaytest.New(t)
	online(t, r, "open", "listen", "--echo")
	env := []string{"CS=Endpoint=sb://" + r.Namespace() + "/;EntityPath=open"}
	got := relayscope(t, env, "send", "--json", "--connection-string-env=CS", "--ca-file="+caFile(t, r), "--text=who am I", "--expect-reply")
	wantStatus(t, got, exitOK)
	wantOutline(t, got, "connected ", "sent text 8 who am I", "received text 8 who am I", "closed 1000 false")
}

func TestListenSaysGoodbye(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen")
	c, err := relayclient.Dial(t.Context(), clientConfig(t, connectionString(t, r, "hyco", "send").Reveal(), caFile(t, r)), relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	l.line(t, "connected")
	l.signal(t, syscall.SIGTERM)
	_, err = c.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) || ce.Code != 1001 || ce.Reason != "listener closed" {
		t.Errorf("the sender reads %v, want a Close with 1001", err)
	}
	if err := c.Close(1000, ""); err != nil {
		t.Error(err)
	}
	wantStatus(t, l.wait(t), exitOK)
}

func TestListenerThatEndsByItself(t *testing.T) {
	r := localrelaytest.New(t)
	env := []string{"CS=" + connectionString(t, r, "hyco", "root").Reveal()}
	l := start(t, env, "listen", "--json", "--connection-string-env=CS", "--ca-file="+caFile(t, r))
	l.line(t, "online")
	r.RemoveEntity("hyco")
	got := l.wait(t)
	wantStatus(t, got, exitFailed)
	if !strings.HasPrefix(got.stderr, "relayscope: There is no such hybrid connection.\n") {
		t.Errorf("standard error has %q", got.stderr)
	}
}

// TestSendNeedsAnOrderlyEnd has listeners that take a message and then go
// away in a way that leaves its fate open.
func TestSendNeedsAnOrderlyEnd(t *testing.T) {
	for name, tt := range map[string]struct {
		end    func(c *relayclient.Conn, over <-chan struct{})
		status int
		want   string
	}{
		"crash":      {func(c *relayclient.Conn, _ <-chan struct{}) { c.CloseNow() }, exitFailed, "The connection was cut."},
		"complaint":  {func(c *relayclient.Conn, _ <-chan struct{}) { _ = c.Close(4001, "no such order") }, exitFailed, "Closed by the other side with 4001."},
		"going away": {func(c *relayclient.Conn, _ <-chan struct{}) { _ = c.Close(1001, "") }, exitOK, ""},
		"silence":    {func(_ *relayclient.Conn, over <-chan struct{}) { <-over }, exitFailed, "Time ran out after 2s while waiting for the other side to close."},
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			l, err := relayclient.Listen(t.Context(), clientConfig(t, connectionString(t, r, "hyco", "listen").Reveal(), caFile(t, r)))
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			served, over := make(chan struct{}), make(chan struct{})
			go func() {
				defer close(served)
				c, err := l.Accept(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				defer c.CloseNow()
				if _, err := c.Read(t.Context()); err != nil {
					t.Error(err)
				}
				tt.end(c, over)
			}()
			got := send(t, r, "--text=hello", "--timeout=2s")
			close(over)
			<-served
			wantStatus(t, got, tt.status)
			if tt.want != "" && !strings.HasPrefix(got.stderr, "relayscope: "+tt.want) {
				t.Errorf("standard error has %q, want %q", got.stderr, tt.want)
			}
		})
	}
}

func TestSendFiles(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--echo")
	dir := t.TempDir()
	large, binary := filepath.Join(dir, "large.txt"), filepath.Join(dir, "binary")
	if err := errors.Join(os.WriteFile(large, []byte(strings.Repeat("larger than an argument ", 50_000)), 0o600),
		os.WriteFile(binary, []byte{0xff, 0x00}, 0o600)); err != nil {
		t.Fatal(err)
	}
	got := send(t, r, "--json", "--file="+large, "--file="+binary, "--expect-reply")
	wantStatus(t, got, exitOK)
	for _, part := range []string{`"type":"text","size":1200000`, `"type":"binary","size":2`} {
		if !strings.Contains(strings.Join(got.lines, "\n"), part) {
			t.Errorf("no line holds %s", part)
		}
	}
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
	missing := send(t, r, "--file="+filepath.Join(dir, "nothing"))
	wantStatus(t, missing, exitFailed)
	if !strings.Contains(missing.stderr, "The file to send cannot be read") {
		t.Errorf("standard error has %q", missing.stderr)
	}
}

func TestSendWaitsForAListener(t *testing.T) {
	r := localrelaytest.New(t)
	env := []string{"CS=" + connectionString(t, r, "hyco", "send").Reveal()}
	waiting := start(t, env, "send", "--connection-string-env=CS", "--ca-file="+caFile(t, r), "--text=hello", "--wait", "--expect-reply")
	waiting.line(t, "Nobody is listening")
	l := online(t, r, "hyco", "listen", "--echo")
	wantStatus(t, waiting.wait(t), exitOK)
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
	alone := send(t, r, "--text=hello", "--wait", "--timeout=700ms")
	wantStatus(t, alone, exitFailed)
	if !strings.Contains(alone.stderr, "Time ran out after 700ms") {
		t.Errorf("standard error has %q", alone.stderr)
	}
}
