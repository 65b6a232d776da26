package relayclient

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

// A Verdict is what a listener decides about a sender that wants to connect.
// The zero Verdict turns it away.
type Verdict struct {
	Accept      bool
	Ignore      bool   // unless accepted: leave the sender without an answer, until the relay gives up
	Subprotocol string // of those offered; "" for none
	Status      int    // when turned away: what the sender gets, 100 to 999; 0 means 400
	Description string // and why, in one line of plain text
}

// Subprotocols returns what the sender offers, the one it likes best first.
func (i ConnInfo) Subprotocols() []string {
	var offered []string
	for _, line := range i.Header.Values("Sec-WebSocket-Protocol") {
		for p := range strings.SplitSeq(line, ",") {
			if p = strings.TrimSpace(p); p != "" {
				offered = append(offered, p)
			}
		}
	}
	return offered
}

// admitAll takes every sender, with the subprotocol it likes best, as the
// service's own SDKs do.
func admitAll(info ConnInfo) Verdict {
	v := Verdict{Accept: true}
	if offered := info.Subprotocols(); len(offered) > 0 {
		v.Subprotocol = offered[0]
	}
	return v
}

// decide asks Config.Admit, but not for longer than Timing.Decide: a sender
// waits, and the address of its rendezvous does not live long.
func (l *Listener) decide(ctx context.Context, info ConnInfo) Verdict {
	if l.cfg.Admit == nil {
		return admitAll(info)
	}
	ctx, cancel := context.WithTimeout(ctx, l.cfg.Timing.Decide)
	defer cancel()
	decided := make(chan Verdict, 1)
	l.deciders.Go(func() { decided <- l.cfg.Admit(ctx, info) })
	var v Verdict
	select {
	case v = <-decided:
	case <-ctx.Done():
		return Verdict{Status: http.StatusServiceUnavailable, Description: "the listener did not decide in time"}
	}
	switch {
	case v.Accept && v.Subprotocol != "" && !slices.Contains(info.Subprotocols(), v.Subprotocol):
		return Verdict{Status: http.StatusInternalServerError, Description: "the listener chose a subprotocol that was not offered"}
	case v.Ignore && !v.Accept:
		return Verdict{Ignore: true}
	case !v.Accept && (v.Status < 100 || v.Status > 999):
		v.Status = http.StatusBadRequest
	}
	if !v.Accept && v.Description == "" {
		v.Description = "Rejected by user code" // what the service's own SDK says
	}
	return v
}
