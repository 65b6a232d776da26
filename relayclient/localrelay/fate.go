package localrelay

import "net/http"

// A fate is what became of a rendezvous that does not wait any more.
type fate int

const (
	fateUnknown fate = iota // the relay does not remember it, or never made it
	fateUsed                // a listener has answered
	fateLate                // the relay's patience ran out
	fateLeft                // the sender left, the entity went, or a fault killed it
)

// fates remember the last rendezvous, to tell a listener that is late or
// careless from one that has bad luck. The Relay's mutex guards them.
type fates struct {
	of   map[string]fate
	last []string // a ring of their ids
	next int
}

const rememberedFates = 1024

func (all *fates) set(id string, f fate) {
	if all.of == nil {
		all.of = map[string]fate{}
	}
	if _, known := all.of[id]; !known {
		if len(all.last) < rememberedFates {
			all.last = append(all.last, id)
		} else {
			delete(all.of, all.last[all.next])
			all.last[all.next] = id
			all.next = (all.next + 1) % rememberedFates
		}
	}
	all.of[id] = f
}

// fateOf returns what became of a rendezvous. Lateness is nobody's fault where
// there have been faults.
func (r *Relay) fateOf(id string) fate {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.fates.of[id]
	if f == fateLate && r.faults.used.Load() {
		return fateLeft
	}
	return f
}

// missed records why a listener that dialled a rendezvous met nobody.
func (h *handshake) missed() {
	switch h.relay.fateOf(h.target.params.id) {
	case fateUnknown:
		h.deviates(breachStranger)
	case fateUsed:
		h.deviates(breachTwice)
	case fateLate:
		h.deviates(breachLate)
	}
}

// fateFor is the fate of a rendezvous given up for a reason.
func fateFor(why *refusal) fate {
	if why.status == http.StatusGatewayTimeout {
		return fateLate
	}
	return fateLeft
}
