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

	mu       sync.Mutex
	profile  profiles.Profile
	changed  func()
	numbers  map[string]int // ID of a connection or a request → the number that people see
	numbered int            // how many of them there were
	listener listenerState
	sender   senderState
	policy   responder.Policy
	inbound  inboundState
}

type listenerState struct {
	run    int // counts the starts, so that late news of an old one are told apart
	cancel context.CancelCauseFunc
	done   chan struct{} // closed when the run has ended
	used   profiles.Profile
	status ListenerStatus
	links  []*link

	stopping    bool
	connectNext bool // connect the sender when online
}

// NewSession returns an idle session that lives until ctx ends or Close.
func NewSession(ctx context.Context, p profiles.Profile, resolve Resolver) *Session {
	life, end := context.WithCancelCause(ctx)
	return &Session{
		resolve: resolve, journal: journal.New(0, 0), life: life, end: end, profile: p,
		changed: func() {}, numbers: map[string]int{}, policy: responder.Echo,
	}
}

// Journal returns the message log.
func (s *Session) Journal() *journal.Journal { return s.journal }

// Profile returns the settings in use.
func (s *Session) Profile() profiles.Profile {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile
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
	return s.listener.stopping || slices.ContainsFunc(s.sender.active(), func(r *sending) bool { return r.stopping })
}

// Running reports whether a listener or a sender is at work.
func (s *Session) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener.cancel != nil || len(s.sender.active()) > 0
}

// Stale reports whether the settings have changed since what is running was
// started.
func (s *Session) Stale() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener.cancel != nil && !s.listener.used.SameConnection(s.profile) ||
		slices.ContainsFunc(s.sender.active(), func(r *sending) bool { return !r.used.SameConnection(s.profile) })
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
	listener, sender := s.listener, s.sender.active()
	if s.life.Err() == nil {
		s.work.Go(func() { s.startAgain(listener, sender) })
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
		s.work.Go(func() { s.startAgain(listenerState{}, sender) })
	}
	s.mu.Unlock()
	s.Disconnect()
}

func (s *Session) startAgain(listener listenerState, sender []*sending) {
	var ends []chan struct{}
	if listener.cancel != nil {
		ends = append(ends, listener.done)
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
	case listener.cancel != nil && (len(sender) > 0 || listener.connectNext):
		s.StartBoth()
	case listener.cancel != nil:
		s.StartListener()
	case len(sender) > 0:
		s.Connect()
	}
}

// Policy returns how the listener answers.
func (s *Session) Policy() responder.Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.policy
}

// SetPolicy changes how the listener answers, from the next message on.
func (s *Session) SetPolicy(p responder.Policy) {
	s.mu.Lock()
	s.policy = p
	s.mu.Unlock()
	s.notify()
}

// StopAll stops listener and sender.
func (s *Session) StopAll() {
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
	if ev.Kind == relayclient.StateChanged && run == s.listener.run {
		s.listener.status.follow(ev)
		if ev.State == relayclient.Online {
			connect, s.listener.connectNext = s.listener.connectNext, false
		}
	}
	if l := s.linkOf(ev); l != nil {
		l.count(ev)
	}
	s.mu.Unlock()
	if row, ok := rowOf(ev, number); ok {
		s.journal.Append(row)
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
	for _, l := range s.listener.links {
		if l.conn.ID() == ev.Connection {
			return l
		}
	}
	return nil
}

// problem logs a failure that no client has told of, such as a local relay
// that did not start.
func (s *Session) problem(lane journal.Lane, text string, err error) {
	s.journal.Append(journal.Row{Time: time.Now(), Lane: lane, Kind: journal.Problem, Type: "error", Text: text, Detail: err.Error()})
}

// errStopped is the cause of a person's Stop.
var errStopped = fmt.Errorf("stopped: %w", context.Canceled)
