package widgets

import (
	"sync"
	"time"
)

// refreshEvery is the least time between two refreshes caused by new rows.
const refreshEvery = time.Second / 30

// A Coalescer turns any number of Notify calls into few runs on the main
// goroutine. Its methods are safe for concurrent use.
type Coalescer struct {
	onMain  func(func())
	run     func()
	every   time.Duration
	mu      sync.Mutex
	last    time.Time // when run last began
	pending bool      // a run is on its way: waiting for the timer or for the main goroutine
	closed  bool
	timer   *time.Timer
}

// NewCoalescer returns a Coalescer for run, which onMain brings to the
// goroutine that owns the window, without waiting. Call Close when it is no
// longer used.
func NewCoalescer(onMain func(func()), run func()) *Coalescer {
	return NewCoalescerEvery(refreshEvery, onMain, run)
}

// NewCoalescerEvery is NewCoalescer with another least time between two runs.
func NewCoalescerEvery(every time.Duration, onMain func(func()), run func()) *Coalescer {
	return &Coalescer{onMain: onMain, run: run, every: every}
}

// Notify makes sure that run happens after now, at once when the last one was
// long enough ago. It never blocks on the main goroutine's work.
func (c *Coalescer) Notify() {
	c.mu.Lock()
	if c.closed || c.pending {
		c.mu.Unlock()
		return
	}
	c.pending = true
	wait := c.every - time.Since(c.last)
	if wait > 0 {
		c.timer = time.AfterFunc(wait, c.post)
	}
	c.mu.Unlock()
	if wait <= 0 {
		c.onMain(c.flush)
	}
}

// post is the end of the timer.
func (c *Coalescer) post() {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if !closed {
		c.onMain(c.flush)
	}
}

// flush runs on the main goroutine. What changes from here on needs another.
func (c *Coalescer) flush() {
	c.mu.Lock()
	c.pending = false
	c.last = time.Now()
	closed := c.closed
	c.mu.Unlock()
	if !closed {
		c.run()
	}
}

// Close stops the timer; nothing runs after it on the main goroutine.
func (c *Coalescer) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
}
