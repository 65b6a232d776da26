package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/signin"
)

// A reporter writes a client's events, one line each.
type reporter struct {
	out  io.Writer
	json bool
}

func newReporter(out io.Writer, asJSON bool) *reporter { return &reporter{out, asJSON} }

// A reportLine is one line with --json. Others script against it: members are
// added, never renamed.
type reportLine struct {
	Event      string     `json:"event"` // signed-in, state, renewed, renewal-failed, connected, failed, rejected, sent, send-failed, received, closed, request, response, request-failed, token-checked, answer-failed, ignored, tunnel
	Time       time.Time  `json:"time"`
	Role       string     `json:"role"`
	State      string     `json:"state,omitempty"`
	Connection string     `json:"connection,omitempty"` // UUID, the same at both ends
	Remote     string     `json:"remote,omitempty"`     // address of the sender
	Method     string     `json:"method,omitempty"`     // of an HTTP request
	Path       string     `json:"path,omitempty"`       // what the sender asked for after the name
	Local      string     `json:"local,omitempty"`      // address that a tunnel listens on
	Protocol   string     `json:"subprotocol,omitempty"`
	Type       string     `json:"type,omitempty"` // text or binary
	Size       *int       `json:"size,omitempty"`
	Text       *string    `json:"text,omitempty"`      // of a text message
	Base64     []byte     `json:"base64,omitempty"`    // of a binary message
	As         string     `json:"as,omitempty"`        // signed-in: who it is, in words
	AppID      string     `json:"app_id,omitempty"`    // signed-in
	ObjectID   string     `json:"object_id,omitempty"` // signed-in: roles are assigned to it
	Tenant     string     `json:"tenant,omitempty"`    // signed-in
	Code       int        `json:"code,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	ByPeer     bool       `json:"by_peer,omitempty"` // the other side closed first
	TookMS     int64      `json:"took_ms,omitempty"`
	BeganMS    int64      `json:"began_ms,omitempty"`   // until an HTTP response began
	Rendezvous bool       `json:"rendezvous,omitempty"` // of an HTTP request or response: it did not take the control channel
	Proxy      string     `json:"proxy,omitempty"`      // host and port, and where it is set
	RetryInMS  int64      `json:"retry_in_ms,omitempty"`
	Expires    *time.Time `json:"token_expires,omitempty"`
	TrackingID string     `json:"tracking_id,omitempty"`
	Error      string     `json:"error,omitempty"`  // what happened
	Why        string     `json:"why,omitempty"`    // as far as the evidence goes
	Next       string     `json:"next,omitempty"`   // what to do
	Answer     string     `json:"answer,omitempty"` // of the relay, as it came

	goesOn bool // the program goes on after the failure, though it is no listener

	BytesSent     *int64 `json:"bytes_sent,omitempty"` // through a tunnel, of a connection that has ended
	BytesReceived *int64 `json:"bytes_received,omitempty"`

	TokenPassed *bool       `json:"token_passed,omitempty"` // of a request's Bearer token
	TokenFailed []tokenStep `json:"token_failed,omitempty"` // and what was wrong with it
}

// report is the client's OnEvent.
func (r *reporter) report(ev relayclient.Event) {
	line, ok := lineOf(ev)
	if !ok {
		return
	}
	r.write(line)
}

func (r *reporter) write(line reportLine) {
	if r.json {
		// A pipe that is closed ends the program by itself.
		_ = json.NewEncoder(r.out).Encode(line)
		return
	}
	fmt.Fprintln(r.out, line.words()+line.below())
}

// signedIn tells as whom the client will connect.
func (r *reporter) signedIn(who signin.Who, expires time.Time, role relayclient.Role) {
	i := who.Identity
	line := reportLine{Event: "signed-in", Time: time.Now(), Role: role.String(), As: who.String(), AppID: i.AppID, ObjectID: i.ObjectID, Tenant: i.Tenant}
	if !expires.IsZero() {
		line.Expires = &expires
	}
	r.write(line)
}

func lineOf(ev relayclient.Event) (reportLine, bool) {
	line := reportLine{Time: ev.Time, Role: ev.Role.String(), Connection: ev.Connection, Code: ev.Code, Reason: ev.Reason,
		TookMS: ev.Took.Milliseconds(), TrackingID: ev.TrackingID, Protocol: relayclient.RedactSubprotocol(ev.Subprotocol), ByPeer: ev.ByPeer, Proxy: ev.Phases.Via}
	if ev.Info != nil {
		// Not the query: applications put their own tokens there.
		line.Remote, line.Path = ev.Info.RemoteAddress, ev.Info.Path
	}
	if !ev.TokenExpires.IsZero() {
		line.Expires = &ev.TokenExpires
	}
	if ev.Err != nil {
		m := explain.Error(ev.Err, ev.Role)
		line.Error, line.Why, line.Next, line.Answer = m.Title, m.Cause, m.Next, m.Raw
		if m.TrackingID != "" {
			line.TrackingID = m.TrackingID
		}
	}
	switch ev.Kind {
	case relayclient.StateChanged:
		line.Event, line.State, line.RetryInMS = "state", ev.State.String(), ev.RetryIn.Milliseconds()
	case relayclient.TokenRenewed:
		line.Event = "renewed"
	case relayclient.RenewalFailed:
		line.Event = "renewal-failed"
	case relayclient.ConnectFailed:
		line.Event = "failed"
	case relayclient.CommandReceived:
		if ev.Reason == "" {
			return line, false
		}
		line.Event = "ignored" // a message on the control channel
	case relayclient.Connected:
		line.Event = "connected"
	case relayclient.Rejected:
		line.Event = "rejected"
	case relayclient.MessageSent:
		line.Event = "sent"
		line.message(ev.Message)
	case relayclient.SendFailed:
		line.Event = "send-failed"
		line.message(ev.Message)
	case relayclient.MessageReceived:
		line.Event = "received"
		line.message(ev.Message)
	case relayclient.Closed:
		line.Event = "closed"
	case relayclient.RequestReceived:
		line.Event, line.Method, line.Remote, line.Rendezvous = "request", ev.Request.Method, ev.Request.RemoteAddress, ev.Request.Rendezvous
		line.Path, _, _ = strings.Cut(ev.Request.Target, "?")
	case relayclient.ResponseSent:
		line.Event = "response"
		line.response(ev)
	case relayclient.RequestFailed:
		line.Event = "request-failed"
		line.response(ev)
	default:
		return line, false
	}
	return line, true
}

func (l *reportLine) message(m relayclient.Message) {
	size := len(m.Data)
	l.Size = &size
	if m.Binary || !utf8.Valid(m.Data) {
		l.Type, l.Base64 = "binary", m.Data
		return
	}
	text := string(m.Data)
	l.Type, l.Text = "text", &text
}

func (l *reportLine) response(ev relayclient.Event) {
	l.BeganMS, l.Rendezvous = ev.FirstByte.Milliseconds(), ev.Rendezvous
	if ev.Code != 0 {
		size := int(ev.Bytes)
		l.Size = &size
	}
}

// maxWords is how much of a message a line for people shows.
const maxWords = 2000

// words is the line for people: time, role, what happened, on which connection,
// and the particulars. The first eight digits of a connection's UUID tell it
// from others.
func (l reportLine) words() string {
	what := l.Event
	if l.State != "" {
		what = l.State
	}
	fields := []string{l.Time.Format("15:04:05.000"), fmt.Sprintf("%-8s", l.Role), fmt.Sprintf("%-10s", what)}
	add := func(format string, args ...any) { fields = append(fields, fmt.Sprintf(format, args...)) }
	if l.Connection != "" {
		add("%.8s", l.Connection)
	}
	if l.As != "" {
		add("as %s", l.As)
	}
	if l.Method != "" {
		add("%s", journal.Preview([]byte(l.Method), false, maxWords))
	}
	if l.Size != nil && l.Type == "" {
		add("%d B", *l.Size)
	}
	if l.Size != nil && l.Type != "" {
		payload := l.Base64
		if l.Text != nil {
			payload = []byte(*l.Text)
		}
		add("%-6s  %d B", l.Type, *l.Size)
		add("%s", journal.Preview(payload, l.Text == nil, maxWords))
	}
	if l.Code != 0 {
		add("%s", l.ending())
	}
	if l.Event == "rejected" && l.Code == 0 {
		add("left without an answer")
	}
	if l.Event == "ignored" {
		add("a control message: %s", journal.Preview([]byte(l.Reason), false, maxWords))
	}
	if l.TokenPassed != nil {
		add("%s  %s", journal.Preview([]byte(l.Path), false, maxWords), l.verdict())
	}
	if l.Error != "" {
		add("%s", l.Error)
	}
	if l.RetryInMS > 0 {
		add("next try in %v", time.Duration(l.RetryInMS)*time.Millisecond)
	}
	if l.BytesSent != nil && l.BytesReceived != nil {
		add("%d B sent, %d B received", *l.BytesSent, *l.BytesReceived)
	}
	if l.Local != "" {
		add("on %s", l.Local)
	}
	if l.Remote != "" {
		add("from %s", l.Remote)
	}
	if l.Path != "" {
		add("path %s", journal.Preview([]byte(l.Path), false, maxWords))
	}
	if l.Proxy != "" {
		add("through the proxy %s", l.Proxy)
	}
	if l.Protocol != "" {
		add("subprotocol %s", l.Protocol)
	}
	if l.Expires != nil {
		add("token good until %s", l.Expires.Local().Format(time.DateTime))
	}
	return strings.TrimRight(strings.Join(fields, "  "), " ")
}

// below is what follows a line about a failure, of a listener or a tunnel. A
// failure that ends the program, as others of a sender's, is explained at its
// end.
func (l reportLine) below() string {
	if l.Error == "" || l.Error == "Stopped" || l.Role != relayclient.Listening.String() && !l.goesOn || l.State == relayclient.Offline.String() {
		return ""
	}
	_, rest, found := strings.Cut(explain.Message{Cause: l.Why, Next: l.Next, Raw: l.Answer, TrackingID: l.TrackingID}.Text(), "\n")
	if !found {
		return ""
	}
	return "\n    " + strings.ReplaceAll(rest, "\n", "\n    ")
}

// ending says with which code and reason a connection was closed, and by whom.
func (l reportLine) ending() string {
	text := fmt.Sprintf("with %d", l.Code)
	if l.Code == 1005 {
		text = "without a code"
	}
	switch {
	case l.Event == "response", l.Event == "request-failed":
		text = strings.TrimSpace(strconv.Itoa(l.Code) + " " + http.StatusText(l.Code))
	case l.ByPeer:
		text = "by the other side " + text
	case l.Event == "closed":
		text = "by this side " + text
	}
	if l.Reason != "" {
		text += ": " + journal.Preview([]byte(l.Reason), false, maxWords)
	}
	return text
}
