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
	dropped  uint64
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
		selected := n >= f.from && n <= f.to && n >= f.first && n <= f.last
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
}

// paintGap draws the line that stands for rows no longer held.
func (f *logFrame) paintGap(dst *image.RGBA, r image.Rectangle) {
	text := group(f.dropped) + " older rows dropped"
	if f.dropped == 1 {
		text = "1 older row dropped"
	}
	cells := min(utf8.RuneCountInString(text), max(0, (f.size.X-f.bar-2*f.pad)/f.cell.X))
	x := (f.size.X - f.bar - cells*f.cell.X) / 2
	f.paintText(dst, r, place{x, cells}, fyne.TextAlignLeading, text, f.colors.text[Muted])
	middle, thick := (r.Min.Y+r.Max.Y)/2, max(1, int(f.scale))
	fill(dst, image.Rect(f.pad, middle, x-f.cell.X, middle+thick), f.colors.line)
	fill(dst, image.Rect(x+(cells+1)*f.cell.X, middle, f.size.X-f.bar-f.pad/2, middle+thick), f.colors.line)
}

// paintText draws text into a place, vertically centered in r. What does not
// fit ends in an ellipsis; what follows is not looked at.
func (f *logFrame) paintText(dst *image.RGBA, r image.Rectangle, p place, align fyne.TextAlign, text string, c color.RGBA) {
	used, fits, cut := 0, 0, false // cells; bytes that leave room for an ellipsis
	end := len(text)
	for i, char := range text {
		used += cellsOf(char)
		if used > p.cells {
			end, cut = fits, true
			break
		}
		if used < p.cells {
			fits = i + utf8.RuneLen(char)
			if char == utf8.RuneError { // may have been a single byte
				_, size := utf8.DecodeRuneInString(text[i:])
				fits = i + size
			}
		}
	}
	if cut {
		used = p.cells
	}
	at := image.Pt(p.x, r.Min.Y+(r.Dy()-f.cell.Y)/2)
	switch align {
	case fyne.TextAlignTrailing:
		at.X += (p.cells - used) * f.cell.X
	case fyne.TextAlignCenter:
		at.X += (p.cells - used) * f.cell.X / 2
	}
	clip := r.Intersect(dst.Rect).Intersect(image.Rect(p.x, r.Min.Y, p.x+p.cells*f.cell.X, r.Max.Y))
	at.X = f.glyphs.write(dst, clip, text[:end], at, c)
	if cut && p.cells > 0 {
		stamp(dst, clip, f.glyphs.get('…'), at, c)
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
