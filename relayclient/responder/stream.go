package responder

import (
	"bytes"
	"context"
	"errors"
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

// stream carries the bytes of a connection to the TCP target and back. Either
// side may end its direction while the other goes on.
func (r *Responder) stream(ctx context.Context, c *relayclient.Conn, now *understood, n *count) error {
	target, err := dialFor(ctx, c, now.tcp)
	if err != nil {
		return r.unreachable(c, n, &TargetError{now.tcp, err})
	}
	s := &streaming{conn: c, target: target.(*net.TCPConn), how: now, count: n}
	stop := context.AfterFunc(ctx, c.CloseNow)
	defer stop()
	far := relayclient.NetConn(c)
	ended := make(chan struct{})
	var both, watching sync.WaitGroup
	watching.Go(func() { // a target that goes on waiting is told
		select {
		case <-c.Done():
			s.broke(nil)
		case <-ended:
		}
	})
	both.Go(func() { s.up(far) })
	both.Go(func() { s.down(ctx) })
	both.Wait()
	target.Close()
	far.Close()
	close(ended)
	watching.Wait()
	var te *TargetError
	switch {
	case errors.As(s.err, &te):
		n.failed(s.err)
		r.onFailure(c.ID(), s.err)
	case s.err == nil:
		return s.lost
	}
	return s.err
}

// dialFor connects to a target for as long as the connection is there.
func dialFor(ctx context.Context, c *relayclient.Conn, address string) (net.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	watching.Go(func() {
		select {
		case <-c.Done():
			cancel()
		case <-ctx.Done():
		}
	})
	dialer := net.Dialer{Timeout: dialTime}
	return dialer.DialContext(ctx, "tcp", address)
}

// unreachable says goodbye to a sender whose target is not there.
func (r *Responder) unreachable(c *relayclient.Conn, n *count, err *TargetError) error {
	select {
	case <-c.Done():
		return err // nobody waits for it any more
	default:
	}
	n.failed(err)
	r.onFailure(c.ID(), err)
	_ = c.Close(1011, err.forSender())
	return err
}

// streaming is one connection to a TCP target.
type streaming struct {
	conn   *relayclient.Conn
	target *net.TCPConn
	how    *understood
	count  *count

	half atomic.Bool // the sender has ended its direction
	once sync.Once
	err  error // why it broke; nil if both sides ended
	lost error // how the connection ended, if not in an ordinary way; up's
}

// halfOpenTime is how long the target may be silent after the sender has said
// that it sends no more: nobody could tell that the sender is gone.
const halfOpenTime = 2 * time.Minute

// errHalfOpen says that it was.
var errHalfOpen = errors.New("it sent nothing for 2 minutes after the sender had ended")

// broke ends both directions, because one of them cannot go on. The target
// sees a cut rather than an end.
func (s *streaming) broke(err error) {
	s.once.Do(func() {
		s.err = err
		_ = s.target.SetLinger(0)
		s.target.Close()
		var te *TargetError
		if errors.As(err, &te) {
			_ = s.conn.CloseWrite(1011, te.forSender())
		}
	})
}

// up carries what the sender sends.
func (s *streaming) up(far net.Conn) {
	buf := make([]byte, maxChunk)
	for {
		k, err := far.Read(buf)
		if k > 0 {
			s.count.change(func(n *Counters) { n.Received++; n.BytesIn += int64(k) })
			if _, werr := s.target.Write(buf[:k]); werr != nil {
				s.broke(&TargetError{s.how.tcp, werr})
				return
			}
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF):
			s.half.Store(true)
			_ = s.target.SetReadDeadline(time.Now().Add(halfOpenTime))
			_ = s.target.CloseWrite()
			return
		default:
			if !errors.Is(err, net.ErrClosed) {
				s.lost = err
			}
			s.broke(err)
			return
		}
	}
}

// down carries what the target sends.
func (s *streaming) down(ctx context.Context) {
	var slow *line
	buf := make([]byte, maxChunk)
	for {
		k, err := s.target.Read(buf)
		if s.half.Load() {
			_ = s.target.SetReadDeadline(time.Now().Add(halfOpenTime))
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = errHalfOpen
			}
		}
		if k > 0 {
			if werr := s.pass(ctx, &slow, buf[:k]); closing(werr) {
				s.broke(nil)
				return
			} else if werr != nil {
				s.broke(werr)
				return
			}
		}
		if err == nil {
			continue
		}
		if slow != nil {
			slow.finish()
		}
		if errors.Is(err, io.EOF) {
			_ = s.conn.CloseWrite(1000, "")
		} else {
			s.broke(&TargetError{s.how.tcp, err})
		}
		return
	}
}

// pass sends a piece of the stream to the sender, at once or through slow.
func (s *streaming) pass(ctx context.Context, slow **line, data []byte) error {
	m := relayclient.Message{Binary: true, Data: data}
	if wait := s.how.delay(); wait > 0 || *slow != nil {
		if *slow == nil {
			*slow = newLine(ctx, s.conn)
		}
		m.Data = bytes.Clone(data)
		(*slow).send(m, wait, s.count)
		return nil
	}
	return s.count.write(ctx, s.conn, m)
}
