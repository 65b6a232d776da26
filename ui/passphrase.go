package ui

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// A passphraseDialog asks for a passphrase, twice if it is a new one, and stays
// until what it is for has worked.
type passphraseDialog struct {
	first, second *widgets.Entry
	wrong         *widget.Label
	yes, no       *widgets.Button
	dialog        *dialog.CustomDialog
	do            func(relayclient.Secret)
	busy          bool
}

// askPassphrase opens a passphraseDialog. do is called with what was typed, and
// then says how it went.
func (u *Window) askPassphrase(title, explanation, yes string, twice bool, do func(*passphraseDialog, relayclient.Secret)) {
	p := &passphraseDialog{first: widgets.NewSecretEntry(), second: widgets.NewSecretEntry(), wrong: widget.NewLabel("")}
	p.do = func(s relayclient.Secret) { do(p, s) }
	words := widget.NewLabel(widgets.Shown(explanation))
	words.Wrapping = fyne.TextWrapWord
	p.wrong.Wrapping = fyne.TextWrapWord
	p.wrong.Importance = widget.DangerImportance
	p.wrong.Hide()
	p.first.SetPlaceHolder("Passphrase")
	p.second.SetPlaceHolder("The same once more")
	rows := container.NewVBox(words, p.first)
	if twice {
		p.first.SetPlaceHolder(fmt.Sprintf("Passphrase, %d characters or more", profiles.MinPassphrase))
		rows.Add(p.second)
	}
	rows.Add(p.wrong)
	submit := func() { p.submit(twice) }
	p.first.OnSubmitted = func(string) {
		if twice && p.second.Text == "" {
			u.focus(p.second)
			return
		}
		submit()
	}
	p.second.OnSubmitted = func(string) { submit() }
	p.dialog = dialog.NewCustomWithoutButtons(widgets.ShownLine(title), rows, u.win)
	p.no = widgets.NewButton("Cancel", p.dialog.Hide)
	p.yes = widgets.NewButtonWithIcon(yes, theme.ConfirmIcon(), submit)
	p.yes.Importance = widget.HighImportance
	p.dialog.SetButtons([]fyne.CanvasObject{p.no, p.yes})
	height := float32(230)
	if twice {
		height = 300
	}
	p.dialog.Resize(fyne.NewSize(widgets.Zoomed(520), widgets.Zoomed(height)))
	u.asking = p
	u.showDialog(p.dialog)
	u.focus(p.first)
}

func (p *passphraseDialog) submit(twice bool) {
	passphrase := relayclient.NewSecret(p.first.Text)
	switch weak := profiles.CheckPassphrase(passphrase); {
	case p.busy:
		return
	case p.first.Text == "":
		p.fail("Type the passphrase.")
		return
	case twice && weak != "":
		p.fail(weak)
		return
	case twice && p.first.Text != p.second.Text:
		p.fail("The two are not the same. Type the second again.")
		return
	}
	p.busy = true
	p.yes.Disable()
	p.wrong.Hide()
	p.do(passphrase)
}

// fail says why it did not work; the person can try again.
func (p *passphraseDialog) fail(sentence string) {
	p.busy = false
	p.yes.Enable()
	p.wrong.SetText(sentence)
	p.wrong.Show()
}

// close is what follows success.
func (p *passphraseDialog) close() { p.dialog.Hide() }
