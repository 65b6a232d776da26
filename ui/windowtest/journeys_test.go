//go:build linux

package windowtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/relayclient/localrelay"
)

// The ways that people take through the window, each with the keyboard alone
// and with the mouse alone, which leaves the keyboard for texts.

// tabTo goes from part to part until name has the keyboard.
func (w *window) tabTo(name string) {
	w.t.Helper()
	for range 60 {
		p := w.sees("window")
		if p[name].Focused {
			return
		}
		w.key("Tab")
		w.wait("go on with Tab", func(now parts) error {
			return want(now["window"].Text != p["window"].Text, "the keyboard stays where it is")
		})
	}
	w.t.Fatalf("60 times Tab do not lead to %s", name)
}

// press presses a button with the keyboard.
func (w *window) press(name string) {
	w.t.Helper()
	w.tabTo(name)
	w.key("space")
}

func TestJourneyFirstEcho(t *testing.T) {
	t.Parallel()
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		w := newDesktop(t, "1280x720").open(t)
		w.sees("welcome.try")
		w.press("welcome.try")
		w.met()
		w.write("composer.entry", "hello")
		w.key("ctrl+Return")
		w.echoes("#1", "hello")
	})
	t.Run("mouse", func(t *testing.T) {
		t.Parallel()
		w := newDesktop(t, "1280x720").open(t)
		w.click("welcome.try")
		w.met()
		w.write("composer.entry", "hello") // which has the keyboard already
		w.click("composer.send")
		w.echoes("#1", "hello")
		w.screen("echoed")
	})
}

func TestJourneyPasteToOnline(t *testing.T) {
	t.Parallel()
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		r := newRelay(t)
		w := newDesktop(t, "1280x720").open(t)
		w.sees("welcome.try")
		w.key("ctrl+shift+v")
		w.write("form.paste", r.access("both").Reveal())
		w.press("form.network")
		w.tabTo("form.certificates")
		w.write("form.certificates", r.certificate())
		w.press("form.save")
		w.sees("bar.toggle", "Start both")
		w.key("F5")
		w.met()
		w.sees("bar.facts", "for 00:00:0", "token")
	})
	t.Run("mouse", func(t *testing.T) {
		t.Parallel()
		r := newRelay(t)
		w := newDesktop(t, "1280x720").open(t)
		w.paste(r.access("both"), r.certificate())
		w.startBoth()
		w.sees("bar.facts", "for 00:00:0", "token")
		w.screen("online")
	})
}

func TestJourneyWrongKey(t *testing.T) {
	t.Parallel()
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		r := newRelay(t)
		right, wrong := r.access("both"), r.access("both")
		wrong.Key = localrelay.NewKey()
		w := newDesktop(t, "1280x720").open(t)
		w.paste(wrong, r.certificate())
		w.key("ctrl+d")
		w.sees("test.headline", "key")
		w.screen("refused")
		w.key("F2")
		w.tabTo("form.key")
		w.key("ctrl+a", "BackSpace")
		w.write("form.key", right.Key.Reveal())
		w.key("Return")
		w.sees("bar.toggle", "Start both")
		w.key("ctrl+2", "F5")
		w.sees("test.headline", "Everything works")
	})
	t.Run("mouse", func(t *testing.T) {
		t.Parallel()
		r := newRelay(t)
		right, wrong := r.access("both"), r.access("both")
		wrong.Key = localrelay.NewKey()
		w := newDesktop(t, "1280x720").open(t)
		w.paste(wrong, r.certificate())
		w.click("page.Test")
		w.click("test.again")
		w.sees("test.headline", "key")
		w.click("bar.edit")
		w.fill("form.key", right.Key.Reveal())
		w.click("form.save")
		w.click("page.Test")
		w.click("test.again")
		w.sees("test.headline", "Everything works")
	})
}

// flood sends 25,000 messages from the box that is open, which with their
// echoes are 100,000 rows of the log, and waits for the last.
func (w *window) flood(start func()) {
	w.t.Helper()
	start()
	seen := ""
	for range 12 {
		err := within(patience, func() error {
			p, err := w.describe()
			if err != nil {
				return err
			}
			seen = p["log.count"].Text
			return want(hasRow(p["log"].Lines, message("sender|in", "#1", "number 25000")), "the log has %s", seen)
		})
		if err == nil {
			return
		}
	}
	w.t.Fatalf("not all messages came back; the log counts %q", seen)
}

func hasRow(lines []string, row string) bool {
	for _, line := range lines {
		if line == row {
			return true
		}
	}
	return false
}

// found waits for the four rows of a message and exports them to a file.
func (w *window) found(message string, export func(path string)) {
	w.t.Helper()
	w.wait("the filter", func(p parts) error {
		return want(strings.HasPrefix(p["log.count"].Text, "4 of "), "the log counts %q", p["log.count"].Text)
	})
	path := filepath.Join(w.t.TempDir(), "found.jsonl")
	export(path)
	w.wait("the file", func(p parts) error {
		return want(strings.Contains(p["log.notice"].Text, "4 rows, ") && strings.HasSuffix(p["log.notice"].Text, path), "the notice says %q", p["log.notice"].Text)
	})
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), message) != 4 {
		w.t.Errorf("the file lacks the messages (%v):\n%s", err, text)
	}
}

func TestJourneyFindOneOfAHundredThousand(t *testing.T) {
	t.Parallel()
	t.Run("keyboard", func(t *testing.T) {
		t.Parallel()
		w := newDesktop(t, "1280x720").open(t)
		w.press("welcome.try")
		w.met()
		w.write("composer.entry", "number {{counter}}")
		w.key("F6")
		w.tabTo("repeat.count")
		w.key("ctrl+a", "BackSpace")
		w.write("repeat.count", "25000")
		w.tabTo("repeat.interval")
		w.key("ctrl+a", "BackSpace")
		w.flood(func() { w.key("Return") })
		w.key("ctrl+f")
		w.write("log.filter", `"number 20777"`)
		w.found("number 20777", func(path string) {
			w.key("ctrl+e")
			w.wait("the dialog", func(p parts) error { return want(p["over.entry1"].Focused, "no entry has the focus") })
			w.key("ctrl+a", "BackSpace")
			w.write("over.entry1", path)
			w.key("Return")
		})
	})
	t.Run("mouse", func(t *testing.T) {
		t.Parallel()
		w := newDesktop(t, "1280x720").open(t)
		w.click("welcome.try")
		w.met()
		w.write("composer.entry", "number {{counter}}")
		w.click("repeat.open")
		w.fill("repeat.count", "25000")
		w.fill("repeat.interval", "0")
		w.flood(func() { w.click("repeat.start") })
		w.fill("log.filter", `"number 20777"`)
		w.found("number 20777", func(path string) {
			w.click("log.export")
			w.fill("over.entry1", path)
			w.click("over.Export")
		})
	})
}
