package request

import (
	"errors"
	"fmt"
	"net/http"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// A Finding is what an answer means. The zero Finding is none.
type Finding int

// The findings.
const (
	Answered    Finding = 1 + iota // by the listener, with its own status
	NoListener                     // nobody listens, or there is no such name
	Deaf                           // a listener is there but seems not to answer requests
	Slow                           // the listener has the request and did not answer in time
	Refused                        // the relay refused the token
	Trouble                        // the relay could not do its work
	Unreachable                    // no answer at all
	NotTheRelay                    // an answer of something else
	BrokenOff                      // the answer began and did not end
	Cancelled                      // by the person
	Unsent                         // the request cannot be sent as it is
)

// A Verdict is an answer in words.
type Verdict struct {
	Finding Finding
	Title   string // what happened, one short sentence without a full stop
	Cause   string // why, as far as the evidence goes
	Next    string // what to do; "" if nothing
	Raw     string // what came back, verbatim; "" if Title says it all
}

// Evidence is what is known beside the answer.
type Evidence struct {
	ListenerHasIt  bool // the listener was seen to receive this request
	AnsweredBefore bool // a listener has answered a request here before
}

// Judge puts an answer into words.
func (a *Answer) Judge(e Evidence) Verdict {
	switch {
	case a.Canceled && a.Err != nil:
		return Verdict{Finding: Cancelled, Title: "Cancelled", Cause: "The relay does not tell a listener of a sender that gives up."}
	case a.By == Listener && a.Err != nil:
		return Verdict{Finding: BrokenOff, Title: "The answer broke off",
			Cause: fmt.Sprintf("Status and headers came, and %d bytes of the body. Then the listener or its way to the relay was lost, or nothing followed for 60 s.", a.Size),
			Next:  "Look at the listener. A target that is cut off in the middle looks the same from here.", Raw: a.Err.Error()}
	case a.By == Listener:
		return a.listeners()
	case a.By == Foreign && a.Err == nil:
		return Verdict{Finding: NotTheRelay, Title: "The answer did not come from a listener",
			Cause: "It has no Via header, which the relay adds to everything that a listener has sent. The relay itself, a proxy or a portal gave it.",
			Next:  "Check the path: without one after its name, a hybrid connection may answer for itself. On a strange network, look for a proxy."}
	case errors.Is(a.Err, relayclient.ErrAcceptTimeout) && a.By == Relay:
		return a.late(e)
	}
	var ce *CheckError
	if errors.As(a.Err, &ce) {
		return Verdict{Finding: Unsent, Title: "The request cannot be sent", Cause: ce.Error()}
	}
	m := explain.Error(a.Err, relayclient.Sending)
	v := Verdict{Finding: Unreachable, Title: m.Title, Cause: m.Cause, Next: m.Next, Raw: m.Raw}
	var he *relayclient.HandshakeError
	if !errors.As(a.Err, &he) {
		return v
	}
	switch {
	case he.Foreign:
		v.Finding = NotTheRelay
	case errors.Is(he, relayclient.ErrNoListener), errors.Is(he, relayclient.ErrNotFound), a.Code == http.StatusBadGateway:
		v.Finding = NoListener
		v.Title = "Nobody is listening"
		v.Cause = "The relay itself answered. To HTTP requests it gives the same status for a hybrid connection without a listener and for one that does not exist."
		v.Next = "Start a listener, here or where it belongs. If one is online, compare the hybrid connection's name with the portal."
	case errors.Is(he, relayclient.ErrUnauthorized):
		v.Finding = Refused
	default:
		v.Finding = Trouble
	}
	return v
}

// listeners is about an answer of the listener's own.
func (a *Answer) listeners() Verdict {
	v := Verdict{Finding: Answered, Title: "The listener answered " + a.Status}
	switch {
	case a.Code == http.StatusNotImplemented:
		v.Cause = "It is reached, but has nothing that answers HTTP requests, or does not know the method."
		v.Next = "Let it answer requests, or connect over WebSocket."
	case a.Code == http.StatusBadGateway, a.Code == http.StatusServiceUnavailable, a.Code == http.StatusGatewayTimeout:
		v.Cause = "The status is the listener's own, not the relay's: what it forwards to is down, refuses or is too slow."
		v.Next = "Look at the target behind the listener."
	case a.Code >= 500:
		v.Cause = "The relay did its part. The target behind the listener, or the listener itself, has failed."
		v.Next = "Look into the listener's log."
	case a.Code == http.StatusUnauthorized, a.Code == http.StatusForbidden:
		v.Cause = "The relay let the request through. This is the target's own refusal, and not about the relay's token."
		v.Next = "Send what the target asks for, such as an Authorization header."
	case a.Code >= 400:
		v.Cause = "The relay did its part. The target does not accept this request."
		v.Next = "Check method, path and body."
	case a.Code >= 300:
		v.Cause = "It points elsewhere. Redirections are not followed here."
	}
	return v
}

// late is about the relay's answer that the listener's time is over.
func (a *Answer) late(e Evidence) Verdict {
	v := Verdict{Finding: Slow, Raw: a.Status}
	switch {
	case e.ListenerHasIt:
		v.Title = "The target is too slow"
		v.Cause = "The listener has received the request, but its answer had not begun when its time was over: 60 s, which cannot be changed."
		v.Next = "Look at what answers behind the listener. It can send its headers early, or answer 202 and let the sender ask again."
	case e.AnsweredBefore:
		v.Title = "No answer in time, though this listener answers HTTP"
		v.Cause = "It has answered before. Its target is slow or stuck, or its network blocks the relay's gateway hosts, which large bodies need."
		v.Next = "Try a short request without a body. Then look at the target behind the listener."
	default:
		v.Finding = Deaf
		v.Title = "A listener is there, but does not answer HTTP requests"
		v.Cause = "The relay passed the request on, and no answer began within its time of 60 s. Listeners that only take WebSocket connections, such as the Hybrid Connection Manager, never answer one. A target that is stuck looks the same."
		v.Next = "Connect over WebSocket. If this listener does serve HTTP, look at its target."
	}
	return v
}
