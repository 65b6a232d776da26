// Package tunnel carries TCP connections of local programs through a hybrid
// connection: each one becomes a sender's connection with a plain stream of
// bytes in binary messages, as the service's own stream classes and bridges use
// it. At the other end a listener forwards the streams to its target.
package tunnel

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"relayscope/relayclient"
)

// Errors to test for with errors.Is.
var (
	ErrFull     = errors.New("tunnel: too many connections at once")
	ErrLocal    = errors.New("tunnel: the local program broke its connection off")
	ErrHalfOpen = errors.New("tunnel: the other side sent nothing for 2 minutes after this one had ended")
	ErrBridge   = errors.New("tunnel: the listener is no bridge that knows the port") // see Config.Port
	ErrClosed   = errors.New("tunnel: closed")
)

// Config says where a tunnel begins and ends.
type Config struct {
	Relay   relayclient.Config // of a sender; OnEvent is not used
	Dial    relayclient.DialOptions
	Address string // local host:port; "" means 127.0.0.1 and a free port
	Max     int    // connections at once; 0 means DefaultMax

	// Port, if set, is the port name that azbridge listeners ask for before the
	// stream begins. Other listeners take it for data.
	Port string

	// OnEvent, if set, is told of every connection's beginning and end. It is
	// called from several goroutines, must be quick and must not call Close.
	OnEvent func(Event)
}

// DefaultMax is how many connections there may be at once.
const DefaultMax = 128

// An EventKind says what an Event tells.
type EventKind int

// The kinds of events.
const (
	Opened EventKind = 1 + iota // a listener has accepted
	Failed                      // it did not come about; Connection.Err says why
	Ended                       // it is over; Connection.Err is nil if both sides had ended
)

// An Event is one thing that happened to a connection.
type Event struct {
	Kind       EventKind
	Connection Connection
}

// A Connection is one local program's connection.
type Connection struct {
	Number   int    // from 1
	ID       string // the UUID that both ends know it by; "" until a listener has accepted
	Local    string // address of the program
	Since    time.Time
	Took     time.Duration // until a listener had accepted
	Sent     int64         // bytes from the program
	Received int64         // bytes to it
	Err      error
}

// Status is where a tunnel stands.
type Status struct {
	Connections    []Connection // the open ones, oldest first
	Total, Failed  int          // since the tunnel was opened
	Sent, Received int64        // bytes of all connections
	LastErr        error        // the last failure
	LastAt         time.Time    // when that was
}

// A Tunnel listens on a local port. Its methods are safe for concurrent use.
type Tunnel struct {
	cfg      Config
	listener *net.TCPListener
	ctx      context.Context // of the connections; ends at Close
	cancel   context.CancelCauseFunc
	work     sync.WaitGroup

	mu     sync.Mutex
	open   map[int]*carrier
	status Status
}

// Open begins to listen. It does not connect to the relay: that is for each
// connection to do. The tunnel lives until Close.
func Open(cfg Config) (*Tunnel, error) {
	address, err := net.ResolveTCPAddr("tcp", cmp.Or(cfg.Address, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("tunnel: the local address cannot be used: %w", err)
	}
	if len(cfg.Port) > 255 {
		return nil, errors.New("tunnel: the name of a bridge's port has at most 255 bytes")
	}
	listener, err := net.ListenTCP("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("tunnel: cannot listen: %w", err)
	}
	if cfg.Max <= 0 {
		cfg.Max = DefaultMax
	}
	cfg.Relay.OnEvent = nil // it would have every byte copied
	ctx, cancel := context.WithCancelCause(context.Background())
	t := &Tunnel{cfg: cfg, listener: listener, ctx: ctx, cancel: cancel, open: map[int]*carrier{}}
	t.work.Go(t.accept)
	return t, nil
}

// Addr returns the local address, such as 127.0.0.1:50123.
func (t *Tunnel) Addr() string { return t.listener.Addr().String() }

// Status returns where the tunnel stands.
func (t *Tunnel) Status() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	st := t.status
	for _, c := range t.open {
		now := c.connection()
		st.Connections = append(st.Connections, now)
		st.Sent += now.Sent
		st.Received += now.Received
	}
	slices.SortFunc(st.Connections, func(a, b Connection) int { return a.Number - b.Number })
	return st
}

// Close ends the tunnel and its connections, and waits for them. Closing twice
// is harmless.
func (t *Tunnel) Close() error {
	t.cancel(ErrClosed)
	t.listener.Close()
	t.work.Wait()
	return nil
}

func (t *Tunnel) accept() {
	for {
		local, err := t.listener.AcceptTCP()
		if t.ctx.Err() != nil {
			if err == nil {
				local.Close()
			}
			return
		}
		if err != nil { // such as too many open files: it passes
			t.note(err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-t.ctx.Done():
			}
			continue
		}
		c := &carrier{tunnel: t, local: local, info: Connection{Local: local.RemoteAddr().String(), Since: time.Now()}}
		if t.enter(c) {
			t.work.Go(c.run)
		}
	}
}

// enter takes up a connection, unless there are too many.
func (t *Tunnel) enter(c *carrier) bool {
	t.mu.Lock()
	t.status.Total++
	c.info.Number = t.status.Total
	full := len(t.open) >= t.cfg.Max
	if !full {
		t.open[c.info.Number] = c
	}
	t.mu.Unlock()
	if full {
		cut(c.local)
		c.info.Err = ErrFull
		t.fail(c.info)
	}
	return !full
}

// leave forgets a connection, and tells how it ended.
func (t *Tunnel) leave(c *carrier, failed bool, err error) {
	last := c.connection()
	last.Err = err
	t.mu.Lock()
	delete(t.open, last.Number)
	t.status.Sent += last.Sent
	t.status.Received += last.Received
	t.mu.Unlock()
	switch {
	case failed:
		t.fail(last)
		return
	case err != nil && !errors.Is(err, ErrClosed):
		t.note(err)
	}
	t.tell(Event{Ended, last})
}

func (t *Tunnel) fail(c Connection) {
	t.mu.Lock()
	t.status.Failed++
	t.mu.Unlock()
	t.note(c.Err)
	t.tell(Event{Failed, c})
}

func (t *Tunnel) note(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.LastErr, t.status.LastAt = err, time.Now()
}

func (t *Tunnel) tell(ev Event) {
	if t.cfg.OnEvent != nil {
		t.cfg.OnEvent(ev)
	}
}

// cut closes a connection so that its program sees a failure, not an end.
func cut(c *net.TCPConn) {
	_ = c.SetLinger(0)
	c.Close()
}
