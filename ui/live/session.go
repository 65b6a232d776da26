// Package live is the page where a listener and a sender meet: two panes over
// one message log. A Session is what happens, without widgets; the Page draws
// it.
package live

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/responder"
)

// A Resolver turns a profile into the settings of a client that plays role. It
// may start the local relay to do so.
type Resolver func(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Config, error)

// A Session holds one profile's listener, sender and message log. Its methods
// are safe for concurrent use and do not wait for the network, but for Close.
type Session struct {
	resolve Resolver
	journal *journal.Journal
	life    context.Context
	end     context.CancelCauseFunc
	work    sync.WaitGroup
	answers *responder.Responder

	countAgain time.Duration // until the relay is asked again for a count that is in doubt

	mu       sync.Mutex
	profile  profiles.Profile
	reached  string // the namespace of the latest client; "" if there was none
	changed  func()
	numbers  map[string]int     // ID of a connection or a request → the number that people see
	numbered int                // how many of them there were
	serving  map[string]*served // requests by their IDs
	listener listenerState
	sender   senderState
	stages   [relayclient.Sending + 1]relayclient.Stage // of the roles, while they connect
	inbound  inboundState
	requests requestsState

	tunnel    *tunnelling // nil unless it runs
	tunnelled TunnelStatus
}

// NewSession returns an idle session that lives until ctx ends or Close.
func NewSession(ctx context.Context, p profiles.Profile, resolve Resolver) *Session {
	life, end := context.WithCancelCause(ctx)
	s := &Session{
		journal: journal.New(0, 0), life: life, end: end, profile: p,
		changed: func() {}, numbers: map[string]int{}, serving: map[string]*served{}, countAgain: 10 * time.Second,
	}
	s.resolve = func(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Config, error) {
		cfg, err := resolve(ctx, p, role)
		if err == nil {
			s.mu.Lock()
			s.reached = cfg.Namespace
			s.mu.Unlock()
		}
		return cfg, err
	}
	s.answers, _ = responder.New(responder.Default(), s.answerFailed) // the default has no mistakes
	return s
}

// Journal returns the message log.
func (s *Session) Journal() *journal.Journal { return s.journal }

// Profile returns the settings in use.
func (s *Session) Profile() profiles.Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile
}

// Namespace returns the host of the settings in use, which a profile on the
// local relay does not know: it is another port in every run, and only
// localhost before anything has started.
func (s *Session) Namespace() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.profile.LocalRelay:
		return s.profile.Namespace
	case s.reached == "":
		return "localhost"
	}
	return s.reached
}

// SetProfile replaces the settings; what is running goes on with the old ones.
func (s *Session) SetProfile(p profiles.Profile) {
	s.mu.Lock()
	s.profile = p
	s.mu.Unlock()
	s.notify()
}

// Watch has f called after every change, from any goroutine; f must be quick.
// A nil f ends it.
func (s *Session) Watch(f func()) {
	if f == nil {
		f = func() {}
	}
	s.mu.Lock()
	s.changed = f
	s.mu.Unlock()
}

func (s *Session) notify() {
	s.mu.Lock()
	f := s.changed
	s.mu.Unlock()
	f()
}

// Stopping reports whether something was told to stop and has not yet.
func (s *Session) Stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.listener.active(), func(r *listening) bool { return r.stopping }) ||
		slices.ContainsFunc(s.sender.active(), func(r *sending) bool { return r.stopping }) || s.tunnel != nil && s.tunnel.stopping
}

// Running reports whether a listener, a sender or a tunnel is at work.
func (s *Session) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.listener.active()) > 0 || len(s.sender.active()) > 0 || s.requests.cancel != nil || s.tunnel != nil
}

// Stale reports whether the settings have changed since what is running was
// started.
func (s *Session) Stale() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.listener.active(), func(r *listening) bool { return !r.used.SameConnection(s.profile) }) ||
		slices.ContainsFunc(s.sender.active(), func(r *sending) bool { return !r.used.SameConnection(s.profile) }) ||
		s.tunnel != nil && !s.tunnel.used.SameConnection(s.profile)
}

// StartBoth starts the listener and, once it is online, connects the sender.
func (s *Session) StartBoth() {
	s.mu.Lock()
	s.listener.connectNext = true
	s.mu.Unlock()
	s.StartListener()
}

// Restart stops what is running and starts it again, with the settings of
// now.
func (s *Session) Restart() {
	s.mu.Lock()
	listeners, sender, both := s.listener.active(), s.sender.active(), s.listener.connectNext
	if s.life.Err() == nil {
		s.work.Go(func() { s.startAgain(listeners, sender, both) })
		if run := s.tunnel; run != nil {
			s.work.Go(func() { s.tunnelAgain(run) })
		}
	}
	s.mu.Unlock()
	s.StopAll()
}

// Reconnect closes the sender's connections and opens them again, with the
// settings of now.
func (s *Session) Reconnect() {
	s.mu.Lock()
	sender := s.sender.active()
	if s.life.Err() == nil {
		s.work.Go(func() { s.startAgain(nil, sender, false) })
	}
	s.mu.Unlock()
	s.Disconnect()
}

