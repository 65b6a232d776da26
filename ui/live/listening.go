package live

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/responder"
)

// ListenerStatus is where a listener stands. The zero value is a listener that
// was not started.
type ListenerStatus struct {
	Number       int // that people see, from 1: several may listen at once
	State        relayclient.State
	Since        time.Time
	Attempt      int
	RetryAt      time.Time // when Waiting
	TokenExpires time.Time // when Online; zero if unknown
	Renewal      error     // when Online: why the token could not be renewed
	Gateway      string    // when Online: the gateway of the service, as far as the tracking ID says it
	Address      string    // when Online: what was connected to
	Err          error     // when Waiting, or Offline by itself
	WasOnline    bool      // at any time since it was started
	Stopping     bool      // told to stop, and saying goodbye
	Connections  int       // that are open
}

func (st *ListenerStatus) follow(ev relayclient.Event) {
	switch ev.Kind {
	case relayclient.TokenRenewed:
		st.TokenExpires, st.Renewal = ev.TokenExpires, nil
	case relayclient.RenewalFailed:
		st.Renewal = ev.Err
	case relayclient.StateChanged:
		*st = ListenerStatus{Number: st.Number, State: ev.State, Since: ev.Time, Attempt: ev.Attempt, TokenExpires: ev.TokenExpires, Err: ev.Err,
			WasOnline: st.WasOnline || ev.State == relayclient.Online}
		switch ev.State {
		case relayclient.Online:
			st.Gateway, st.Address = gatewayOf(ev.TrackingID), ev.Phases.Address
		case relayclient.Waiting:
			st.RetryAt = ev.Time.Add(ev.RetryIn)
		}
	}
}

// gatewayOf returns the gateway that a tracking ID such as 4b…_G12 names.
func gatewayOf(trackingID string) string {
	i := strings.LastIndexByte(trackingID, '_')
	if i < 0 || i+2 >= len(trackingID) || trackingID[i+1] != 'G' || strings.Trim(trackingID[i+2:], "0123456789") != "" {
		return ""
	}
	return trackingID[i+1:]
}

// A Connection is one open data connection of a listener.
type Connection struct {
	ID                       string
	Number                   int
	Listener                 int // its number
	Since                    time.Time
	Info                     relayclient.ConnInfo
	Subprotocol              string
	Sent, Received           int
	SentBytes, ReceivedBytes int64
}

// A listening is one listener from its start to its end. The session's mutex
// guards it.
type listening struct {
	id       int // never used again
	cancel   context.CancelCauseFunc
	done     chan struct{} // closed when it has ended
	used     profiles.Profile
	status   ListenerStatus
	links    []*link
	stopping bool
	online   chan struct{} // holds a value after it has come online
}

// listenerState is what a session knows of its listeners. The session's mutex
// guards it.
type listenerState struct {
	runs        []*listening // those that listen, or the last one that did
	started     int          // how many ever were
	wanted      int          // how many StartListener starts; 0 means 1
	connectNext bool         // connect the sender when the first is online
	others      Others
}

// active returns the listeners that have not ended. The caller holds the
// session's mutex.
func (st *listenerState) active() []*listening {
	var list []*listening
	for _, r := range st.runs {
		if r.cancel != nil {
			list = append(list, r)
		}
	}
	return list
}

func (st *listenerState) run(id int) *listening {
	for _, r := range st.runs {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (st *listenerState) link(connectionID string) *link {
	for _, r := range st.runs {
		for _, l := range r.links {
			if l.conn.ID() == connectionID {
				return l
			}
		}
	}
	return nil
}

// Listeners returns where each listener stands, in the order in which they were
// started: all that run, or the last one that did.
func (s *Session) Listeners() []ListenerStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]ListenerStatus, len(s.listener.runs))
	for i, r := range s.listener.runs {
		list[i] = r.status
		list[i].Stopping, list[i].Connections = r.stopping, len(r.links)
	}
	return list
}

// Listener returns where the listener stands and its open connections, oldest
// first. Of several it is the first one that is not online, if there is one.
func (s *Session) Listener() (ListenerStatus, []Connection) {
	all := s.Listeners()
	var st ListenerStatus
	for i, other := range all {
		if i == 0 || st.State == relayclient.Online && other.State != relayclient.Online {
			st = other
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Connection{}
	for _, r := range s.listener.runs {
		for _, l := range r.links {
			list = append(list, Connection{
				ID: l.conn.ID(), Number: l.number, Listener: r.status.Number, Since: l.since, Info: l.conn.Info(), Subprotocol: l.conn.Subprotocol(),
				Sent: l.sent, Received: l.received, SentBytes: l.sentBytes, ReceivedBytes: l.receivedBytes,
			})
		}
	}
	slices.SortFunc(list, func(a, b Connection) int { return a.Number - b.Number })
	return st, list
}

// StartListener starts listening, unless it does: with as many listeners as
// there were before.
func (s *Session) StartListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listener.active()) > 0 || s.life.Err() != nil {
		return
	}
	s.listener.runs = nil
	for range max(1, s.listener.wanted) {
		s.startOne()
	}
}

// MaxListeners is how many listeners the service lets one hybrid connection
// have.
const MaxListeners = 25

// AddListener starts one more listener.
func (s *Session) AddListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listener.active()) >= MaxListeners || s.life.Err() != nil {
		return
	}
	s.listener.runs = s.listener.active()
	s.startOne()
	s.listener.wanted = len(s.listener.runs)
}

