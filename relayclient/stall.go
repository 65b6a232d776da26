package relayclient

import (
	"net"
	"sync"
	"time"
)

// A stallConn fails a write that makes no progress for too long. Without it a
// write to a computer that is gone hangs until TCP gives up, a quarter of an
// hour later, and nobody reads meanwhile. TLS writes record by record, so a
// large message may take as long as it likes.
type stallConn struct {
	net.Conn
	patience time.Duration

	mu       sync.Mutex
	deadline time.Time // what the owner of the connection asked for
	armed    time.Time // what the connection below has
}

func (c *stallConn) Write(p []byte) (int, error) {
	if err := c.arm(time.Now()); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// arm sets the deadline of a write. One that is nearly as good stays: setting
// it costs more than looking at a clock.
func (c *stallConn) arm(now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	by := now.Add(c.patience)
	if !c.deadline.IsZero() && c.deadline.Before(by) {
		by = c.deadline
	}
	if c.armed.Sub(now) > c.patience/8*7 && !c.armed.After(by) {
		return nil
	}
	c.armed = by
	return c.Conn.SetWriteDeadline(by)
}

func (c *stallConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline, c.armed = t, t
	return c.Conn.SetWriteDeadline(t)
}

func (c *stallConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline, c.armed = t, t
	c.mu.Unlock()
	return c.Conn.SetDeadline(t)
}
