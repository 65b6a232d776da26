//go:build linux

package windowtest

import (
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
