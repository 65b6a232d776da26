package relayclient

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// NetConn returns c as a net.Conn: a stream of bytes in binary messages whose
// boundaries mean nothing, as the service's own stream classes and bridges use
// a hybrid connection. The net.Conn owns c from here on. Text messages that
// arrive count as bytes, too. CloseWrite, which the net.Conn has as well, ends
// this side's stream while the other goes on. Deadlines work as net.Conn says,
// but a write that is cut short by one breaks the connection.
func NetConn(c *Conn) net.Conn {
	n := &netConn{c: c, messages: make(chan []byte), read: newDeadline(), write: newDeadline()}
	n.reader.Go(n.pump)
	return n
}

// maxNetWrite is how much of a write goes into one message: the service's
// clients write no more, and a smaller message can be passed on sooner.
const maxNetWrite = 64 << 10

type netConn struct {
	c        *Conn
	reader   sync.WaitGroup
	messages chan []byte // closed when reading has ended
	err      error       // why; read it after messages is closed
	read     *deadline
	write    *deadline

	closed atomic.Bool

	mu   sync.Mutex // held by Read
	left []byte     // of the message before
}

// pump reads ahead by one message, so that PINGs are answered while nobody
// calls Read, and a deadline can pass without breaking anything.
func (n *netConn) pump() {
	defer close(n.messages)
	for {
		m, err := n.c.Read(context.Background())
		if err != nil {
			n.err = streamError(err)
			return
		}
		if len(m.Data) == 0 {
			continue
		}
		select {
		case n.messages <- m.Data:
		case <-n.c.Done():
			n.err = net.ErrClosed
			return
		}
	}
}

// streamError says how a stream ended: in an ordinary way, or not.
func streamError(err error) error {
	var ce *CloseError
	switch {
	case errors.As(err, &ce) && ce.Ordinary():
		return io.EOF
	case errors.Is(err, ErrClosed):
		return net.ErrClosed
	}
	return err
}

func (n *netConn) Read(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed.Load() {
		return 0, net.ErrClosed
	}
	if len(n.left) == 0 && len(p) > 0 {
		passed := n.read.passed()
		select {
		case <-passed:
			return 0, os.ErrDeadlineExceeded
		default:
		}
		select {
		case data, ok := <-n.messages:
			if !ok {
				return 0, n.err
			}
			n.left = data
		case <-passed:
			return 0, os.ErrDeadlineExceeded
		}
	}
	k := copy(p, n.left)
	n.left = n.left[k:]
	return k, nil
}

func (n *netConn) Write(p []byte) (int, error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	defer n.write.cancels(cancel)()
	for sent := 0; ; {
		part := p[sent:min(len(p), sent+maxNetWrite)]
		if len(part) == 0 {
			return sent, nil
		}
		if err := n.c.Write(ctx, Message{Binary: true, Data: part}); err != nil {
			return sent, streamError(err)
		}
		sent += len(part)
	}
}

// CloseWrite ends this side's stream.
func (n *netConn) CloseWrite() error { return n.c.CloseWrite(1000, "") }

// Close ends both directions and waits, for as long as Timing.Close allows,
// for the other side.
func (n *netConn) Close() error {
	n.closed.Store(true)
	err := n.c.Close(1000, "")
	n.reader.Wait()
	return err
}

func (n *netConn) SetDeadline(t time.Time) error {
	n.read.set(t)
	n.write.set(t)
	return nil
}

func (n *netConn) SetReadDeadline(t time.Time) error {
	n.read.set(t)
	return nil
}

func (n *netConn) SetWriteDeadline(t time.Time) error {
	n.write.set(t)
	return nil
}

func (n *netConn) LocalAddr() net.Addr  { return n.c.ws.LocalAddr() }
func (n *netConn) RemoteAddr() net.Addr { return relayAddr(n.c.remoteName()) }

// relayAddr is the far end of a relayed connection, which has no address that
// could be dialled.
type relayAddr string

func (a relayAddr) Network() string { return "relay" }
func (a relayAddr) String() string  { return string(a) }

// remoteName is the sender's address as the relay saw it, or the connection's
// ID where the far end is a listener.
func (c *Conn) remoteName() string {
	if c.info.RemoteAddress != "" {
		return c.info.RemoteAddress
	}
	return c.id
}
