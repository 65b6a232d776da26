package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
)

// A Tone says how a row of a LogView is meant; the theme chooses its colour.
type Tone uint8

// The tones. The zero Tone is plain text.
const (
	Normal Tone = iota
	In
	Out
	Muted
	Good
	Warning
	Bad

	tones // how many there are
)

// A Line is one row of a LogView. Cells belong to the columns in their order;
// they should hold no invisible characters, for the view draws each one it is
// given in a place of its own.
type Line struct {
	Number uint64
	Cells  []string
	Tone   Tone
	Mark   uint8 // a person's mark, from 1 to Marks; 0 for none
	Hits   []Hit // what somebody searches for
}

// A Hit is a part of a cell, in bytes, that is highlighted.
type Hit struct{ Cell, From, To int }

// Marks is how many marks there are to tell rows apart by.
const Marks = 5

// A LogSource is what a LogView shows. Rows are numbered without gaps, and a
// row keeps its number while older ones are dropped. The view asks for the
// rows on screen only, from the goroutine that owns the window.
type LogSource interface {
	// Bounds returns the first and last row held; last < first when empty.
	Bounds() (first, last uint64)
	// Lines fills dst with consecutive rows beginning at from, or at the
	// first row held when from is gone, and returns how many. It may reuse
	// the Cells it finds in dst.
	Lines(from uint64, dst []Line) int
}

// A DropCounter is a LogSource that knows how many rows were dropped. A view of
// any other source takes every number below the first as dropped, which is
// wrong once rows have been cleared on purpose.
type DropCounter interface {
	Dropped() uint64
}

// An Ink chooses a column's colour.
type Ink uint8

// The inks.
const (
	ToneInk  Ink = iota // the tone of the row
	PlainInk            // plain text, but for rows that are Muted, Warning or Bad
	MutedInk            // in the background
)

// A Column of a LogView.
type Column struct {
	Title string
	Width int // in characters; 0 shares what the others leave
	Align fyne.TextAlign
	Ink   Ink
	Spare int // columns with a high one are left out first where there is little room; 0: it stays
}

// Group writes n with spaces between the thousands.
func Group(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
