package widgets

import (
	"image"
	"math"
	"slices"

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
	brush

	OnSelect func(first, last uint64)    // the selection changed; 0, 0 when there is none
	OnOpen   func(number uint64)         // Enter, or a double click
	OnCopy   func(first, last uint64)    // in place of copying the cells, separated by tabs
	OnMenu   func(pos fyne.Position)     // a context menu is wanted at this place on the canvas
	OnFollow func(following bool)        // following began or stopped
	OnHeader func(pos fyne.Position)     // a menu is wanted at this place of the header
	OnRune   func(r rune)                // a character was typed
	OnKey    func(k *fyne.KeyEvent) bool // any key, first of all; reports whether it meant something
	GapText  func(dropped uint64) string // says that rows were dropped, in place of the usual words

	source  LogSource
	columns []Column
	changes *Coalescer

	span       span
	anchor     int64          // where the selection began; 0 for none
	cursor     int64          // where it ends
	picked     map[int64]bool // rows selected beside these, one by one
	focused    bool
	shift      bool
	drag       dragKind
	grab       int   // where in the thumb a drag began
	wheel      wheel // rows scrolled but not yet whole
	followed   bool  // what OnFollow was told last
	layout     logLayout
	layoutSize image.Point
	lines      []Line
	picture    *image.RGBA
}

// NewLogView returns a view of source. A view without any column title has no
// header. onMain runs a function on the goroutine that owns the window without
// waiting for it; Changed needs nothing else from the program. Call Close when
// the view is no longer used.
func NewLogView(source LogSource, columns []Column, onMain func(func())) *LogView {
	v := &LogView{source: source, columns: columns, brush: brush{scale: 1}, followed: true}
	v.span.follow = true
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

// SetColumns shows other columns; the source's cells must be for them from now
// on.
func (v *LogView) SetColumns(columns []Column) {
	v.columns, v.layoutSize = columns, image.Point{}
	v.Refresh()
}

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

// Selected returns the rows selected, those picked one by one among them, in
// their order, up to the given number of rows.
func (v *LogView) Selected(limit int) []uint64 {
	rows := make([]uint64, 0, len(v.picked)+1)
	for n := range v.picked {
		rows = append(rows, uint64(n))
	}
	if first, last := v.Selection(); first != 0 {
		for n := first; n <= last && len(rows) < limit; n++ {
			rows = append(rows, n)
		}
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	return rows[:min(limit, len(rows))]
}

// SelectedCount returns how many rows are selected.
func (v *LogView) SelectedCount() uint64 {
	first, last := v.Selection()
	if first == 0 {
		return 0
	}
	n := last - first + 1
	for row := range v.picked {
		if uint64(row) < first || uint64(row) > last {
			n++
		}
	}
	return n
}

// Top returns the first row on screen; 0 if there is none.
func (v *LogView) Top() uint64 {
	v.sync()
	if v.span.last < v.span.first {
		return 0
	}
	return uint64(max(v.span.top, v.span.first))
}

// Bottom returns the last row on screen; 0 if there is none.
func (v *LogView) Bottom() uint64 {
	v.sync()
	if v.span.last < v.span.first {
		return 0
	}
	return uint64(min(v.span.top+v.span.rows-1, v.span.last))
}

// Reveal brings the row that was selected last on screen.
func (v *LogView) Reveal() {
	v.sync()
	if v.anchor != 0 {
		v.span.reveal(v.cursor)
	}
	v.Refresh()
}

// maxPicked bounds how many rows can be picked one by one.
const maxPicked = 1000

// pick adds one row to the selection, or takes it out again.
func (v *LogView) pick(n int64) {
	first, last := v.Selection()
	picked := v.picked
	switch {
	case last-first >= maxPicked || len(picked) >= maxPicked:
		v.selectRows(n, n)
		return
	case picked == nil:
		picked = map[int64]bool{}
	}
	for row := first; row <= last && first != 0; row++ {
		picked[int64(row)] = true
	}
	anchor := n
	if picked[n] {
		delete(picked, n)
		anchor = 0
		for row := range picked { // some row left is the one that keys move from
			anchor = max(anchor, row)
		}
	}
	v.anchor, v.cursor, v.picked = anchor, anchor, picked
	if v.OnSelect != nil {
		v.OnSelect(v.Selection())
	}
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
	return fyne.NewSize(text*16, text*6)
}

// Refresh draws the rows as they are now.
func (v *LogView) Refresh() {
	v.sync()
	for n := range v.picked {
		if n < v.span.first || n > v.span.last {
			delete(v.picked, n)
		}
	}
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
	if v.anchor == anchor && v.cursor == cursor && len(v.picked) == 0 {
		return
	}
	v.anchor, v.cursor, v.picked = anchor, cursor, nil
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
	if v.dip(v.Theme()) {
		v.layoutSize = image.Point{}
	}
	if v.layoutSize != size || v.layout.row == 0 {
		v.layoutSize = size
		v.layout = newLogLayout(size, v.scale, v.glyphs.cell, v.columns)
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

func (v *LogView) gapText() string {
	dropped := v.dropped()
	switch {
	case v.GapText != nil:
		return v.GapText(dropped)
	case dropped == 1:
		return "1 older row dropped"
	}
	return Group(dropped) + " older rows dropped"
}

// draw is the generator of the raster: w and h are real pixels.
func (v *LogView) draw(w, h int) image.Image {
	v.rescale(w, v.Size().Width)
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
	showLines(v.lines[:n])
	from, to := v.Selection()
	if from == 0 {
		from = 1
	}
	frame := logFrame{
		logLayout: v.layout, span: v.span, columns: v.columns, lines: v.lines[:n],
		from: int64(from), to: int64(to), picked: v.picked, gapText: v.gapText(),
		focused: v.focused, colors: &v.colors, glyphs: v.glyphs,
	}
	frame.paint(v.picture)
	if v.glyphs.late {
		v.changes.Notify()
	}
	return v.picture
}

// CreateRenderer implements fyne.Widget.
func (v *LogView) CreateRenderer() fyne.WidgetRenderer {
	v.sync()
	return widget.NewSimpleRenderer(canvas.NewRaster(v.draw))
}
