package widgets

import (
	"image"
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A StatusKind is the state a Status shows. The zero kind is idle, so that
// forgetting to set one never looks like success.
type StatusKind uint8

// The kinds, with the shape and colour each has.
const (
	StatusIdle     StatusKind = iota // ring, grey
	StatusBusy                       // half-filled ring, amber
	StatusOnline                     // disc, green
	StatusDegraded                   // triangle, amber
	StatusFailed                     // cross, red
)

// A Status is a chip with a shape, a word and a colour: each says the state
// without the others.
type Status struct {
	widget.BaseWidget

	kind StatusKind
	text string
}

// NewStatus returns a chip that shows kind and text.
func NewStatus(kind StatusKind, text string) *Status {
	s := &Status{kind: kind, text: text}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows another state.
func (s *Status) Set(kind StatusKind, text string) {
	if s.kind == kind && s.text == text {
		return
	}
	s.kind, s.text = kind, text
	s.Refresh()
}

// Kind returns the kind shown.
func (s *Status) Kind() StatusKind { return s.kind }

// Text returns the words shown, whole even when the chip is too narrow.
func (s *Status) Text() string { return s.text }

// colors returns the chip's background, and the colour of its shape and words.
func (s *Status) colors() (back, ink color.RGBA) {
	th, variant := s.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	look := func(name fyne.ThemeColorName) color.NRGBA {
		return color.NRGBAModel.Convert(th.Color(name, variant)).(color.NRGBA)
	}
	name := theme.ColorNamePlaceHolder
	switch s.kind {
	case StatusBusy, StatusDegraded:
		name = theme.ColorNameWarning
	case StatusOnline:
		name = theme.ColorNameSuccess
	case StatusFailed:
		name = theme.ColorNameError
	}
	ink = opaque(look(name))
	page := over(look(theme.ColorNameBackground), color.RGBA{A: 255})
	back = mix(page, ink, 0.14)
	return back, towards(ink, contrastFor(page, opaque(look(theme.ColorNameForeground))), back)
}

// CreateRenderer implements fyne.Widget.
func (s *Status) CreateRenderer() fyne.WidgetRenderer {
	r := &statusRenderer{status: s, chip: canvas.NewRectangle(nil), words: canvas.NewText("", nil)}
	r.icon = canvas.NewRaster(func(w, h int) image.Image { return statusIcon(s.kind, w, h, r.back, r.ink) })
	r.Refresh()
	return r
}

type statusRenderer struct {
	status    *Status
	chip      *canvas.Rectangle
	icon      *canvas.Raster
	words     *canvas.Text
	back, ink color.RGBA
}

func (r *statusRenderer) padding() (across, down float32) {
	p := r.status.Theme().Size(theme.SizeNameInnerPadding)
	return p, p / 3
}

func (r *statusRenderer) measure(text string) fyne.Size {
	return fyne.MeasureText(text, r.words.TextSize, r.words.TextStyle)
}

func (r *statusRenderer) MinSize() fyne.Size {
	across, down := r.padding()
	words, side := r.measure(ShownLine(r.status.text)), r.side()
	width := side + 2*across
	if r.status.text != "" {
		width += across/2 + words.Width
	}
	return fyne.NewSize(width, max(words.Height, side)+2*down)
}

// side is the width and height of the icon.
func (r *statusRenderer) side() float32 {
	return r.status.Theme().Size(theme.SizeNameText) * 0.85
}

func (r *statusRenderer) Layout(size fyne.Size) {
	across, _ := r.padding()
	side := r.side()
	r.chip.Resize(size)
	r.chip.CornerRadius = size.Height / 2
	r.icon.Resize(fyne.NewSquareSize(side))
	r.icon.Move(fyne.NewPos(across, (size.Height-side)/2))
	x := across + side + across/2
	r.words.Text = r.shorten(size.Width - x - across)
	height := r.measure(r.words.Text).Height
	r.words.Resize(fyne.NewSize(max(0, size.Width-x-across), height))
	r.words.Move(fyne.NewPos(x, (size.Height-height)/2))
}

// shorten cuts the words to a width, at a character, with an ellipsis.
func (r *statusRenderer) shorten(width float32) string {
	text := ShownLine(r.status.text)
	if text == "" || r.measure(text).Width <= width+0.5 {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)
	for low < high { // the most runes that fit
		middle := (low + high + 1) / 2
		if r.measure(string(runes[:middle])+"…").Width <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return string(runes[:low]) + "…"
}

func (r *statusRenderer) Refresh() {
	r.back, r.ink = r.status.colors()
	r.chip.FillColor = r.back
	r.words.Color = r.ink
	r.words.TextSize = r.status.Theme().Size(theme.SizeNameText)
	r.words.TextStyle = fyne.TextStyle{Bold: true}
	r.Layout(r.status.Size())
	r.chip.Refresh()
	r.icon.Refresh()
	r.words.Refresh()
}

func (r *statusRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.chip, r.icon, r.words}
}

func (r *statusRenderer) Destroy() {}

// statusIcon draws a kind's shape, on the chip's own colour so that the edges
// blend with it.
func statusIcon(kind StatusKind, w, h int, back, ink color.RGBA) image.Image {
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(dst, dst.Rect, back)
	size := float64(min(w, h))
	c, radius, thick := size/2, size*0.42, size*0.13
	disc := func(x, y float64) float64 { return radius - math.Hypot(x-c, y-c) }
	ring := func(x, y float64) float64 { d := disc(x, y); return min(d, thick-d) }
	shape := ring
	switch kind {
	case StatusBusy:
		shape = func(x, y float64) float64 { return max(ring(x, y), min(disc(x, y), c-x)) }
	case StatusOnline:
		shape = disc
	case StatusDegraded:
		shape = func(x, y float64) float64 { // a triangle that points up
			side := (y-size*0.08)*0.447 - math.Abs(x-c)*0.894
			return min(side, size*0.9-y)
		}
	case StatusFailed:
		shape = func(x, y float64) float64 {
			dx, dy := math.Abs(x-c), math.Abs(y-c)
			return min(thick*0.75-math.Abs(dx-dy)*math.Sqrt2/2, radius-math.Hypot(dx, dy))
		}
	}
	paintShape(dst, dst.Rect, ink, shape)
	return dst
}
