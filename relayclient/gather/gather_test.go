package gather_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient/gather"
)

const patience = 20 * time.Second

// A gate is a connection whose writes wait for permission.
type gate struct {
	net.Conn
	permits chan struct{}
	begun   chan struct{} // one for every write that has arrived
	closed  chan struct{}
	once    sync.Once

	mu     sync.Mutex
	writes [][]byte
}

func newGate() *gate {
	return &gate{permits: make(chan struct{}, 1024), begun: make(chan struct{}, 1024), closed: make(chan struct{})}
}

func (g *gate) Write(p []byte) (int, error) {
	g.begun <- struct{}{}
	select {
	case <-g.permits:
	case <-g.closed:
		return 0, net.ErrClosed
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.writes = append(g.writes, bytes.Clone(p))
	return len(p), nil
}

func (g *gate) SetWriteDeadline(time.Time) error { return nil }
func (g *gate) SetReadDeadline(time.Time) error  { return nil }
func (g *gate) Close() error {
	g.once.Do(func() { close(g.closed) })
	return nil
}

func (g *gate) written() [][]byte {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.writes
}

func (g *gate) permit(n int) {
	for range n {
		g.permits <- struct{}{}
	}
}

// While one write is under way the next ones return at once and leave as one,
// in order.
func TestWritesBehindAnotherLeaveTogether(t *testing.T) {
	g := newGate()
	c := gather.New(g)
	defer c.Close()
	first := make(chan error, 1)
	go func() {
		_, err := c.Write([]byte("first "))
		first <- err
	}()
	<-g.begun
	var want bytes.Buffer
	for i := range 100 {
		text := fmt.Sprintf("%d ", i)
		want.WriteString(text)
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	g.permit(2)
	if err := <-first; err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	writes := g.written()
	if len(writes) != 2 || string(writes[0]) != "first " || string(writes[1]) != want.String() {
		t.Errorf("the writes were %q", writes)
	}
}

// A queue that is full makes Write wait, until its deadline or until there is
// room; nothing is lost and nothing is sent twice.
func TestQueueIsBounded(t *testing.T) {
	g := newGate()
	c := gather.New(g)
	defer c.Close()
	go c.Write([]byte("x"))
	<-g.begun
	piece := bytes.Repeat([]byte("p"), 1000)
	c.SetWriteDeadline(time.Now().Add(20 * time.Millisecond))
	accepted := 0
	for {
		n, err := c.Write(piece)
		if errors.Is(err, os.ErrDeadlineExceeded) && n == 0 {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if accepted += n; accepted > 1<<20 {
			t.Fatal("a queue without bounds")
		}
	}
	c.SetWriteDeadline(time.Time{})
	waiting := make(chan error, 1)
	go func() {
		_, err := c.Write(piece)
		waiting <- err
	}()
	g.permit(10)
	if err := <-waiting; err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, w := range g.written() {
		sum += len(w)
	}
	if want := 1 + accepted + len(piece); sum != want {
		t.Errorf("%d bytes were written, want %d", sum, want)
	}
}

func TestLargeWritesKeepTheirPlace(t *testing.T) {
	g := newGate()
	c := gather.New(g)
	defer c.Close()
	g.permit(100)
	var want bytes.Buffer
	for i := range 30 {
		p := bytes.Repeat([]byte{byte(i)}, 1+i%3*20_000)
		want.Write(p)
		if n, err := c.Write(p); err != nil || n != len(p) {
			t.Fatalf("write: %d, %v", n, err)
		}
	}
	if err := c.Flush(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if got := bytes.Join(g.written(), nil); !bytes.Equal(got, want.Bytes()) {
		t.Error("the bytes are not in order")
	}
}

// An error that nobody waited for is told to every later call.
func TestErrorOfAQueuedWrite(t *testing.T) {
	near, far := net.Pipe()
	c := gather.New(near)
	defer c.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Write([]byte("one")) // a pipe's write waits for its reader
	}()
	buf := make([]byte, 1)
	if _, err := io.ReadFull(far, buf); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte("two")); err != nil {
		t.Fatal(err)
	}
	far.Close()
	<-done
	if err := c.Flush(time.Now().Add(patience)); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("flush: %v", err)
	}
	if err := c.Err(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("broken by %v", err)
	}
	if _, err := c.Write([]byte("three")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
}

func TestCloseEndsWhoeverWaits(t *testing.T) {
	g := newGate()
	c := gather.New(g)
	ended := make(chan error, 2)
	go func() {
		_, err := c.Write(make([]byte, 20_000))
		ended <- err
	}()
	<-g.begun
	if _, err := c.Write([]byte("queued")); err != nil {
		t.Fatal(err)
	}
	go func() { ended <- c.Flush(time.Time{}) }()
	c.Close()
	for range 2 {
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("ended with %v", err)
		}
	}
}

// Many writers, one stream: every write arrives whole.
func TestConcurrentWriters(t *testing.T) {
	near, far := net.Pipe()
	c := gather.New(near)
	defer c.Close()
	const writers, each = 8, 500
	received := make(chan map[byte]int, 1)
	go func() {
		counts := map[byte]int{}
		buf := make([]byte, 64)
		for {
			if _, err := io.ReadFull(far, buf); err != nil {
				received <- counts
				return
			}
			for _, b := range buf {
				if b != buf[0] {
					t.Error("two writes are mixed")
				}
			}
			counts[buf[0]]++
		}
	}()
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for range each {
				if _, err := c.Write(bytes.Repeat([]byte{byte(w)}, 64)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if err := c.Flush(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	for w, n := range <-received {
		if n != each {
			t.Errorf("writer %d: %d of %d", w, n, each)
		}
	}
}

// What is held leaves as one, and with what is too large to be held.
func TestHeldWritesLeaveTogether(t *testing.T) {
	g := newGate()
	c := gather.New(g)
	defer c.Close()
	g.permit(100)
	c.Hold()
	for _, text := range []string{"one ", "two ", "three "} {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(g.written()); n != 0 {
		t.Errorf("%d writes while they were held", n)
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if w := g.written(); len(w) != 1 || string(w[0]) != "one two three " {
		t.Errorf("the writes were %q", w)
	}
	c.Hold()
	large := strings.Repeat("x", 70_000)
	for _, text := range []string{"head", large, "tail"} {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
	if got := string(bytes.Join(g.written()[1:], nil)); got != "head"+large+"tail" {
		t.Errorf("%d bytes that are not what was written", len(got))
	}
	// More than there is room for does not wait for Release.
	c.Hold()
	for range 100 {
		if _, err := c.Write(make([]byte, 10_000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
}

// A held write that fails is an error of Release.
func TestReleaseFails(t *testing.T) {
	near, far := net.Pipe()
	far.Close()
	c := gather.New(near)
	defer c.Close()
	c.Hold()
	if _, err := c.Write([]byte("lost")); err != nil {
		t.Fatal(err)
	}
	if err := c.Release(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("release: %v", err)
	}
}
