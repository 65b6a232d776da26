package relayclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// A responder is the http.ResponseWriter of one request. A response to a
// request from the control channel goes back there if it is small and quick;
// otherwise, and whatever came over a rendezvous, over a rendezvous.
//
// Its methods may be called from several goroutines: net/http promises less,
// but the timer that ends buffering is one of them anyway.
type responder struct {
	l       *Listener
	channel *controlChannel // where the request came from; nil for a rendezvous
	cmd     *requestCommand
	ctx     context.Context // of the request: the methods of http.ResponseWriter take none
	cancel  context.CancelCauseFunc
	start   time.Time
	log     *slog.Logger
	header  http.Header
	first   atomic.Int64 // until the first line was sent, in nanoseconds; 0 before

	mu       sync.Mutex
	status   int         // 0 until WriteHeader
	sent     http.Header // what header was then
	length   int64       // of the body as announced there; -1 if it was not
	buffered []byte
	timer    *time.Timer    // runs from the first byte buffered
	flushed  chan struct{}  // closed when the timer's function has returned
	socket   *requestSocket // of the rendezvous; nil while there is none
	uncut    func() bool    // stops the end of ctx from cutting socket
	unlost   func() bool    // stops the end of socket from ending ctx
	phases   Phases         // of the rendezvous
	begun    bool           // the first line was sent, and a body follows
	over     bool           // all was sent, or nothing more may be
	err      error          // why nothing more can be sent
	bytes    int64          // of the body, sent or buffered
	reason   string         // what was wrong with the handler's response
}

var (
	errChannelLost    = errors.New("the control channel was lost")
	errHeaderTooLarge = errors.New("the response's headers are larger than 32 KiB, which is what the relay carries")
	errResponseOver   = errors.New("the response is complete")
	errTooShort       = errors.New("the handler wrote less than its Content-Length announced")
)

// Header returns the headers that WriteHeader will send.
func (w *responder) Header() http.Header { return w.header }

// WriteHeader sets the status. 1xx is ignored: the protocol has one response
// to a request.
func (w *responder) WriteHeader(status int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writeHeader(status)
}

func (w *responder) writeHeader(status int) {
	switch {
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	case status < 200:
	case w.status != 0:
		w.log.Warn("superfluous WriteHeader", "status", status)
	default:
		w.status, w.sent, w.length = status, w.header.Clone(), announced(w.header)
	}
}

// Write buffers or sends a piece of the body. While it is sent over a
// rendezvous, a sender that reads slowly makes it wait.
func (w *responder) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	switch {
	case !bodyAllowed(w.status):
		return 0, http.ErrBodyNotAllowed
	case w.cmd.Method == http.MethodHead, len(p) == 0:
		return len(p), nil
	case w.failed():
		return 0, w.err
	case w.over:
		return 0, errResponseOver
	case w.length >= 0 && w.bytes+int64(len(p)) > w.length:
		return 0, http.ErrContentLength
	}
	if !w.begun && w.socket == nil && len(w.buffered)+len(p) <= maxControlBody {
		if w.timer == nil {
			w.flushLater()
		}
		w.buffered = append(w.buffered, p...)
		w.bytes += int64(len(p))
		return len(p), nil
	}
	if err := w.begin(p); err != nil {
		return 0, err
	}
	if err := w.socket.body(p, false); err != nil {
		return 0, w.fail(err)
	}
	w.bytes += int64(len(p))
	return len(p), nil
}

// bodyAllowed reports whether a response of this status may have a body.
func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// failed reports whether nothing more can be sent.
func (w *responder) failed() bool {
	if w.err == nil && w.ctx.Err() != nil {
		w.err = context.Cause(w.ctx)
	}
	return w.err != nil
}

// fail keeps the first error, which is the request's end if that was first.
func (w *responder) fail(err error) error {
	if !w.failed() {
		w.err = err
	}
	return w.err
}

// flushLater bounds how long what is buffered may stay here.
func (w *responder) flushLater() {
	w.flushed = make(chan struct{})
	w.timer = time.AfterFunc(w.l.cfg.Timing.Flush, func() {
		defer close(w.flushed)
		_ = w.FlushError() // the handler's next Write, or the event, tells
	})
}

// Flush is FlushError for http.Flusher.
func (w *responder) Flush() { _ = w.FlushError() }

// FlushError sends what there is. From here on the response is streamed.
func (w *responder) FlushError() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	switch {
	case w.over:
		return w.err
	case w.failed():
		return w.err
	case w.cmd.Method == http.MethodHead || !bodyAllowed(w.status):
		return w.whole()
	}
	return w.begin(nil)
}

// EnableFullDuplex is for http.ResponseController: it is never off.
func (w *responder) EnableFullDuplex() error { return nil }

