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
