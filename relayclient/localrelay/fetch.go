package localrelay

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// fetchRequest serves a listener that dials the rendezvous of a request, to
// fetch the request or to answer it. The id in the URL works once.
func (r *Relay) fetchRequest(h *handshake) {
	x := r.claim(h.target.params.id, h.entity, fateUsed)
	if x == nil {
		h.missed()
		h.refuse(http.StatusForbidden, textRendezvous)
		return
	}
	if h.req.RequestURI != x.uri() {
		h.deviates(breachAddress)
	}
	ws, err := h.complete("")
	if err != nil {
		h.log.Info("listener lost during rendezvous", "err", err)
		x.replies <- reply{refused: &refusal{http.StatusServiceUnavailable, "The listener was lost during the rendezvous"}}
		return
	}
	x.replies <- reply{rendezvous: &end{ws, socketOf(h.req)}}
}

var errSenderLeft = errors.New("sender has left")

// A meeting is an exchange at its rendezvous.
type meeting struct {
	*exchange
	listener *end
	control  *http.ResponseController // of the sender
	life     context.Context          // of the exchange, without the deadline for an answer
	deadline time.Time                // for the answer's first line
	ending   chan struct{}            // closed when the last frame of the request goes out
	uploaded chan struct{}            // closed when the request is no longer being sent
	whole    bool                     // all of it was sent; valid once fetched is closed
}

// meet exchanges request and answer with a listener that has dialled.
func (x *exchange) meet(life context.Context, deadline time.Time, listener *end) {
	m := &meeting{
		exchange: x,
		listener: listener,
		control:  http.NewResponseController(x.h.w),
		life:     life,
		deadline: deadline,
		ending:   make(chan struct{}),
		uploaded: make(chan struct{}),
	}
	ended := make(chan struct{})
	unwatch := context.AfterFunc(life, func() {
		defer close(ended)
		m.abandon()
	})
	pings, stop := make(chan string, 1), make(chan struct{})
	listener.ws.SetPingHandler(func(data string) error { latest(pings, data); return nil })
	var work sync.WaitGroup
	work.Go(func() { answerPings(listener.ws, pings, stop) })
	if x.fetched {
		// An answer may begin, and even end, before all of the request was sent.
		m.control.EnableFullDuplex()
		work.Go(m.upload)
	} else {
		m.whole = true
		close(m.uploaded)
	}

	why, refused, err := m.answer()

	if !unwatch() {
		<-ended
	}
	m.halt()
	// The sender need not wait while the listener says goodbye.
	x.relay.handlers.Go(func() {
		m.farewell(why)
		close(stop)
		work.Wait()
	})
	switch {
	case refused != nil:
		x.h.fail(refused)
	case err != nil:
		x.h.log.Info("answer cut off", "err", err)
		panic(http.ErrAbortHandler) // the sender must not take it for complete
	}
}

// answer reads the response and passes it on. It returns what to close the
// rendezvous with, and what to tell the sender if the response has not begun
// or why it is not complete.
func (m *meeting) answer() (closing, *refusal, error) {
	ws := m.listener.ws
	ws.SetReadLimit(maxControlMessage)
	m.awaitUntil(m.deadline)
	kind, text, err := ws.ReadMessage()
	if err != nil {
		return m.noAnswer(err)
	}
	if kind != websocket.TextMessage {
		m.deviates(breachNotText)
		return closing{closeProtocol, "Command messages must be MessageType=Text, actual=Binary."}, brokenAnswer, nil
	}
	res, problem := commandResponse(text)
	switch {
	case problem != "" && res == nil:
		m.deviates(breachNoResponse)
	case problem != "":
		m.deviates(breachMalformed)
	case res.RequestID != m.id:
		m.deviates(breachOtherRequest)
		problem = "'response.requestId' is not the id of the request."
	}
	if problem != "" {
		return closing{closeProtocol, problem}, brokenAnswer, nil
	}
	m.inspect(res)
	header, ok := responseHeaders(res, m.h.req.Method, m.via())
	if !ok {
		m.deviates(breachHeaderSize)
		return closing{closeProtocol, "The response header is too large."}, brokenAnswer, nil
	}
	ws.SetReadLimit(0)
	d := delivery{m.h, res, header, -1, m.sentWhole()}
	if !res.Body {
		d.length = 0
		err = d.write(nil)
		return closing{closeNormal, "Normal Closure"}, nil, err
	}
	body := &answerBody{meeting: m}
	err = d.write(body)
	if body.broken != "" {
		m.deviates(breachBodyText)
		return closing{closeProtocol, body.broken}, nil, err
	}
	return closing{closeNormal, "Normal Closure"}, nil, err
}

