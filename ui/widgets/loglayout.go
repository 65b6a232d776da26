package widgets

import (
	"image"
	"math"

	"fyne.io/fyne/v2"
)

// A logLayout says where everything in a log picture is, in pixels.
type logLayout struct {
	size   image.Point
	scale  float64
	cell   image.Point
	row    int // height of a row
	header int // height of the header; 0 when no column has a title
	pad    int // before the first column
	bar    int // width of the scroll bar
	places []place
	plain  bool // no stripes and no pill: a text rather than a log
}

// A place is where a column is.
type place struct{ x, cells int }

const minFlexible = 8 // characters

func newLogLayout(size image.Point, scale float64, cell image.Point, columns []Column) logLayout {
	px := func(v float64) int { return int(math.Round(v * scale)) }
	l := logLayout{size: size, scale: scale, cell: cell, row: cell.Y + px(4), pad: px(10), bar: px(12)}
	gap := cell.X * 3 / 2
	for _, c := range columns {
		if c.Title != "" {
			l.header = l.row + px(6)
		}
	}
	out := make([]bool, len(columns))
	free, flexible := l.free(columns, out, gap)
	for spare := 0; flexible > 0 && free < roomy*flexible; free, flexible = l.free(columns, out, gap) {
		if spare = spared(columns, out); spare < 0 {
			break
		}
		out[spare] = true
	}
	x := l.pad
	for i, c := range columns {
		if out[i] {
			l.places = append(l.places, place{x, 0})
			continue
		}
		cells := c.Width
		if cells <= 0 {
			cells = max(minFlexible, free/flexible)
			free -= cells
			flexible--
		}
		l.places = append(l.places, place{x, cells})
		x += cells*cell.X + gap
	}
	return l
}

// roomy is how many cells a column that shares what is left should have before
// others are left out for it.
const roomy = 24

// free returns how many cells the columns that are not left out leave, and how
// many of them share those.
func (l *logLayout) free(columns []Column, out []bool, gap int) (cells, sharing int) {
	gaps, fixed := -1, 0
	for i, c := range columns {
		if out[i] {
			continue
		}
		gaps++
		fixed += c.Width
		if c.Width <= 0 {
			sharing++
		}
	}
	return (l.size.X-l.pad-l.bar-l.cell.X/2-gap*max(0, gaps))/l.cell.X - fixed, sharing
}

// spared returns the column to leave out next; -1 if none can be.
func spared(columns []Column, out []bool) int {
	next := -1
	for i, c := range columns {
		if !out[i] && c.Spare > 0 && (next < 0 || c.Spare > columns[next].Spare) {
			next = i
		}
	}
	return next
}

// rows is how many whole rows fit below the header.
func (l *logLayout) rows() int64 { return max(1, int64((l.size.Y-l.header)/l.row)) }

// rowAt returns the row at height y, which may be outside the rows held.
func (l *logLayout) rowAt(y int, top int64) int64 {
	return top + int64(math.Floor(float64(y-l.header)/float64(l.row)))
}

// pixel converts a position in the widget.
func (l *logLayout) pixel(p fyne.Position) image.Point {
	return image.Pt(int(float64(p.X)*l.scale), int(float64(p.Y)*l.scale))
}

// track is where the scroll bar runs.
func (l *logLayout) track() image.Rectangle {
	return image.Rect(l.size.X-l.bar, l.header, l.size.X, l.size.Y)
}

// thumb is what can be dragged along the track; empty when all rows fit.
func (l *logLayout) thumb(s *span) image.Rectangle {
	track, total := l.track(), s.last-s.lowest()+1
	if total <= s.rows {
		return image.Rectangle{}
	}
	height := max(int(24*l.scale), int(float64(track.Dy())*float64(s.rows)/float64(total)))
	height = min(height, track.Dy())
	part := float64(s.top-s.lowest()) / float64(s.highest()-s.lowest())
	y := track.Min.Y + int(math.Round(part*float64(track.Dy()-height)))
	inset := max(1, l.bar/4)
	return image.Rect(track.Min.X+inset, y, track.Max.X-inset, y+height)
}

// topAt is where a thumb whose upper end is at height y scrolls to.
func (l *logLayout) topAt(y int, s *span) int64 {
	track := l.track()
	room := track.Dy() - l.thumb(s).Dy()
	if room <= 0 {
		return s.lowest()
	}
	part := min(1, max(0, float64(y-track.Min.Y)/float64(room)))
	return s.lowest() + int64(math.Round(part*float64(s.highest()-s.lowest())))
}

// pill is the button that leads back to the newest row; empty while following.
func (l *logLayout) pill(s *span) image.Rectangle {
	if l.plain || s.follow || s.top == s.highest() && s.unseen() == 0 {
		return image.Rectangle{}
	}
	width, height := (len([]rune(pillText(s)))+3)*l.cell.X, l.row+int(6*l.scale)
	x, y := (l.size.X-l.bar-width)/2, l.size.Y-height-int(8*l.scale)
	return image.Rect(x, y, x+width, y+height)
}

func pillText(s *span) string {
	if n := s.unseen(); n > 0 {
		return "↓ " + Group(uint64(n)) + " new"
	}
	return "↓ Newest"
}
