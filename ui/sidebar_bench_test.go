package ui

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// One round lists 500 profiles, filters them and shows all of them again.
func BenchmarkFilterFiveHundredProfiles(b *testing.B) {
	test.NewTempApp(b)
	s := newSidebar(sidebarActions{state: func(profiles.ID) (widgets.StatusKind, string) { return widgets.StatusIdle, "" }})
	test.NewTempWindow(b, s.content).Resize(fyne.NewSize(250, 720))
	var entries []profiles.Entry
	for i := range 500 {
		p := someProfile(fmt.Sprintf("profile %d", i))
		p.Group = fmt.Sprintf("group %02d", i/25)
		if i%3 == 0 {
			p.LastResult = profiles.Result{At: time.Now(), Headline: "There is no such hybrid connection"}
		}
		entries = append(entries, profiles.Entry{ID: p.ID, Profile: p})
	}
	b.ReportAllocs()
	for b.Loop() {
		s.show(entries, "")
		s.filter.SetText("9")
		s.filter.SetText("")
	}
}
