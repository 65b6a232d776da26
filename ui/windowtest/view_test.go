//go:build linux

package windowtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the window looks like is changed while it runs, and comes back when it
// is opened again.
func TestViewIsChangedAndRemembered(t *testing.T) {
	t.Parallel()
	d := newDesktop(t, "1920x1080")
	w := d.open(t)
	w.click("welcome.try")
	w.met()
	w.screen("100")
	usual := w.sees("bar.toggle")
	before := usual["bar.toggle"].H
	for _, percent := range [...]int{110, 125, 150, 175, 200} {
		w.key("ctrl+equal")
		w.wait("a larger size", func(p parts) error {
			return want(p["bar.toggle"].H >= before*percent/100-2, "at %d %% the button is %d high, and was %d", percent, p["bar.toggle"].H, before)
		})
	}
	w.whole("200")
	w.wait("a window that has room", func(p parts) error {
		return want(p["window"].W > usual["window"].W, "the window is %d wide", p["window"].W)
	})
	w.key("ctrl+0")
	w.wait("a window as it was", func(p parts) error {
		return want(p["window"].W == usual["window"].W && p["window"].H == usual["window"].H, "the window is %d×%d", p["window"].W, p["window"].H)
	})
	w.key("F8")
	w.wait("the ordinary size", func(p parts) error {
		return want(p["bar.toggle"].H == before && p["listener.toggle"].Y < p["sender.toggle"].Y, "the panes are not stacked")
	})
	w.whole("stacked")
	w.key("ctrl+b")
	w.wait("no list", func(p parts) error { return want(!p["sidebar.list"].Visible, "the list is still there") })
	w.key("F9")
	w.screen("presenting")
	w.key("F9", "ctrl+k")
	w.write("over.entry1", "high contrast")
	w.key("Return")
	w.screen("contrast")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}

	text, err := os.ReadFile(filepath.Join(d.home, "fyne", "net.relayscope.app", "preferences.json"))
	if err != nil || !strings.Contains(string(text), `"panesArranged":1`) || !strings.Contains(string(text), `"theme":3`) {
		t.Errorf("remembered %s, %v", text, err)
	}
	w = d.open(t)
	w.wait("the window as it was", func(p parts) error {
		return want(!p["sidebar.list"].Visible && p["unfold"].Visible, "the list is not folded")
	})
	w.screen("again")
}
