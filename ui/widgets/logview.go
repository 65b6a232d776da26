package widgets

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A LogView is a list of rows in columns that may hold any number of rows and
// change at any rate. It draws the rows on screen into one picture, from
// glyphs it has drawn before, at most about thirty times a second.
//
// It follows the newest row until somebody scrolls up, and again once the end
// is reached. The selection and the first row on screen are row numbers, so
// they stay with their rows while others come and go.
//
// Set the fields before the view is shown. They are called on the goroutine
// that owns the window; nil ones are not. Only Changed and Close may be called
// from others.
type LogView struct {
	widget.BaseWidget

	OnSelect func(first, last uint64) // the selection changed; 0, 0 when there is none
	OnOpen   func(number uint64)      // Enter, or a double click
	OnCopy   func(first, last uint64) // in place of copying the cells, separated by tabs
	OnMenu   func(pos fyne.Position)  // a context menu is wanted at this place on the canvas
	OnFollow func(following bool)     // following began or stopped

	source  LogSource
	columns []Column
	changes *Coalescer

	span       span
	anchor     int64 // where the selection began; 0 for none
	cursor     int64 // where it ends
	focused    bool
	shift      bool
	drag       dragKind
	grab       int     // where in the thumb a drag began
	wheel      float64 // rows scrolled but not yet whole
	followed   bool    // what OnFollow was told last
	scale      float64
	textSize   float32
	font       fyne.Resource
	glyphs     *glyphs
	rawColors  themeColors
	colors     palette
	layout     logLayout
	layoutSize image.Point
	lines      []Line
	picture    *image.RGBA
	empty      *widget.Label
	plain      bool
	onLayout   func(*logLayout) // tells a source that wraps lines how long they may be
}

// NewLogView returns a view of source. A view without any column title has no
// header. onMain runs a function on the goroutine that owns the window without
// waiting for it; Changed needs nothing else from the program. Call Close when
// the view is no longer used.
func NewLogView(source LogSource, columns []Column, onMain func(func())) *LogView {
	v := &LogView{source: source, columns: columns, scale: 1, followed: true, empty: widget.NewLabel("")}
	v.span.follow = true
	v.empty.Wrapping = fyne.TextWrapWord
	v.empty.Alignment = fyne.TextAlignCenter
	v.changes = NewCoalescer(onMain, v.Refresh)
	v.ExtendBaseWidget(v)
	return v
}

// Changed says that the source has other rows than before. It may be called
// from any goroutine, as often as rows arrive; it does not wait.
func (v *LogView) Changed() { v.changes.Notify() }

// Close ends the refreshing. No timer is left once it returns. It may be
// called from any goroutine, and twice.
func (v *LogView) Close() { v.changes.Close() }

// SetEmptyText sets what is shown while there are no rows.
func (v *LogView) SetEmptyText(text string) { v.empty.SetText(text) }

// SetSource shows other rows: nothing is selected, and the newest is followed.
func (v *LogView) SetSource(source LogSource) {
	v.source = source
	v.span = span{follow: true}
	v.selectRows(0, 0)
	v.Refresh()
}

// Following reports whether the view stays at the newest row.
func (v *LogView) Following() bool { return v.span.follow }

// SetFollow goes to the newest row and stays there, or stops doing so.
func (v *LogView) SetFollow(follow bool) {
	v.span.follow = follow
	v.Refresh()
}

// Selection returns the rows selected; 0, 0 when there are none.
func (v *LogView) Selection() (first, last uint64) {
	if v.anchor == 0 {
		return 0, 0
	}
	return uint64(min(v.anchor, v.cursor)), uint64(max(v.anchor, v.cursor))
}

// Select selects rows and brings the last of them on screen.
func (v *LogView) Select(first, last uint64) {
	v.sync()
	v.selectRows(int64(first), int64(last))
	if last != 0 {
		v.span.reveal(v.cursor)
	}
	v.Refresh()
}

// ScrollTo makes row number the first on screen, as far as there are rows.
func (v *LogView) ScrollTo(number uint64) {
	v.sync()
	v.span.scrollTo(int64(number))
	v.Refresh()
}

// MinSize returns a size in which a few rows can be read.
func (v *LogView) MinSize() fyne.Size {
	text := v.Theme().Size(theme.SizeNameText)
	return fyne.NewSize(text*16, text*8)
}

// Refresh draws the rows as they are now.
func (v *LogView) Refresh() {
	v.sync()
	if v.anchor != 0 {
		if max(v.anchor, v.cursor) < v.span.first { // all of it was dropped
			v.selectRows(0, 0)
		} else {
			v.anchor = max(v.anchor, v.span.first)
			v.cursor = max(v.cursor, v.span.first)
		}
	}
	if v.followed != v.span.follow {
		v.followed = v.span.follow
		if v.OnFollow != nil {
			v.OnFollow(v.followed)
		}
	}
	v.BaseWidget.Refresh()
}

