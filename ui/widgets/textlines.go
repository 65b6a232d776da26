package widgets

import (
	"slices"
	"strings"
)

// textLines is a text of any size in rows: one for each line, or for each part
// of a line that is too long for the view.
type textLines struct {
	text   string
	cells  int   // the longest line
	starts []int // where each row begins in text
}

// wrap breaks the text into rows of at most the given number of cells.
func (t *textLines) wrap(cells int) {
	cells = max(1, cells)
	if t.cells == cells {
		return
	}
	t.cells, t.starts = cells, t.starts[:0]
	if t.text == "" {
		return
	}
	t.starts = append(t.starts, 0)
	used := 0
	for i, r := range t.text {
		if r == '\n' {
			if i+1 < len(t.text) {
				t.starts = append(t.starts, i+1)
			}
			used = 0
			continue
		}
		width := cellsOfText(r)
		if used > 0 && used+width > cells {
			t.starts = append(t.starts, i)
			used = 0
		}
		used += width
	}
}

const tabCells = 4

func expandTabs(s string) string {
	return strings.ReplaceAll(s, "\t", "    ")
}

// rowOf returns the row that a byte of the text is in.
func (t *textLines) rowOf(at int) int {
	n, found := slices.BinarySearch(t.starts, at)
	if found {
		return n + 1
	}
	return max(1, n)
}

// row returns where row n begins and ends, its line break left out.
func (t *textLines) row(n int) (from, to int) {
	from, to = t.starts[n-1], len(t.text)
	if n < len(t.starts) {
		to = t.starts[n]
	}
	if to > from && t.text[to-1] == '\n' {
		to--
	}
	return from, to
}

// cellsBetween is how many cells the text of one row takes between two bytes.
func (t *textLines) cellsBetween(from, to int) int {
	n := 0
	for _, r := range t.text[from:max(from, to)] {
		n += cellsOfText(r)
	}
	return n
}

// byteAt returns where in the row between two bytes a cell begins.
func (t *textLines) byteAt(from, to, cell int) int {
	used := 0
	for i, r := range t.text[from:to] {
		if width := cellsOfText(r); used+width > cell {
			return from + i
		} else {
			used += width
		}
	}
	return to
}

func cellsOfText(r rune) int {
	if r == '\t' {
		return tabCells
	}
	return cellsOf(r)
}
