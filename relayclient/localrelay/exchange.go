package localrelay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

const maxControlBody = 64 << 10

// maxExchanges bounds the requests that are relayed at once, each of which may
// hold a body of 64 KiB. The service documents no such limit; this relay is one
// small program.
const maxExchanges = 1024

// An exchange is one HTTP request on its way to a listener and back. The
// goroutine of the sender's request owns it.
type exchange struct {
	relay   *Relay
	entity  *entity
	h       *handshake
	id      string // of the request, and of its rendezvous
	text    []byte // the request command in full
	fetched bool   // the listener gets the request over a rendezvous
	cancel  context.CancelCauseFunc
	replies chan reply // capacity 1; whoever claims the exchange sends exactly one
}

// A reply is what became of a request: refused, answered on the control
// channel, or a listener has dialled its rendezvous.
type reply struct {
	refused    *refusal
	response   *response
	body       []byte
	rendezvous *end
}

// exchange relays a request and its answer.
func (r *Relay) exchange(h *handshake, e *entity, carrier string) {
	if r.exchanging.Add(1) > maxExchanges {
		r.exchanging.Add(-1)
		h.fail(&refusal{http.StatusServiceUnavailable, "Too many requests are being relayed"})
		return
	}
	defer r.exchanging.Add(-1)
	life, cancel := context.WithCancelCause(h.req.Context())
	defer cancel(nil)
	deadline := time.Now().Add(r.timings.response)
	ctx, stop := context.WithDeadlineCause(life, deadline, context.DeadlineExceeded)
	defer stop()
	channels, refused := r.eligible(e, h.req.Header)
	if refused != nil {
		h.fail(refused)
		return
	}
	x := &exchange{relay: r, entity: e, h: h, id: rendezvousID(h.id), cancel: cancel, replies: make(chan reply, 1)}
	if refused := x.compose(carrier); refused != nil {
		h.fail(refused)
		return
	}
	text, body := x.text, []byte(nil)
	if x.fetched {
		text = encode(map[string]any{"request": map[string]string{"address": x.address()}})
	} else if h.req.ContentLength > 0 {
		var err error
		if body, err = x.buffer(deadline); err != nil {
			h.fail(&refusal{http.StatusBadRequest, "The body of the request is incomplete"})
			return
		}
	}
	if refused := r.enroll(x); refused != nil {
		h.fail(refused)
		return
	}
	defer r.dismiss(x)
	what := x.offer(ctx, channels, text, body)
	switch {
	case what.refused != nil:
		h.fail(what.refused)
	case what.rendezvous != nil:
		x.meet(life, deadline, what.rendezvous)
	default:
		x.pass(what.response, what.body)
	}
}

// compose writes the request command and decides how it travels.
func (x *exchange) compose(carrier string) *refusal {
	type request struct {
		Address        string            `json:"address"`
		ID             string            `json:"id"`
		RequestTarget  string            `json:"requestTarget"`
		Method         string            `json:"method"`
		RemoteEndpoint endpoint          `json:"remoteEndpoint"`
		RequestHeaders map[string]string `json:"requestHeaders"`
		Body           bool              `json:"body"`
	}
	req := x.h.req
	headers := requestHeaders(req, carrier, x.via())
	x.text = encode(struct {
		Request request `json:"request"`
	}{request{
		Address:        x.address(),
		ID:             x.id,
		RequestTarget:  requestTarget(req, x.h.target),
		Method:         req.Method,
		RemoteEndpoint: remoteEndpoint(req),
		RequestHeaders: headers,
		Body:           req.ContentLength != 0,
	}})
	if len(x.text) >= maxControlMessage {
		return &refusal{http.StatusRequestHeaderFieldsTooLarge, "The request header is too large for the listener"}
	}
	tooLarge := len(x.text) > maxHeaderBytes && len(encode(headers)) > maxHeaderBytes
	x.fetched = req.ContentLength < 0 || req.ContentLength > maxControlBody || tooLarge
	return nil
}

// address returns the URL of the request's rendezvous.
func (x *exchange) address() string {
	return "wss://" + x.relay.Namespace() + x.uri()
}

// uri returns path and query of the address.
func (x *exchange) uri() string {
	return "/$hc/" + x.entity.escapedName() + "?sb-hc-action=request&sb-hc-id=" + x.id
}

func (x *exchange) via() string { return "1.1 " + x.relay.Namespace() }

// requestTarget returns path and query as they were sent, without the relay's
// own parameters.
func requestTarget(req *http.Request, t target) string {
	path, _, asked := strings.Cut(req.RequestURI, "?")
	if !strings.HasPrefix(path, "/") { // a client that takes the relay for a proxy
		path = "/" + t.raw
	}
	if t.query != "" || asked && req.URL.RawQuery == "" {
		path += "?" + t.query
	}
	return path
}

// buffer reads a body that travels in one message.
func (x *exchange) buffer(deadline time.Time) ([]byte, error) {
	c := http.NewResponseController(x.h.w)
	if err := c.SetReadDeadline(deadline); err != nil {
		return nil, err
	}
	body := make([]byte, x.h.req.ContentLength)
	if _, err := io.ReadFull(x.h.req.Body, body); err != nil {
		return nil, err
	}
	// The end must be read too, or net/http does not watch for a sender that
	// leaves.
	if _, err := x.h.req.Body.Read(make([]byte, 1)); err != io.EOF {
		return nil, err
	}
	return body, c.SetReadDeadline(time.Time{})
}

// offer gives the request to one listener after the other, until one has got
// it, and waits for the reply.
func (x *exchange) offer(ctx context.Context, channels []*controlChannel, text, body []byte) reply {
	sent := false
	for _, c := range channels {
		if err := c.send(ctx, text, body); err == nil {
			sent = true
			break
		} else if ctx.Err() != nil {
			break
		}
	}
	if !sent && ctx.Err() == nil {
		return x.giveUp(noListeners)
	}
	select {
	case what := <-x.replies:
		return what
	case <-ctx.Done():
		return x.giveUp(whyEnded(ctx))
	}
}

// whyEnded says what a sender is told when ctx has ended its request.
func whyEnded(ctx context.Context) *refusal {
	cause := context.Cause(ctx)
	var refused *refusal
	switch {
	case errors.As(cause, &refused):
		return refused
	case errors.Is(cause, context.DeadlineExceeded):
		return noAnswer
	case errors.Is(cause, errClosed):
		return stopping
	}
	return &refusal{http.StatusBadRequest, "The sender has left"} // nobody reads it
}

// giveUp ends the wait, unless a reply is on its way: then that counts.
func (x *exchange) giveUp(why *refusal) reply {
	if x.relay.claim(x.id, x.entity, fateFor(why)) == nil {
		return <-x.replies
	}
	if why == noAnswer && !x.relay.faults.used.Load() {
		x.deviates(breachUnanswered)
	}
	return reply{refused: why}
}

// enroll lets listeners answer the request.
func (r *Relay) enroll(x *exchange) *refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return stopping
	case x.entity.gone:
		return noEntity
	}
	x.entity.waiting++
	x.entity.exchanges[x] = struct{}{}
	r.requests[x.id] = x
	return nil
}

// claim removes a request from those that wait and remembers why, or returns
// nil if it is not there. Whoever claims one sends the reply.
func (r *Relay) claim(id string, e *entity, why fate) *exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	x := r.requests[id]
	if x == nil || x.entity != e {
		return nil
	}
	delete(r.requests, id)
	r.fates.set(id, why)
	e.waiting--
	return x
}

// dismiss forgets a request that is over.
func (r *Relay) dismiss(x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(x.entity.exchanges, x)
}
