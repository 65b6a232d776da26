package widgets

import (
	"sync"
	"time"
)

// refreshEvery is the least time between two refreshes caused by new rows.
const refreshEvery = time.Second / 30

// A coalescer turns any number of notify calls into few runs on the main
// goroutine. Its methods are safe for concurrent use.
type coalescer struct {
	onMain func(func())
	run    func()
	every  time.Duration

	mu      sync.Mutex
	last    time.Time // when run last began
	pending bool      // a run is on its way: waiting for the timer or for the main goroutine
	closed  bool
	timer   *time.Timer
}

// notify makes sure that run happens after now, at once when the last one was
// long enough ago. It never blocks on the main goroutine's work.
func (c *coalescer) notify() {
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
func (c *coalescer) post() {
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if !closed {
		c.onMain(c.flush)
	}
}

// flush runs on the main goroutine. What changes from here on needs another.
func (c *coalescer) flush() {
	c.mu.Lock()
	c.pending = false
	c.last = time.Now()
	closed := c.closed
	c.mu.Unlock()
	if !closed {
		c.run()
	}
}

// close stops the timer; nothing runs after it on the main goroutine.
func (c *coalescer) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	if c.timer != nil {
		c.timer.Stop()
	}
}
