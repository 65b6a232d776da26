// Package journal keeps the bounded record of everything that happened:
// messages, control commands, state changes and failures, in one order.
//
// Old rows make room for new ones. What was dropped is counted, and rows keep
// their numbers, so a view can say exactly what is missing.
package journal

import (
	"bytes"
	"iter"
	"sync"
	"sync/atomic"
)

// What New uses for a bound that is zero.
const (
	DefaultRows        = 100_000
	DefaultBytes int64 = 256 << 20
)

// pageRows is how many rows are allocated at once: small enough that an idle
// journal costs little, large enough that Append seldom allocates.
const pageRows = 1024

type page [pageRows]Row

// A Journal holds the newest rows. Its methods are safe for concurrent use.
type Journal struct {
	maxBytes int64
	maxRows  uint64
	watcher  atomic.Pointer[func()]

	mu           sync.Mutex
	pages        []*page // row n is in page (n/pageRows) modulo len(pages)
	first, next  uint64  // rows first … next-1 are held
	bytes        int64
	droppedRows  uint64
	droppedBytes int64
}

// New returns an empty journal that holds at most maxRows rows, whose payloads
// and texts together take at most maxBytes. Zero means DefaultRows and
// DefaultBytes. Memory is taken as rows arrive, not before.
func New(maxRows int, maxBytes int64) *Journal {
	if maxRows <= 0 {
		maxRows = DefaultRows
	}
	if maxBytes <= 0 {
		maxBytes = DefaultBytes
	}
	return &Journal{
		maxBytes: maxBytes,
		maxRows:  uint64(maxRows),
		// One page more than the rows need: the oldest and the newest row may
		// both sit in a page that is partly used.
		pages: make([]*page, maxRows/pageRows+2),
		first: 1,
		next:  1,
	}
}

// Append adds a row and returns the number it got. It drops the oldest rows
// where a bound asks for it, and shortens a payload that is larger than the
// bound on bytes by itself; the newest row is always kept. The time it takes
// does not depend on how many rows are held, and readers hold the lock only
// while they copy what they show.
func (j *Journal) Append(r Row) uint64 {
	r.Size = max(r.Size, int64(len(r.Payload)))
	if room := max(0, j.maxBytes-r.words()); int64(len(r.Payload)) > room {
		r.Payload = bytes.Clone(r.Payload[:room]) // do not keep the rest alive
	}
	r.Truncated = r.Truncated || int64(len(r.Payload)) < r.Size
	weight := r.weight()

	j.mu.Lock()
	for j.first < j.next && (j.next-j.first >= j.maxRows || j.bytes+weight > j.maxBytes) {
		j.drop()
	}
	r.Number = j.next
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
	j.first++
	j.bytes -= weight
	j.droppedRows++
	j.droppedBytes += weight
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
	return j.first, j.next - 1
}

// Row returns row n, and false when n has been dropped or does not exist yet.
func (j *Journal) Row(n uint64) (Row, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if n < j.first || n >= j.next {
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
	from = max(from, j.first)
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
	return j.droppedRows, j.droppedBytes
}

// Held returns how many bytes the rows held count against the bound.
func (j *Journal) Held() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.bytes
}

// Clear forgets all rows and starts counting dropped ones anew, for what a
// person cleared is not missing. Numbers go on where they were.
func (j *Journal) Clear() {
	j.mu.Lock()
	j.first = j.next
	clear(j.pages)
	j.bytes, j.droppedRows, j.droppedBytes = 0, 0, 0
	j.mu.Unlock()

	j.changed()
}

// Watch makes f the one watcher, replacing any other; nil removes it. f is
// called after every Append and Clear, outside the lock, by the goroutine that
// made the change. It may run on several goroutines at once, and the producer
// waits for it: it must do no more than set a flag or post a message. A call
// that has begun may end after Watch has returned.
func (j *Journal) Watch(f func()) {
	if f == nil {
		j.watcher.Store(nil)
		return
	}
	j.watcher.Store(&f)
}

func (j *Journal) changed() {
	if f := j.watcher.Load(); f != nil {
		(*f)()
	}
}
