//go:build linux

package windowtest

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestNothingIsCutOff(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ screen, scale, theme string }{
		"small":  {"1280x720", "1", "dark"},
		"scaled": {"1920x1080", "1.5", "light"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t)
			cs := r.access("both")
			d := newDesktop(t, tt.screen)
			d.scale, d.theme = tt.scale, tt.theme
			w := d.open(t)
			w.sees("welcome.try")
			w.whole("welcome")

			w.click("welcome.fill")
			w.whole("form")
			w.click("form.network")
			w.fill("form.certificates", "none")
			w.fill("form.proxy", "ftp://proxy")
			w.click("form.save")
			for _, field := range [...]string{"name", "endpoint", "hybridConnection", "keyName", "key", "certificates", "proxy"} {
				w.sees("form." + field + "Wrong")
			}
			w.scrolled("form-errors", "form.scroll", "form.proxyWrong")
			w.fill("form.paste", cs.Reveal())
			w.fill("form.certificates", r.certificate())
			w.click("form.proxy")
			w.key("ctrl+a", "BackSpace")
			w.whole("form-filled")
			w.click("form.save")

			w.sees("sender.status", "Not connected")
			w.whole("idle")
			w.click("sender.toggle")
			w.sees("sender.problem", "Nobody is listening")
			w.whole("failed")
			w.startBoth() // on connection 2: the first attempt has a number, too
			w.send(`{"order":1000,"item":"relay","quantity":1}`)
			w.echoes("#1", `{"order":1000,"item":"relay","quantity":1}`)
			w.whole("online")
			w.choose("listener.answer", "Manual reply")
			w.sees("reply.entry")
			w.whole("manual")
			w.choose("listener.answer", "Echo")
			q := w.settled("log")
			w.clickAt(q.X+q.W/3, q.Y+q.H/2)
			w.sees("log.detail")
			w.whole("row")
			w.click("page.Test")
			w.whole("untested")
			w.click("test.again")
			w.sees("test.headline", "Everything works")
			w.whole("tested")
			w.click("page.Identity")
			w.sees("identity.listener")
			w.whole("no-token")
			w.click("identity.listener")
			w.sees("identity.status", "Nothing wrong found")
			w.screen("token") // its end is below
		})
	}
}

// scrolled takes a picture, turns the wheel over a scroller until a part at its
// end is in sight, and back.
func (w *window) scrolled(state, scroller, last string) {
	w.t.Helper()
	w.screen(state)
	q := w.settled(scroller)
	w.xdotool("mousemove", "--window", w.id, strconv.Itoa(q.X+4), strconv.Itoa(q.Y+q.H/2))
	turn := func(button string) {
		w.wait("turn the wheel to "+last, func(p parts) error {
			w.xdotool("click", "--repeat", "10", button)
			return want(p[last].Visible && p[last].Cut == (button == "4"), "%s is %+v", last, p[last])
		})
	}
	turn("5")
	w.screen(state + "-end")
	turn("4")
}

// whole takes a picture and reports every visible part that is not all in
// sight.
func (w *window) whole(state string) {
	w.t.Helper()
	w.screen(state)
	p, err := w.describe()
	if err != nil {
		w.t.Fatal(err)
	}
	all := p["window"]
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(p)) {
		q := p[name]
		outside := q.X < 0 || q.Y < 0 || q.X+q.W > all.X+all.W || q.Y+q.H > all.Y+all.H
		if q.Visible && (outside || q.Cut || q.W <= 0 || q.H <= 0) {
			bad = append(bad, fmt.Sprintf("%s %+v", name, q))
		}
	}
	if bad != nil {
		w.t.Errorf("%s: in a window of %dx%d these parts are cut off:\n%s", state, all.W, all.H, strings.Join(bad, "\n"))
	}
}
