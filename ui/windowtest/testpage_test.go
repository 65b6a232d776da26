//go:build linux

package windowtest

import (
	"testing"

	"relayscope/relayclient/localrelay"
)

func TestTestPageOnTheLocalRelay(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.try")
	w.met()
	w.click("page.Test")
	w.sees("test.headline", "Not tested yet")
	w.screen("untested")
	w.key("ctrl+d")
	w.sees("test.headline", "works")
	for _, step := range []string{"profile", "dns", "tcp", "tls", "clock", "token", "send", "listen", "websocket", "http"} {
		w.sees("test.step."+step, "Passed")
	}
	w.sees("test.about", "demo at localhost")
	w.screen("passed")
	w.sees("profile.Local relay")
	w.key("ctrl+1")
	w.send("still here")
	w.echoes("#1", "still here")
}

// A wrong key is found by the test before and after the profile is saved.
func TestTestPageFindsTheWrongKey(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	wrong := r.access("both")
	wrong.Key = localrelay.NewKey()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.paste")
	w.write("form.paste", wrong.Reveal())
	w.click("form.network")
	w.fill("form.certificates", r.certificate())
	w.click("form.test")
	w.sees("test.headline", "The network is fine", "does not accept the key")
	w.sees("test.step.send", "Failed")
	w.sees("test.step.websocket", "Skipped")
	w.sees("test.step.websocket.line", "needs: Right to send")
	w.screen("typed")
	w.click("over.Close")
	w.sees("form.key", wrong.Key.Reveal())
	w.click("form.save")
	w.sees("bar.toggle", "Start both")
	w.click("page.Test")
	w.click("test.again")
	w.sees("test.headline", "The network is fine", "does not accept the key")
	w.sees("test.step.send.body", "Next: ", "TrackingId")
	w.screen("failed")
}
