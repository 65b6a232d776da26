package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/localrelay"
)

// faultWords is the reason that every refusal by a fault gives, so that it is
// known from the relay's own.
const faultWords = "soak says no"

// effective is for how long after a fault a loss may be its doing: until a
// silent connection is given up, and a while for a busy machine.
const effective = 40 * time.Second

// A faultLog remembers when each kind of fault was last injected into a hybrid
// connection.
type faultLog struct {
	mu   sync.Mutex
	last map[localrelay.FaultKind]map[string]time.Time
	cuts int // how many connections faults may have cut

	worst time.Duration // stall of the machine
}

func newFaultLog() *faultLog {
	return &faultLog{last: map[localrelay.FaultKind]map[string]time.Time{}}
}

// stalled stands for a machine that was too busy for what waits: a timeout is
// then nobody's fault.
const stalled localrelay.FaultKind = "stalled machine"

func (l *faultLog) noteStall(late time.Duration) {
	l.note(localrelay.Fault{Kind: stalled})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worst = max(l.worst, late)
}

// worstStall returns by how much the machine was late at most.
func (l *faultLog) worstStall() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.worst
}

// note enters a fault; it must be called before it is injected.
func (l *faultLog) note(f localrelay.Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f.Kind == localrelay.FaultCut {
		l.cuts += max(f.Times, 1)
	}
	if l.last[f.Kind] == nil {
		l.last[f.Kind] = map[string]time.Time{}
	}
	// A fault that waits strikes at some time until it is cleared.
	until := time.Now()
	if !f.AtOnce() {
		until = until.Add(clearAtLatest)
	}
	l.last[f.Kind][f.Entity] = until.Add(max(f.For, f.Delay))
}

// recent reports whether one of these faults may be at work.
func (l *faultLog) recent(hybridConnection string, kinds ...localrelay.FaultKind) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, k := range kinds {
		for _, name := range []string{hybridConnection, ""} {
			if at, ok := l.last[k][name]; ok && time.Since(at) < effective {
				return true
			}
		}
	}
	return false
}

// outages are the faults after which nobody may be online for a moment.
var outages = []localrelay.FaultKind{localrelay.FaultDrop, localrelay.FaultClose, localrelay.FaultExpire, localrelay.FaultFreeze, localrelay.FaultRefuse, localrelay.FaultDelay}

// silences are the faults after which the relay waits for a listener in vain.
var silences = append([]localrelay.FaultKind{localrelay.FaultLoseRendezvous, localrelay.FaultCorrupt, stalled}, outages...)

// reason enters why something failed. It is a finding if no words are found
// for it, or if no fault accounts for it.
func (r *run) reason(heading, hybridConnection string, role relayclient.Role, err error, shortTokens bool) {
	if err == nil {
		r.findings.add("%s on %s, without a reason", heading, hybridConnection)
		return
	}
	if r.lost(heading, hybridConnection, role, err) && !r.accounted(hybridConnection, err, shortTokens) {
		r.findings.add("%s on %s, for which no fault accounts: %v", heading, hybridConnection, err)
	}
}

// accounted reports whether a fault explains the error.
func (r *run) accounted(hybridConnection string, err error, shortTokens bool) bool {
	recent := func(kinds ...localrelay.FaultKind) bool { return r.faults.recent(hybridConnection, kinds...) }
	var he *relayclient.HandshakeError
	var ce *relayclient.CloseError
	switch {
	case errors.As(err, &he):
		return r.refusalAccounted(hybridConnection, he, shortTokens)
	case errors.As(err, &ce) && ce.Code == 1008:
		return shortTokens || recent(localrelay.FaultExpire, localrelay.FaultClose)
	case errors.As(err, &ce):
		return recent(localrelay.FaultClose)
	case errors.Is(err, relayclient.ErrNotRenewable):
		return shortTokens
	case errors.Is(err, relayclient.ErrPeerSilent):
		return recent(localrelay.FaultFreeze, localrelay.FaultBandwidth, localrelay.FaultDelay, stalled)
	case errors.Is(err, context.DeadlineExceeded):
		return recent(localrelay.FaultDelay, stalled)
	case errors.Is(err, relayclient.ErrResponseTimeout):
		return recent(silences...)
	}
	return recent(localrelay.FaultDrop, localrelay.FaultCut, localrelay.FaultBandwidth)
}

// refusalAccounted does so for an answer of the relay's own.
func (r *run) refusalAccounted(hybridConnection string, he *relayclient.HandshakeError, shortTokens bool) bool {
	recent := func(kinds ...localrelay.FaultKind) bool { return r.faults.recent(hybridConnection, kinds...) }
	switch {
	case strings.Contains(he.Reason, faultWords):
		return recent(localrelay.FaultRefuse, localrelay.FaultHTTP)
	case he.Cause == relayclient.CauseExpired:
		return shortTokens && recent(localrelay.FaultDelay, stalled) // it was good when it was sent
	case he.Cause == relayclient.CauseNoListener:
		return shortTokens || recent(outages...)
	case he.StatusCode == http.StatusGatewayTimeout:
		return recent(silences...)
	case he.StatusCode == http.StatusForbidden && (he.Op == "accept" || he.Op == "fetch" || he.Op == "answer" || he.Op == "reject"):
		return recent(silences...) // the sender does not wait any more
	case he.StatusCode == http.StatusBadRequest && strings.Contains(he.Reason, "has left"):
		return recent(localrelay.FaultDelay) // meant for nobody, but read while hanging up
	case he.StatusCode == http.StatusServiceUnavailable && strings.Contains(he.Reason, "listener was lost"):
		return recent(outages...)
	case he.StatusCode == http.StatusInternalServerError && he.Op == "request":
		return recent(outages...) // a response that lost its channel half way
	}
	return false
}

// lost enters why a data connection ended without a Close. Whether anybody is
// to blame for it shows when both halves are compared. It reports whether the
// reason is to be looked into.
func (r *run) lost(heading, hybridConnection string, role relayclient.Role, err error) bool {
	if ours := errors.Is(err, errLeft) || errors.Is(err, errTimeIsUp) || errors.Is(err, errOutOfTime); ours {
		r.tally.add(heading, "given up by the run itself")
		return false
	}
	if errors.Is(err, errHangs) {
		r.findings.add("%s on %s: it hangs", heading, hybridConnection)
		return false
	}
	m := explain.Error(err, role)
	r.tally.add(heading, m.Title)
	if m.Title == "It did not work" || m.Title == "Stopped" {
		r.findings.add("%s on %s, which is explained only by %q: %v", heading, hybridConnection, m.Title, err)
		return false
	}
	return true
}

// checkCuts compares the data connections that both ends lost with those that
// faults have cut.
func (r *run) checkCuts() {
	r.ledger.mu.Lock()
	defer r.ledger.mu.Unlock()
	if r.ledger.cuts > r.faults.cuts {
		r.findings.add("both ends lost %d data connections, but faults cut %d at most", r.ledger.cuts, r.faults.cuts)
	}
}
