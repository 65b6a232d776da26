package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// A bar is the connect bar: what is used and as whom, where it stands, and one
// button that starts it, gives up, or stops it.
type bar struct {
	name    *widget.Label
	status  *widgets.Status
	facts   *widget.Label // what it is doing, or for how long it has been online
	url     *widget.Label
	copyIt  *widgets.Button
	about   *widget.Label // roles and identities
	edit    *widgets.Button
	toggle  *widgets.Button
	content fyne.CanvasObject
	copied  string
	drawn   string // all of the texts
}

func newBar(toggle, edit func(), copyText func(string)) *bar {
	b := &bar{name: widget.NewLabel(""), facts: note(""), url: note(""), about: note(""), status: widgets.NewStatus(widgets.StatusIdle, "")}
	b.name.TextStyle.Bold = true
	b.name.SizeName = theme.SizeNameSubHeadingText
	for _, l := range []*widget.Label{b.name, b.facts, b.url, b.about} {
		l.Wrapping = fyne.TextWrapOff
		l.Truncation = fyne.TextTruncateEllipsis
	}
	b.url.TextStyle.Monospace = true
	b.copyIt = widgets.NewButtonWithIcon("", theme.ContentCopyIcon(), func() { copyText(b.copied) })
	b.edit = widgets.NewButtonWithIcon("Edit", theme.DocumentCreateIcon(), edit)
	b.toggle = widgets.NewButtonWithIcon("Start both", theme.MediaPlayIcon(), toggle)
	b.toggle.Importance = widget.HighImportance
	b.copyIt.Importance = widget.LowImportance
	b.edit.Importance = widget.LowImportance
	first := container.New(inARow{}, b.name, container.NewCenter(b.status), b.facts)
	second := container.New(inARow{}, b.url, b.copyIt, b.about)
	words := container.New(twoLines{}, first, second)
	b.content = container.NewPadded(container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(b.edit, b.toggle)), words))
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
	widgets.SetText(b.url, b.copied)
	about := rolesOf(p) + " · " + signsIn(p)
	if whom != "" {
		about += ": " + whom
	}
	importance := widget.LowImportance
	if s.Stale() {
		about, importance = "The settings have changed: Restart uses them", widget.WarningImportance
	}
	if b.about.Importance != importance {
		b.about.Importance = importance
		b.about.Refresh()
	}
	widgets.SetText(b.about, about)
	kind, word := live.StateOf(s)
	if word == "" {
		word = "Idle"
	}
	b.status.Set(kind, word)
	facts := s.Progress(time.Now())
	widgets.SetText(b.facts, facts)
	widgets.SetVisible(b.facts, facts != "")
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
	case live.ConnectingNow(s):
		text, icon, importance = "Cancel", theme.CancelIcon(), widget.MediumImportance
	case s.Running():
		text, icon, importance = "Stop all", theme.MediaStopIcon(), widget.MediumImportance
	}
	if b.toggle.Text != text {
		b.toggle.Text, b.toggle.Icon, b.toggle.Importance = text, icon, importance
		b.toggle.Refresh()
	}
	if drawn := b.name.Text + b.facts.Text + b.url.Text + b.about.Text + b.status.Text(); drawn != b.drawn { // what follows a text moves
		b.drawn = drawn
		b.content.Refresh()
	}
}

// rolesOf says what a profile is for.
func rolesOf(p profiles.Profile) string {
	listen, send := p.SignInFor(relayclient.Listening).Way, p.SignInFor(relayclient.Sending).Way
	switch {
	case listen == 0 || listen == signin.Anonymous:
		return "sends"
	case send == 0:
		return "listens"
	}
	return "listens and sends"
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

// inARow puts things beside one another, each as wide as it needs, level in
// the middle. Where there is too little room, the last ones get less.
type inARow struct{}

func (inARow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(widgets.Zoomed(300), h)
}

func (inARow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var fixed float32 // that cannot be shortened
	for _, o := range objects {
		if _, text := o.(*widget.Label); !text {
			fixed += o.MinSize().Width + theme.Padding()
		}
	}
	left := max(0, size.Width-fixed) // for texts
	var x float32
	for _, o := range objects {
		w := o.MinSize().Width
		if l, ok := o.(*widget.Label); ok {
			text := theme.Size(theme.SizeNameText)
			if l.SizeName != "" {
				text = theme.Size(l.SizeName)
			}
			w = min(left, fyne.MeasureText(l.Text, text, l.TextStyle).Width+2*theme.InnerPadding()+2)
			left -= w
		}
		h := o.MinSize().Height
		o.Move(fyne.NewPos(x, (size.Height-h)/2))
		o.Resize(fyne.NewSize(w, h))
		x += w
		if _, text := o.(*widget.Label); !text {
			x += theme.Padding()
		}
	}
}

// twoLines puts one row close under another.
type twoLines struct{}

func (twoLines) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, second := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(first.Width, second.Width), first.Height+second.Height-2*theme.InnerPadding())
}

func (twoLines) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, second := objects[0].MinSize().Height, objects[1].MinSize().Height
	objects[0].Resize(fyne.NewSize(size.Width, first))
	objects[0].Move(fyne.NewPos(0, 0))
	objects[1].Resize(fyne.NewSize(size.Width, second))
	objects[1].Move(fyne.NewPos(0, size.Height-second))
}