// sentWhole reports whether all of the request was sent. An answer to the end
// of a request may come before the goroutine that sent the end has noticed.
func (m *meeting) sentWhole() bool {
	select {
	case <-m.uploaded:
		return m.whole
	default:
	}
	select {
	case <-m.ending:
	default:
		return false
	}
	patience := time.NewTimer(m.relay.timings.closeWait)
	defer patience.Stop()
	select {
	case <-m.uploaded:
		return m.whole
	case <-patience.C:
		return false
	}
}

// noAnswer says what becomes of both sides when reading the response failed.
func (m *meeting) noAnswer(err error) (closing, *refusal, error) {
	var ne net.Error
	switch _, orderly := closingOf(err); {
	case m.life.Err() != nil:
		return closing{}, whyEnded(m.life), nil
	case orderly:
		m.deviates(breachPremature)
		return closing{closeProtocol, "Premature shutdown: WebSocket closed."}, brokenAnswer, nil
	case errors.As(err, &ne) && ne.Timeout():
		if !m.relay.faults.used.Load() {
			m.deviates(breachUnanswered)
		}
		return closing{closeGoingAway, "The response came too late."}, noAnswer, nil
	}
	return closing{}, brokenAnswer, nil
}

// awaitUntil bounds the next read from the listener, and lets abandon bound
// it further.
func (m *meeting) awaitUntil(deadline time.Time) {
	m.listener.ws.SetReadDeadline(deadline)
	if m.life.Err() != nil {
		m.listener.ws.SetReadDeadline(time.Now().Add(m.relay.timings.closeWait))
	}
}

// abandon ends the rendezvous of an exchange whose life is over. A listener
// whose sender left loses the connection, as its sender did.
func (m *meeting) abandon() {
	why := closing{closeGoingAway, "The relay was stopped"}
	var refused *refusal
	switch cause := context.Cause(m.life); {
	case errors.As(cause, &refused):
		why.text = refused.text
	case !errors.Is(cause, errClosed):
		m.listener.socket.Close()
		return
	}
	limit := time.Now().Add(m.relay.timings.closeWait)
	m.control.SetReadDeadline(limit)
	m.control.SetWriteDeadline(limit)
	m.listener.ws.SetReadDeadline(limit)
	why.tracked(m.h.id).write(m.listener.ws, limit)
}

// halt makes sure that nothing reads the sender's request any more.
func (m *meeting) halt() {
	select {
	case <-m.uploaded:
		return
	default:
	}
	m.control.SetReadDeadline(time.Now())
	patience := time.NewTimer(m.relay.timings.closeWait)
	defer patience.Stop()
	select {
	case <-m.uploaded:
	case <-patience.C: // the listener does not read
		m.listener.socket.Close()
		<-m.uploaded
	}
}

// farewell closes the rendezvous: the relay's half first, then the listener's
// for as long as it may take.
func (m *meeting) farewell(why closing) {
	defer m.listener.socket.Close()
	if why.code == 0 {
		return
	}
	limit := time.Now().Add(m.relay.timings.closeWait)
	if why.code != closeNormal {
		why = why.tracked(m.h.id)
	}
	if why.write(m.listener.ws, limit) != nil {
		return
	}
	m.listener.ws.SetReadDeadline(limit)
	for {
		_, r, err := m.listener.ws.NextReader()
		if err == nil {
			err = discard(r)
		}
		if err != nil {
			if _, orderly := closingOf(err); orderly {
				m.listener.ws.Close()
			}
			return
		}
	}
}