// begin starts streaming, unless that has happened. next is what will be sent
// after that which is buffered.
func (w *responder) begin(next []byte) error {
	if w.begun {
		return nil
	}
	if len(w.buffered) > 0 {
		next = w.buffered
	}
	w.sniff(next)
	text, ok := w.command(true)
	if !ok {
		if err := w.whole(); err != nil {
			return err
		}
		return errHeaderTooLarge
	}
	if err := w.upgrade(); err != nil {
		return w.fail(err)
	}
	if err := w.socket.text(text); err != nil {
		return w.fail(err)
	}
	w.begun = true
	w.tookOff()
	if len(w.buffered) > 0 {
		if err := w.socket.body(w.buffered, false); err != nil {
			return w.fail(err)
		}
	}
	w.buffered = nil
	return nil
}

// upgrade dials the request's rendezvous, unless there is one.
func (w *responder) upgrade() error {
	if w.socket != nil {
		return nil
	}
	s, err := w.l.openRendezvous(w.ctx, "answer", w.cmd.Address, &w.phases)
	if err != nil {
		return err
	}
	w.use(s)
	return nil
}

// use makes s the way of the response. The end of either is the end of both.
func (w *responder) use(s *requestSocket) {
	w.socket, w.phases = s, s.phases
	w.uncut = context.AfterFunc(w.ctx, s.cut)
	w.unlost = context.AfterFunc(s.life, func() { w.cancel(context.Cause(s.life)) })
}

// command returns the response's first line.
func (w *responder) command(body bool) (text []byte, ok bool) {
	headers, problem := responseHeaders(w.sent, w.cmd.Method)
	if problem != "" && w.reason == "" {
		w.reason = problem
		w.log.Warn("response changed", "status", w.status, "err", problem)
	}
	return responseCommand{w.cmd.ID, w.status, headers, body}.encode()
}

// sniff guesses the content type from the body, as net/http does.
func (w *responder) sniff(body []byte) {
	_, typed := w.sent["Content-Type"]
	if len(body) > 0 && !typed && w.sent.Get("Content-Encoding") == "" {
		w.sent.Set("Content-Type", http.DetectContentType(body))
	}
}

// whole sends a response that is complete.
func (w *responder) whole() error {
	w.sniff(w.buffered)
	text, ok := w.command(len(w.buffered) > 0)
	if !ok {
		w.replace("the headers of the listener's response are too large", errHeaderTooLarge.Error())
		text, _ = w.command(len(w.buffered) > 0)
	}
	err := errChannelLost
	if w.socket == nil {
		err = w.channel.answer(w.ctx, text, w.buffered)
	}
	if errors.Is(err, errChannelLost) {
		err = w.wholeOverRendezvous(text)
	}
	if err != nil {
		return w.fail(err)
	}
	w.over = true
	w.tookOff()
	return nil
}

// wholeOverRendezvous also serves when the control channel of the request has
// been lost: the address stays good for as long as the sender waits.
func (w *responder) wholeOverRendezvous(text []byte) error {
	if w.socket == nil {
		if err := w.upgrade(); err != nil {
			return fmt.Errorf("%w: %w", errChannelLost, err)
		}
	}
	w.unlost() // the relay may close once it has all
	if err := w.socket.text(text); err != nil || len(w.buffered) == 0 {
		return err
	}
	return w.socket.body(w.buffered, true)
}

func (w *responder) tookOff() {
	w.first.CompareAndSwap(0, int64(max(1, time.Since(w.start))))
}

// replace makes the response a 500, as long as nothing was sent.
func (w *responder) replace(words, reason string) {
	w.status, w.reason = http.StatusInternalServerError, reason
	w.sent = http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	w.buffered = []byte(words + "\n")
	if w.cmd.Method == http.MethodHead {
		w.buffered = nil
	}
	w.bytes = int64(len(w.buffered))
}

// finish sends what is left once the handler has returned. It returns the
// reason why the sender did not get all of the response.
func (w *responder) finish() error {
	w.stopTimer()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.status == 0 {
		w.writeHeader(http.StatusOK)
	}
	// The relay drops Content-Length, by which the sender would have seen that
	// something is missing.
	short := w.length > w.bytes && w.cmd.Method != http.MethodHead && bodyAllowed(w.status)
	switch {
	case w.over, w.failed():
	case short && w.begun:
		w.fail(errTooShort)
		w.socket.cut()
	case short:
		w.replace("the listener's response is not complete", errTooShort.Error())
		w.whole() // its error is kept
	case w.begun:
		w.unlost() // the relay may close once it has all
		if err := w.socket.body(nil, true); err != nil {
			w.fail(err)
		}
		w.over = true
	default:
		w.whole() // its error is kept
	}
	return w.err
}

// abort ends the response of a handler that panicked: a sender must not take
// what it has got for complete.
func (w *responder) abort(cut bool) {
	w.stopTimer()
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
	case w.begun, cut && w.socket != nil:
		w.socket.cut()
	case !w.failed():
		w.replace("the listener's handler failed", "")
		w.whole() // the panic is what is told
	}
	w.over = true
}

// stopTimer waits for the timer's function if it has begun.
func (w *responder) stopTimer() {
	w.mu.Lock()
	timer := w.timer
	w.mu.Unlock()
	if timer != nil && !timer.Stop() {
		<-w.flushed
	}
}
