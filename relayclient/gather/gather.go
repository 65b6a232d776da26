// Package gather lets small writes to a connection that queue behind one
// another leave together. A WebSocket's frames are written one by one; over
// TLS each then costs a record and a system call of its own, which for small
// messages is most of what they cost.
package gather

import (
	"net"
	"os"
	"sync"
	"time"
)

const (
	// maxQueue bounds the bytes that wait while others are being written.
	maxQueue = 64 << 10
	// large writes fill a TLS record by themselves and gain nothing here.
	large = 16 << 10
	// burst is how soon a write must follow the end of another for more to be
	// expected. It is well above the time that a program needs to send message
	// after message, and below what any answer takes to come: an exchange of
	// single messages must not pay for a goroutine it has no use for.
	burst = 5 * time.Microsecond
)

// A Conn is a connection whose Write may return before the bytes have left:
// while a write is under way, or right behind one, small ones are queued and
// then written as one. A write that comes alone leaves at once, on the caller's
// goroutine. At most 64 KiB wait; beyond that Write blocks. Nothing follows a
// write that failed, because half of it may have left: every later call returns
// the same error. If the bytes of others were queued, it closes the connection
// as well. Reading is not touched.
//
// A write deadline bounds waiting for a place in the queue and writes that
// leave at once, not what is queued already: a deadline that passes in the
// middle of a TLS record breaks the connection, and the bytes under way may
// be somebody else's.
type Conn struct {
	net.Conn

	mu       sync.Mutex
	changed  *sync.Cond
	queue    []byte // to be written, in order
	spare    []byte // the buffer that is not the queue
	writing  bool   // somebody is in Conn.Write
	flushing bool   // a flusher exists: it will write the queue
	held     bool   // more is announced
	flushers sync.WaitGroup
	last     time.Time // when the last write was accepted
	deadline time.Time // as the caller wants it
	applied  time.Time // as the connection below has it
	err      error     // why nothing can be written any more
	broken   error     // the same, if a queued write is the reason
}

// New returns conn with its writes gathered.
func New(conn net.Conn) *Conn {
	c := &Conn{Conn: conn}
	c.changed = sync.NewCond(&c.mu)
	return c
}

// Write writes p, or queues it.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	small := len(p) < large
	soon := now.Sub(c.last) < burst
	for c.err == nil {
		switch {
		case small && len(c.queue)+len(p) <= maxQueue && (c.writing || c.flushing || c.held || soon):
			if c.queue == nil {
				c.queue = *buffers.Get().(*[]byte)
			}
			c.queue = append(c.queue, p...)
			c.last = now
			if !c.held {
				c.flushLater()
			}
			return len(p), nil
		case !c.writing && !(small && c.flushing):
			// Whatever waits goes first.
			c.last = now
			return c.writeThrough(p)
		}
		if !c.wait(c.deadline) {
			return 0, os.ErrDeadlineExceeded
		}
	}
	return 0, c.err
}

// Hold announces that more will be written at once: small writes wait for
// Release. One goroutine at a time may hold a Conn.
func (c *Conn) Hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = true
}

// Release writes what was held, as one and on the caller's goroutine unless
// others are writing. The write deadline bounds it.
func (c *Conn) Release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held = false
	switch {
	case c.err != nil || len(c.queue) == 0:
	case c.writing || c.flushing:
		c.flushLater()
	default:
		c.writeQueue(c.deadline)
		c.last = time.Now()
		c.letGo()
	}
	return c.err
}

// buffers has the memory for queues: a connection needs some only while it is
// busy.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, maxQueue); return &b }}

// letGo gives back what nothing is queued in. The caller holds c.mu.
func (c *Conn) letGo() {
	if len(c.queue) > 0 || c.flushing {
		return
	}
	for _, b := range [][]byte{c.queue, c.spare} {
		if b != nil {
			buffers.Put(&b)
		}
	}
	c.queue, c.spare = nil, nil
}

