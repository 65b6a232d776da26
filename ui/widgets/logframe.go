package widgets

import (
	"image"
	"image/color"
	"math"
	"unicode/utf8"

	"fyne.io/fyne/v2"
)

// A logFrame is everything one picture of a log is made from.
type logFrame struct {
	logLayout
	span
	columns  []Column
	lines    []Line // rows on screen
	from, to int64  // rows selected; none when to < from
	picked   map[int64]bool
	gapText  string
	focused  bool
	colors   *palette
	glyphs   *glyphs
}

// paint draws the frame over the whole of dst.
func (f *logFrame) paint(dst *image.RGBA) {
	f.glyphs.begin()
	f.paintRows(dst)
	f.paintBar(dst)
	f.paintPill(dst)
	f.paintHeader(dst)
	if f.focused {
		stroke(dst, dst.Rect, max(1, int(math.Round(2*f.scale))), f.colors.focus)
	}
}

func (f *logFrame) paintRows(dst *image.RGBA) {
	width := f.size.X
	y := f.header
	line := 0
	for n := f.top; y < f.size.Y; n++ {
		r := image.Rect(0, y, width, y+f.row)
		y += f.row
		for line < len(f.lines) && int64(f.lines[line].Number) < n {
			line++
		}
		back := f.colors.back
		if n&1 == 0 && !f.plain && n >= f.first && n <= f.last { // by number, so stripes move with their rows
			back = f.colors.stripe
		}
		selected := (n >= f.from && n <= f.to || f.picked[n]) && n >= f.first && n <= f.last
		if selected {
			back = f.colors.selectedDim
			if f.focused {
				back = f.colors.selected
			}
		}
		fill(dst, r, back)
		if selected { // a mark as well as a colour
			fill(dst, image.Rect(0, r.Min.Y, max(2, int(4*f.scale)), r.Max.Y), f.colors.focus)
		}
		if n < f.first && f.gap > 0 && n == f.lowest() {
			f.paintGap(dst, r)
		}
		if line < len(f.lines) && int64(f.lines[line].Number) == n {
			f.paintLine(dst, r, &f.lines[line])
		}
	}
}

func (f *logFrame) paintLine(dst *image.RGBA, r image.Rectangle, line *Line) {
	tone := line.Tone
	if tone >= tones {
		tone = Normal
	}
	if line.Mark > 0 && line.Mark <= Marks {
		f.paintMark(dst, r, line.Mark)
	}
	for i, column := range f.columns {
		if i >= len(line.Cells) {
			break
		}
		ink := tone
		switch {
		case column.Ink == MutedInk:
			ink = Muted
		case column.Ink == PlainInk && tone != Muted && tone != Warning && tone != Bad:
			ink = Normal
		}
		f.paintText(dst, r, f.places[i], column.Align, line.Cells[i], f.colors.text[ink])
	}
	for _, h := range line.Hits {
		if h.Cell < len(f.columns) && h.Cell < len(line.Cells) {
			f.paintHit(dst, r, f.places[h.Cell], f.columns[h.Cell].Align, line.Cells[h.Cell], h)
		}
	}
}

// paintMark draws a person's mark at the left edge: its colour and, because a
// colour is not enough to tell it by, its number.
func (f *logFrame) paintMark(dst *image.RGBA, r image.Rectangle, mark uint8) {
	box := image.Rect(0, r.Min.Y, f.pad-max(1, int(f.scale)), r.Max.Y-max(1, int(f.scale)))
	fill(dst, box, f.colors.marks[mark-1])
	at := image.Pt((box.Dx()-f.cell.X)/2+max(1, int(f.scale)), r.Min.Y+(r.Dy()-f.cell.Y)/2)
	f.glyphs.write(dst, box, string('0'+rune(mark)), at, f.colors.markText)
}

// paintHit draws a part of a text again, highlighted.
func (f *logFrame) paintHit(dst *image.RGBA, r image.Rectangle, p place, align fyne.TextAlign, text string, h Hit) {
	end, used, cut := fit(text, p.cells)
	if h.From < 0 || h.To > len(text) || h.From >= min(h.To, end) {
		return
	}
	x := p.x + indent(align, p.cells, used)*f.cell.X + cellsIn(text[:h.From])*f.cell.X
	part := text[h.From:min(h.To, end)]
	width := cellsIn(part) * f.cell.X
	if cut && h.To > end {
		width += f.cell.X
	}
	box := image.Rect(x, r.Min.Y+max(1, int(f.scale)), x+width, r.Max.Y-max(1, int(f.scale)))
	fill(dst, box, f.colors.hit)
	y := r.Min.Y + (r.Dy()-f.cell.Y)/2
	x = f.glyphs.write(dst, box, part, image.Pt(x, y), f.colors.hitText)
	if cut && h.To > end {
		f.glyphs.write(dst, box, "…", image.Pt(x, y), f.colors.hitText)
	}
}

