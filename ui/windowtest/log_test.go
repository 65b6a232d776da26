//go:build linux

package windowtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/relayclient/journal"
)

// Watch messages, find one, export it: with the keyboard alone.
func TestFindAndExportByKeyboard(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.sees("welcome.try")
	w.key("ctrl+k")
	w.write("over.entry1", "try local")
	w.key("Return")
	w.met()
	for _, text := range [...]string{`{"order":1,"state":"new"}`, `{"order":2,"state":"lost"}`, `{"order":3,"state":"new"}`} {
		w.key("ctrl+m", "ctrl+a", "BackSpace")
		w.write("composer.entry", text)
		w.key("ctrl+Return")
		w.echoes("#1", text)
	}
	w.key("ctrl+f")
	w.write("log.filter", "lost")
	w.wait("the filter", func(p parts) error {
		return want(strings.HasPrefix(p["log.count"].Text, "4 of "), "the log counts %q", p["log.count"].Text)
	})
	w.key("Down", "n")
	w.wait("the first match", func(p parts) error {
		return want(p["log.detail"].Visible && strings.Contains(p["log.detail"].Text, `"state": "lost"`), "the detail shows %q", p["log.detail"].Text)
	})
	w.screen("found")
	w.key("ctrl+e")
	path := filepath.Join(t.TempDir(), "lost.jsonl")
	w.wait("the dialog", func(p parts) error { return want(p["over.entry1"].Focused, "no entry has the focus") })
	w.key("ctrl+a", "BackSpace")
	w.write("over.entry1", path)
	w.screen("export")
	w.key("Return")
	w.wait("the file", func(p parts) error {
		return want(strings.Contains(p["log.notice"].Text, "4 rows, ") && strings.HasSuffix(p["log.notice"].Text, path), "the notice says %q", p["log.notice"].Text)
	})
	f, err := journal.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the file: %v, %v", info.Mode(), err)
	}
	w.key("Escape") // leaves the detail
	w.wait("the detail", func(p parts) error { return want(!p["log.detail"].Visible, "the detail is still there") })
	w.key("Escape") // shows all rows again
	w.wait("all rows", func(p parts) error {
		return want(strings.HasSuffix(p["log.count"].Text, " rows"), "the log counts %q", p["log.count"].Text)
	})
}

// Filter by a chip, look at a row, pause and clear: with the mouse alone.
func TestLogByMouse(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.try")
	w.met()
	w.click("composer.send")
	w.logs("sender|in|#1|text|")
	w.click("log.chip.Out")
	w.wait("the chip", func(p parts) error {
		return want(strings.HasPrefix(p["log.count"].Text, "2 of "), "the log counts %q", p["log.count"].Text)
	})
	q := w.settled("log")
	w.clickAt(q.X+q.W/3, q.Y+26+10)
	w.sees("log.heading")
	w.sees("log.note", "The message is empty")
	w.click("log.tab.Timing")
	w.wait("the time", func(p parts) error {
		return want(strings.HasPrefix(p["log.times"].Text, "Local time"), "the detail shows %q", p["log.times"].Text)
	})
	w.click("log.close")
	w.click("log.chip.All")
	w.click("log.pause")
	w.sees("log.pause", "Paused · 0 wait")
	w.click("composer.send")
	w.sees("log.pause", "Paused · 4 wait")
	w.screen("paused")
	w.click("log.pause")
	w.sees("log.pause", "Pause")
	w.click("log.clear")
	w.sees("log.count", "no rows")
	w.click("log.undo")
	w.wait("the rows", func(p parts) error {
		return want(strings.HasSuffix(p["log.count"].Text, " rows") && p["log.count"].Text != "no rows", "the log counts %q", p["log.count"].Text)
	})
}
