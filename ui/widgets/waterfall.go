package widgets

import (
	"image"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
)

// A Leg is one part of what a Waterfall shows.
type Leg struct {
	Name  string
	Start time.Duration // since the first leg began
	Took  time.Duration
}

// A Waterfall shows which part of some time was spent on what: a line for each
// leg, a bar from when it began to when it ended, and how long that was.
type Waterfall struct {
	widget.BaseWidget
	brush
	legs    []Leg
	picture *image.RGBA
}

// NewWaterfall returns a waterfall without legs.
func NewWaterfall() *Waterfall {
	w := &Waterfall{brush: brush{scale: 1}}
	w.ExtendBaseWidget(w)
	return w
}

// SetLegs shows other legs.
func (w *Waterfall) SetLegs(legs []Leg) {
	w.legs = legs
	w.Refresh()
}

// Text is what is shown, a line for each leg.
func (w *Waterfall) Text() string {
	text := ""
	for _, leg := range w.legs {
		text += leg.Name + "\t" + DurationText(leg.Start) + "\t" + DurationText(leg.Took) + "\n"
	}
	return text
}

// MinSize returns a size in which every leg has its line.
func (w *Waterfall) MinSize() fyne.Size {
	w.dip(w.Theme())
	height := float32(w.rowHeight()*len(w.legs)+2*w.px(6)) / float32(w.scale)
	return fyne.NewSize(float32(w.glyphs.cell.X*32)/float32(w.scale), height)
}

func (w *Waterfall) rowHeight() int { return w.glyphs.cell.Y + w.px(8) }

func (w *Waterfall) draw(width, height int) image.Image {
	w.rescale(width, w.Size().Width)
	w.dip(w.Theme())
	if size := image.Pt(width, height); w.picture == nil || w.picture.Rect.Size() != size {
		w.picture = image.NewRGBA(image.Rectangle{Max: size})
	}
	w.paint(w.picture)
	return w.picture
}

func (w *Waterfall) paint(dst *image.RGBA) {
	fill(dst, dst.Rect, w.colors.back)
	w.glyphs.begin()
	names, total := 0, time.Duration(1)
	for _, leg := range w.legs {
		names = max(names, cellsIn(leg.Name))
		total = max(total, leg.Start+leg.Took)
	}
	const figures = 9 // cells for "123.4 ms"
	cell, row, pad := w.glyphs.cell, w.rowHeight(), w.px(10)
	left, right := pad+(names+1)*cell.X, dst.Rect.Max.X-pad-(figures+1)*cell.X
	place := func(d time.Duration) int {
		return left + int(float64(max(0, right-left))*float64(d)/float64(total))
	}
	for i, leg := range w.legs {
		r := image.Rect(0, w.px(6)+i*row, dst.Rect.Max.X, w.px(6)+(i+1)*row)
		y := r.Min.Y + (row-cell.Y)/2
		w.glyphs.write(dst, r, leg.Name, image.Pt(pad, y), w.colors.text[Normal])
		fill(dst, image.Rect(left, (r.Min.Y+r.Max.Y)/2, right, (r.Min.Y+r.Max.Y)/2+1), w.colors.line)
		bar := image.Rect(place(leg.Start), r.Min.Y+w.px(4), place(leg.Start+leg.Took), r.Max.Y-w.px(4))
		bar.Max.X = max(bar.Max.X, bar.Min.X+max(2, w.px(2))) // what was quick is still there
		fill(dst, bar, w.colors.pill)
		took := DurationText(leg.Took)
		w.glyphs.write(dst, r, took, image.Pt(dst.Rect.Max.X-pad-cellsIn(took)*cell.X, y), w.colors.text[Normal])
	}
}

// CreateRenderer implements fyne.Widget.
func (w *Waterfall) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRaster(w.draw))
}

// DurationText writes a duration for people with three digits or so: 250 µs,
// 3.2 ms, 41 ms, 1.25 s, 3 min 10 s.
func DurationText(d time.Duration) string {
	write := func(v float64, digits int, unit string) string {
		return strconv.FormatFloat(v, 'f', digits, 64) + " " + unit
	}
	switch {
	case d < 0:
		return "-" + DurationText(-d)
	case d < time.Millisecond:
		return write(float64(d)/1e3, 0, "µs")
	case d < 10*time.Millisecond:
		return write(float64(d)/1e6, 1, "ms")
	case d < time.Second:
		return write(float64(d)/1e6, 0, "ms")
	case d < 10*time.Second:
		return write(d.Seconds(), 2, "s")
	case d < time.Minute:
		return write(d.Seconds(), 1, "s")
	}
	return strconv.Itoa(int(d/time.Minute)) + " min " + strconv.Itoa(int(d%time.Minute/time.Second)) + " s"
}