// selectRows sets the selection and tells about it.
func (v *LogView) selectRows(anchor, cursor int64) {
	if v.anchor == anchor && v.cursor == cursor {
		return
	}
	v.anchor, v.cursor = anchor, cursor
	if v.OnSelect != nil {
		v.OnSelect(v.Selection())
	}
}

// sync fits layout and position to the source, size and theme of this moment.
func (v *LogView) sync() {
	size := v.Size()
	v.measure(image.Pt(int(math.Ceil(float64(size.Width)*v.scale)), int(math.Ceil(float64(size.Height)*v.scale))))
	v.bounds()
}

// measure brings glyphs, colours and layout up to date.
func (v *LogView) measure(size image.Point) {
	th := v.Theme()
	textSize, mono := th.Size(theme.SizeNameText), th.Font(fyne.TextStyle{Monospace: true})
	if v.glyphs == nil || v.textSize != textSize || v.font != mono {
		v.textSize, v.font = textSize, mono
		v.glyphs = newGlyphs(float64(textSize)*v.scale, mono, th.Font(fyne.TextStyle{}))
		v.layoutSize = image.Point{}
	}
	if raw := lookUp(th, fyne.CurrentApp().Settings().ThemeVariant()); raw != v.rawColors {
		v.rawColors, v.colors = raw, newPalette(raw)
	}
	if v.layoutSize != size || v.layout.row == 0 {
		v.layoutSize = size
		v.layout = newLogLayout(size, v.scale, v.glyphs.cell, v.columns)
		v.layout.plain = v.plain
		if v.onLayout != nil {
			v.onLayout(&v.layout)
		}
	}
}

// bounds asks the source which rows there are.
func (v *LogView) bounds() {
	first, last := v.source.Bounds()
	v.span.first, v.span.last, v.span.rows = int64(first), int64(last), v.layout.rows()
	v.span.gap = 0
	if v.dropped() > 0 && last >= first {
		v.span.gap = 1
	}
	v.span.settle(v.drag == dragRows)
}

func (v *LogView) dropped() uint64 {
	if counter, ok := v.source.(DropCounter); ok {
		return counter.Dropped()
	}
	return uint64(max(0, v.span.first-1))
}

// draw is the generator of the raster: w and h are real pixels.
func (v *LogView) draw(w, h int) image.Image {
	if width := v.Size().Width; width > 0 {
		// Sizes are rounded up to whole pixels. Rounding the scale keeps that
		// from changing the size of the text while a window is resized.
		if scale := max(0.05, math.Round(float64(w)/float64(width)*20)/20); scale != v.scale {
			v.scale, v.glyphs = scale, nil
		}
	}
	v.measure(image.Pt(w, h))
	v.bounds()

	// The painters are done with one picture before they ask for the next.
	if v.picture == nil || v.picture.Rect.Size() != v.layout.size {
		v.picture = image.NewRGBA(image.Rectangle{Max: v.layout.size})
	}
	if want := int(v.span.rows) + 1; cap(v.lines) < want {
		v.lines = make([]Line, want)
	} else {
		v.lines = v.lines[:want]
	}
	n := v.source.Lines(uint64(max(v.span.top, v.span.first)), v.lines)
	hidden().veilLines(v.lines[:n])
	from, to := v.Selection()
	if from == 0 {
		from = 1
	}
	frame := logFrame{
		logLayout: v.layout, span: v.span, columns: v.columns, lines: v.lines[:n],
		from: int64(from), to: int64(to), dropped: v.dropped(),
		focused: v.focused, colors: &v.colors, glyphs: v.glyphs,
	}
	frame.paint(v.picture)
	return v.picture
}

// CreateRenderer implements fyne.Widget.
func (v *LogView) CreateRenderer() fyne.WidgetRenderer {
	r := &logRenderer{v, canvas.NewRaster(v.draw)}
	v.sync()
	r.showEmpty()
	return r
}

type logRenderer struct {
	view   *LogView
	raster *canvas.Raster
}

func (r *logRenderer) Layout(size fyne.Size) {
	r.raster.Resize(size)
	height := r.view.empty.MinSize().Height
	r.view.empty.Resize(fyne.NewSize(min(size.Width, 480), height))
	height = r.view.empty.MinSize().Height // known once the width is
	r.view.empty.Resize(fyne.NewSize(min(size.Width, 480), height))
	r.view.empty.Move(fyne.NewPos((size.Width-min(size.Width, 480))/2, max(0, (size.Height-height)/2)))
	r.view.sync()
}

func (r *logRenderer) Refresh() {
	r.showEmpty()
	r.raster.Refresh()
}

func (r *logRenderer) showEmpty() {
	if r.view.span.last < r.view.span.first {
		r.view.empty.Show()
	} else {
		r.view.empty.Hide()
	}
}

func (r *logRenderer) MinSize() fyne.Size { return r.view.MinSize() }
func (r *logRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.raster, r.view.empty}
}
func (r *logRenderer) Destroy() {}
