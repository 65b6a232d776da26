package live

import (
	"context"
	"errors"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// A SenderState is where the sender stands.
type SenderState int

// The states of a sender.
const (
	Disconnected SenderState = iota
	SenderConnecting
	SenderConnected
)

// SenderStatus is where the sender stands.
type SenderStatus struct {
	State          SenderState
	Since          time.Time
	Number         int                     // of the connection, when connected
	Sent, Received int                     // on this connection
	Err            error                   // when Disconnected: why, unless the person did it or the other side simply was done
	Closed         *relayclient.CloseError // when Disconnected: how the other side was done
	Stopping       bool                    // told to disconnect, and saying goodbye
}

// Sender returns where the sender stands.
func (s *Session) Sender() SenderStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.sender.status
	st.Stopping = s.sender.stopping
	if l := s.sender.link; l != nil {
		st.Number, st.Sent, st.Received = l.number, l.sent, l.received
	}
	return st
}

// Connect connects the sender, unless it is connected.
func (s *Session) Connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sender.cancel != nil || s.life.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancelCause(s.life)
	done := make(chan struct{})
	s.sender.cancel, s.sender.done = cancel, done
	s.sender.status = SenderStatus{State: SenderConnecting, Since: time.Now()}
	p := s.profile
	s.sender.used = p
	s.work.Go(func() {
		defer close(done)
		err := s.connect(ctx, p)
		cancel(nil)
		s.mu.Lock()
		s.sender.cancel, s.sender.link, s.sender.stopping = nil, nil, false
		s.sender.status = SenderStatus{State: Disconnected, Since: time.Now(), Err: err}
		var ce *relayclient.CloseError
		if errors.As(err, &ce) && ce.Ordinary() {
			s.sender.status.Err, s.sender.status.Closed = nil, ce
		}
		s.mu.Unlock()
		s.notify()
	})
}

// Disconnect closes the sender's connection, or gives up connecting.
func (s *Session) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sender.cancel != nil {
		s.sender.cancel(errStopped)
		s.sender.stopping = true
	}
}

// Send queues a message on the sender's connection.
func (s *Session) Send(m relayclient.Message) error { return s.send(payload{Message: m}) }

func (s *Session) send(p payload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sender.link == nil {
		return ErrNotConnected
	}
	return s.sender.link.send(p)
}

// connect runs one connection of the sender to its end. The error is nil when
// the person disconnected.
func (s *Session) connect(ctx context.Context, p profiles.Profile) error {
	cfg, err := s.resolve(ctx, p, relayclient.Sending)
	if err != nil {
		if ctx.Err() == nil {
			s.problem(journal.Sender, "could not connect", err)
		}
		return stopCause(ctx, err)
	}
	s.signedIn(journal.Sender, cfg)
	cfg.OnEvent = func(ev relayclient.Event) { s.observe(0, ev) }
	conn, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{})
	if err != nil {
		return stopCause(ctx, err)
	}
	l := s.connected(conn)

	var helpers sync.WaitGroup
	reading, cancel := context.WithCancel(s.life)
	helpers.Go(func() { l.write(reading) })
	goodbye := context.AfterFunc(ctx, func() { s.goodbye(l, 1000, "") })
	for err == nil {
		_, err = conn.Read(reading)
	}
	if goodbye() {
		_ = conn.Close(1000, "") // the other side closed first, or it broke
	} else {
		<-conn.Done()
	}
	s.hangUp(l)
	cancel()
	helpers.Wait()
	s.unsent(journal.Sender, l)
	return stopCause(ctx, err)
}

func (s *Session) connected(conn *relayclient.Conn) *link {
	s.mu.Lock()
	l := newLink(conn, s.number(conn.ID()))
	s.sender.link = l
	s.sender.status = SenderStatus{State: SenderConnected, Since: l.since}
	s.mu.Unlock()
	s.notify()
	return l
}
