package journal

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A View shows the rows of a Source that a Query chooses. It looks at the
// newest rows first, then at older ones, on several goroutines, and at rows
// that are appended as they come. What it has found so far can be read at any
// time; its methods are safe for concurrent use and do not wait.
//
// Rows that were found have positions without gaps, in the order of their
// numbers. A position stays with its row: rows found later among older ones
// get positions below the first, new ones above the last. Only a change of
// marks or notes, with a query that looks at them, may move positions: then
// Counts has another Moves. Without a query the positions are the numbers.
type View struct {
	source   Source
	query    Query
	watchers watchers
	stop     func() // ends the watching of the source
	cancel   context.CancelFunc
	wake     chan struct{} // holds a value when the source has changed
	done     chan struct{} // closed when nothing more is looked at

	mu        sync.Mutex
	low, high uint64   // of the numbers from low to high-1 the rows held were looked at
	base      uint64   // position of newer[0]
	older     []uint64 // numbers of rows found; older[i] is at position base-1-i
	newer     []uint64 // newer[i] is at position base+i
	annotated int      // how many changes of marks and notes are taken into account
	moves     int
	finished  bool
}

// Counts say how far a View is.
type Counts struct {
	Shown uint64 // rows found
	Total uint64 // rows held
	Done  bool   // all rows held were looked at
	Moves int    // how often positions have moved
}

// Rows that are looked at in one go. The first are few, for a person waits.
const (
	batchRows = 1024
	firstRows = 256
	atOnce    = 256 // are copied under one lock
)

// NewView begins to look for rows. Close ends it.
func NewView(s Source, q Query) *View {
	_, last := s.Bounds()
	_, changes := s.Annotated(0)
	ctx, cancel := context.WithCancel(context.Background())
	v := &View{
		source: s, query: q, cancel: cancel, wake: make(chan struct{}, 1), done: make(chan struct{}),
		low: last + 1, high: last + 1, base: last + 1, annotated: changes,
	}
	if q.Everything() {
		v.stop = s.Watch(v.watchers.call)
		close(v.done)
		return v
	}
	v.stop = s.Watch(v.notice)
	go v.run(ctx)
	return v
}

// Close ends the looking. What was found stays readable. It does not wait for
// a row that is being looked at.
func (v *View) Close() {
	v.stop()
	v.cancel()
}

