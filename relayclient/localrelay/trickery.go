package localrelay

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// This file has what the rest of the relay calls where a fault may strike.

// wait lets time pass, unless ctx ends first, which it reports.
func wait(ctx context.Context, d time.Duration) (ended bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return false
	case <-ctx.Done():
		return true
	}
}

// entityName returns the name of the handshake's hybrid connection, if there
// is one.
func (h *handshake) entityName() string {
	if h.entity == nil {
		return ""
	}
	return h.entity.Name
}

// spoiled lets faults delay or refuse a WebSocket handshake. It reports
// whether nothing more is to be done.
func (h *handshake) spoiled(action string) bool {
	on := Occasion(action)
	if on == "" {
		on = OnConnect
	}
	if f, ok := h.relay.struck(FaultDelay, on, h.entityName(), h.id); ok && wait(h.req.Context(), f.Delay) {
		why := whyEnded(h.req.Context())
		h.refuse(why.status, why.text)
		return true
	}
	f, ok := h.relay.struck(FaultRefuse, on, h.entityName(), h.id)
	if ok {
		status := f.Status
		if status == 0 {
			status = http.StatusServiceUnavailable
		}
		h.refuse(status, wording(f.Reason, http.StatusText(status), "Refused"))
	}
	return ok
}

// spoiledRequest is the same for a sender's HTTP request.
func (h *handshake) spoiledRequest() bool {
	if f, ok := h.relay.struck(FaultDelay, OnHTTP, h.entityName(), h.id); ok && wait(h.req.Context(), f.Delay) {
		h.fail(whyEnded(h.req.Context()))
		return true
	}
	f, ok := h.relay.struck(FaultHTTP, "", h.entityName(), h.id)
	if ok {
		why := &refusal{status: f.Status}
		if why.status == 0 {
			why.status = http.StatusBadGateway
		}
		usual := http.StatusText(why.status)
		switch why.status {
		case http.StatusGatewayTimeout:
			usual = noAnswer.text
		case http.StatusBadGateway:
			usual = noListeners.text
		case http.StatusInternalServerError:
			usual = "The service was unable to process the request"
		}
		why.text = wording(f.Reason, usual, "Refused")
		h.fail(why)
	}
	return ok
}

// wording returns the first text that is not empty.
func wording(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// invitable lets faults delay an invitation and make it a dead one. It returns
// the id that the listener is told.
func (h *handshake) invitable(ctx context.Context, p *pending) string {
	if f, ok := h.relay.struck(FaultDelay, OnAcceptCommand, p.entity.Name, h.id); ok {
		wait(ctx, f.Delay) // the caller sees for itself that ctx has ended
	}
	if _, ok := h.relay.struck(FaultLoseRendezvous, "", p.entity.Name, h.id); ok {
		dead := rendezvousID(h.id)
		h.relay.mu.Lock()
		h.relay.fates.set(dead, fateLeft)
		h.relay.mu.Unlock()
		return dead
	}
	return p.id
}

// spoil lets a fault break the JSON of a command.
func (c *controlChannel) spoil(text []byte) []byte {
	if _, ok := c.relay.struck(FaultCorrupt, "", c.entity.Name, c.id); ok {
		return text[:len(text)-1] // without its last brace
	}
	return text
}

// nonsense is a command that no listener knows.
var nonsense = []byte(`{"localRelayTest":{"text":"A listener must ignore commands that it does not know."}}`)

// A freezer keeps a control channel from saying anything for a while. Only
// the channel's goroutine uses it, but for the atomic in the channel.
type freezer struct {
	timer *time.Timer // nil while nothing is frozen for a certain time
}

// over is when the freeze ends by itself.
func (z *freezer) over() <-chan time.Time {
	if z.timer == nil {
		return nil
	}
	return z.timer.C
}

func (z *freezer) stop() {
	if z.timer != nil {
		z.timer.Stop()
		z.timer = nil
	}
}

// play does what a trick says.
func (c *controlChannel) play(ws *websocket.Conn, z *freezer, t trick) {
	switch {
	case t.freeze:
		z.stop()
		if t.lasting > 0 {
			z.timer = time.NewTimer(t.lasting)
		}
		c.frozen.Store(true)
		c.log.Info("control channel frozen")
	case t.thaw:
		c.thaw(z)
	case t.unknown && !c.frozen.Load():
		if write(ws, command{text: nonsense}, c.relay.timings.write) != nil {
			c.socket.Close() // which the reader notices
		}
	}
}

func (c *controlChannel) thaw(z *freezer) {
	z.stop()
	if c.frozen.Swap(false) {
		c.log.Info("control channel no longer frozen")
	}
}

// A cut is the end that a fault has set for one data connection.
type cut struct {
	doomed  atomic.Bool
	cutting sync.Mutex
	left    int // messages that still pass once it is doomed
}

// passes reports whether a message may pass. Both pumps ask for each. The
// first message that meets an armed cut sets how many more there will be.
func (b *bridge) passes() bool {
	if b.relay.faults.cuts.Load() == 0 && !b.doomed.Load() {
		return true
	}
	b.cutting.Lock()
	defer b.cutting.Unlock()
	if !b.doomed.Load() {
		f, ok := b.relay.struck(FaultCut, "", b.entity, b.id)
		if !ok {
			return true
		}
		b.left = f.After
		b.doomed.Store(true)
	}
	b.left--
	return b.left >= 0
}
