package widgets

import (
	"image"
	"math"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A Part is a stretch of a text, in bytes.
type Part struct{ From, To int }

// A Tinted part of a text has a colour of its own.
type Tinted struct {
	Part
	Tone Tone
}

// A TextView shows a text of any size that can be selected and copied but not
// changed. It wraps lines anywhere and draws the ones on screen into one
// picture, so megabytes cost no more than a page.
//
// Set the fields before the view is shown; all of it belongs to the goroutine
// that owns the window.
type TextView struct {
	widget.BaseWidget
	brush

	OnCopy func(text string)           // in place of the clipboard
	OnMenu func(pos fyne.Position)     // a context menu is wanted at this place on the canvas
	OnRune func(r rune)                // a character was typed
	OnKey  func(k *fyne.KeyEvent) bool // any key, first of all; reports whether it meant something
	OnHit  func(number, of int)        // another hit is the current one

	text   textLines
	flow   Flow // nil: the text is the same at any width
	tints  []Tinted
	hits   []Part
	hit    int // the current one; -1 for none
	anchor int // where the selection began, in bytes
	cursor int // where it ends

	span    span
	focused bool
	drag    dragKind
	grab    int
	wheel   wheel

	layout     logLayout
	layoutSize image.Point
	picture    *image.RGBA
	changes    *Coalescer
}

var (
	_ fyne.Focusable         = (*TextView)(nil)
	_ fyne.Scrollable        = (*TextView)(nil)
	_ fyne.Draggable         = (*TextView)(nil)
	_ fyne.Shortcutable      = (*TextView)(nil)
	_ fyne.SecondaryTappable = (*TextView)(nil)
	_ fyne.DoubleTappable    = (*TextView)(nil)
	_ desktop.Mouseable      = (*TextView)(nil)
	_ desktop.Cursorable     = (*TextView)(nil)
)

// NewTextView returns an empty view. onMain runs a function on the goroutine
// that owns the window without waiting for it. Call Close when the view is no
// longer used.
func NewTextView(onMain func(func())) *TextView {
	v := &TextView{brush: brush{scale: 1}, hit: -1}
	v.changes = NewCoalescer(onMain, v.Refresh)
	v.ExtendBaseWidget(v)
	return v
}

// Close ends the refreshing.
func (v *TextView) Close() { v.changes.Close() }

// A Flow lays a text out for lines of so many cells, with its colours and what
// is highlighted in it.
type Flow func(cells int) (text string, tints []Tinted, hits []Part)

// SetFlow shows a text that depends on how long a line may be.
func (v *TextView) SetFlow(f Flow) {
	v.SetText("", nil)
	v.flow, v.text = f, textLines{}
	v.Refresh()
}

// SetText shows another text from its beginning. It should hold no invisible
// characters other than line breaks and tabs.
func (v *TextView) SetText(text string, tints []Tinted) {
	v.flow = nil
	v.text, v.tints = textLines{text: text}, tints
	v.hits, v.hit = nil, -1
	v.anchor, v.cursor = 0, 0
	v.span.top = 1
	v.Refresh()
}

// Text returns all of the text.
func (v *TextView) Text() string { return v.text.text }

// SelectedText returns the part that is selected.
func (v *TextView) SelectedText() string {
	from, to := v.selection()
	return v.text.text[from:to]
}

func (v *TextView) selection() (from, to int) {
	return min(v.anchor, v.cursor), max(v.anchor, v.cursor)
}

// SetHits highlights parts of the text, which must be in order, and brings the
// first of them on screen if show is set.
func (v *TextView) SetHits(hits []Part, show bool) {
	v.hits, v.hit = hits, -1
	if show && len(hits) > 0 {
		v.NextHit(1)
		return
	}
	v.Refresh()
}

// NextHit goes to the next hit, or with -1 to the one before, and reports
// whether there was one in this direction.
func (v *TextView) NextHit(by int) bool {
	next := v.hit + by
	if v.hit < 0 && by < 0 {
		next = len(v.hits) - 1
	}
	if next < 0 || next >= len(v.hits) {
		return false
	}
	v.hit = next
	v.sync()
	v.reveal(v.hits[next].From)
	v.Refresh()
	if v.OnHit != nil {
		v.OnHit(next+1, len(v.hits))
	}
	return true
}

// reveal scrolls to the line of a byte.
func (v *TextView) reveal(at int) {
	row := int64(v.text.rowOf(at))
	if row < v.span.top || row >= v.span.top+v.span.rows {
		v.span.scrollTo(row - v.span.rows/3)
	}
}

// MinSize returns a size in which a few lines can be read.
func (v *TextView) MinSize() fyne.Size {
	text := v.Theme().Size(theme.SizeNameText)
	return fyne.NewSize(text*12, text*2.5)
}

// Refresh draws the text anew.
func (v *TextView) Refresh() {
	v.sync()
	v.BaseWidget.Refresh()
}

func (v *TextView) sync() {
	size := v.Size()
	v.measure(image.Pt(int(math.Ceil(float64(size.Width)*v.scale)), int(math.Ceil(float64(size.Height)*v.scale))))
}

// measure brings glyphs, colours, layout and line breaks up to date.
func (v *TextView) measure(size image.Point) {
	if v.dip(v.Theme()) {
		v.layoutSize = image.Point{}
	}
	if v.layoutSize != size || v.layout.row == 0 {
		v.layoutSize = size
		v.layout = newLogLayout(size, v.scale, v.glyphs.cell, []Column{{}})
		v.layout.row = v.glyphs.cell.Y + int(math.Round(2*v.scale))
		v.layout.plain = true
	}
	if cells := v.layout.places[0].cells; v.flow != nil && v.text.cells != max(1, cells) {
		v.text = textLines{}
		v.text.text, v.tints, v.hits = v.flow(cells)
		v.anchor, v.cursor, v.hit = 0, 0, min(v.hit, len(v.hits)-1)
	}
	keep := -1
	if v.text.cells != 0 && v.text.cells != v.layout.places[0].cells && int(v.span.top) <= len(v.text.starts) {
		keep = v.text.starts[max(1, v.span.top)-1]
	}
	v.text.wrap(v.layout.places[0].cells)
	v.span.first, v.span.last, v.span.rows = 1, int64(len(v.text.starts)), v.layout.rows()
	v.span.follow = false
	if keep >= 0 {
		v.span.top = int64(v.text.rowOf(keep))
	}
	v.span.top = min(max(v.span.top, v.span.lowest()), v.span.highest())
}

// draw is the generator of the raster: w and h are real pixels.
func (v *TextView) draw(w, h int) image.Image {
	v.rescale(w, v.Size().Width)
	v.measure(image.Pt(w, h))
	if v.picture == nil || v.picture.Rect.Size() != v.layout.size {
		v.picture = image.NewRGBA(image.Rectangle{Max: v.layout.size})
	}
	v.glyphs.begin()
	v.paint(v.picture)
	if v.glyphs.late {
		v.changes.Notify()
	}
	return v.picture
}

func (v *TextView) paint(dst *image.RGBA) {
	fill(dst, dst.Rect, v.colors.back)
	y := 0
	for row := max(1, v.span.top); row <= v.span.last && y < dst.Rect.Max.Y; row++ {
		v.paintRow(dst, image.Rect(0, y, v.layout.size.X-v.layout.bar, y+v.layout.row), int(row))
		y += v.layout.row
	}
	if thumb := v.layout.thumb(&v.span); !thumb.Empty() {
		fill(dst, v.layout.track(), v.colors.track)
		fillRound(dst, thumb, v.colors.thumb)
	}
	if v.focused {
		stroke(dst, dst.Rect, max(1, int(math.Round(2*v.scale))), v.colors.focus)
	}
}

// paintRow draws one row: what is selected behind the text, and hits over it.
func (v *TextView) paintRow(dst *image.RGBA, r image.Rectangle, row int) {
	from, to := v.text.row(row)
	x := func(at int) int { return v.layout.pad + v.text.cellsBetween(from, at)*v.glyphs.cell.X }
	if a, b := v.selection(); a < to && b > from || a < b && a <= to && b > to {
		right := x(min(b, to))
		if b > to { // the line break is selected as well
			right += v.glyphs.cell.X / 2
		}
		fill(dst, image.Rect(x(max(a, from)), r.Min.Y, right, r.Max.Y), v.colors.selected)
	}
	y := r.Min.Y + (r.Dy()-v.glyphs.cell.Y)/2
	write := func(a, b int, tone Tone) {
		if a < b {
			v.glyphs.write(dst, r, expandTabs(v.text.text[a:b]), image.Pt(x(a), y), v.colors.text[tone])
		}
	}
	at := from
	first, _ := slices.BinarySearchFunc(v.tints, from, func(t Tinted, at int) int { return t.To - at })
	for _, t := range v.tints[first:] {
		if t.From >= to {
			break
		}
		a, b := max(t.From, at), min(t.To, to)
		write(at, a, Normal)
		write(a, b, t.Tone)
		at = max(at, b)
	}
	write(at, to, Normal)
	first, _ = slices.BinarySearchFunc(v.hits, from, func(h Part, at int) int { return h.To - at })
	for i, h := range v.hits[first:] {
		if h.From >= to {
			break
		}
		a, b := max(h.From, from), min(h.To, to)
		if a >= b {
			continue
		}
		box := image.Rect(x(a), r.Min.Y, x(b), r.Max.Y)
		fill(dst, box, v.colors.hit)
		v.glyphs.write(dst, box, expandTabs(v.text.text[a:b]), image.Pt(x(a), y), v.colors.hitText)
		if first+i == v.hit { // a frame as well: the current one among others
			stroke(dst, box.Inset(-1), max(1, int(math.Round(2*v.scale))), v.colors.focus)
		}
	}
	for _, p := range v.veiled(from, to) {
		fill(dst, image.Rect(x(max(p.From, from)), y, x(min(p.To, to)), y+v.glyphs.cell.Y), v.colors.text[Normal])
	}
}

// veiled returns where names are in a row that must not be read. One may begin
// or end in another row.
func (v *TextView) veiled(from, to int) (parts []Part) {
	h := hidden()
	if h == nil {
		return nil
	}
	const longest = 256
	begin, end := max(0, from-longest), min(len(v.text.text), to+longest)
	for _, p := range h.find(v.text.text[begin:end]) {
		if p = (Part{p.From + begin, p.To + begin}); p.From < to && p.To > from {
			parts = append(parts, p)
		}
	}
	return parts
}

// at returns the byte nearest to a position in the widget.
func (v *TextView) at(pos fyne.Position) int {
	p := v.layout.pixel(pos)
	row := v.layout.rowAt(p.Y, v.span.top)
	switch {
	case row < 1:
		return 0
	case row > v.span.last:
		return len(v.text.text)
	}
	from, to := v.text.row(int(row))
	return v.text.byteAt(from, to, (p.X-v.layout.pad+v.glyphs.cell.X/2)/v.glyphs.cell.X)
}

// CreateRenderer implements fyne.Widget.
func (v *TextView) CreateRenderer() fyne.WidgetRenderer {
	v.sync()
	return widget.NewSimpleRenderer(canvas.NewRaster(v.draw))
}