// Wait returns when all rows held were looked at, or when ctx or the view ends.
func (v *View) Wait(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	defer v.Watch(func() {
		select {
		case changed <- struct{}{}:
		default: // it will look anyhow
		}
	})()
	for !v.Counts().Done {
		select {
		case <-changed:
		case <-v.done:
			if !v.Counts().Done {
				return context.Canceled
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// Query returns what the view was made with.
func (v *View) Query() Query { return v.query }

// Source returns what the view was made with.
func (v *View) Source() Source { return v.source }

// Watch has f called after every change until stop is called: see Source.
func (v *View) Watch(f func()) (stop func()) { return v.watchers.add(f) }

// Counts returns how many rows were found, of how many.
func (v *View) Counts() Counts {
	v.mu.Lock()
	defer v.mu.Unlock()
	first, last := v.trim()
	total := last + 1 - first
	if v.query.Everything() {
		return Counts{Shown: total, Total: total, Done: true}
	}
	return Counts{Shown: uint64(len(v.older) + len(v.newer)), Total: total, Done: v.finished && v.low <= first && v.high > last, Moves: v.moves}
}

// Dropped returns how many rows the source had to let go: see Source.
func (v *View) Dropped() (rows uint64, bytes int64) { return v.source.Dropped() }

// Bounds returns the positions of the first and the last row found. There are
// none when last < first.
func (v *View) Bounds() (first, last uint64) {
	if v.query.Everything() {
		return v.source.Bounds()
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.trim()
	return v.bounds()
}

func (v *View) bounds() (first, last uint64) {
	return v.base - uint64(len(v.older)), v.base + uint64(len(v.newer)) - 1
}

// Number returns the number of the row at a position.
func (v *View) Number(position uint64) (number uint64, ok bool) {
	if v.query.Everything() {
		first, last := v.source.Bounds()
		return position, position >= first && position <= last
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.number(position)
}

func (v *View) number(position uint64) (uint64, bool) {
	if first, last := v.bounds(); position < first || position > last || last < first {
		return 0, false
	}
	if position >= v.base {
		return v.newer[position-v.base], true
	}
	return v.older[v.base-1-position], true
}

// Position returns where row number is, or would be: ok tells whether it is
// shown. If it is not, the position is that of the next newer row shown.
func (v *View) Position(number uint64) (position uint64, ok bool) {
	if v.query.Everything() {
		first, last := v.source.Bounds()
		return max(number, first), number >= first && number <= last
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.position(number)
}

func (v *View) position(number uint64) (uint64, bool) {
	if len(v.newer) > 0 && number >= v.newer[0] || len(v.older) == 0 || number > v.older[0] {
		i, ok := slices.BinarySearch(v.newer, number)
		return v.base + uint64(i), ok
	}
	i, ok := slices.BinarySearchFunc(v.older, number, descending)
	if !ok {
		i-- // the one before it is newer
	}
	return v.base - 1 - uint64(i), ok
}

// descending compares numbers that are listed from the newest down.
func descending(listed, wanted uint64) int {
	switch {
	case listed > wanted:
		return -1
	case listed < wanted:
		return 1
	}
	return 0
}

// Next returns the number of the first row shown after row number.
func (v *View) Next(number uint64) (uint64, bool) {
	position, ok := v.Position(number)
	if ok {
		position++
	}
	return v.Number(position)
}

// Previous returns the number of the last row shown before row number.
func (v *View) Previous(number uint64) (uint64, bool) {
	position, _ := v.Position(number)
	return v.Number(position - 1)
}

// Row returns the row at a position, and false when there is none.
func (v *View) Row(position uint64) (Row, bool) {
	number, ok := v.Number(position)
	if !ok {
		return Row{}, false
	}
	return v.source.Row(number)
}

// Copy fills dst with the rows at consecutive positions from from on. It
// returns how many there were and the position of the first, which is the
// first of all when from is gone.
func (v *View) Copy(from uint64, dst []Row) (first uint64, n int) {
	numbers := make([]uint64, 0, len(dst))
	lowest, _ := v.Bounds()
	first = max(from, lowest)
	start := first
	if v.query.Everything() {
		if n = v.source.Copy(first, dst); n > 0 {
			first = dst[0].Number
		}
		return first, n
	}
	v.mu.Lock()
	for position := first; len(numbers) < len(dst); position++ {
		number, ok := v.number(position)
		if !ok {
			break
		}
		numbers = append(numbers, number)
	}
	v.mu.Unlock()
	for i := 0; i < len(numbers); {
		run := 1 // of consecutive numbers, which are copied at once
		for i+run < len(numbers) && numbers[i+run] == numbers[i]+uint64(run) {
			run++
		}
		got := v.source.Copy(numbers[i], dst[n:n+run])
		if got == run && dst[n].Number == numbers[i] {
			n += run
			i += run
			continue
		}
		i++ // the row has been dropped meanwhile, and with it all before it
		first, n = start+uint64(i), 0
	}
	return first, n
}

// notice wakes run.
func (v *View) notice() {
	select {
	case v.wake <- struct{}{}:
	default: // it will look anyhow
	}
}

// run looks for rows until ctx ends.
func (v *View) run(ctx context.Context) {
	defer close(v.done)
	rows := uint64(firstRows)
	for ctx.Err() == nil {
		more := v.look(ctx, rows)
		v.watchers.call()
		rows = batchRows
		if more {
			continue
		}
		select {
		case <-v.wake:
		case <-ctx.Done():
		}
	}
}

// look takes the next rows that nobody has looked at, the newest first, and
// reports whether there may be more.
func (v *View) look(ctx context.Context, rows uint64) bool {
	v.mu.Lock()
	first, last := v.trim()
	low, high := v.low, v.high
	v.mu.Unlock()
	workers := runtime.GOMAXPROCS(0)
	pieces := uint64(4 * workers)
	switch {
	case high <= last:
		to := min(last+1, high+rows*pieces)
		found := v.scan(ctx, high, to, rows, workers)
		v.mu.Lock()
		defer v.mu.Unlock()
		if ctx.Err() != nil || v.high != high {
			return true // a Clear came between
		}
		for _, piece := range found {
			v.newer = append(v.newer, piece...)
		}
		v.high = to
	case low > first:
		from := first
		if low-first > rows*pieces {
			from = low - rows*pieces
		}
		found := v.scan(ctx, from, low, rows, workers)
		v.mu.Lock()
		defer v.mu.Unlock()
		if ctx.Err() != nil || v.low != low {
			return true // a Clear came between
		}
		for _, piece := range slices.Backward(found) {
			for _, number := range slices.Backward(piece) {
				v.older = append(v.older, number)
			}
		}
		v.low = from
	default:
		return v.reconsider()
	}
	return true
}

// reconsider looks again at rows whose marks or notes have changed, and says
// that all is done. It reports whether there was anything to do.
func (v *View) reconsider() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	rows, changes := v.source.Annotated(v.annotated)
	v.annotated = changes
	if v.query.annotated() {
		for _, number := range rows {
			if number < v.low || number >= v.high {
				continue
			}
			if r, ok := v.source.Row(number); ok {
				v.put(number, v.query.Match(&r))
			}
		}
	}
	v.finished = true
	return len(rows) > 0
}

// put shows or hides a row that was looked at before.
func (v *View) put(number uint64, show bool) {
	position, shown := v.position(number)
	if show == shown {
		return
	}
	v.moves++
	switch {
	case position < v.base && shown:
		v.older = slices.Delete(v.older, int(v.base-1-position), int(v.base-position))
	case position < v.base:
		v.older = slices.Insert(v.older, int(v.base-position), number)
	case shown:
		v.newer = slices.Delete(v.newer, int(position-v.base), int(position-v.base)+1)
	default:
		v.newer = slices.Insert(v.newer, int(position-v.base), number)
	}
}

// scan returns the numbers of the rows from from to to-1 that the query
// chooses, in pieces of so many rows.
func (v *View) scan(ctx context.Context, from, to, rows uint64, workers int) [][]uint64 {
	found := make([][]uint64, (to-from+rows-1)/rows)
	var taken atomic.Int64
	var work sync.WaitGroup
	for range min(workers, len(found)) {
		work.Go(func() {
			batch := make([]Row, min(rows, atOnce))
			for {
				i := taken.Add(1) - 1
				if i >= int64(len(found)) {
					return
				}
				at := from + uint64(i)*rows
				found[i] = v.find(ctx, batch, at, min(at+rows, to))
			}
		})
	}
	work.Wait()
	return found
}

// find is scan for one piece.
func (v *View) find(ctx context.Context, batch []Row, from, to uint64) (found []uint64) {
	for from < to && ctx.Err() == nil {
		runtime.Gosched() // producers and the window come first
		n := v.source.Copy(from, batch[:min(uint64(len(batch)), to-from, atOnce)])
		if n == 0 {
			return found
		}
		for i := range batch[:n] {
			r := &batch[i]
			if r.Number >= to || ctx.Err() != nil {
				return found
			}
			if v.query.Match(r) {
				found = append(found, r.Number)
			}
		}
		from = batch[n-1].Number + 1
	}
	return found
}

// trim lets go of rows that the source no longer holds and returns what it
// does hold. Rows that come back, after a Clear, are looked at again. The
// caller holds the lock.
func (v *View) trim() (first, last uint64) {
	first, last = v.source.Bounds()
	if first <= v.low {
		return first, last
	}
	v.low, v.high = first, max(first, v.high)
	keep, _ := slices.BinarySearchFunc(v.older, first-1, descending)
	if v.older = v.older[:keep]; keep > 0 {
		return first, last
	}
	gone, _ := slices.BinarySearch(v.newer, first)
	v.newer = v.newer[gone:]
	v.base += uint64(gone)
	return first, last
}
