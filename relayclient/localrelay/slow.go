package localrelay

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
	"time"
)

// slow makes what the handshake opens a slow connection, if a fault says so.
// It must be called before the handshake is completed.
func (h *handshake) slow(e *entity) {
	if f, ok := h.relay.struck(FaultBandwidth, "", e.Name, h.id); ok {
		h.w = &slowWriter{h.w, f.BytesPerSecond, h.relay.stopped}
	}
}

// A slowWriter hands out a slow connection when it is hijacked.
type slowWriter struct {
	http.ResponseWriter
	rate    int
	stopped <-chan struct{}
}

// Hijack implements http.Hijacker.
func (w *slowWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	slow := &slowConn{Conn: conn, rate: w.rate, stopped: w.stopped, closed: make(chan struct{})}
	rw.Writer.Reset(slow)
	return slow, rw, nil
}

// Unwrap lets http.ResponseController find the rest.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A slowConn writes a limited number of bytes per second. That bounds both
// directions of a data connection, because the relay reads from one end only
// as fast as it can write to the other.
type slowConn struct {
	net.Conn
	rate    int
	stopped <-chan struct{} // the relay is being closed: no more waiting
	once    sync.Once
	closed  chan struct{}
	begun   bool      // the answer to the handshake has been written
	next    time.Time // when the next byte may go; only Write uses this and begun, one call at a time
}

// Write writes p in pieces and waits after each for as long as it may take,
// so that a reader sees an even flow.
func (c *slowConn) Write(p []byte) (int, error) {
	if !c.begun { // it is the connection that is to be slow, not its opening
		c.begun = true
		return c.Conn.Write(p)
	}
	piece := min(max(c.rate/20, 1), bufferSize)
	written := 0
	for written < len(p) {
		if !c.pause() {
			piece = len(p)
		}
		part := p[written:min(written+piece, len(p))]
		n, err := c.Conn.Write(part)
		written += n
		if err != nil {
			return written, err
		}
		if now := time.Now(); c.next.Before(now) {
			c.next = now
		}
		c.next = c.next.Add(time.Duration(n) * time.Second / time.Duration(c.rate))
	}
	return written, nil
}

// pause waits until the next byte may go; false means that there is no point
// in waiting any more.
func (c *slowConn) pause() bool {
	timer := time.NewTimer(time.Until(c.next))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.stopped:
	case <-c.closed:
	}
	return false
}

// Close implements net.Conn.
func (c *slowConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// CloseWrite says goodbye on the TLS layer.
func (c *slowConn) CloseWrite() error {
	if t, ok := c.Conn.(*tls.Conn); ok {
		return t.CloseWrite()
	}
	return nil
}
