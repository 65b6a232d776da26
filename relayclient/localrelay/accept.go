package localrelay

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

const textRendezvous = "URL is not valid or has expired"

// accept serves a listener that answers an invitation. The id in the URL is
// its authorization and works once; whatever is wrong with the request itself
// is said before the id is used up.
func (r *Relay) accept(h *handshake) {
	p := h.target.params
	status := 0
	if p.rejects {
		var err error
		status, err = strconv.Atoi(p.statusCode)
		if err != nil || status < 100 || status > 999 {
			h.deviates(breachStatus)
			h.refuse(http.StatusBadRequest, "The sb-hc-statusCode must be a number from 100 to 999")
			return
		}
	}
	protocol := strings.TrimSpace(strings.Join(h.req.Header.Values("Sec-WebSocket-Protocol"), ","))
	if strings.Contains(protocol, ",") {
		h.deviates(breachProtocols)
		h.refuse(http.StatusBadRequest, "An accepting listener must name at most one subprotocol")
		return
	}
	waiting := r.take(p.id, h.entity, fateUsed)
	if waiting == nil {
		h.missed()
		h.refuse(http.StatusForbidden, textRendezvous)
		return
	}
	if !strings.HasPrefix(h.req.RequestURI, waiting.uri) {
		h.deviates(breachAddress)
	}
	if p.rejects {
		reason := p.statusDescription
		if reason == "" {
			reason = http.StatusText(status)
		}
		waiting.answers <- answer{status: status, reason: reason}
		h.refuse(http.StatusGone, "Gone")
		return
	}
	if protocol != "" && !slices.Contains(waiting.protocols, protocol) {
		h.deviates(breachNotOffered)
	}
	h.slow(waiting.entity)
	result := make(chan *end, 1)
	waiting.answers <- answer{protocol: protocol, listener: result}
	ws, err := h.complete(protocol)
	if err != nil {
		h.log.Info("listener lost during rendezvous", "err", err)
		result <- nil
		return
	}
	result <- &end{ws, socketOf(h.req)}
}

// join completes the sender's handshake and relays until both sides are done.
// The listener's 101 is a write of a few bytes into an empty socket, so nobody
// notices that it goes out first, and its failure can still be told.
func (r *Relay) join(h *handshake, e *entity, a answer) {
	listener := <-a.listener
	if listener == nil {
		h.refuse(http.StatusServiceUnavailable, "The listener was lost during the rendezvous")
		return
	}
	b := &bridge{relay: r, entity: e.Name, id: h.id, ends: make(chan closing, 1)}
	if !r.enter(e, b) {
		listener.socket.Close()
		h.refuse(noEntity.status, noEntity.text)
		return
	}
	defer r.leave(e, b)
	h.slow(e)
	ws, err := h.complete(a.protocol)
	if err != nil {
		listener.socket.Close()
		h.log.Info("sender lost during rendezvous", "err", err)
		return
	}
	h.log.Info("data connection joined")
	b.run(&end{ws, socketOf(h.req)}, listener)
	h.log.Info("data connection over")
}

// enter counts a data connection, unless its entity has gone.
func (r *Relay) enter(e *entity, b *bridge) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.gone {
		return false
	}
	e.bridges[b] = struct{}{}
	return true
}

func (r *Relay) leave(e *entity, b *bridge) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(e.bridges, b)
}
