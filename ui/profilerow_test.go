package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// Rows are used for one profile after another, with and without a result, and
// their size may stay the same.
func TestRowKeepsItsLinesInTheMiddle(t *testing.T) {
	test.NewTempApp(t)
	s := newSidebar(sidebarActions{state: func(profiles.ID) (widgets.StatusKind, string) { return widgets.StatusIdle, "" }})
	r := newListRow(s)
	w := test.NewTempWindow(t, r)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(220, 80))
	for _, last := range []profiles.Result{{}, {At: time.Now(), OK: true}, {}, {At: time.Now(), Headline: "Nobody is listening"}} {
		p := someProfile("orders")
		p.LastResult = last
		r.set(listItem{entry: profiles.Entry{ID: p.ID, Profile: p}})
		bottom := r.profile.where
		low := bottom.Position().Y + bottom.Size().Height
		if r.profile.third.Visible() {
			low = r.profile.third.Position().Y + r.profile.third.Size().Height
		}
		above, below := r.profile.name.Position().Y, r.profile.lines.Size().Height-low
		if above < 0 || above-below > 1 || below-above > 1 {
			t.Errorf("with the result %+v there are %v above the lines and %v below", last, above, below)
		}
		if r.profile.third.Visible() == last.At.IsZero() {
			t.Errorf("the result %+v is shown: %v", last, r.profile.third.Visible())
		}
	}
}

func TestResultsInWords(t *testing.T) {
	now := time.Now()
	for want, r := range map[string]profiles.Result{
		"":                                    {},
		"Passed just now":                     {At: now.Add(-20 * time.Second), OK: true},
		"Passed 3 min ago":                    {At: now.Add(-3*time.Minute - 20*time.Second), OK: true},
		"Failed 2 d ago: Nobody is listening": {At: now.Add(-50 * time.Hour), Headline: "Nobody is listening"},
	} {
		if got := resultWords(r, now); got != want {
			t.Errorf("%+v is %q, want %q", r, got, want)
		}
	}
}