// startAgain waits until these have ended and starts as many anew. both says
// that the sender was to follow the listener.
func (s *Session) startAgain(listeners []*listening, sender []*sending, both bool) {
	var ends []chan struct{}
	for _, r := range listeners {
		ends = append(ends, r.done)
	}
	for _, r := range sender {
		ends = append(ends, r.done)
	}
	for _, end := range ends {
		select {
		case <-end:
		case <-s.life.Done():
			return
		}
	}
	switch {
	case len(listeners) > 0 && (len(sender) > 0 || both):
		s.StartBoth()
	case len(listeners) > 0:
		s.StartListener()
	case len(sender) > 0:
		s.Connect()
	}
}

// Answers returns how the listener answers.
func (s *Session) Answers() responder.Settings { return s.answers.Settings() }

// SetAnswers changes how the listener answers, from the next message, request
// or connection on. The error is a *responder.Mistake, and changes nothing.
func (s *Session) SetAnswers(to responder.Settings) error {
	err := s.answers.Set(to)
	s.notify()
	return err
}

// AnswerCounters returns what has happened to the answers that are in use.
func (s *Session) AnswerCounters() (websocket, http responder.Counters) { return s.answers.Counters() }

// answerFailed puts into the message log why an answer failed.
func (s *Session) answerFailed(id string, err error) {
	row := journal.Row{Time: time.Now(), Lane: journal.Listener, Kind: journal.Problem, Type: "answer", Text: upperFirst(err.Error()), TrackingID: id}
	s.mu.Lock()
	if n, known := s.numbers[id]; known {
		row.Connection = fmt.Sprintf("#%d", n)
	}
	s.mu.Unlock()
	s.journal.Append(row)
	s.notify()
}

// StopAll stops listener, sender and tunnel.
func (s *Session) StopAll() {
	s.CancelRequest()
	s.StopTunnel()
	s.StopRepeat()
	s.Disconnect()
	s.StopListener()
}

// Close stops everything and waits for it until ctx ends. Open connections
// are told goodbye, unless that takes too long.
func (s *Session) Close(ctx context.Context) error {
	s.Watch(nil)
	s.StopAll()
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		s.closeRequester()
		close(done)
	}()
	defer s.end(relayclient.ErrClosed)
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.end(relayclient.ErrClosed) // drop what does not answer
		<-done
		return context.Cause(ctx)
	}
}

// number returns the number that people see for a connection or a request:
// both ends of one relayed connection have the same. The caller holds the lock.
func (s *Session) number(id string) int {
	n, ok := s.numbers[id]
	if !ok {
		s.numbered++
		n = s.numbered
		s.numbers[id] = n
	}
	return n
}

// observe takes every event of listener and sender: it goes into the message
// log, and the panes follow.
func (s *Session) observe(run int, ev relayclient.Event) {
	s.mu.Lock()
	number := 0
	if _, known := s.numbers[ev.Connection]; known || ev.Kind == relayclient.Connected || ev.Kind == relayclient.RequestReceived {
		number = s.number(ev.Connection)
	}
	if ev.Kind == relayclient.ResponseSent || ev.Kind == relayclient.RequestFailed {
		delete(s.numbers, ev.Connection) // there may be very many requests
	}
	connect := false
	r := s.listener.run(run)
	which := 0
	if r != nil {
		which = r.status.Number
		r.status.follow(ev)
		if ev.Kind == relayclient.StateChanged && ev.State == relayclient.Online {
			connect, s.listener.connectNext = s.listener.connectNext, false
			select {
			case r.online <- struct{}{}:
			default:
			}
		}
	}
	if l := s.linkOf(ev); l != nil {
		l.count(ev)
	}
	s.heardRequest(ev)
	s.mu.Unlock()
	if row, ok := rowOf(ev, number); ok {
		if number == 0 && which > 1 {
			row.Text = fmt.Sprintf("listener %d: %s", which, row.Text)
		}
		s.record(ev, row)
	}
	if connect {
		s.Connect()
	}
	s.notify()
}

func (s *Session) linkOf(ev relayclient.Event) *link {
	if ev.Role == relayclient.Sending {
		for _, r := range s.sender.runs {
			if r.link != nil && r.link.conn.ID() == ev.Connection {
				return r.link
			}
		}
		return nil
	}
	return s.listener.link(ev.Connection)
}

// problem logs a failure that no client has told of, such as a local relay
// that did not start.
func (s *Session) problem(lane journal.Lane, text string, err error) {
	role := relayclient.Listening
	if lane == journal.Sender {
		role = relayclient.Sending
	}
	m := explain.Error(err, role)
	s.journal.Append(journal.Row{Time: time.Now(), Lane: lane, Kind: journal.Problem, Type: "error", Text: text + ": " + m.Title, Detail: m.Text()})
}

// errStopped is the cause of a person's Stop.
var errStopped = fmt.Errorf("stopped: %w", context.Canceled)
