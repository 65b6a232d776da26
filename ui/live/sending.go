package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// A SenderState is where the sender stands, or one of its connections.
type SenderState int

// The states of a sender.
const (
	Disconnected SenderState = iota
	SenderConnecting
	SenderConnected
)

// SenderStatus is where the sender stands as a whole.
type SenderStatus struct {
	State            SenderState // of the connection that is farthest
	Since            time.Time
	Number           int // of the first open connection
	Sent, Received   int // on all connections that are listed
	Ping             time.Duration
	Open, Connecting int                     // connections
	Err              error                   // when Disconnected: why, unless the person did it or the other side simply was done
	Closed           *relayclient.CloseError // when Disconnected: how the other side was done
	Stopping         bool                    // told to disconnect, and saying goodbye
	Stale            bool                    // connected with other options than those of now
}

// A SenderConnection is one connection of the sender. One that ended by itself
// stays listed until the next Connect.
type SenderConnection struct {
	ID             int // within the session
	Number         int // as in the message log; 0 until connected
	State          SenderState
	Since          time.Time
	Sent, Received int
	Ping           time.Duration // how long the last PING took; 0 if none was answered
	Subprotocol    string
	Stopping       bool
	HalfClosed     bool // this side has sent its Close and still receives
	Err            error
	Closed         *relayclient.CloseError
}

// SendOptions is what the sender's connections are asked for, and how many
// there are.
type SendOptions struct {
	relayclient.DialOptions
	Connections int
}

// maxConnections is how many connections one sender opens.
const maxConnections = 100

// dialsAtOnce is how many of them are being opened at a time.
const dialsAtOnce = 8

type senderState struct {
	options SendOptions
	runs    []*sending // oldest first; those that ended by themselves, too
	count   int        // of all there were
	since   time.Time  // when the last one ended
	repeat  repeating
}

// A sending is one connection of the sender, from its opening on. The session's
// mutex guards it.
type sending struct {
	id      int
	used    profiles.Profile
	options SendOptions
	cancel  context.CancelCauseFunc // nil: it has ended
	done    chan struct{}           // closed then
	state   SenderState
	since   time.Time
	link    *link // nil: not connected yet
	err     error
	closed  *relayclient.CloseError

	stopping bool
	half     bool
	code     int // of our Close
	reason   string
	drop     bool // end without a Close
}

// A dialling is a number of connections that are opened together. The first
// one goes ahead: what it meets, the others would meet, too.
type dialling struct {
	first *sending
	done  chan struct{} // closed once the first is connected or has failed
	err   error         // why; read it after done is closed
	slots chan struct{}
}

// active returns the connections that have not ended. The caller holds the
// session's mutex.
func (s *senderState) active() []*sending {
	var list []*sending
	for _, r := range s.runs {
		if r.cancel != nil {
			list = append(list, r)
		}
	}
	return list
}

// SendOptions returns what the sender asks for.
func (s *Session) SendOptions() SendOptions {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sender.options
}

// SetSendOptions changes what the sender asks for. Connections that are open
// stay as they are.
func (s *Session) SetSendOptions(o SendOptions) {
	s.mu.Lock()
	s.sender.options = o
	s.mu.Unlock()
	s.notify()
}

// Sender returns where the sender stands.
func (s *Session) Sender() SenderStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := SenderStatus{Stopping: true}
	for _, r := range s.sender.runs {
		if r.link != nil {
			st.Sent += r.link.sent
			st.Received += r.link.received
		}
		if r.cancel == nil {
			if st.Err == nil {
				st.Err = r.err
			}
			if st.Closed == nil {
				st.Closed = r.closed
			}
			continue
		}
		if r.state == SenderConnected {
			st.Open++
		} else {
			st.Connecting++
		}
		if r.state > st.State {
			st.State, st.Since = r.state, r.since
			if r.link != nil {
				st.Number, st.Ping = r.link.number, r.link.ping
			}
		}
		st.Stopping = st.Stopping && r.stopping
		st.Stale = st.Stale || !sameOptions(r.options, s.sender.options)
	}
	if st.State == Disconnected {
		st.Since, st.Stopping = s.sender.since, false
	} else {
		st.Err, st.Closed = nil, nil
	}
	return st
}

