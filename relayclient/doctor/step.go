package doctor

import (
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// A Status is how a step ended. The zero Status is never healthy.
type Status int

// The statuses.
const (
	NotRun  Status = iota // not reached
	Running               // under way; never in a Report
	Passed
	Warned  // it works, but not as it should
	Failed  // Err and Finding say why
	Skipped // BlockedBy says which step was in the way, or Detail why it does not apply
)

func (s Status) String() string {
	names := []string{"not run", "running", "passed", "warning", "failed", "skipped"}
	if s < 0 || int(s) >= len(names) {
		return "unknown"
	}
	return names[s]
}

// An ID names a step. IDs are stable: scripts rely on them.
type ID string

// The steps, in the order they are made.
const (
	Profile       ID = "profile"      // the settings are complete, and which way they lead
	DNS           ID = "dns"          // the namespace's name, or the proxy's
	TCP           ID = "tcp"          // each of its addresses
	Proxy         ID = "proxy"        // connects further
	TLS           ID = "tls"          // version and certificates
	Clock         ID = "clock"        // against the relay's Date, and whether it is a relay
	Token         ID = "token"        // for both roles; only with Plan.OneCredential
	TokenListen   ID = "token-listen" // for the listener
	TokenSend     ID = "token-send"   // for the sender
	SendRight     ID = "send"         // the relay lets the sender in
	ListenRight   ID = "listen"       // the relay lets the listener in
	WebSocketTrip ID = "websocket"    // a message there and back
	HTTPTrip      ID = "http"         // a request and its response
)

// A Step is one row of a connection test.
type Step struct {
	ID          ID
	Title       string // for people, such as "Name lookup"
	Status      Status
	Began       time.Time // zero if it did not
	Took        time.Duration
	Detail      string        // what was seen, in one line
	Seen        []Observation // and piece by piece, such as one for each address
	BlockedBy   ID            // Skipped: the step that was in the way
	OutOfTime   bool          // Failed: its time or that of the whole test was over
	Err         error         // Failed, and at times Warned: the raw error
	Finding     explain.Message
	Command     string   // a command line that should mend it, to be copied; "" if there is none
	MayCome     bool     // Failed or Warned: it may mend itself in minutes, so that WatchUntilGranted makes sense
	TrackingIDs []string // the service's correlation IDs
	Phases      relayclient.Phases

	lacking bool // Warned because the credential has only the other role's right
}

// Healthy reports whether later steps can build on this one.
func (s Step) Healthy() bool { return s.Status == Passed || s.Status == Warned }

// An Observation is one of several things that a step looked at.
type Observation struct {
	Name   string // such as an IP address or a certificate's subject
	Status Status
	Took   time.Duration // 0 if it was not measured
	Detail string
	Err    error
}

// Steps returns the rows that Run will fill, none of them run, for drawing a
// list before the test begins.
func (p Plan) Steps() []Step {
	steps := []Step{
		{ID: Profile, Title: "Profile"},
		{ID: DNS, Title: "Name lookup"},
		{ID: TCP, Title: "TCP connection"},
		{ID: Proxy, Title: "Proxy"},
		{ID: TLS, Title: "TLS"},
		{ID: Clock, Title: "Clock"},
	}
	switch {
	case p.OneCredential && p.Listen != nil && p.Send != nil:
		steps = append(steps, Step{ID: Token, Title: "Token"})
	default:
		if p.Listen != nil {
			steps = append(steps, Step{ID: TokenListen, Title: "Listener's token"})
		}
		if p.Send != nil {
			steps = append(steps, Step{ID: TokenSend, Title: "Sender's token"})
		}
	}
	return append(steps,
		Step{ID: SendRight, Title: "Right to send"},
		Step{ID: ListenRight, Title: "Right to listen"},
		Step{ID: WebSocketTrip, Title: "WebSocket round trip"},
		Step{ID: HTTPTrip, Title: "HTTP round trip"},
	)
}

// A Report is the outcome of a connection test.
type Report struct {
	Started          time.Time
	Took             time.Duration
	Namespace        string // host, with ":port" unless that is 443
	HybridConnection string
	Via              string // the proxy and where it is set; "" without one
	Status           Status // Passed, Warned or Failed; NotRun if the test was stopped before anything failed
	Headline         string // the verdict in one sentence
	Stopped          bool   // the context was cancelled
	Steps            []Step
	TurnedAway       int // other people's senders that reached the test's listener
}

// Step returns the row of a step; its Status is NotRun if there is none.
func (r Report) Step(id ID) Step {
	for _, s := range r.Steps {
		if s.ID == id {
			return s
		}
	}
	return Step{ID: id}
}
