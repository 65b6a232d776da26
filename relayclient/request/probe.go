package request

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"net/http"
)

// ControlLimit is the largest body, in bytes, that travels on the listener's
// control channel. A larger one goes over a rendezvous, a WebSocket of its own
// to one of the relay's gateway hosts.
const ControlLimit = 64 << 10

// ProbeSizes are the sizes of body around the limit that Probe sends: 63 KiB,
// 64 KiB, one byte more, and 65 KiB.
var ProbeSizes = [...]int{63 << 10, ControlLimit, ControlLimit + 1, 65 << 10}

// ProbeHeader marks the requests of a probe, so that a listener of the same
// program can tell on which way each one came.
const ProbeHeader = "Relayscope-Probe"

// A Way is how a body travels between the relay and the listener.
type Way int

// The ways.
const (
	ControlChannel Way = 1 + iota
	Rendezvous
)

func (w Way) String() string {
	switch w {
	case ControlChannel:
		return "control channel"
	case Rendezvous:
		return "rendezvous"
	}
	return "unknown"
}

func wayOf(rendezvous bool) Way {
	if rendezvous {
		return Rendezvous
	}
	return ControlChannel
}

// A Trial is one request of a probe. The ways are what the protocol says of
// the size, unless Seen: then a listener has told.
type Trial struct {
	Size        int
	Mark        string // the value of ProbeHeader
	There, Back Way    // of the request, and of the response
	Seen        bool
	Request     Request
	Answer      Answer
	Intact      bool   // what came back is what was sent
	Problem     string // why it is not, in a sentence; "" if Intact
	Verdict     Verdict
}

// Told notes on which ways the listener has seen request and response.
func (t *Trial) Told(there, back bool) {
	t.There, t.Back, t.Seen = wayOf(there), wayOf(back), true
}

// Probe sends a body of each of ProbeSizes by POST and looks whether the same
// comes back, which takes a listener that echoes. Target, header and token are
// r's. done is called with each trial. It ends early where a further size could
// not tell more.
func (c *Client) Probe(ctx context.Context, r Request, done func(Trial)) {
	for _, size := range ProbeSizes {
		if ctx.Err() != nil {
			return
		}
		t := Trial{Size: size, Mark: rand.Text()}
		var body []byte // which nothing can make shorter, and people can look at
		for len(body) < size {
			body = append(body, rand.Text()...)
		}
		body = body[:size]
		header := r.Header.Clone()
		if header == nil {
			header = http.Header{}
		}
		header.Set(ProbeHeader, t.Mark)
		header.Set("Content-Type", "text/plain")
		t.Request = Request{Method: http.MethodPost, Target: r.Target, Header: header, Body: body, Token: r.Token}
		t.Answer = c.Do(ctx, t.Request)
		t.judge(sha256.Sum256(body))
		done(t)
		switch t.Verdict.Finding {
		case NoListener, Refused, Unreachable, Unsent, Cancelled, NotTheRelay, Deaf:
			return
		}
	}
}

func (t *Trial) judge(sum [sha256.Size]byte) {
	a := &t.Answer
	t.Verdict = a.Judge(Evidence{})
	t.There = wayOf(t.Size > ControlLimit)
	// A response goes back on the way of its request, and on another if it
	// does not fit.
	t.Back = wayOf(t.Size > ControlLimit || a.Size > ControlLimit)
	switch {
	case a.Err != nil || a.By != Listener:
		t.Problem = t.Verdict.Title
	case a.Code >= 300:
		t.Problem = t.Verdict.Title
	case a.Size == int64(t.Size) && a.Sum == sum:
		t.Intact = true
	case a.Size == int64(t.Size):
		t.Problem = "as many bytes came back, but not the same"
	case a.Size == 0:
		t.Problem = "nothing came back: the body was lost, or the listener does not echo"
	default:
		t.Problem = fmt.Sprintf("%d bytes came back: the listener does not echo, or a part was lost", a.Size)
	}
}

// Sentence says what the trials of a probe mean together.
func Sentence(trials []Trial) string {
	small, large := 0, 0
	for _, t := range trials {
		switch {
		case t.Intact && t.Size <= ControlLimit:
			small++
		case t.Intact:
			large++
		}
	}
	switch last := len(trials) - 1; {
	case last < 0:
		return ""
	case small == 2 && large == 2:
		return "Every size came back whole, on both sides of the limit."
	case small == 0 && large == 0 && trials[last].Answer.By == Listener && trials[last].Answer.Code < 300:
		return "This needs a listener that echoes, and this one does not: let it answer with what it has received."
	case small == 0 && large == 0:
		return trials[last].Verdict.Title + ". " + trials[last].Verdict.Next
	case small == 2:
		return "Small bodies pass and large ones do not: the listener's way to the relay's gateway hosts is blocked, or it does not serve rendezvous."
	}
	return "Not every size came back whole."
}
