package tunnel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"relayscope/relayclient"
)

// maxChunk is how much of a stream goes into one message, as in the service's
// own clients.
const maxChunk = 64 << 10

// halfOpenTime is how long one side may be silent after the other has ended:
// nobody could tell that it is gone.
const halfOpenTime = 2 * time.Minute

// bridgeTime is how long a bridge may take to answer before the stream begins.
const bridgeTime = 30 * time.Second

// A carrier is one local connection and its way through the relay.
type carrier struct {
	tunnel *Tunnel
	local  *net.TCPConn

	conn *relayclient.Conn // nil until a listener has accepted
	far  net.Conn          // the same as a stream

	sent, received atomic.Int64
	localEnded     atomic.Bool // the program sends no more
	farEnded       atomic.Bool // the listener sends no more

	mu   sync.Mutex
	info Connection
	err  error // why it broke; nil if both sides have ended
	once sync.Once
}

// connection returns where it stands.
func (c *carrier) connection() Connection {
	c.mu.Lock()
	defer c.mu.Unlock()
	info := c.info
	info.Sent, info.Received = c.sent.Load(), c.received.Load()
	return info
}

func (c *carrier) run() {
	t := c.tunnel
	if err := c.connect(t.ctx); err != nil {
		cut(c.local)
		if t.ctx.Err() != nil {
			t.leave(c, false, ErrClosed)
			return
		}
		t.leave(c, true, err)
		return
	}
	t.tell(Event{Opened, c.connection()})
	stop := context.AfterFunc(t.ctx, func() { c.broke(ErrClosed) })
	var both sync.WaitGroup
	both.Go(c.up)
	both.Go(c.down)
	both.Wait()
	stop()
	c.local.Close()
	c.far.Close()
	t.leave(c, false, c.failure())
}

// connect waits until a listener has accepted.
func (c *carrier) connect(ctx context.Context) error {
	start := time.Now()
	conn, err := relayclient.Dial(ctx, c.tunnel.cfg.Relay, c.tunnel.cfg.Dial)
	if err != nil {
		return err
	}
	far := relayclient.NetConn(conn)
	if port := c.tunnel.cfg.Port; port != "" {
		stop := context.AfterFunc(ctx, conn.CloseNow)
		err := askBridge(far, port)
		if !stop() || err != nil {
			far.Close()
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn, c.far = conn, far
	c.info.ID, c.info.Took = conn.ID(), time.Since(start)
	return nil
}

// askBridge opens a stream to a named port the way azbridge does: version 1.0,
// mode 0, the name; it answers with the version and the mode.
func askBridge(far net.Conn, port string) error {
	_ = far.SetDeadline(time.Now().Add(bridgeTime))
	if _, err := far.Write(append([]byte{1, 0, 0, byte(len(port))}, port...)); err != nil {
		return fmt.Errorf("%w: %w", ErrBridge, err)
	}
	var answer [3]byte
	if _, err := io.ReadFull(far, answer[:]); err != nil {
		return fmt.Errorf("%w: it did not answer: %w", ErrBridge, err)
	}
	if answer != [3]byte{1, 0, 0} {
		return fmt.Errorf("%w: it answered % x", ErrBridge, answer)
	}
	return far.SetDeadline(time.Time{})
}

// failure returns why it broke, or nil.
func (c *carrier) failure() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// broke ends both directions, because one of them cannot go on. The program
// sees a cut rather than an end.
func (c *carrier) broke(err error) {
	c.once.Do(func() {
		c.mu.Lock()
		c.err = err
		c.mu.Unlock()
		cut(c.local)
		code, reason := 1011, "the sender's program broke off"
		if errors.Is(err, ErrClosed) {
			code, reason = 1001, "the tunnel was closed"
		}
		_ = c.conn.CloseWrite(code, reason)
		_ = c.far.SetReadDeadline(time.Now()) // lets go of down
	})
}

// up carries what the program sends.
func (c *carrier) up() {
	buf := make([]byte, maxChunk)
	for {
		n, err := c.local.Read(buf)
		if n > 0 {
			if _, werr := c.far.Write(buf[:n]); werr != nil {
				c.broke(werr)
				return
			}
			c.sent.Add(int64(n))
		}
		if c.farEnded.Load() {
			_ = c.local.SetReadDeadline(time.Now().Add(halfOpenTime))
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			c.localEnded.Store(true)
			_ = c.far.SetReadDeadline(time.Now().Add(halfOpenTime))
			_ = c.conn.CloseWrite(1000, "")
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.broke(ErrHalfOpen)
		default:
			c.broke(fmt.Errorf("%w: %w", ErrLocal, err))
		}
		return
	}
}

// down carries what the listener sends.
func (c *carrier) down() {
	buf := make([]byte, maxChunk)
	for {
		n, err := c.far.Read(buf)
		if n > 0 {
			if _, werr := c.local.Write(buf[:n]); werr != nil {
				c.broke(fmt.Errorf("%w: %w", ErrLocal, werr))
				return
			}
			c.received.Add(int64(n))
		}
		if c.localEnded.Load() && err == nil {
			_ = c.far.SetReadDeadline(time.Now().Add(halfOpenTime))
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			c.farEnded.Store(true)
			_ = c.local.SetReadDeadline(time.Now().Add(halfOpenTime))
			_ = c.local.CloseWrite()
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.broke(ErrHalfOpen)
		default:
			c.broke(err)
		}
		return
	}
}
