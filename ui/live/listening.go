package live

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/responder"
)

// ListenerStatus is where the listener stands. The zero value is a listener
// that was not started.
type ListenerStatus struct {
	State        relayclient.State
	Since        time.Time
	Attempt      int
	RetryAt      time.Time // when Waiting
	TokenExpires time.Time // when Online
	Err          error     // when Waiting, or Offline by itself
	WasOnline    bool      // at any time since it was started
	Stopping     bool      // told to stop, and saying goodbye
}

func (st *ListenerStatus) follow(ev relayclient.Event) {
	*st = ListenerStatus{State: ev.State, Since: ev.Time, Attempt: ev.Attempt, TokenExpires: ev.TokenExpires, Err: ev.Err,
		WasOnline: st.WasOnline || ev.State == relayclient.Online}
	if ev.State == relayclient.Waiting {
		st.RetryAt = ev.Time.Add(ev.RetryIn)
	}
}

// A Connection is one open data connection of the listener.
type Connection struct {
	ID             string
	Number         int
	Since          time.Time
	Path           string
	RemoteAddress  string
	Sent, Received int
}

// Listener returns where the listener stands and its open connections, oldest
// first.
func (s *Session) Listener() (ListenerStatus, []Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Connection, len(s.listener.links))
	for i, l := range s.listener.links {
		info := l.conn.Info()
		list[i] = Connection{l.conn.ID(), l.number, l.since, info.Path, info.RemoteAddress, l.sent, l.received}
	}
	st := s.listener.status
	st.Stopping = s.listener.stopping
	return st, list
}

// StartListener starts listening, unless it is running.
func (s *Session) StartListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener.cancel != nil || s.life.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancelCause(s.life)
	s.listener.run++
	done := make(chan struct{})
	s.listener.cancel, s.listener.done = cancel, done
	s.listener.status = ListenerStatus{State: relayclient.Connecting, Since: time.Now(), Attempt: 1}
	run, p := s.listener.run, s.profile
	s.listener.used = p
	s.work.Go(func() {
		defer close(done)
		err := s.listen(ctx, run, p)
		cancel(nil)
		s.listenerEnded(run, err)
	})
}

// StopListener stops listening and closes the listener's connections.
func (s *Session) StopListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener.connectNext = false
	if s.listener.cancel != nil {
		s.listener.cancel(errStopped)
		s.listener.stopping = true
	}
}

func (s *Session) listenerEnded(run int, err error) {
	s.mu.Lock()
	if run == s.listener.run {
		s.listener.cancel, s.listener.stopping, s.listener.connectNext = nil, false, false
		s.listener.status = ListenerStatus{State: relayclient.Offline, Since: time.Now(), Err: err}
	}
	s.mu.Unlock()
	s.notify()
}

// listen runs one start of the listener to its end. The error is nil when the
// person stopped it.
func (s *Session) listen(ctx context.Context, run int, p profiles.Profile) error {
	cfg, err := s.resolve(ctx, p, relayclient.Listening)
	if err != nil {
		if ctx.Err() == nil {
			s.problem(journal.Listener, "could not start", err)
		}
		return stopCause(ctx, err)
	}
	cfg.KeepTrying = true
	inbound := newInboundHandler(s, cfg)
	defer inbound.client.CloseIdleConnections()
	cfg.Handler = inbound
	cfg.OnEvent = func(ev relayclient.Event) { s.observe(run, ev) }
	l, err := relayclient.Listen(ctx, cfg)
	if err != nil {
		return stopCause(ctx, err)
	}
	var connections sync.WaitGroup
	for {
		conn, acceptErr := l.Accept(ctx)
		if acceptErr != nil {
			err = acceptErr
			break
		}
		link := s.opened(conn)
		connections.Go(func() { s.serve(link) })
	}
	l.Close()
	s.closeConnections()
	connections.Wait()
	return stopCause(ctx, err)
}

// stopCause returns nil if ctx was ended by the person or the window, and err
// otherwise.
func stopCause(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, relayclient.ErrClosed) {
		return nil
	}
	return err
}

func (s *Session) opened(conn *relayclient.Conn) *link {
	s.mu.Lock()
	l := newLink(conn, s.number(conn.ID()))
	s.listener.links = append(s.listener.links, l)
	s.mu.Unlock()
	s.notify()
	return l
}

// serve answers on one connection until it ends. It runs under the life of
// the session: a stopped listener says goodbye first.
func (s *Session) serve(l *link) {
	var writer sync.WaitGroup
	ctx, cancel := context.WithCancel(s.life)
	writer.Go(func() { l.write(ctx) })
	// How it ended is in the message log.
	_ = responder.Serve(ctx, l.conn, s.Policy)
	s.hangUp(l)
	cancel()
	writer.Wait()
	s.unsent(journal.Listener, l)
	s.mu.Lock()
	s.listener.links = slices.DeleteFunc(s.listener.links, func(other *link) bool { return other == l })
	s.mu.Unlock()
	s.notify()
}

// closeConnections says goodbye on every open connection at once.
func (s *Session) closeConnections() {
	s.mu.Lock()
	links := slices.Clone(s.listener.links)
	s.mu.Unlock()
	var closing sync.WaitGroup
	for _, l := range links {
		closing.Go(func() { s.goodbye(l, 1001, "listener stopped") })
	}
	closing.Wait()
}

// Reply sends a message on one of the listener's connections.
func (s *Session) Reply(connectionID string, m relayclient.Message) error {
	return s.reply(connectionID, payload{Message: m})
}

func (s *Session) reply(connectionID string, p payload) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listener.links {
		if l.conn.ID() == connectionID {
			return l.send(p)
		}
	}
	return ErrNotConnected
}

// CloseConnection closes one of the listener's connections.
func (s *Session) CloseConnection(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.listener.links {
		if l.conn.ID() == connectionID {
			s.work.Go(func() { s.goodbye(l, 1000, "closed by the listener") })
		}
	}
}
