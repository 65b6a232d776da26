package gather_test

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient/gather"
)

// A halfway is a connection whose first write ends in the middle.
type halfway struct {
	net.Conn
	mu      sync.Mutex
	begun   chan struct{}
	end     chan struct{}
	written []byte
	failed  bool
	closed  bool
}

func (h *halfway) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.failed {
		h.failed = true
		close(h.begun)
		<-h.end
		h.written = append(h.written, p[:len(p)/2]...)
		return len(p) / 2, io.ErrShortWrite
	}
	h.written = append(h.written, p...)
	return len(p), nil
}

func (h *halfway) Close() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	return nil
}

func (h *halfway) SetWriteDeadline(time.Time) error { return nil }

// Nothing may follow half of a write: the other side would take it for the
// rest of the frame.
func TestNothingFollowsHalfAWrite(t *testing.T) {
	for _, size := range []int{10, 20_000} {
		h := &halfway{begun: make(chan struct{}), end: make(chan struct{})}
		c := gather.New(h)
		first := make(chan error, 1)
		go func() {
			_, err := c.Write(make([]byte, size))
			first <- err
		}()
		<-h.begun
		if _, err := c.Write([]byte("queued")); err != nil {
			t.Fatal(err)
		}
		close(h.end)
		if err := <-first; !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("the write: %v", err)
		}
		if err := c.Flush(time.Now().Add(patience)); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("flush: %v", err)
		}
		if _, err := c.Write([]byte("later")); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("write: %v", err)
		}
		if !h.closed {
			t.Error("the connection was not closed")
		}
		c.Close()
		if len(h.written) != size/2 {
			t.Errorf("%d bytes were written, want the first %d only", len(h.written), size/2)
		}
	}
}

// Many use a connection in every way while it is closed under them; all of
// them end.
func TestEverythingAtOnce(t *testing.T) {
	for round := range 40 {
		near, far := net.Pipe()
		c := gather.New(near)
		go io.Copy(io.Discard, far)
		var all sync.WaitGroup
		all.Go(func() {
			for {
				c.Hold()
				c.Write([]byte("command"))
				c.Write(make([]byte, 100+round%3*10_000))
				if c.Release() != nil {
					return
				}
			}
		})
		for range 3 {
			all.Go(func() {
				for {
					c.SetWriteDeadline(time.Now().Add(patience))
					if _, err := c.Write([]byte("pong")); err != nil {
						if !errors.Is(err, io.ErrClosedPipe) && !errors.Is(err, net.ErrClosed) {
							t.Errorf("pong: %v", err)
						}
						return
					}
				}
			})
		}
		all.Go(func() {
			for err := error(nil); err == nil || errors.Is(err, os.ErrDeadlineExceeded); {
				err = c.Flush(time.Now().Add(time.Millisecond))
			}
		})
		all.Go(func() {
			time.AfterFunc(time.Duration(round)*50*time.Microsecond, func() {
				if round%2 == 0 {
					near.Close()
				} else {
					far.Close()
				}
			})
		})
		ended := make(chan struct{})
		go func() { all.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatal("somebody waits for ever")
		}
		c.Close()
		far.Close()
	}
}
