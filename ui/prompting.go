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
	"relayscope/ui/widgets"
)

// A signInPrompt is the dialog that asks a person to sign in.
type signInPrompt struct {
	id   profiles.ID
	open dialog.Dialog
}

// askSignIn shows what a person must do to sign in, until that is done or
// given up.
func (u *Window) askSignIn(id profiles.ID, p entra.Prompt) {
	u.endPrompt()
	title := "Sign in" // for what is tested before it is saved
	if e, ok := u.entry(id); ok {
		title = "Sign in for “" + e.Profile.Name + "”"
	}
	app := fyne.CurrentApp()
	what := widget.NewLabel(widgets.Shown(p.Message))
	what.Wrapping = fyne.TextWrapWord
	rows := container.NewVBox(what)
	if p.Code != "" {
		code := widget.NewLabel(p.Code)
		what.SetText("Enter this code on the page " + p.URL + ", with any browser, also on another device. Relayscope waits, and goes on by itself.")
		code.SizeName = theme.SizeNameHeadingText
		code.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
		code.Selectable = true
		copyIt := widgets.NewButtonWithIcon("Copy code", theme.ContentCopyIcon(), func() { app.Clipboard().SetContent(p.Code) })
		rows.Add(container.NewCenter(container.NewHBox(code, copyIt)))
	}
	// An authority may be anybody's, and other addresses start programs.
	if page, err := url.Parse(p.URL); err == nil && page.Scheme == "https" && page.Host != "" {
		open := widgets.NewButtonWithIcon("Open the page", theme.ComputerIcon(), func() {
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
	d := dialog.NewCustom(widgets.ShownLine(title), dismiss, rows, u.win)
	d.SetOnClosed(func() {
		if u.prompt == nil || u.prompt.open != d {
			return // it was taken away
		}
		u.prompt = nil
		if u.host.identities.signedIn(id) {
			return
		}
		if s := u.sessions[id]; s != nil {
			s.StopAll()
		}
		u.host.identities.decline(id)
	})
	u.prompt = &signInPrompt{id, d}
	height := float32(150)
	if p.Code != "" {
		height = 220
	}
	d.Resize(fyne.NewSize(widgets.Zoomed(520), widgets.Zoomed(height)))
	u.showDialog(d)
}

// followPrompt takes the dialog away once nothing waits for it any more: as a
// rule, somebody has signed in.
func (u *Window) followPrompt() {
	if u.prompt != nil && !u.host.identities.awaited(u.prompt.id) {
		u.endPrompt()
	}
}

func (u *Window) endPrompt() {
	if p := u.prompt; p != nil {
		u.prompt = nil
		p.open.Hide()
	}
}
