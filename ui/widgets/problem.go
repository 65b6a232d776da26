package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Failure is a failure in words: what happened, why, what to do, and the
// answer as it came.
type Failure struct {
	Title, Cause, Next, Raw, TrackingID string
}

// Text returns the failure as lines for the clipboard.
func (f Failure) Text() string {
	text := f.Title
	for _, part := range [...][2]string{{"", f.Cause}, {"Next: ", f.Next}, {"Answer: ", f.Raw}, {"Tracking ID: ", f.TrackingID}} {
		if part[1] != "" {
			text += "\n" + part[0] + part[1]
		}
	}
	return text
}

// Problem shows a Failure: its title, cause and next step, with the raw answer
// behind Details and everything behind Copy.
type Problem struct {
	widget.BaseWidget
	OnCopy   func(text string) // nil: the app's clipboard
	OnResize func()            // the height needed may have changed

	failure  Failure
	title    *widget.Label
	body     *widget.Label
	raw      *widget.Label
	details  *Button
	copyIt   *Button
	row      *fyne.Container
	expanded bool
}

// NewProblem returns an empty Problem; Set fills it.
func NewProblem() *Problem {
	p := &Problem{title: widget.NewLabel(""), body: widget.NewLabel(""), raw: widget.NewLabel("")}
	p.title.TextStyle.Bold = true
	p.title.Importance = widget.DangerImportance
	for _, l := range []*widget.Label{p.title, p.body, p.raw} {
		l.Wrapping = fyne.TextWrapWord
		l.Selectable = true
	}
	p.raw.TextStyle.Monospace = true
	p.raw.Wrapping = fyne.TextWrapBreak
	p.raw.SizeName = theme.SizeNameCaptionText
	p.details = NewButton("Details", func() { p.expand(!p.expanded) })
	p.copyIt = NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() {
		if p.OnCopy != nil {
			p.OnCopy(p.failure.Text())
			return
		}
		fyne.CurrentApp().Clipboard().SetContent(p.failure.Text())
	})
	for _, b := range []*Button{p.details, p.copyIt} {
		b.Importance = widget.LowImportance
	}
	icon := widget.NewIcon(theme.NewErrorThemedResource(theme.ErrorIcon()))
	side := NewSurface(theme.ColorNameError, "")
	side.SetMinSize(fyne.NewSize(3, 0))
	text := container.New(tightColumn{}, p.title, p.body, container.NewHBox(p.details, p.copyIt), p.raw)
	p.row = container.NewBorder(nil, nil, container.NewHBox(side, container.New(topIcon{}, icon)), nil, text)
	p.ExtendBaseWidget(p)
	return p
}

// HeightFor returns the height that shows everything at this width.
func (p *Problem) HeightFor(width float32) float32 {
	p.row.Resize(fyne.NewSize(width, p.row.Size().Height)) // text wraps, and so learns its height
	return p.row.MinSize().Height
}

// Set shows f. Details that were open stay open while f stays the same.
func (p *Problem) Set(f Failure) {
	if p.failure == f {
		return
	}
	p.failure = f
	p.write()
	p.expand(false)
}

// write puts the failure into words.
func (p *Problem) write() {
	body := p.failure.Cause
	if p.failure.Next != "" {
		if body != "" {
			body += "\n"
		}
		body += "Next: " + p.failure.Next
	}
	raw := p.failure.Raw
	if p.failure.TrackingID != "" {
		raw += "\nTracking ID " + p.failure.TrackingID
	}
	SetText(p.title, p.failure.Title)
	SetText(p.body, body)
	SetText(p.raw, raw)
}

// Refresh writes the words anew, which the theme has a say in.
func (p *Problem) Refresh() {
	p.write()
	p.BaseWidget.Refresh()
}

// Failure returns what is shown.
func (p *Problem) Failure() Failure { return p.failure }

func (p *Problem) expand(open bool) {
	p.expanded = open
	SetVisible(p.raw, open)
	SetVisible(p.details, p.raw.Text != "")
	if open {
		p.details.SetText("Hide details")
	} else {
		p.details.SetText("Details")
	}
	p.Refresh()
	if p.OnResize != nil {
		p.OnResize()
	}
}

// CreateRenderer is for Fyne.
func (p *Problem) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewVScroll(p.row))
}

// topIcon puts an icon level with the first line of a label beside it.
type topIcon struct{}

func (topIcon) MinSize([]fyne.CanvasObject) fyne.Size {
	side := theme.IconInlineSize()
	return fyne.NewSquareSize(side)
}

func (t topIcon) Layout(objects []fyne.CanvasObject, _ fyne.Size) {
	objects[0].Resize(t.MinSize(nil))
	objects[0].Move(fyne.NewPos(0, theme.InnerPadding()))
}

// tightColumn stacks labels without the padding between them.
type tightColumn struct{}

func (tightColumn) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width = max(size.Width, m.Width)
			size.Height += m.Height - overlap(o)
		}
	}
	return size
}

func (tightColumn) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		if w, ok := o.(*widget.Label); ok {
			w.Resize(fyne.NewSize(size.Width, o.MinSize().Height)) // wraps, and so learns its height
		}
		height := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height - overlap(o)
	}
}

// overlap is how much of a label's own padding neighbours share.
func overlap(o fyne.CanvasObject) float32 {
	if _, ok := o.(*widget.Label); ok {
		return theme.InnerPadding()
	}
	return 0
}
