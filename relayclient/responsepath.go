package relayclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

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

// outcome tells what was sent.
func (w *responder) outcome() Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	ev := Event{Reason: w.reason, Took: time.Since(w.start), Phases: w.phases, Rendezvous: w.socket != nil}
	if first := w.first.Load(); first != 0 {
		ev.Code, ev.Bytes, ev.FirstByte = w.status, w.bytes, time.Duration(first)
	}
	return ev
}

// release parts the rendezvous from its request. It returns nil if there is
// none that can be used for another one.
func (w *responder) release() *requestSocket {
	if w.socket == nil {
		return nil
	}
	w.unlost()
	if w.uncut() && w.over && w.err == nil && w.socket.life.Err() == nil {
		return w.socket
	}
	w.socket.close()
	return nil
}