// fit returns how many bytes of text fit into a number of cells, leaving one
// for an ellipsis if something is cut off, and how many cells are used then.
// What follows is not looked at.
func fit(text string, cells int) (end, used int, cut bool) {
	fits := 0
	for i, char := range text {
		used += cellsOf(char)
		if used > cells {
			return fits, cells, true
		}
		if used < cells {
			fits = i + utf8.RuneLen(char)
			if char == utf8.RuneError { // may have been a single byte
				_, size := utf8.DecodeRuneInString(text[i:])
				fits = i + size
			}
		}
	}
	return len(text), used, false
}

// indent is how many cells are left free before a text of used cells.
func indent(align fyne.TextAlign, cells, used int) int {
	switch align {
	case fyne.TextAlignTrailing:
		return cells - used
	case fyne.TextAlignCenter:
		return (cells - used) / 2
	}
	return 0
}

func cellsIn(text string) int {
	n := 0
	for _, r := range text {
		n += cellsOf(r)
	}
	return n
}

// paintGap draws the line that stands for rows no longer held.
func (f *logFrame) paintGap(dst *image.RGBA, r image.Rectangle) {
	text := f.gapText
	cells := min(utf8.RuneCountInString(text), max(0, (f.size.X-f.bar-2*f.pad)/f.cell.X))
	x := (f.size.X - f.bar - cells*f.cell.X) / 2
	f.paintText(dst, r, place{x, cells}, fyne.TextAlignLeading, text, f.colors.text[Muted])
	middle, thick := (r.Min.Y+r.Max.Y)/2, max(1, int(f.scale))
	fill(dst, image.Rect(f.pad, middle, x-f.cell.X, middle+thick), f.colors.line)
	fill(dst, image.Rect(x+(cells+1)*f.cell.X, middle, f.size.X-f.bar-f.pad/2, middle+thick), f.colors.line)
}

// paintText draws text into a place, vertically centered in r. What does not
// fit ends in an ellipsis.
func (f *logFrame) paintText(dst *image.RGBA, r image.Rectangle, p place, align fyne.TextAlign, text string, c color.RGBA) {
	end, used, cut := fit(text, p.cells)
	at := image.Pt(p.x+indent(align, p.cells, used)*f.cell.X, r.Min.Y+(r.Dy()-f.cell.Y)/2)
	clip := r.Intersect(dst.Rect).Intersect(image.Rect(p.x, r.Min.Y, p.x+p.cells*f.cell.X, r.Max.Y))
	at.X = f.glyphs.write(dst, clip, text[:end], at, c)
	if cut && p.cells > 0 {
		f.glyphs.write(dst, clip, "…", at, c)
	}
}

func (f *logFrame) paintBar(dst *image.RGBA) {
	thumb := f.thumb(&f.span)
	if thumb.Empty() {
		return
	}
	fill(dst, f.track(), f.colors.track)
	fillRound(dst, thumb, f.colors.thumb)
}

func (f *logFrame) paintPill(dst *image.RGBA) {
	r := f.pill(&f.span)
	if r.Empty() {
		return
	}
	edge := max(1, int(math.Round(f.scale)))
	fillRound(dst, r.Inset(-edge), f.colors.back) // sets it off from the rows below
	fillRound(dst, r, f.colors.pill)
	text := pillText(&f.span)
	cells := len([]rune(text))
	x := r.Min.X + (r.Dx()-cells*f.cell.X)/2
	f.paintText(dst, r, place{x, cells}, fyne.TextAlignLeading, text, f.colors.pillText)
}

func (f *logFrame) paintHeader(dst *image.RGBA) {
	if f.header == 0 {
		return
	}
	r := image.Rect(0, 0, f.size.X, f.header)
	fill(dst, r, f.colors.header)
	for i, c := range f.columns {
		f.paintText(dst, r, f.places[i], c.Align, c.Title, f.colors.headerText)
	}
	r.Min.Y = r.Max.Y - max(1, int(f.scale))
	fill(dst, r, f.colors.line)
}
