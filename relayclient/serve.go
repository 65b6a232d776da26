package relayclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"
)

// Limits of what a relay can make a listener hold for HTTP requests.
const (
	maxRequests = 256 // being served at once
	maxIdle     = 64  // rendezvous kept open for further requests
)

// A span is how long a worker of the listener may go on: life until Close,
// work for a little longer.
type span struct{ life, work context.Context }

// requested takes up a request from the control channel in a goroutine of its
// own. instead, if not nil, answers it in place of the handler.
func (l *Listener) requested(sp span, ch *controlChannel, cmd *requestCommand, body []byte, instead *refusal) {
	start := time.Now()
	handler, slots := l.admitted(instead)
	if slots == nil {
		err := errors.New("request: too many requests are waiting; the sender was left to its timeout")
		l.emit(Event{Kind: RequestFailed, Connection: cmd.connection(), Err: err})
		runtime.Gosched() // a flood must not keep the processor from those who answer
		return
	}
	l.workers.Go(func() {
		if socket := l.answer(sp, ch, cmd, body, handler, slots, start); socket != nil {
			l.keep(sp, socket)
		}
	})
}

// answer serves a request from the control channel and gives its place back.
func (l *Listener) answer(sp span, ch *controlChannel, cmd *requestCommand, body []byte, handler http.Handler, slots chan struct{}, start time.Time) *requestSocket {
	defer func() { <-slots }()
	if cmd.addressOnly() {
		return l.fetch(sp, cmd, handler, start)
	}
	return l.serve(sp.work, ch, nil, fetched{cmd, bodyOf(body)}, handler, start)
}

// admitted takes a place for a request, and returns whoever answers it and
// where the place is to be given back. It never waits: the places are nil if
// there is none even for a refusal.
func (l *Listener) admitted(instead *refusal) (http.Handler, chan struct{}) {
	switch {
	case instead != nil:
	case l.cfg.Handler == nil:
		instead = noHandler
	default:
		select {
		case l.requests <- struct{}{}:
			return l.cfg.Handler, l.requests
		default:
			instead = tooMany
		}
	}
	select {
	case l.refusals <- struct{}{}:
		return instead, l.refusals
	default:
		return nil, nil
	}
}

// drain waits until no request is being served, work ends or gone is closed.
// It takes every place, so that none is admitted any more.
func (l *Listener) drain(work context.Context, gone <-chan struct{}) {
	for range maxRequests {
		select {
		case l.requests <- struct{}{}:
		case <-work.Done():
			return
		case <-gone:
			return
		}
	}
}

// fetch dials for a request that came as an address only, and serves it. It
// returns the rendezvous if it can be used again.
func (l *Listener) fetch(sp span, cmd *requestCommand, handler http.Handler, start time.Time) *requestSocket {
	var phases Phases
	socket, err := l.openRendezvous(sp.work, "fetch", cmd.Address, &phases)
	if err == nil {
		patience := time.NewTimer(l.cfg.Timing.Idle)
		defer patience.Stop()
		select {
		case f := <-socket.requests:
			return l.serve(sp.work, nil, socket, f, handler, start)
		case <-socket.life.Done():
			err = context.Cause(socket.life)
		case <-patience.C:
			err = ErrPeerSilent
		case <-sp.work.Done():
			err = context.Cause(sp.work)
		}
		err = fmt.Errorf("fetch: %w", err)
		socket.close()
	}
	l.requestFailed(Event{Connection: cmd.connection(), Err: err, Took: time.Since(start), Phases: phases})
	return nil
}

func (l *Listener) requestFailed(ev Event) {
	ev.Kind = RequestFailed
	l.cfg.Logger.Warn("request failed", "op", "request", "tracking_id", ev.Connection, "took", ev.Took, "err", ev.Err)
	l.emit(ev)
}

