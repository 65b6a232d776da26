package messagelog

import "relayscope/relayclient/journal"

// A frozen is what a paused log goes on showing: no row after the last there
// was, and the rows around those on screen even when they make room for new
// ones. Capture goes on.
type frozen struct {
	last  uint64        // the position of the last row at the pause
	first uint64        // the position of rows[0]
	rows  []journal.Row // kept alive
}

// What a pause keeps alive.
const (
	frozenBefore = 1000     // rows above the screen
	frozenAfter  = 1000     // rows from its top on
	frozenBytes  = 64 << 20 // of payloads
)

// freeze pauses a view that has the row at position top first on screen.
func freeze(v *journal.View, top uint64) *frozen {
	first, last := v.Bounds()
	f := &frozen{last: last}
	from := first
	if top > first+frozenBefore {
		from = top - frozenBefore
	}
	rows := make([]journal.Row, frozenBefore+frozenAfter)
	at, n := v.Copy(from, rows)
	rows = rows[:n]
	for n > 0 && at+uint64(n)-1 > last { // appended meanwhile
		n--
	}
	rows = rows[:n]
	var held int64
	keep := 0
	for keep < n && held < frozenBytes {
		held += int64(len(rows[n-1-keep].Payload))
		keep++
	}
	f.first, f.rows = at+uint64(n-keep), rows[n-keep:]
	return f
}

// waiting is how many rows came after the pause, as far as they are held.
func (f *frozen) waiting(v *journal.View) uint64 {
	if _, last := v.Bounds(); last > f.last {
		return last - f.last
	}
	return 0
}

// bounds returns the rows to show of those that are held.
func (f *frozen) bounds(first, last uint64) (uint64, uint64) {
	last = min(last, f.last)
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
// frozen ones if not.
func (f *frozen) copy(v *journal.View, from uint64, dst []journal.Row) (first uint64, n int) {
	lowest, last := f.bounds(v.Bounds())
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
