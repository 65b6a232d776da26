package ui

import (
	"net/url"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient/entra"
)

// A signInPrompt is the dialog that asks a person to sign in.
type signInPrompt struct {
	id    profiles.ID
	again bool // somebody had signed in before, so that being signed in says nothing
	open  dialog.Dialog
}

// askSignIn shows what a person must do to sign in, until that is done or
// given up.
func (u *Window) askSignIn(id profiles.ID, p entra.Prompt) {
	u.endPrompt()
	name := ""
	if e, ok := u.entry(id); ok {
		name = e.Profile.Name
	}
	app := fyne.CurrentApp()
	what := widget.NewLabel(p.Message)
	what.Wrapping = fyne.TextWrapWord
	rows := container.NewVBox(what)
	if p.Code != "" {
		code := widget.NewLabel(p.Code)
		what.SetText("Enter this code on the page " + p.URL + ", with any browser, also on another device. Relayscope waits, and goes on by itself.")
		code.SizeName = theme.SizeNameHeadingText
		code.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
		code.Selectable = true
		copyIt := widget.NewButtonWithIcon("Copy code", theme.ContentCopyIcon(), func() { app.Clipboard().SetContent(p.Code) })
		rows.Add(container.NewCenter(container.NewHBox(code, copyIt)))
	}
	if page, err := url.Parse(p.URL); err == nil && p.URL != "" {
		open := widget.NewButtonWithIcon("Open the page", theme.ComputerIcon(), func() {
			if err := app.OpenURL(page); err != nil {
				u.explainFile("No browser could be opened", err)
			}
		})
		open.Importance = widget.HighImportance
		rows.Add(container.NewCenter(open))
	}
	again, dismiss := u.host.identities.signedIn(id), "Cancel"
	if again {
		dismiss = "Close" // what is connected stays so until its token ends
	}
	d := dialog.NewCustom("Sign in for “"+name+"”", dismiss, rows, u.win)
	d.SetOnClosed(func() {
		if u.prompt == nil || u.prompt.open != d {
			return // it was taken away
		}
		u.prompt = nil
		if s := u.sessions[id]; s != nil && !u.host.identities.signedIn(id) {
			s.StopAll()
		}
	})
	u.prompt = &signInPrompt{id, again, d}
	height := float32(150)
	if p.Code != "" {
		height = 220
	}
	d.Resize(fyne.NewSize(520, height))
	u.showDialog(d)
}

// followPrompt takes the dialog away once somebody has signed in, or nothing
// waits for it any more.
func (u *Window) followPrompt() {
	if u.prompt == nil {
		return
	}
	done := !u.prompt.again && u.host.identities.signedIn(u.prompt.id)
	if s := u.sessions[u.prompt.id]; s == nil || !s.Running() || done {
		u.endPrompt()
	}
}

func (u *Window) endPrompt() {
	if p := u.prompt; p != nil {
		u.prompt = nil
		p.open.Hide()
	}
}
