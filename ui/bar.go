package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// A bar is the connect bar: what is used, where it stands, and one button
// that starts or stops it.
type bar struct {
	name    *widget.Label
	address *widget.Label
	status  *widgets.Status
	copyIt  *widget.Button
	edit    *widget.Button
	toggle  *widget.Button
	content fyne.CanvasObject
	copied  string
}

func newBar(toggle, edit func(), copyText func(string)) *bar {
	b := &bar{name: widget.NewLabel(""), address: widget.NewLabel(""), status: widgets.NewStatus(widgets.StatusIdle, "")}
	b.name.TextStyle.Bold = true
	b.name.SizeName = theme.SizeNameSubHeadingText
	b.name.Truncation = fyne.TextTruncateEllipsis
	b.address.Importance = widget.LowImportance
	b.address.Truncation = fyne.TextTruncateEllipsis
	b.copyIt = widget.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { copyText(b.copied) })
	b.edit = widget.NewButtonWithIcon("Edit", theme.DocumentCreateIcon(), edit)
	b.toggle = widget.NewButtonWithIcon("Start both", theme.MediaPlayIcon(), toggle)
	b.toggle.Importance = widget.HighImportance
	b.copyIt.Importance = widget.LowImportance
	b.edit.Importance = widget.LowImportance
	words := container.New(nameAndAddress{}, b.name, container.NewCenter(b.status), b.address)
	b.content = container.NewPadded(container.NewBorder(nil, nil, nil, container.NewHBox(b.copyIt, b.edit, b.toggle), words))
	return b
}

// refresh draws where s stands. relay is the address of the local relay, whom
// is as whom the relay knows the profile; "" before that is known.
func (b *bar) refresh(s *live.Session, relay, whom string) {
	p := s.Profile()
	namespace := p.Namespace
	if p.LocalRelay {
		if namespace = relay; relay == "" {
			namespace = "local relay"
		}
	}
	b.copied = "sb://" + namespace + "/" + p.HybridConnection
	widgets.SetText(b.name, p.Name)
	address := p.HybridConnection + " @ " + namespace + " · " + signsIn(p)
	if whom != "" {
		address += ": " + whom
	}
	if s.Stale() {
		address += " · settings changed"
	}
	widgets.SetText(b.address, address)
	kind, word := live.StateOf(s)
	if word == "" {
		word = "Idle"
	}
	b.status.Set(kind, word)
	if stopping := s.Stopping(); stopping != b.toggle.Disabled() {
		if stopping {
			b.toggle.Disable()
		} else {
			b.toggle.Enable()
		}
	}
	text, icon, importance := "Start both", theme.MediaPlayIcon(), widget.HighImportance
	switch {
	case s.Stale():
		text, icon = "Restart", theme.ViewRefreshIcon()
	case s.Running():
		text, icon, importance = "Stop all", theme.MediaStopIcon(), widget.MediumImportance
	}
	if b.toggle.Text != text {
		b.toggle.Text, b.toggle.Icon, b.toggle.Importance = text, icon, importance
		b.toggle.Refresh()
	}
}

// signsIn names how a profile signs in, the sender after the listener if they
// differ.
func signsIn(p profiles.Profile) string {
	words := signInWords(p.SignIn)
	if p.SendSignIn != nil {
		words += " / " + signInWords(*p.SendSignIn)
	}
	return words
}

// signInWords names a way to sign in in a few words.
func signInWords(s signin.Settings) string {
	switch s.Way {
	case signin.SharedAccessKey:
		return "SAS " + s.KeyName
	case signin.SharedAccessToken:
		return "SAS token"
	case signin.ClientSecret, signin.ClientCertificate:
		return "service principal"
	case signin.ManagedIdentity:
		return "managed identity"
	case signin.AzureCLI:
		return "Azure CLI"
	case signin.DeviceCode:
		return "device code"
	case signin.Browser:
		return "browser"
	case signin.Anonymous:
		return "no sign-in"
	}
	return "only sends"
}

// nameAndAddress puts a name as wide as it needs, up to two fifths of the
// bar, its status beside it, and gives the rest to the address.
type nameAndAddress struct{}

func (nameAndAddress) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(300, h)
}

func (nameAndAddress) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	name, status, address := objects[0].(*widget.Label), objects[1], objects[2]
	text := fyne.MeasureText(name.Text, theme.Size(theme.SizeNameSubHeadingText), name.TextStyle).Width + 2*theme.InnerPadding() + 2
	x := float32(0)
	for _, part := range []struct {
		o fyne.CanvasObject
		w float32
	}{{name, min(text, size.Width*0.4)}, {status, status.MinSize().Width}, {address, 0}} {
		w := part.w
		if part.o == address {
			w = max(0, size.Width-x)
		}
		h := part.o.MinSize().Height
		part.o.Move(fyne.NewPos(x, (size.Height-h)/2))
		part.o.Resize(fyne.NewSize(w, h))
		x += w + theme.Padding()
	}
}
