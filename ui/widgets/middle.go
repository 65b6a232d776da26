package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A MiddleText is a line of text that loses its middle where there is no room
// for all of it: names that people give tend to differ at their ends.
type MiddleText struct {
	widget.BaseWidget
	Text     string
	Style    fyne.TextStyle
	TextSize fyne.ThemeSizeName
	Color    fyne.ThemeColorName
}

// NewMiddleText returns a line in the theme's ordinary size and colour.
func NewMiddleText(text string) *MiddleText {
	m := &MiddleText{Text: text, TextSize: theme.SizeNameText, Color: theme.ColorNameForeground}
	m.ExtendBaseWidget(m)
	return m
}

// SetText shows another text.
func (m *MiddleText) SetText(text string) {
	if m.Text != text {
		m.Text = text
		m.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (m *MiddleText) CreateRenderer() fyne.WidgetRenderer {
	r := &middleRenderer{m: m, line: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type middleRenderer struct {
	m    *MiddleText
	line *canvas.Text
}

func (r *middleRenderer) MinSize() fyne.Size {
	pad := r.m.Theme().Size(theme.SizeNameInnerPadding)
	return fyne.NewSize(4*pad, r.measure("M").Height+2*pad)
}

func (r *middleRenderer) measure(text string) fyne.Size {
	return fyne.MeasureText(text, r.m.Theme().Size(r.m.TextSize), r.m.Style)
}

func (r *middleRenderer) Layout(size fyne.Size) {
	pad := r.m.Theme().Size(theme.SizeNameInnerPadding)
	r.line.Text = shortenMiddle(ShownLine(r.m.Text), size.Width-2*pad, func(s string) float32 { return r.measure(s).Width })
	r.line.Move(fyne.NewPos(pad, pad))
	r.line.Resize(fyne.NewSize(max(0, size.Width-2*pad), size.Height-2*pad))
}

func (r *middleRenderer) Refresh() {
	r.line.TextSize, r.line.TextStyle = r.m.Theme().Size(r.m.TextSize), r.m.Style
	r.line.Color = r.m.Theme().Color(r.m.Color, fyne.CurrentApp().Settings().ThemeVariant())
	r.Layout(r.m.BaseWidget.Size())
	r.line.Refresh()
}

func (r *middleRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.line} }

func (r *middleRenderer) Destroy() {}

// shortenMiddle takes characters out of the middle of text until it is no
// wider than width.
func shortenMiddle(text string, width float32, measure func(string) float32) string {
	if width <= 0 || measure(text) <= width+0.5 {
		return text
	}
	runes := []rune(text)
	cut := func(keep int) string {
		head := (keep + 1) / 2
		return string(runes[:head]) + "…" + string(runes[len(runes)-(keep-head):])
	}
	low, high := 0, len(runes)-1
	for low < high { // the most characters that fit
		middle := (low + high + 1) / 2
		if measure(cut(middle)) <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return cut(low)
}
