//go:build linux

package windowtest

import (
	"strings"
	"testing"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	d := newDesktop(t, "1280x720")
	keys := d.startKeyring(t)

	w := d.open(t)
	w.sees("welcome.try", "Try the local relay")
	w.sees("welcome.paste", "Paste")
	w.sees("welcome.fill", "form")
	w.sees("welcome.keeping", "Secret Service")
	if p := w.sees("welcome.try"); p["sidebar.notice"].Visible {
		t.Errorf("with a keyring there is the notice %q", p["sidebar.notice"].Text)
	}
	w.screen("welcome")
	w.click("welcome.try")
	w.met()
	w.write("composer.entry", "by keyboard")
	w.key("ctrl+Return")
	w.echoes("#1", "by keyboard")
	w.fill("composer.entry", "by mouse")
	w.click("composer.send")
	w.echoes("#1", "by mouse")
	w.screen("echoed")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	if n := keys.entries(t); n < 2 {
		t.Errorf("the keyring has %d entries of Relayscope, want a profile and its index", n)
	}

	w = d.open(t)
	w.sees("profile.Local relay", "demo @ local relay")
	w.startBoth()
	w.send("once more")
	w.echoes("#1", "once more")
	w.click("profile.Local relay.more")
	w.settled("over.Delete")
	w.screen("menu")
	w.click("over.Delete")
	w.sees("over.Cancel")
	w.settled("over.Delete")
	w.screen("delete")
	w.click("over.Delete")
	w.sees("welcome.try")
	w.screen("deleted")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	if n := keys.entries(t); n > 1 {
		t.Errorf("the keyring still has %d entries of Relayscope, want an empty index at most", n)
	}
}

func TestNoKeyring(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.sees("sidebar.notice", "There is no keyring on this system", "for this run only")
	w.screen("welcome")
	w.click("welcome.try")
	w.met()
	w.send("kept nowhere")
	w.echoes("#1", "kept nowhere")
	w.screen("echoed")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
}

func TestManualReply(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.try")
	w.met()
	w.choose("listener.answer", "Manual reply")
	w.send("a question")
	w.logs(message("listener|in", "#1", "a question"))
	w.fill("reply.entry", "an answer")
	w.screen("written")
	w.click("reply.send")
	w.logs(message("sender|in", "#1", "an answer"))
	w.screen("replied")
	for _, line := range w.sees("log")["log"].Lines {
		if strings.Contains(line, message("listener|out", "#1", "a question")) {
			t.Errorf("the listener echoed: %q", line)
		}
	}
}
