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
}

func (c *stallConn) Write(p []byte) (int, error) {
	by := time.Now().Add(c.patience)
	c.mu.Lock()
	if !c.deadline.IsZero() && c.deadline.Before(by) {
		by = c.deadline
	}
	err := c.Conn.SetWriteDeadline(by)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *stallConn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.Conn.SetWriteDeadline(t)
}

func (c *stallConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
	return c.Conn.SetDeadline(t)
}