// keep serves what else comes over a rendezvous until its other end closes it,
// nothing has come for Timing.Idle, or life ends.
func (l *Listener) keep(sp span, socket *requestSocket) {
	defer socket.close()
	select {
	case l.idle <- struct{}{}:
		defer func() { <-l.idle }()
	default:
		return
	}
	patience := time.NewTimer(l.cfg.Timing.Idle)
	defer patience.Stop()
	for {
		select {
		case f := <-socket.requests:
			handler, slots := l.admitted(nil)
			if slots == nil {
				f.close()
				return
			}
			if l.serveAnother(sp.work, socket, f, handler, slots) == nil {
				return
			}
			patience.Reset(l.cfg.Timing.Idle)
		case <-patience.C:
			// The rest of a body that no handler wanted may still be coming.
			left := l.cfg.Timing.Idle - socket.quiet()
			if left <= 0 {
				return
			}
			patience.Reset(left)
		case <-sp.life.Done():
			return
		case <-socket.life.Done():
			return
		}
	}
}

// serveAnother serves a further request over a rendezvous and gives its place
// back.
func (l *Listener) serveAnother(work context.Context, socket *requestSocket, f fetched, handler http.Handler, slots chan struct{}) *requestSocket {
	defer func() { <-slots }()
	return l.serve(work, nil, socket, f, handler, time.Now())
}

// serve lets a handler answer one request, and tells how that went. The
// request came over socket or, if that is nil, from ch. serve returns the
// rendezvous if one was used and still can be; a handler that ends its
// goroutine ends the caller with it, after everything was told and let go.
func (l *Listener) serve(work context.Context, ch *controlChannel, socket *requestSocket, f fetched, handler http.Handler, start time.Time) (same *requestSocket) {
	id := f.cmd.connection()
	l.emit(Event{Kind: RequestReceived, Connection: id, Request: f.cmd.info(l.cfg.HybridConnection, socket != nil)})
	ctx, cancel := context.WithCancelCause(work)
	w := &responder{
		l: l, channel: ch, cmd: f.cmd, ctx: ctx, cancel: cancel, start: start, header: http.Header{},
		log: l.cfg.Logger.With("op", "request", "tracking_id", id),
	}
	if socket != nil {
		w.use(socket)
	}
	req, err := f.cmd.httpRequest(ctx, &l.cfg, f.body)
	if err != nil {
		req, handler = &http.Request{}, &refusal{http.StatusBadRequest, err.Error()}
	}
	late := time.AfterFunc(l.cfg.Timing.Response-time.Since(start), func() {
		if w.first.Load() == 0 {
			cancel(ErrResponseTimeout)
		}
	})
	returned := false
	// Deferred, for a handler may panic or end this goroutine.
	defer func() {
		panicked := recover()
		failure := w.end(returned, panicked)
		late.Stop()
		f.close()
		ev := w.outcome()
		if r, ok := handler.(*refusal); ok {
			ev.Reason = r.words
		}
		if ev.Connection = id; failure != nil {
			ev.Err = failure
			l.requestFailed(ev)
		} else {
			ev.Kind = ResponseSent
			w.log.Info("response sent", "status", ev.Code, "took", ev.Took)
			l.emit(ev)
		}
		same = w.release()
		cancel(context.Canceled)
		if ended := !returned && panicked == nil; ended && same != nil {
			same.close() // nobody will get it
		}
	}()
	handler.ServeHTTP(w, req)
	returned = true
	return nil
}

// end sends what the handler answered. The error says why the sender did not
// get it, or that it got a 500 because the handler did not return.
func (w *responder) end(returned bool, panicked any) error {
	if returned {
		return w.finish()
	}
	w.abort(panicked == http.ErrAbortHandler)
	if panicked == nil || panicked == http.ErrAbortHandler {
		return ErrHandlerAborted
	}
	w.log.Error("handler panicked", "err", fmt.Sprint(panicked), "stack", string(debug.Stack()))
	return fmt.Errorf("%w: %v", ErrHandlerAborted, panicked)
}