// SenderConnections returns the sender's connections: by their numbers, and
// then those that have none yet.
func (s *Session) SenderConnections() []SenderConnection {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]SenderConnection, len(s.sender.runs))
	for i, r := range s.sender.runs {
		c := SenderConnection{ID: r.id, State: r.state, Since: r.since, Stopping: r.stopping, HalfClosed: r.half, Err: r.err, Closed: r.closed}
		if l := r.link; l != nil {
			c.Number, c.Sent, c.Received, c.Ping, c.Subprotocol = l.number, l.sent, l.received, l.ping, l.conn.Subprotocol()
		}
		list[i] = c
	}
	slices.SortStableFunc(list, func(a, b SenderConnection) int {
		return cmp.Compare(uint(a.Number)-1, uint(b.Number)-1) // 0 comes last
	})
	return list
}

// Connect opens the connections that are wanted and not open.
func (s *Session) Connect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.life.Err() != nil {
		return
	}
	s.sender.runs = s.sender.active()
	missing := min(max(1, s.sender.options.Connections), maxConnections) - len(s.sender.runs)
	d := &dialling{done: make(chan struct{}), slots: make(chan struct{}, dialsAtOnce)}
	for range missing {
		s.open(d)
	}
}

// open begins one connection. The caller holds the session's mutex.
func (s *Session) open(d *dialling) {
	ctx, cancel := context.WithCancelCause(s.life)
	s.sender.count++
	r := &sending{
		id: s.sender.count, used: s.profile, options: s.sender.options, cancel: cancel, done: make(chan struct{}),
		state: SenderConnecting, since: time.Now(), code: 1000,
	}
	if d.first == nil {
		d.first = r
	}
	s.sender.runs = append(s.sender.runs, r)
	s.work.Go(func() {
		defer close(r.done)
		err := s.run(ctx, r, d)
		cancel(nil)
		s.ended(r, err)
	})
}

// ended notes that r is over. It stays listed if nobody here wanted that.
func (s *Session) ended(r *sending, err error) {
	s.mu.Lock()
	r.cancel, r.state, r.since, r.err = nil, Disconnected, time.Now(), err
	s.sender.since = r.since
	var ce *relayclient.CloseError
	if errors.As(err, &ce) && ce.Ordinary() {
		r.err, r.closed = nil, ce
	}
	if err == nil || errors.Is(err, errNotTried) {
		s.sender.runs = slices.DeleteFunc(s.sender.runs, func(other *sending) bool { return other == r })
	}
	s.mu.Unlock()
	s.notify()
}

// errNotTried ends a connection whose first companion came to nothing.
var errNotTried = errors.New("not tried: the first connection failed")

// run takes one connection of the sender from its opening to its end. The
// error is nil when the person ended it.
func (s *Session) run(ctx context.Context, r *sending, d *dialling) error {
	conn, err := s.dial(ctx, r, d)
	if err != nil {
		return stopCause(ctx, err)
	}
	l := s.connected(r, conn)

	var helpers sync.WaitGroup
	reading, cancel := context.WithCancel(s.life)
	helpers.Go(func() { l.write(reading) })
	goodbye := context.AfterFunc(ctx, func() { s.part(r) })
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
	s.mu.Lock()
	half := r.half
	s.mu.Unlock()
	var ce *relayclient.CloseError
	if half && errors.As(err, &ce) && ce.Ordinary() {
		return nil // which it was waiting for
	}
	return stopCause(ctx, err)
}

