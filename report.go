package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/journal"
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
	Event      string     `json:"event"` // state, renewed, connected, refused, rejected, sent, received, closed
	Time       time.Time  `json:"time"`
	Role       string     `json:"role"`
	State      string     `json:"state,omitempty"`
	Connection string     `json:"connection,omitempty"`
	Type       string     `json:"type,omitempty"` // text or binary
	Size       *int       `json:"size,omitempty"`
	Text       *string    `json:"text,omitempty"`   // of a text message
	Base64     []byte     `json:"base64,omitempty"` // of a binary message
	Code       int        `json:"code,omitempty"`
	Reason     string     `json:"reason,omitempty"`
	TookMS     int64      `json:"took_ms,omitempty"`
	RetryInMS  int64      `json:"retry_in_ms,omitempty"`
	Expires    *time.Time `json:"token_expires,omitempty"`
	TrackingID string     `json:"tracking_id,omitempty"`
	Error      string     `json:"error,omitempty"`
	Answer     string     `json:"answer,omitempty"` // of the relay, as it came
}

// report is the client's OnEvent.
func (r *reporter) report(ev relayclient.Event) {
	line, ok := lineOf(ev)
	if !ok {
		return
	}
	if r.json {
		// A pipe that is closed ends the program by itself.
		_ = json.NewEncoder(r.out).Encode(line)
		return
	}
	fmt.Fprintln(r.out, line.words())
}

func lineOf(ev relayclient.Event) (reportLine, bool) {
	line := reportLine{Time: ev.Time, Role: ev.Role.String(), Connection: ev.Connection, Code: ev.Code, Reason: ev.Reason,
		TookMS: ev.Took.Milliseconds(), TrackingID: ev.TrackingID}
	if !ev.TokenExpires.IsZero() {
		line.Expires = &ev.TokenExpires
	}
	if ev.Err != nil {
		m := explain.Error(ev.Err, ev.Role)
		line.Error, line.Answer = m.Title, m.Raw
		if m.TrackingID != "" {
			line.TrackingID = m.TrackingID
		}
	}
	switch ev.Kind {
	case relayclient.StateChanged:
		line.Event, line.State, line.RetryInMS = "state", ev.State.String(), ev.RetryIn.Milliseconds()
	case relayclient.TokenRenewed:
		line.Event = "renewed"
	case relayclient.RenewalFailed, relayclient.ConnectFailed:
		line.Event = "refused"
	case relayclient.Connected:
		line.Event = "connected"
	case relayclient.Rejected:
		line.Event = "rejected"
	case relayclient.MessageSent:
		line.Event = "sent"
		line.message(ev.Message)
	case relayclient.MessageReceived:
		line.Event = "received"
		line.message(ev.Message)
	case relayclient.Closed:
		line.Event = "closed"
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

// maxWords is how much of a message a line for people shows.
const maxWords = 2000

func (l reportLine) words() string {
	text := l.Time.Format("15:04:05.000") + "  " + l.Role + "  " + l.Event
	if l.State != "" {
		text = l.Time.Format("15:04:05.000") + "  " + l.Role + "  " + l.State
	}
	switch {
	case l.Text != nil:
		text += fmt.Sprintf("  %d B  %s", *l.Size, journal.Preview([]byte(*l.Text), false, maxWords))
	case l.Size != nil:
		text += fmt.Sprintf("  %d B  %s", *l.Size, journal.Preview(l.Base64, true, maxWords))
	}
	if l.Code != 0 {
		text += fmt.Sprintf("  %d %s", l.Code, journal.Preview([]byte(l.Reason), false, maxWords))
	}
	if l.Error != "" {
		text += "  " + l.Error
	}
	if l.RetryInMS > 0 {
		text += fmt.Sprintf(", next try in %v", time.Duration(l.RetryInMS)*time.Millisecond)
	}
	return text
}
