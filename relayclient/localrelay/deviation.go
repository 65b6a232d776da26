package localrelay

import (
	"slices"
	"sync"
	"time"
)

// A Deviation is something that a client did otherwise than the protocol asks
// for, whether the relay put up with it or not. It is counted for each hybrid
// connection, role and rule.
type Deviation struct {
	Time       time.Time `json:"time"`        // of the last time
	Role       string    `json:"role"`        // "listener" or "sender"
	TrackingID string    `json:"tracking_id"` // of the handshake or control channel, the last time
	Entity     string    `json:"entity"`      // "" if the request named none that exists
	Rule       string    `json:"rule"`        // a short name that does not change
	Section    string    `json:"section"`     // of the protocol's description, such as "§3.1"
	Text       string    `json:"text"`        // what is wrong, and what becomes of it
	Count      int       `json:"count"`
}

// maxDeviations bounds how many are told apart. Further ones are lost.
const maxDeviations = 256

// The roles of a Deviation.
const (
	roleListener = "listener"
	roleSender   = "sender"
)

// deviations are what the clients did wrong so far.
type deviations struct {
	mu    sync.Mutex
	list  []Deviation
	calls sync.Mutex // one call of on at a time
	on    func(Deviation)
}

// Deviations returns what clients did otherwise than the protocol asks for,
// in the order in which it was first seen.
func (r *Relay) Deviations() []Deviation {
	r.deviations.mu.Lock()
	defer r.deviations.mu.Unlock()
	return slices.Clone(r.deviations.list)
}

// deviates records that a client broke a rule.
func (r *Relay) deviates(role, entity, trackingID string, b *breach) {
	d, ok := r.deviations.add(Deviation{
		Time: time.Now(), Role: role, TrackingID: trackingID, Entity: entity,
		Rule: b.rule, Section: b.section, Text: b.text, Count: 1,
	})
	if !ok {
		return
	}
	log := r.log.Debug
	if d.Count == 1 {
		log = r.log.Info // some clients do it with every message
	}
	log("client deviates", "namespace", r.Namespace(), "hybrid_connection", d.Entity, "tracking_id", d.TrackingID,
		"role", d.Role, "rule", d.Rule, "section", d.Section, "count", d.Count)
	if r.deviations.on != nil {
		r.deviations.calls.Lock()
		defer r.deviations.calls.Unlock()
		r.deviations.on(d)
	}
}

// add counts a deviation. It returns all that is known of it, or false if
// there are too many.
func (all *deviations) add(d Deviation) (Deviation, bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	i := slices.IndexFunc(all.list, func(old Deviation) bool {
		return old.Rule == d.Rule && old.Role == d.Role && old.Entity == d.Entity
	})
	switch {
	case i >= 0:
		d.Count += all.list[i].Count
		all.list[i] = d
	case len(all.list) < maxDeviations:
		all.list = append(all.list, d)
	default:
		return d, false
	}
	return d, true
}

// deviates records what a handshake or an HTTP request has wrong.
func (h *handshake) deviates(b *breach) {
	h.relay.deviates(h.role(), h.entityName(), h.id, b)
}

// deviates records what a listener does wrong on its control channel.
func (c *controlChannel) deviates(b *breach) {
	c.relay.deviates(roleListener, c.entity.Name, c.id, b)
}

// deviates records what a listener does wrong with a request.
func (x *exchange) deviates(b *breach) {
	x.relay.deviates(roleListener, x.entity.Name, x.h.id, b)
}
