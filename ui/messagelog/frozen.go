package messagelog

import "relayscope/relayclient/journal"

// A frozen is what a paused log goes on showing: no row after the last there
// was, and the rows around those on screen even when they make room for new
// ones. Capture goes on.
type frozen struct {
	number uint64        // of the last row at the pause
	at     uint64        // its position; 0 once another filter was chosen
	first  uint64        // the position of rows[0]
	rows   []journal.Row // kept alive; none once another filter was chosen
}

// What a pause keeps alive.
const (
	frozenBefore = 1000     // rows above the screen
	frozenAfter  = 1000     // rows from its top on
	frozenBytes  = 64 << 20 // of payloads
)

// freeze pauses a view of a source that has the row at position top first on
// screen.
func freeze(s journal.Source, v *journal.View, top uint64) *frozen {
	_, number := s.Bounds()
	f := &frozen{number: number}
	first, last := f.bounds(v)
	from := first
	if top > first+frozenBefore {
		from = top - frozenBefore
	}
	rows := make([]journal.Row, min(uint64(frozenBefore+frozenAfter), last+1-min(from, last+1)))
	at, n := v.Copy(from, rows)
	var held int64
	keep := 0
	for keep < n && held < frozenBytes {
		held += int64(len(rows[n-1-keep].Payload))
		keep++
	}
	f.at = f.last(v)
	f.first, f.rows = at+uint64(n-keep), rows[n-keep:n]
	return f
}

// waiting is how many rows came after the pause, as far as they are held.
func (f *frozen) waiting(v *journal.View) uint64 {
	if _, last := v.Bounds(); last > f.last(v) {
		return last - f.last(v)
	}
	return 0
}

// last is the position of the last row to show.
func (f *frozen) last(v *journal.View) uint64 {
	if f.at != 0 {
		return f.at
	}
	position, ok := v.Position(f.number)
	if !ok {
		position-- // that of the next newer one
	}
	return position
}

// bounds returns the positions of the rows to show, those kept among them.
func (f *frozen) bounds(v *journal.View) (first, last uint64) {
	first, last = v.Bounds()
	last = min(last, f.last(v))
	if len(f.rows) == 0 {
		return first, last
	}
	end := f.first + uint64(len(f.rows)) - 1
	if first > end { // all others are gone
		return f.first, end
	}
	return min(first, f.first), max(last, end)
}

// copy fills dst with rows from position from on: those held if they are, the
// ones kept if not.
func (f *frozen) copy(v *journal.View, from uint64, dst []journal.Row) (first uint64, n int) {
	lowest, last := f.bounds(v)
	first = max(from, lowest)
	end := f.first + uint64(len(f.rows))
	for at := first; n < len(dst) && at <= last; {
		if at >= f.first && at < end {
			copied := copy(dst[n:], f.rows[at-f.first:])
			n += copied
			at += uint64(copied)
			continue
		}
		room := min(uint64(len(dst)-n), last+1-at)
		if at < f.first {
			room = min(room, f.first-at)
		}
		got, copied := v.Copy(at, dst[n:n+int(room)])
		if copied == 0 || got != at {
			break
		}
		n += copied
		at += uint64(copied)
	}
	return first, n
}
