//go:build linux

package windowtest

import "testing"

// Two copies of the program share one keyring. What the other copy changed
// meanwhile is not overwritten unseen, and nothing typed is lost.
func TestTwoCopiesAtOnce(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	d, e := newDesktop(t, "1280x720"), newDesktop(t, "1280x720")
	d.startKeyring(t)
	e.home, e.bus = d.home, d.bus // the same person's other screen
	first := d.open(t)
	first.paste(r.access("both"), r.certificate())
	name := first.sees("bar.name")["bar.name"].Text

	second := e.open(t)
	second.click("profile." + name)
	second.click("bar.edit")
	second.fill("form.name", "renamed by the second")
	first.click("bar.edit")
	first.fill("form.name", "renamed by the first")
	first.click("form.save")
	first.sees("bar.name", "renamed by the first")

	second.click("form.save")
	second.settled("over.Keep mine")
	second.screen("conflict")
	second.click("over.Back to the form")
	second.sees("form.name", "renamed by the second")
	second.click("form.save")
	second.click("over.Take theirs")
	second.sees("bar.name", "renamed by the first")

	second.click("bar.edit")
	second.fill("form.name", "the second's own")
	first.click("bar.edit")
	first.fill("form.group", "Production")
	first.click("form.save")
	first.sees("group.Production")
	second.click("form.save")
	second.click("over.Keep mine")
	second.sees("bar.name", "the second's own")
	first.click("bar.edit")
	first.fill("form.name", "first again")
	first.click("form.save")
	first.settled("over.Take theirs")
	first.screen("conflict-again")
	first.click("over.Take theirs")
	first.sees("bar.name", "the second's own")
}

// The keyring goes away while a profile is being edited. Nothing typed is
// lost, and once it is back, the same Save keeps it.
func TestKeyringGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	d := newDesktop(t, "1280x720")
	k := d.startKeyring(t)
	w := d.open(t)
	w.paste(r.access("both"), r.certificate())
	w.startBoth()
	w.click("bar.edit")
	w.fill("form.name", "typed meanwhile")
	k.kill(t)
	w.click("form.save")
	w.sees("form.problem", "The keyring has gone away")
	w.screen("gone")
	w.click("form.problem.Details")
	w.screen("details")
	w.sees("form.name", "typed meanwhile")
	d.unlock(t, k)
	w.click("form.save")
	w.sees("bar.name", "typed meanwhile")
	w.sees("listener.status", "Online")
	w.screen("back")
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	w = d.open(t)
	w.sees("profile.typed meanwhile")
}
