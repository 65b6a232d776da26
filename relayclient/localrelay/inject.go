package localrelay

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// faults are those that wait for their occasion. The zero value has none.
type faults struct {
	mu    sync.Mutex
	armed []Fault
	cuts  atomic.Int32 // how many of armed are cuts; asked for every message
	used  atomic.Bool  // there has been a fault
}

// Inject makes something go wrong. A fault that waits for an occasion is
// armed; of several that match, the one that was injected first takes effect.
// One that acts at once does so before Inject returns, or, for freeze and
// unknown, is then on its way; hit is the number of control channels it acts
// on. Everything is logged.
//
// A fault that makes no sense, or that names a hybrid connection which does
// not exist, is an error. So is one more than 256 that are armed.
func (r *Relay) Inject(f Fault) (hit int, err error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	if f.Entity != "" {
		r.mu.Lock()
		e := r.named(f.Entity)
		r.mu.Unlock()
		if e == nil {
			return 0, fmt.Errorf("fault %s: there is no hybrid connection %q", f.Kind, f.Entity)
		}
		f.Entity = e.Name
	}
	r.faults.used.Store(true)
	if f.AtOnce() {
		hit = r.strike(f)
		r.log.Info("fault injected", "namespace", r.Namespace(), "fault", f.String(), "hit", hit)
		return hit, nil
	}
	if err := r.faults.arm(f); err != nil {
		return 0, err
	}
	r.log.Info("fault armed", "namespace", r.Namespace(), "fault", f.String())
	return 0, nil
}

// Faults returns the faults that are armed, the oldest first. Times says how
// often each of them will still take effect, but for bandwidth.
func (r *Relay) Faults() []Fault {
	r.faults.mu.Lock()
	defer r.faults.mu.Unlock()
	return slices.Clone(r.faults.armed)
}

// ClearFaults disarms every fault and lets frozen control channels go on.
// Data connections that are slow already stay so.
func (r *Relay) ClearFaults() {
	r.faults.mu.Lock()
	n := len(r.faults.armed)
	r.faults.armed = nil
	r.faults.cuts.Store(0)
	r.faults.mu.Unlock()
	for _, c := range r.channels("") {
		c.order(trick{thaw: true})
	}
	r.log.Info("faults cleared", "namespace", r.Namespace(), "armed", n)
}

func (all *faults) arm(f Fault) error {
	all.mu.Lock()
	defer all.mu.Unlock()
	if len(all.armed) >= maxArmed {
		return errors.New("too many faults are armed already; clear them")
	}
	if f.Kind != FaultBandwidth {
		f.Times = max(f.Times, 1)
	}
	if f.Kind == FaultCut {
		all.cuts.Add(1)
	}
	all.armed = append(all.armed, f)
	return nil
}

// take uses up one occasion of the first fault of a kind that matches.
func (all *faults) take(kind FaultKind, on Occasion, entity string) (Fault, bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	for i, f := range all.armed {
		if f.Kind != kind || f.On != "" && f.On != on || f.Entity != "" && !strings.EqualFold(f.Entity, entity) {
			continue
		}
		if f.Kind == FaultBandwidth {
			return f, true
		}
		if all.armed[i].Times--; all.armed[i].Times == 0 {
			all.armed = slices.Delete(all.armed, i, i+1)
			if kind == FaultCut {
				all.cuts.Add(-1)
			}
		}
		return f, true
	}
	return Fault{}, false
}

// struck takes a fault and logs it. on is "" where the kind has no occasions;
// entity is "" where the request named none that exists.
func (r *Relay) struck(kind FaultKind, on Occasion, entity, trackingID string) (Fault, bool) {
	f, ok := r.faults.take(kind, on, entity)
	if ok {
		r.log.Info("fault took effect", "namespace", r.Namespace(), "hybrid_connection", entity, "tracking_id", trackingID, "fault", f.String())
	}
	return f, ok
}

// strike acts on the control channels that are online.
func (r *Relay) strike(f Fault) int {
	names := []string{f.Entity}
	if f.Entity == "" {
		names = nil
		for _, e := range r.Entities() {
			names = append(names, e.Name)
		}
	}
	hit := 0
	switch f.Kind {
	case FaultDrop:
		for _, name := range names {
			hit += r.DropControlChannels(name)
		}
	case FaultClose:
		code, reason := f.Code, f.Reason
		if code == 0 {
			code = closeTrouble
		}
		if reason == "" {
			reason = "InternalServerError: NameRenewalFailed"
		}
		for _, name := range names {
			hit += r.CloseControlChannels(name, code, reason)
		}
	case FaultExpire:
		for _, name := range names {
			hit += r.CloseControlChannels(name, closePolicy, textExpired)
		}
	case FaultFreeze, FaultUnknown:
		order := trick{unknown: true}
		if f.Kind == FaultFreeze {
			order = trick{freeze: true, lasting: f.For}
		}
		for _, c := range r.channels(f.Entity) {
			if c.order(order) {
				hit++
			}
		}
	}
	return hit
}

// channels returns the control channels of a hybrid connection, or with ""
// all there are.
func (r *Relay) channels(entity string) []*controlChannel {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*controlChannel
	for _, e := range r.entities {
		if entity == "" || strings.EqualFold(e.Name, entity) {
			list = append(list, e.listeners...)
		}
	}
	return list
}

// A trick is what a control channel is to do wrong, or to stop doing wrong.
type trick struct {
	freeze  bool
	lasting time.Duration // of the freeze; 0 means until it is thawed
	thaw    bool
	unknown bool // send a command that the listener cannot know
}

// order hands a trick to the control channel and does not wait. It reports
// whether the channel will get to it.
func (c *controlChannel) order(t trick) bool {
	select {
	case <-c.done:
		return false
	default:
	}
	select {
	case c.tricks <- t:
		return true
	default: // it has more than enough to do
		return false
	}
}