// flushLater sees to it that the queue is written. The caller holds c.mu.
func (c *Conn) flushLater() {
	if c.flushing {
		return
	}
	c.flushing = true
	c.flushers.Go(c.flush)
}

// flush writes the queue until it is empty.
func (c *Conn) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && len(c.queue) > 0 {
		if c.writing {
			c.changed.Wait()
			continue
		}
		c.writeQueue(time.Time{})
	}
	c.flushing = false
	c.letGo()
	c.changed.Broadcast()
}

// writeQueue writes what is queued. The caller holds c.mu, which is released
// meanwhile, and nobody else is writing.
func (c *Conn) writeQueue(deadline time.Time) {
	batch := c.queue
	c.queue, c.spare = c.spare, nil
	c.changed.Broadcast() // there is room again
	_, err := c.write(batch, deadline)
	c.spare = batch[:0]
	if err != nil {
		c.fail(err)
	}
}

// writeThrough writes the queue and then p, and waits for both.
func (c *Conn) writeThrough(p []byte) (int, error) {
	if len(c.queue) > 0 {
		c.writeQueue(c.deadline)
		if c.err != nil {
			return 0, c.err
		}
	}
	n, err := c.write(p, c.deadline)
	c.last = time.Now()
	c.letGo()
	switch {
	case err == nil || c.err != nil:
	case len(c.queue) > 0:
		c.fail(err)
	default:
		c.err = err // the caller decides what becomes of reading
	}
	return n, err
}

// write is the one place that writes. The caller holds c.mu, which is released
// meanwhile.
func (c *Conn) write(p []byte, deadline time.Time) (int, error) {
	c.writing = true
	apply := !deadline.Equal(c.applied)
	c.applied = deadline
	c.mu.Unlock()
	var n int
	var err error
	if apply {
		err = c.Conn.SetWriteDeadline(deadline)
	}
	if err == nil {
		n, err = c.Conn.Write(p)
	}
	c.mu.Lock()
	c.writing = false
	c.changed.Broadcast()
	return n, err
}

// fail ends the connection: what was accepted has not left, and the reader
// must learn of it too.
func (c *Conn) fail(err error) {
	if c.err == nil {
		c.err, c.broken = err, err
	}
	c.queue = nil
	c.Conn.Close()
}

// wait waits for a change, and reports false once the deadline has passed.
// The caller holds c.mu.
func (c *Conn) wait(deadline time.Time) bool {
	if deadline.IsZero() {
		c.changed.Wait()
		return true
	}
	left := time.Until(deadline)
	if left <= 0 {
		return false
	}
	wake := time.AfterFunc(left, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changed.Broadcast()
	})
	defer wake.Stop()
	c.changed.Wait()
	return true
}

// Flush waits until everything that was accepted has been written, or for the
// deadline; a zero one waits for as long as the connection lasts.
func (c *Conn) Flush(deadline time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.err == nil && (c.writing || len(c.queue) > 0) {
		if !c.wait(deadline) {
			return os.ErrDeadlineExceeded
		}
	}
	return c.err
}

// Err returns the error that a queued write has met, or nil. Reading ends with
// net.ErrClosed after it.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.broken
}

// SetWriteDeadline sets the deadline for calls of Write to come.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetWriteDeadline(t); err != nil {
		return err
	}
	return c.Conn.SetReadDeadline(t)
}

// Close closes the connection. What is queued is lost; Flush before it where
// that matters.
func (c *Conn) Close() error {
	err := c.Conn.Close()
	c.mu.Lock()
	if c.err == nil {
		c.err = net.ErrClosed
	}
	c.queue = nil
	c.changed.Broadcast()
	c.mu.Unlock()
	c.flushers.Wait()
	return err
}

// CloseWrite writes what is queued and then ends this side's stream, where
// the connection can do that. The write deadline bounds it.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	deadline := c.deadline
	c.mu.Unlock()
	if err := c.Flush(deadline); err != nil {
		return err
	}
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
