package identity

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// A sourceBar is where a token comes from: the profile's roles, or a paste.
type sourceBar struct {
	onRead func(text string)

	profile          profiles.Profile
	listener, sender *widgets.Button
	listenerAs       *widget.Label
	senderAs         *widget.Label
	paste            *widgets.Entry
	read             *widgets.Button
	busy             *widget.Label
	turning          *widget.Activity
	cancel           *widgets.Button
	waiting          *fyne.Container
	content          *fyne.Container
	length           int // of what the entry held
}

func newSourceBar(get func(relayclient.Role), read func(string), cancel func()) *sourceBar {
	b := &sourceBar{
		onRead:     read,
		listener:   widgets.NewButtonWithIcon("Listener's token", theme.DownloadIcon(), func() { get(relayclient.Listening) }),
		sender:     widgets.NewButtonWithIcon("Sender's token", theme.DownloadIcon(), func() { get(relayclient.Sending) }),
		listenerAs: small(""), senderAs: small(""),
		paste: widgets.NewEntry(),
		busy:  widget.NewLabel(""), turning: widget.NewActivity(),
		cancel: widgets.NewButtonWithIcon("Stop", theme.CancelIcon(), cancel),
	}
	b.paste.Password = true
	b.paste.SetPlaceHolder("Or paste a token")
	b.read = widgets.NewButtonWithIcon("Read", theme.SearchIcon(), b.submit)
	b.read.Importance = widget.LowImportance
	b.paste.ActionItem = b.read // and no eye: a token is never shown
	b.paste.OnChanged = b.changed
	b.paste.OnSubmitted = func(string) { b.submit() }
	b.paste.OnLargePaste = read
	ways := container.New(layout.NewGridLayoutWithColumns(3),
		container.New(widgets.Stacked{Gap: theme.Padding()}, b.listener, b.listenerAs),
		container.New(widgets.Stacked{Gap: theme.Padding()}, b.sender, b.senderAs),
		container.New(widgets.Stacked{Gap: theme.Padding()}, b.paste, small("A SAS token or a JWT. Read on this computer, sent nowhere.")),
	)
	b.waiting = container.NewHBox(b.turning, b.busy, b.cancel)
	b.content = container.New(widgets.Stacked{Gap: theme.Padding()}, ways, b.waiting)
	b.waiting.Hide()
	b.enable()
	return b
}

func (b *sourceBar) setProfile(p profiles.Profile) {
	b.profile = p
	b.listenerAs.SetText(visible(sourceWords(p.SignInFor(relayclient.Listening)), 200))
	b.senderAs.SetText(visible(sourceWords(p.SignInFor(relayclient.Sending)), 200))
	b.enable()
	b.content.Refresh()
}

// setBusy says what is under way; "": nothing is.
func (b *sourceBar) setBusy(what string) {
	b.busy.SetText(what)
	widgets.SetVisible(b.waiting, what != "")
	if what == "" {
		b.turning.Stop()
	} else {
		b.turning.Start()
	}
	b.enable()
}

func (b *sourceBar) enable() {
	for _, of := range []struct {
		button *widgets.Button
		role   relayclient.Role
	}{{b.listener, relayclient.Listening}, {b.sender, relayclient.Sending}} {
		if b.waiting.Visible() || b.profile.SignInFor(of.role).Way == 0 {
			of.button.Disable()
		} else {
			of.button.Enable()
		}
	}
}

// pasted is how many characters come at once only from a paste.
const pasted = 16

// changed reads at once what was pasted; what is typed waits for Enter.
func (b *sourceBar) changed(text string) {
	grown := len(text) - b.length
	b.length = len(text)
	if grown >= pasted {
		b.submit()
	}
}

// submit hands the text on and forgets it, be it good or not: another paste
// must not land behind it.
func (b *sourceBar) submit() {
	text := b.paste.Text
	if text == "" {
		return
	}
	b.length = 0
	b.paste.SetText("")
	b.onRead(text)
}

// small is a note in small letters.
func small(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName = theme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	l.Wrapping = fyne.TextWrapWord
	return l
}
