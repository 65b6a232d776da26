package localrelay

import (
	"net/http"
	"slices"
	"time"
)

const maxListeners = 25 // per hybrid connection, as in the service

var (
	noEntity = &refusal{http.StatusNotFound, "Endpoint does not exist."}
	stopping = &refusal{http.StatusServiceUnavailable, "The relay is being stopped."}
)

// listen serves a listener's registration.
func (r *Relay) listen(h *handshake) {
	path, e := h.target.texts(), h.entity
	now := time.Now()
	expires, refused := r.authorize(h.presentedToken(), e, path, Listen, now)
	if refused == nil && (e == nil || len(e.segments) != len(path)) {
		refused = noEntity
	}
	if refused != nil {
		h.refuse(refused.status, refused.text)
		return
	}
	c := &controlChannel{
		relay:  r,
		entity: e,
		path:   path,
		uuid:   h.uuid,
		named:  h.target.params.id != "",
		id:     h.id,
		socket: socketOf(h.req),
		log:    h.log,
		out:    make(chan command),
		ends:   make(chan closing, 1),
		done:   make(chan struct{}),
		tricks: make(chan trick, 16),
	}
	// Once the listener sees 101 it is registered, so a sender that follows it
	// must find it.
	if refused := r.register(c); refused != nil {
		h.refuse(refused.status, refused.text)
		return
	}
	if c.double {
		c.deviates(breachSameID)
	}
	ws, err := h.complete("")
	if err != nil {
		r.unregister(c)
		close(c.done)
		h.log.Info("listener lost during handshake", "err", err)
		return
	}
	h.log.Info("control channel online")
	c.run(ws, expires)
}

// register gives a control channel its place among the listeners.
func (r *Relay) register(c *controlChannel) *refusal {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return stopping
	case c.entity.gone:
		return noEntity
	case len(c.entity.listeners) >= maxListeners:
		return &refusal{http.StatusForbidden, "QuotaExceeded: MaximumListenersPerEndpoint of 25 has been reached."}
	}
	c.double = c.named && slices.ContainsFunc(c.entity.listeners, func(other *controlChannel) bool { return other.uuid == c.uuid })
	// A new slice: the old one may be in use by someone who holds no lock.
	c.entity.listeners = append(slices.Clip(c.entity.listeners), c)
	return nil
}

func (r *Relay) unregister(c *controlChannel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rest []*controlChannel
	for _, other := range c.entity.listeners {
		if other != c {
			rest = append(rest, other)
		}
	}
	c.entity.listeners = rest
}
