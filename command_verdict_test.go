package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func inject(t *testing.T, r *localrelay.Relay, text string) {
	t.Helper()
	f, err := localrelay.ParseFault(text)
	if err == nil {
		_, err = r.Inject(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// The line of JSON and the last words say the same about one failure, here of
// a listener that never accepts.
func TestOneVerdictInBothForms(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--json")
	inject(t, r, "corrupt")
	got := send(t, r, "--json", "--timeout=2s")
	wantStatus(t, got, exitFailed)
	var failed reportLine
	if len(got.lines) != 1 {
		t.Fatalf("%d lines, want one: %q", len(got.lines), got.lines)
	}
	if err := json.Unmarshal([]byte(got.lines[0]), &failed); err != nil {
		t.Fatal(err)
	}
	if failed.Error != "Stopped waiting for a listener to accept" || !strings.Contains(got.stderr, failed.Error+". "+failed.Why+"\nNext: "+failed.Next) {
		t.Errorf("JSON says %q, %q; standard error %q", failed.Error, failed.Next, got.stderr)
	}
	if line := l.line(t, "ignored"); !strings.Contains(line, `"reason":"control message is not the JSON it should be"`) {
		t.Errorf("the listener prints %s", line)
	}
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}

// A listener on a terminal says why a connection failed and what to do.
func TestListenExplainsFailures(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen")
	inject(t, r, "refuse:on=accept,status=500,reason=no luck")
	wantStatus(t, send(t, r, "--timeout=2s"), exitFailed)
	l.line(t, "The relay has trouble of its own")
	for _, want := range []string{"    It answered 500", "    Next: Try again.", "    Answer: 500 no luck", "    Tracking ID: "} {
		if line := l.line(t, want); !strings.HasPrefix(line, want) {
			t.Errorf("line = %q, want it to begin with %q", line, want)
		}
	}
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}
