//go:build linux

package windowtest

import "testing"

func TestPaletteByKeyboard(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.sees("welcome.try")
	w.key("ctrl+k")
	w.write("over.entry1", "edit")
	w.sees("over.Edit the profile")
	w.wait("the reason", func(p parts) error {
		return want(p["palette.why"].Text == "Not now. There is no profile on screen.", "it says %q", p["palette.why"].Text)
	})
	w.screen("not-now")
	w.key("Return", "ctrl+a")
	w.write("over.entry1", "try local")
	w.screen("found")
	w.key("Return")
	w.met()
	w.key("ctrl+k")
	w.write("over.entry1", "go to lo")
	w.screen("profile")
	w.key("Escape", "F1")
	w.sees("over.All keys")
	w.screen("keys")
	w.key("Escape")
	w.wait("closed", func(p parts) error { return want(!p["over.All keys"].Visible, "the map of keys is still there") })
	w.key("ctrl+2")
	w.sees("test.headline", "Not tested yet")
}
