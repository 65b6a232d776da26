package relayclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A Listener keeps a hybrid connection's control channel open and takes up
// the connections that senders ask for. Its methods are safe for concurrent
// use.
type Listener struct {
	cfg      Config
	events   *emitter
	id       string // sent as sb-hc-id on every attempt
	accepted chan *Conn
	slots    chan struct{} // one for every connection between its invitation and Accept
	refusals chan struct{} // one for every rejection under way
	requests chan struct{} // one for every HTTP request that Config.Handler serves
	idle     chan struct{} // one for every rendezvous kept for further requests
	workers  sync.WaitGroup
	deciders sync.WaitGroup // calls of Config.Admit
	cancel   context.CancelCauseFunc
	done     chan struct{} // closed once every goroutine has exited
	err      error         // why it ended; read only after done is closed
}

// Limits of what a relay can make a listener hold.
const (
	maxPending  = 256 // connections invited but not yet taken by Accept
	maxRefusals = 32  // rejections under way at once
)

// Listen opens a control channel. Unless cfg.KeepTrying is set, the first
// failure is returned. ctx bounds opening only: once Listen has returned, the
// Listener reconnects by itself and lives until Close, or until the relay says
// that the hybrid connection does not exist.
func Listen(ctx context.Context, cfg Config) (*Listener, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return nil, err
	}
	if cfg.Token == nil {
		return nil, fmt.Errorf("listen: %w", ErrTokenNeeded)
	}
	l := &Listener{
		cfg: cfg, events: &emitter{on: cfg.OnEvent}, id: newUUID(),
		accepted: make(chan *Conn, maxPending),
		slots:    make(chan struct{}, maxPending), refusals: make(chan struct{}, maxRefusals),
		requests: make(chan struct{}, maxRequests), idle: make(chan struct{}, maxIdle),
		done: make(chan struct{}),
	}
	ch, err := l.open(ctx, cfg.KeepTrying)
	if err != nil {
		l.emit(Event{Kind: StateChanged, State: Offline, Err: err})
		return nil, err
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	l.cancel = cancel
	go l.run(life, ch)
	return l, nil
}

// Accept waits for the next data connection. It returns ErrClosed after
// Close, or the reason why the Listener ended by itself.
func (l *Listener) Accept(ctx context.Context) (*Conn, error) {
	select {
	case c := <-l.accepted:
		<-l.slots
		return c, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-l.done:
		return nil, l.err
	}
}

// ID returns the UUID that the relay knows the listener by (sb-hc-id). It stays
// the same when the listener reconnects.
func (l *Listener) ID() string { return l.id }

// Done is closed when the Listener has ended.
func (l *Listener) Done() <-chan struct{} { return l.done }

// Close closes the control channel and the connections that nobody has taken
// yet, and waits for the Listener's goroutines. HTTP requests that are being
// served may finish within Timing.Close; then their contexts end, and Close
// waits for the handlers. Connections that Accept has returned live on. Closing
// twice is harmless.
func (l *Listener) Close() error {
	l.cancel(ErrClosed)
	<-l.done
	return nil
}

// run owns the listener: it holds one control channel after the other.
func (l *Listener) run(ctx context.Context, ch *controlChannel) {
	defer close(l.done)
	work, endWork := context.WithCancelCause(context.WithoutCancel(ctx))
	// What is under way gets a moment: a sender that is being accepted a
	// goodbye rather than a cut, a request its response.
	var late sync.WaitGroup
	late.Go(func() {
		<-ctx.Done()
		if sleep(work, l.cfg.Timing.Close) {
			endWork(ErrClosed)
		}
	})
	for ch != nil {
		since := time.Now()
		err := ch.serve(span{ctx, work})
		if ctx.Err() != nil {
			break
		}
		l.cfg.Logger.Warn("control channel lost", "op", "listen", "err", err)
		ch, err = l.reopen(ctx, err, time.Since(since))
		if err != nil {
			l.cancel(err)
		}
	}
	l.err = context.Cause(ctx)
	l.workers.Wait()
	endWork(ErrClosed)
	late.Wait()
	l.deciders.Wait()
	l.dropUnaccepted()
	ended := l.err
	if errors.Is(ended, ErrClosed) {
		ended = nil
	}
	l.emit(Event{Kind: StateChanged, State: Offline, Err: ended})
}

// dropUnaccepted closes what Accept will not return any more. The workers
// are gone, so nothing is added meanwhile.
func (l *Listener) dropUnaccepted() {
	var closing sync.WaitGroup
	defer closing.Wait()
	for {
		select {
		case c := <-l.accepted:
			closing.Go(func() { _ = c.Close(websocket.CloseGoingAway, "listener closed") })
		default:
			return
		}
	}
}

func (l *Listener) emit(ev Event) {
	ev.Role = Listening
	l.events.emit(ev)
}

// attempt opens a control channel once.
func (l *Listener) attempt(ctx context.Context, attempt int, phases *Phases) (*controlChannel, error) {
	l.emit(Event{Kind: StateChanged, State: Connecting, Attempt: attempt})
	start := time.Now()
	ctx, cancel := withTimeout(ctx, l.cfg.Timing.Handshake)
	defer cancel()
	header := http.Header{"Relay-User-Agent": {"relayscope"}}
	asked := time.Now()
	token, err := l.cfg.authorize(ctx, header, phases)
	if err != nil {
		return nil, err
	}
	address := "wss://" + l.cfg.Namespace + "/$hc/" + escapePath(l.cfg.HybridConnection) +
		"?sb-hc-action=listen&sb-hc-id=" + l.id
	ws, resp, err := l.cfg.upgrade(ctx, "listen", address, header, nil, l.cfg.Timing.Handshake, phases)
	if err != nil {
		return nil, err
	}
	tracking := printable(clip(resp.Header.Get("TrackingId")))
	l.cfg.Logger.Info("control channel online", "op", "listen", "tracking_id", tracking, "took", time.Since(start))
	l.emit(Event{Kind: StateChanged, State: Online, Attempt: attempt, TokenExpires: token.Expires, TrackingID: tracking, Took: time.Since(start), Phases: *phases})
	return newControlChannel(l, ws, asked, token), nil
}
