package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// askWhose lets the person decide between what they typed and what another
// running copy of the program stored meanwhile. Until then the form stays.
func (u *Window) askWhose(mine profiles.Profile, conflict *profiles.ChangedError) {
	theirs := conflict.Stored
	question := "Another window of Relayscope changed “" + theirs.Name + "” after you opened it here. Yours differs in: " + differences(mine, theirs) + ".\nNothing was overwritten."
	take := "Take theirs"
	if conflict.Deleted() {
		question = "Another window of Relayscope deleted “" + mine.Name + "” after you opened it here.\nNothing was overwritten."
		take = "Let it go"
	}
	words := widget.NewLabel(widgets.Shown(question))
	words.Wrapping = fyne.TextWrapWord
	d := dialog.NewCustomWithoutButtons("Which one shall stay?", words, u.win)
	keep := widgets.NewButton("Keep mine", func() {
		d.Hide()
		mine.Revision = theirs.Revision
		u.save(mine)
	})
	keep.Importance = widget.HighImportance
	d.SetButtons([]fyne.CanvasObject{
		widgets.NewButton("Back to the form", d.Hide),
		widgets.NewButton(take, func() {
			d.Hide()
			u.takeTheirs(mine.ID)
		}),
		keep,
	})
	d.Resize(fyne.NewSize(widgets.Zoomed(520), widgets.Zoomed(220)))
	u.showDialog(d)
}

// takeTheirs lists anew and shows what is stored.
func (u *Window) takeTheirs(id profiles.ID) {
	u.keeper.list(func(entries []profiles.Entry, err error) {
		if err != nil {
			u.form.failed(err)
			return
		}
		u.form.saved()
		u.list(entries)
		if e, ok := u.entry(id); ok && e.Fault == nil {
			if s := u.sessions[id]; s != nil {
				s.SetProfile(e.Profile)
			}
			u.open(id)
			return
		}
		u.forget(id)
	})
}

// differences names what two profiles differ in.
func differences(a, b profiles.Profile) string {
	var list []string
	differ := func(name string, on bool) {
		if on {
			list = append(list, name)
		}
	}
	only := func(change func(p *profiles.Profile)) bool { // whether that part of it differs
		p := b
		change(&p)
		return !p.SameConnection(b)
	}
	differ("name", a.Name != b.Name)
	differ("group", a.Group != b.Group || a.Order != b.Order)
	differ("endpoint", a.Namespace != b.Namespace)
	differ("hybrid connection", a.HybridConnection != b.HybridConnection)
	differ("how it signs in", only(func(p *profiles.Profile) { p.SignIn, p.SendSignIn = a.SignIn, a.SendSignIn }))
	differ("CA certificates", a.CACertificates != b.CACertificates)
	differ("proxy", a.Proxy.Reveal() != b.Proxy.Reveal())
	if list == nil {
		return "nothing that can be seen here"
	}
	return strings.Join(list, ", ")
}
