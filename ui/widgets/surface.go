package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Surface is a rectangle in a colour of the theme, whatever the theme
// becomes.
type Surface struct {
	widget.BaseWidget
	Fill, Stroke fyne.ThemeColorName // "": none
	Radius       float32
	least        fyne.Size
}

// NewSurface returns a rectangle with or without an edge.
func NewSurface(fill, stroke fyne.ThemeColorName) *Surface {
	s := &Surface{Fill: fill, Stroke: stroke}
	s.ExtendBaseWidget(s)
	return s
}

// SetMinSize is for a surface that nothing lies on.
func (s *Surface) SetMinSize(size fyne.Size) { s.least = size }

// MinSize is for Fyne.
func (s *Surface) MinSize() fyne.Size { return s.least }

// CreateRenderer is for Fyne.
func (s *Surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{s, canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type surfaceRenderer struct {
	s    *Surface
	rect *canvas.Rectangle
}

func (r *surfaceRenderer) MinSize() fyne.Size    { return r.s.least }
func (r *surfaceRenderer) Layout(size fyne.Size) { r.rect.Resize(size) }

func (r *surfaceRenderer) Refresh() {
	r.rect.CornerRadius = r.s.Radius
	if r.s.Fill != "" {
		r.rect.FillColor = theme.Color(r.s.Fill)
	}
	if r.s.Stroke != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = theme.Color(r.s.Stroke), 1
	}
	r.rect.Refresh()
}

func (r *surfaceRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *surfaceRenderer) Destroy()                     {}