// dial connects r, after the first one and not with too many others.
func (s *Session) dial(ctx context.Context, r *sending, d *dialling) (conn *relayclient.Conn, err error) {
	if r == d.first {
		defer func() {
			d.err = err
			close(d.done)
		}()
	} else {
		select {
		case <-d.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if d.err != nil {
			return nil, errNotTried
		}
		select {
		case d.slots <- struct{}{}:
			defer func() { <-d.slots }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	cfg, err := s.resolve(ctx, r.used, relayclient.Sending)
	if err != nil {
		if ctx.Err() == nil {
			s.problem(journal.Sender, "could not connect", err)
		}
		return nil, err
	}
	if r == d.first {
		s.signedIn(journal.Sender, cfg)
	}
	cfg.OnEvent = func(ev relayclient.Event) { s.observe(0, ev) }
	return relayclient.Dial(s.following(ctx, relayclient.Sending), cfg, r.options.DialOptions)
}

func (s *Session) connected(r *sending, conn *relayclient.Conn) *link {
	s.mu.Lock()
	l := newLink(conn, s.number(conn.ID()))
	l.notSent = func(err error) { s.notSent(l, err) }
	r.link, r.state, r.since = l, SenderConnected, l.since
	s.mu.Unlock()
	s.notify()
	return l
}

// notSent logs a file that could not be read.
func (s *Session) notSent(l *link, err error) {
	s.journal.Append(journal.Row{
		Time: time.Now(), Lane: journal.Sender, Kind: journal.Problem, Direction: journal.Out, Connection: fmt.Sprintf("#%d", l.number),
		Type: "not sent", Text: "the file to send cannot be read", Detail: err.Error(),
	})
}

// part ends r's connection, in the way that was asked for.
func (s *Session) part(r *sending) {
	s.mu.Lock()
	l, code, reason, drop := r.link, r.code, r.reason, r.drop
	s.mu.Unlock()
	if drop {
		l.conn.CloseNow()
		return
	}
	s.goodbye(l, code, reason)
}

// chosen returns the connections with these IDs that have not ended, all if
// there are no IDs. The caller holds the session's mutex.
func (s *senderState) chosen(ids []int) []*sending {
	return slices.DeleteFunc(s.active(), func(r *sending) bool { return len(ids) > 0 && !slices.Contains(ids, r.id) })
}

// Disconnect closes the sender's connections with these IDs, all if there are
// none, or gives up connecting.
func (s *Session) Disconnect(ids ...int) { s.CloseSender(1000, "", ids...) }

// CloseSender closes connections of the sender with a code and a reason.
func (s *Session) CloseSender(code int, reason string, ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.sender.chosen(ids) {
		r.code, r.reason, r.stopping = code, reason, true
		r.cancel(errStopped)
	}
}

// DropSender drops connections of the sender without a Close, as a crash
// would.
func (s *Session) DropSender(ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.sender.chosen(ids) {
		r.drop, r.stopping = true, true
		if l := r.link; l != nil {
			s.work.Go(l.conn.CloseNow) // a goodbye may be under way already
		}
		r.cancel(errStopped)
	}
}

// HalfCloseSender sends a Close on connections of the sender, and goes on
// receiving until the other side closes, too.
func (s *Session) HalfCloseSender(code int, reason string, ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.sender.chosen(ids) {
		if r.link == nil || r.half {
			continue
		}
		r.half = true
		s.work.Go(func() { s.halfClose(r.link, code, reason) })
	}
}

func (s *Session) halfClose(l *link, code int, reason string) {
	s.flush(l)
	row := journal.Row{
		Time: time.Now(), Lane: journal.Sender, Kind: journal.Control, Direction: journal.Out, Connection: fmt.Sprintf("#%d", l.number), Type: "close",
		Text: fmt.Sprintf("Close sent with %d, still receiving", code),
	}
	if err := l.conn.CloseWrite(code, reason); err != nil {
		row.Kind, row.Text, row.Detail = journal.Problem, "the Close could not be sent", err.Error()
	}
	s.journal.Append(row)
	s.notify()
}

// pingPatience is how long a PING may take.
const pingPatience = 10 * time.Second

// PingSender sends a PING on open connections of the sender. How long it takes
// is in the message log and in SenderConnections.
func (s *Session) PingSender(ids ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.sender.chosen(ids) {
		if l := r.link; l != nil {
			s.work.Go(func() { s.ping(l) })
		}
	}
}

func (s *Session) ping(l *link) {
	ctx, cancel := context.WithTimeout(s.life, pingPatience)
	defer cancel()
	took, err := l.conn.Ping(ctx)
	switch {
	case err == nil:
		s.mu.Lock()
		l.ping = took
		s.mu.Unlock()
	case errors.Is(err, context.DeadlineExceeded):
		s.journal.Append(journal.Row{
			Time: time.Now(), Lane: journal.Sender, Kind: journal.Problem, Connection: fmt.Sprintf("#%d", l.number), Type: "no pong",
			Text: fmt.Sprintf("the relay did not answer a PING within %v", pingPatience),
		})
	} // else the connection has ended, and the log says why
	s.notify()
}

// Send queues a message on all connections of the sender.
func (s *Session) Send(m relayclient.Message) error { return s.send(payload{Message: m}) }

// send queues p on the connections with these IDs, on all if there are none.
// Those that cannot take it do not keep it from the others.
func (s *Session) send(p payload, ids ...int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all, failed int
	err := ErrNotConnected
	for _, r := range s.sender.chosen(ids) {
		if r.link == nil {
			continue
		}
		all++
		if e := r.link.send(p); e != nil {
			failed++
			err = e
		}
	}
	switch {
	case all == failed: // or there is none
		return err
	case failed > 0:
		return fmt.Errorf("not sent on %d of %d connections: %w", failed, all, err)
	}
	return nil
}

// sameOptions reports whether connections under a and b are alike.
func sameOptions(a, b SendOptions) bool {
	return a.Path == b.Path && a.Query == b.Query && slices.Equal(a.Subprotocols, b.Subprotocols) && fmt.Sprint(a.Header) == fmt.Sprint(b.Header)
}
