package ui

import (
	"strings"
	"testing"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/profiles/importing"
	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// deceit would turn a line around, ring a bell and hide.
const deceit = "x\u202eevil\u2066\x1b[31m\x07\u200by"

// checkTexts fails for every text on screen that could deceive.
func checkTexts(t *testing.T, u *Window, where string) {
	t.Helper()
	u.win.Canvas().Capture()
	escaped := false
	for _, text := range textsOf(u) {
		if strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) }) {
			t.Errorf("%s shows %q", where, text)
		}
		escaped = escaped || strings.Contains(text, `\u202eevil`)
	}
	if !escaped {
		t.Errorf("%s does not show the text at all", where)
	}
}

func TestWhatStrangersWroteCannotDeceive(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	u.win.Resize(fyne.NewSize(1280, 720))
	p := someProfile(deceit)
	p.Group = "group " + deceit
	u.list([]profiles.Entry{{ID: p.ID, Profile: p}})
	u.choose(p.ID)
	checkTexts(t, u, "the live page")

	j := u.sessions[p.ID].Journal()
	j.Append(journal.Row{Kind: journal.Problem, Type: deceit, Connection: deceit, Text: "closed: " + deceit, Detail: deceit})
	u.page.Refresh()
	checkTexts(t, u, "the message log")

	u.askDelete(p.ID)
	checkTexts(t, u, "a question")
	u.dismissTop()
	u.explain(widgets.Failure{Title: deceit, Cause: deceit, Next: deceit, Raw: deceit}, u.copyText)
	checkTexts(t, u, "a failure")
	u.dismissTop()
	u.openPalette()
	u.palette.entry.SetText("evil")
	checkTexts(t, u, "the palette")
	u.dismissTop()
	u.showImport(deceit+".json", importing.Result{Found: []importing.Found{{Profile: p, Notes: []string{deceit}}}, Ignored: []importing.Ignored{{What: deceit, Why: deceit}}})
	checkTexts(t, u, "an import")
	u.importing.dialog.Hide()
	showMenu(fyne.NewMenu("", u.sidebar.groupItems(u.entries[0])...), u.sidebar.more)
	checkTexts(t, u, "a menu")
	u.win.Canvas().Overlays().Top().Hide()
	test.Tap(u.pager.pages[1].button)
	checkTexts(t, u, "the test")
	closeWindow(t, u, q)
}
