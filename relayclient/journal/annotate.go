package journal

import (
	"slices"
	"strings"
)

// A Mark is a colour that a person gives to a row. The zero Mark is none.
type Mark uint8

// The marks.
const (
	NoMark Mark = iota
	Red
	Amber
	Green
	Blue
	Violet

	marks // how many there are
)

var markNames = [marks]string{"none", "red", "amber", "green", "blue", "violet"}

// String returns the name of the colour, or "none".
func (m Mark) String() string {
	if m >= marks {
		return "none"
	}
	return markNames[m]
}

// Marks lists the colours.
func Marks() []Mark { return []Mark{Red, Amber, Green, Blue, Violet} }

// parseMark returns the mark of a name that String gives.
func parseMark(name string) (Mark, bool) {
	for i, known := range markNames {
		if strings.EqualFold(known, name) {
			return Mark(i), true
		}
	}
	return NoMark, false
}

// Note returns what a person wrote on the row.
func (r Row) Note() string {
	if r.Facts == nil {
		return ""
	}
	return r.Facts.Note
}

// withNote returns facts that differ in their note: those of a row are shared.
func (f *Facts) withNote(note string) *Facts {
	var changed Facts
	if f != nil {
		changed = *f
	}
	changed.Note = note
	return &changed
}

// SetMark marks row n, or takes its mark away with NoMark. It reports false
// when n is not held.
func (j *Journal) SetMark(n uint64, m Mark) bool {
	return j.annotate(n, func(r *Row) { r.Mark = m })
}

// SetNote writes a note on row n; an empty one takes it away. It reports false
// when n is not held.
func (j *Journal) SetNote(n uint64, note string) bool {
	return j.annotate(n, func(r *Row) { r.Facts = r.Facts.withNote(note) })
}

// annotate changes row n. Notes count against the bound on bytes from the next
// Append on.
func (j *Journal) annotate(n uint64, change func(*Row)) bool {
	j.mu.Lock()
	held := n >= j.shown && n < j.next
	if held {
		r := j.slot(n)
		before := r.weight()
		change(r)
		j.bytes += r.weight() - before
		j.annotated = append(j.annotated, n)
	}
	j.mu.Unlock()
	if held {
		j.changed()
	}
	return held
}

// Annotated returns the numbers of the rows whose mark or note was changed
// after the first since changes, and how many changes there were in all.
func (j *Journal) Annotated(since int) (rows []uint64, changes int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	changes = len(j.annotated)
	return slices.Clone(j.annotated[min(since, changes):]), changes
}
