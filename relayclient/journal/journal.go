// Package journal keeps the bounded record of everything that happened:
// messages, control commands, state changes, HTTP exchanges and failures, in
// one order.
//
// Old rows make room for new ones. What was dropped is counted, and rows keep
// their numbers, so a view can say exactly what is missing.
//
// A Journal is a Source of rows, as is a File that was recorded earlier. Parse
// makes a Query of what a person typed, and a View shows the rows of a Source
// that a Query matches:
//
//	q, err := journal.Parse(`dir:in size>1k "time out"`) // err is a *ParseError with the position
//	v := journal.NewView(source, q)                      // begins to look, newest rows first
//	defer v.Close()
//	stop := v.Watch(refresh)                             // found, appended, dropped: look again
//	first, last := v.Bounds()                            // positions, stable while rows come and go
//	at, n := v.Copy(last-40, rows)                       // the rows at positions at, at+1 …
//	c := v.Counts()                                      // "12 of 8 431", and whether that is all
//
// A chip is a Query too: Chips lists them, and And joins one with what was
// typed. Hits tells where to highlight.
package journal

import (
	"bytes"
	"iter"
	"sync"
)

// What New uses for a bound that is zero.
const (
	DefaultRows        = 100_000
	DefaultBytes int64 = 256 << 20
)

// MaxRows is the most rows that a journal holds.
const MaxRows = 4_000_000

// pageRows is how many rows are allocated at once: small enough that an idle
// journal costs little, large enough that Append seldom allocates.
const pageRows = 1024

type page [pageRows]Row

// A Journal holds the newest rows. Its methods are safe for concurrent use.
type Journal struct {
	watchers watchers

	mu       sync.Mutex
	maxBytes int64
	maxRows  uint64
	pages    []*page // row n is in page (n/pageRows) modulo len(pages)
	first    uint64  // rows first … next-1 are held,
	shown    uint64  // those from shown on are seen; the others were cleared and may come back
	next     uint64
	bytes    int64
	dropped  count // of rows that were seen
	cleared  cleared
	pairing  pairing

	recording *Recording // nil if there is none
	taken     uint64     // rows before this one were taken by it
	room      sync.Cond  // signalled when more may be dropped

	annotated []uint64 // rows whose mark or note was changed, in the order of the changes
}

// A count is a number of rows and the bytes they had.
type count struct {
	rows  uint64
	bytes int64
}

func (c *count) add(bytes int64) {
	c.rows++
	c.bytes += bytes
}

// New returns an empty journal that holds at most maxRows rows, whose payloads
// and texts together take at most maxBytes. Zero means DefaultRows and
// DefaultBytes. Memory is taken as rows arrive, not before.
func New(maxRows int, maxBytes int64) *Journal {
	j := &Journal{first: 1, shown: 1, next: 1}
	j.room.L = &j.mu
	j.SetBounds(maxRows, maxBytes)
	return j
}

// Append adds a row and returns the number it got. It drops the oldest rows
// where a bound asks for it, and shortens a payload that is larger than the
// bound on bytes by itself; the newest row is always kept. The time it takes
// does not depend on how many rows are held, and readers hold the lock only
// while they copy what they show. It waits only for a Recording that is behind
// by all rows that are held.
func (j *Journal) Append(r Row) uint64 {
	r.Size = max(r.Size, int64(len(r.Payload)))
	knot := r.knot()

	j.mu.Lock()
	if room := max(0, j.maxBytes-r.words()); int64(len(r.Payload)) > room {
		r.Payload = bytes.Clone(r.Payload[:room]) // do not keep the rest alive
	}
	r.Truncated = r.Truncated || int64(len(r.Payload)) < r.Size
	weight := r.weight()
	for j.first < j.next && (j.next-j.first >= j.maxRows || j.bytes+weight > j.maxBytes) {
		if j.untaken() {
			j.room.Wait()
			continue
		}
		j.drop()
	}
	r.Number = j.next
	j.pair(&r, knot)
	*j.slot(r.Number) = r
	j.next++
	j.bytes += weight
	j.mu.Unlock()

	j.changed()
	return r.Number
}

// drop forgets the oldest row. The caller holds the lock.
func (j *Journal) drop() {
	r := j.slot(j.first)
	weight := r.weight()
	*r = Row{} // lets go of the payload
	switch {
	case j.first >= j.shown:
		j.dropped.add(weight)
	case j.first >= j.cleared.from:
		j.cleared.dropped.add(weight) // nobody misses it, unless the others come back
	}
	j.bytes -= weight
	j.first++
	j.shown = max(j.shown, j.first)
	if j.first%pageRows == 0 {
		j.pages[(j.first-1)/pageRows%uint64(len(j.pages))] = nil
	}
}

// slot returns the place of row n. The caller holds the lock.
func (j *Journal) slot(n uint64) *Row {
	p := &j.pages[n/pageRows%uint64(len(j.pages))]
	if *p == nil {
		*p = new(page)
	}
	return &(*p)[n%pageRows]
}

// Bounds returns the numbers of the oldest and the newest row held. The
// journal is empty when last < first.
func (j *Journal) Bounds() (first, last uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.shown, j.next - 1
}

// Row returns row n, and false when n has been dropped or does not exist yet.
func (j *Journal) Row(n uint64) (Row, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n < j.shown || n >= j.next {
		return Row{}, false
	}
	return *j.slot(n), true
}

// Copy fills dst with consecutive rows from number from on, under one lock,
// and returns how many there were. It begins at the oldest row held when from
// has been dropped: look at the Number of the first row.
func (j *Journal) Copy(from uint64, dst []Row) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	from = max(from, j.shown)
	n := 0
	for ; n < len(dst) && from < j.next; n++ {
		dst[n] = *j.slot(from)
		from++
	}
	return n
}

// Range yields the rows numbered first to last, oldest first. It copies a
// batch at a time, so the loop's body may take as long as it likes; rows that
// are dropped meanwhile are left out.
func (j *Journal) Range(first, last uint64) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		batch := make([]Row, 256)
		for first <= last {
			n := j.Copy(first, batch)
			if n == 0 {
				return
			}
			for _, r := range batch[:n] {
				if r.Number > last || !yield(r) {
					return
				}
			}
			first = batch[n-1].Number + 1
		}
	}
}

// Dropped returns how many rows made room for newer ones since New or the
// last Clear, and how many bytes they held.
func (j *Journal) Dropped() (rows uint64, bytes int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.dropped.rows, j.dropped.bytes
}

// Held returns how many bytes the rows held count against the bound, those
// that a Clear may bring back included.
func (j *Journal) Held() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes
}

// Watch has f called after every change until stop is called, by the goroutine
// that made the change and outside the lock: see Source.
func (j *Journal) Watch(f func()) (stop func()) { return j.watchers.add(f) }

func (j *Journal) changed() { j.watchers.call() }
