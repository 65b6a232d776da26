package messagelog

import (
	"time"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// maxPreview is how many characters of a payload the log ever shows in a row.
const maxPreview = 400

// A source shows the rows of a view as lines of a LogView. Its rows are
// numbered by their positions in the view.
type source struct {
	view    *journal.View
	columns []column
	clock   clock
	origin  time.Time      // the time of the first row there was
	find    journal.Query  // what is highlighted
	frozen  *frozen        // nil unless the view is paused
	rows    []journal.Row  // reused
	hidden  map[uint64]int // where previews begin, as far as that is known
	rules   []rule
	ruled   map[uint64]journal.Mark // what they say, as far as that is known
}

// Bounds implements widgets.LogSource.
func (s *source) Bounds() (first, last uint64) {
	if s.frozen != nil {
		return s.frozen.bounds(s.view)
	}
	return s.view.Bounds()
}

// Dropped implements widgets.DropCounter.
func (s *source) Dropped() uint64 {
	rows, _ := s.view.Dropped()
	return rows
}

// Lines implements widgets.LogSource.
func (s *source) Lines(from uint64, dst []widgets.Line) int {
	if cap(s.rows) < len(dst)+1 {
		s.rows = make([]journal.Row, len(dst)+1)
	}
	// One row more: the first line says how long after it that one came.
	at, n := s.copy(max(1, from)-1, s.rows[:len(dst)+1])
	rows, skip := s.rows[:n], 0
	if n > 0 && at < from {
		skip = 1
	}
	lines := 0
	for i := skip; i < n && lines < len(dst); i++ {
		var before *journal.Row
		if i > 0 {
			before = &rows[i-1]
		}
		s.line(&dst[lines], &rows[i], before)
		dst[lines].Number = at + uint64(i)
		lines++
	}
	clear(rows) // keeps no payload alive
	return lines
}

// copy fills dst with rows by position, those that were on screen at a pause
// among them.
func (s *source) copy(from uint64, dst []journal.Row) (first uint64, n int) {
	if s.frozen != nil {
		return s.frozen.copy(s.view, from, dst)
	}
	return s.view.Copy(from, dst)
}

// row returns the row at a position.
func (s *source) row(position uint64) (journal.Row, bool) {
	var one [1]journal.Row
	at, n := s.copy(position, one[:])
	return one[0], n == 1 && at == position
}

func (s *source) line(l *widgets.Line, r, before *journal.Row) {
	l.Tone, l.Mark = toneOf(r), uint8(s.markOf(r))
	l.Cells, l.Hits = l.Cells[:0], l.Hits[:0]
	for i, c := range s.columns {
		text := c.cell(s, r, before)
		l.Cells = append(l.Cells, text)
		if c.key == previewKey && !s.find.Everything() {
			for _, hit := range s.find.Hits(anyPart, []byte(text), 20) {
				l.Hits = append(l.Hits, widgets.Hit{Cell: i, From: hit.Start, To: hit.End})
			}
		}
	}
}

// anyPart is all that a preview may show.
const anyPart = journal.Body | journal.Words | journal.Headers | journal.Paths | journal.Notes

func (s *source) previewCell(r, _ *journal.Row) string {
	text := ""
	if note := r.Note(); note != "" {
		text = "✎ " + journal.Preview([]byte(note), false, 80) + " · "
	}
	if r.Text != "" || r.Kind != journal.Data {
		text += journal.Preview([]byte(r.Text), false, maxPreview)
		if len(r.Payload) == 0 {
			return text
		}
		text += " · "
	}
	if at := s.outOfSight(r); at > 0 {
		return text + "… " + journal.Preview(r.Payload[at:], r.Binary(), maxPreview)
	}
	return text + journal.Preview(r.Payload, r.Binary(), maxPreview)
}

// What is looked through for a hit to show: enough to find it in nearly every
// message, and little enough to do it for all rows on screen.
const (
	maxLook  = 64 << 10
	inSight  = 80 // bytes of a payload that are on screen anyhow
	leadIn   = 24 // bytes that are shown before a hit
	maxKnown = 4096
)

// outOfSight returns where in a payload the preview begins so that what was
// searched for is in it; 0 when the beginning does.
func (s *source) outOfSight(r *journal.Row) int {
	if s.find.Everything() || len(r.Payload) <= inSight || r.Binary() {
		return 0
	}
	if at, known := s.hidden[r.Number]; known {
		return at
	}
	at := 0
	if hits := s.find.Hits(journal.Body, r.Payload[:min(len(r.Payload), maxLook)], 1); len(hits) > 0 && hits[0].End > inSight {
		at = max(0, hits[0].Start-leadIn)
		for at > 0 && r.Payload[at]&0xc0 == 0x80 { // not within a character
			at--
		}
	}
	if s.hidden == nil || len(s.hidden) >= maxKnown {
		s.hidden = map[uint64]int{}
	}
	s.hidden[r.Number] = at
	return at
}

func toneOf(r *journal.Row) widgets.Tone {
	switch {
	case r.Kind == journal.Problem || r.Failed():
		return widgets.Bad
	case r.Direction == journal.In && (r.Kind == journal.Data || r.Kind == journal.HTTP):
		return widgets.In
	case r.Direction == journal.Out && (r.Kind == journal.Data || r.Kind == journal.HTTP):
		return widgets.Out
	case r.Type == "online" || r.Type == "connected":
		return widgets.Good
	}
	return widgets.Muted
}