// startOne starts a listener. The caller holds the session's mutex.
func (s *Session) startOne() {
	ctx, cancel := context.WithCancelCause(s.life)
	number := 1
	for slices.ContainsFunc(s.listener.runs, func(r *listening) bool { return r.status.Number == number }) {
		number++
	}
	s.listener.started++
	r := &listening{
		id: s.listener.started, cancel: cancel, done: make(chan struct{}), used: s.profile, online: make(chan struct{}, 1),
		status: ListenerStatus{Number: number, State: relayclient.Connecting, Since: time.Now(), Attempt: 1},
	}
	s.listener.runs = append(s.listener.runs, r)
	s.work.Go(func() {
		defer close(r.done)
		err := s.listen(ctx, r)
		stopped := ctx.Err() != nil
		cancel(nil)
		s.listenerEnded(r, err, stopped)
	})
}

// StopListener stops listening and closes the listeners' connections.
func (s *Session) StopListener() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener.connectNext = false
	for _, r := range s.listener.active() {
		r.cancel(errStopped)
		r.stopping = true
	}
}

// StopOne stops the listener of this number; the others go on.
func (s *Session) StopOne(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.listener.active() {
		if r.status.Number == number && !r.stopping {
			r.cancel(errStopped)
			r.stopping = true
			s.listener.wanted = max(1, len(s.listener.active())-1)
		}
	}
}

func (s *Session) listenerEnded(r *listening, err error, stopped bool) {
	s.mu.Lock()
	r.cancel, r.stopping = nil, false
	r.status = ListenerStatus{Number: r.status.Number, State: relayclient.Offline, Since: time.Now(), Err: err}
	if left := s.listener.active(); len(left) == 0 {
		s.listener.connectNext, s.listener.others = false, Others{}
	} else if stopped {
		s.listener.runs = slices.DeleteFunc(s.listener.runs, func(other *listening) bool { return other == r })
	}
	if len(s.listener.active()) == 0 && len(s.listener.runs) > 1 && err == nil {
		s.listener.runs = []*listening{r} // all were stopped: one word says it
	}
	s.mu.Unlock()
	s.notify()
}

// listen runs one start of a listener to its end. The error is nil when the
// person stopped it.
func (s *Session) listen(ctx context.Context, r *listening) error {
	cfg, err := s.resolve(ctx, r.used, relayclient.Listening)
	if err != nil {
		if ctx.Err() == nil {
			s.problem(journal.Listener, "could not start", err)
		}
		return stopCause(ctx, err)
	}
	s.signedIn(journal.Listener, cfg)
	cfg.KeepTrying = true
	cfg.Admit, cfg.Timing.Decide = s.answers.Admit, responder.AdmitTime
	if cfg.Handler == nil {
		cfg.Handler = s.answers.Handler(ctx)
	}
	cfg.Handler = s.recorded(cfg.Handler)
	inbound := newInboundHandler(s, cfg)
	defer inbound.client.CloseIdleConnections()
	cfg.Handler = inbound
	cfg.OnEvent = func(ev relayclient.Event) { s.observe(r.id, ev) }
	l, err := relayclient.Listen(s.following(ctx, relayclient.Listening), cfg)
	if err != nil {
		return stopCause(ctx, err)
	}
	var helpers sync.WaitGroup
	counting, stopCounting := context.WithCancel(ctx)
	helpers.Go(func() { s.countOthers(counting, r, cfg) })
	for {
		conn, acceptErr := l.Accept(ctx)
		if acceptErr != nil {
			err = acceptErr
			break
		}
		link := s.opened(r, conn)
		helpers.Go(func() { s.serve(r, link) })
	}
	stopCounting()
	l.Close()
	s.closeConnections(r)
	helpers.Wait()
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

func (s *Session) opened(r *listening, conn *relayclient.Conn) *link {
	s.mu.Lock()
	l := newLink(conn, s.number(conn.ID()))
	r.links = append(r.links, l)
	s.mu.Unlock()
	s.notify()
	return l
}

// serve answers on one connection until it ends. It runs under the life of
// the session: a stopped listener says goodbye first.
func (s *Session) serve(r *listening, l *link) {
	var writer sync.WaitGroup
	ctx, cancel := context.WithCancel(s.life)
	writer.Go(func() { l.write(ctx) })
	// How it ended is in the message log.
	_ = s.answers.Serve(ctx, l.conn)
	s.hangUp(l)
	cancel()
	writer.Wait()
	s.unsent(journal.Listener, l)
	s.mu.Lock()
	r.links = slices.DeleteFunc(r.links, func(other *link) bool { return other == l })
	s.mu.Unlock()
	s.notify()
}

// closeConnections says goodbye on every open connection of a listener at once.
func (s *Session) closeConnections(r *listening) {
	s.mu.Lock()
	links := slices.Clone(r.links)
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
	if l := s.listener.link(connectionID); l != nil {
		return l.send(p)
	}
	return ErrNotConnected
}

// CloseConnection closes one of the listener's connections with a code and a
// reason, after what is still to be sent.
func (s *Session) CloseConnection(connectionID string, code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.listener.link(connectionID); l != nil {
		s.work.Go(func() { s.goodbye(l, code, reason) })
	}
}

// HalfCloseConnection sends a Close on one of the listener's connections, after
// what is still to be sent, and goes on receiving.
func (s *Session) HalfCloseConnection(connectionID string, code int, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.listener.link(connectionID); l != nil {
		s.work.Go(func() {
			s.flush(l)
			_ = l.conn.CloseWrite(code, reason) // how it ends is in the message log
		})
	}
}

// DropConnection drops one of the listener's connections without a Close, as a
// crash would.
func (s *Session) DropConnection(connectionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.listener.link(connectionID); l != nil {
		s.work.Go(l.conn.CloseNow)
	}
}
