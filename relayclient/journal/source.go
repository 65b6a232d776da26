package journal

import (
	"slices"
	"sync"
	"sync/atomic"
)

// A Source holds rows that are numbered without gaps: a Journal, or a File
// that was recorded earlier. Its methods are safe for concurrent use.
type Source interface {
	// Bounds returns the numbers of the oldest and the newest row held. There
	// are none when last < first.
	Bounds() (first, last uint64)
	// Row returns row n, and false when it is not held.
	Row(n uint64) (Row, bool)
	// Copy fills dst with consecutive rows from number from on and returns how
	// many there were. It begins at the oldest row held when from is gone:
	// look at the Number of the first row.
	Copy(from uint64, dst []Row) int
	// Dropped returns how many rows made room for newer ones.
	Dropped() (rows uint64, bytes int64)
	// SetMark and SetNote report false when row n is not held.
	SetMark(n uint64, m Mark) bool
	SetNote(n uint64, note string) bool
	// Annotated returns the numbers of the rows whose mark or note was changed
	// after the first since changes, and how many changes there were in all.
	Annotated(since int) (rows []uint64, changes int)
	// Watch has f called after every change until stop is called. f may run on
	// several goroutines at once, and whoever made the change waits for it: it
	// must do no more than set a flag or post a message. A call that has begun
	// may end after stop has returned.
	Watch(f func()) (stop func())
}

// watchers are called after every change.
type watchers struct {
	mu   sync.Mutex
	list atomic.Pointer[[]*func()] // never modified, only replaced
}

func (w *watchers) add(f func()) (stop func()) {
	w.replace(func(list []*func()) []*func() { return append(list, &f) })
	return func() {
		w.replace(func(list []*func()) []*func() {
			return slices.DeleteFunc(list, func(other *func()) bool { return other == &f })
		})
	}
}

func (w *watchers) replace(change func([]*func()) []*func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []*func()
	if old := w.list.Load(); old != nil {
		list = slices.Clone(*old)
	}
	list = change(list)
	w.list.Store(&list)
}

func (w *watchers) call() {
	if list := w.list.Load(); list != nil {
		for _, f := range *list {
			(*f)()
		}
	}
}
