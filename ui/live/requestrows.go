package live

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// bodyKept is how much of a body goes into the message log, in bytes.
const bodyKept = 256 << 10

// An exchange is an HTTP request and its response. Whoever serves or sends one
// makes two rows of it; the log pairs them by Lane and ID. Credentials in
// Target and Header are hidden on the way into the rows.
type exchange struct {
	Lane   journal.Lane
	Number int    // that people see
	ID     string // that no other exchange of the lane has
	Method string
	Target string // path and query
	Remote string // host:port of the sender, if known
}

// A half of an exchange is the request or the response.
type half struct {
	Time       time.Time
	Header     http.Header
	Body       []byte // as far as it was read; not modified later
	Size       int64  // of the whole body
	Text       string // one line after "GET /path" or "200 OK"; may be ""
	Detail     string // what else there is to say, without the header
	TrackingID string // ID is used if it is empty

	// Of a response only.
	Status     int
	Latency    time.Duration // since the request
	AnsweredBy string        // "relay" or "listener", if known
	Legs       []journal.Leg
}

// request returns the row of the request.
func (x exchange) request(p half) journal.Row {
	direction := journal.In
	if x.Lane == journal.Sender {
		direction = journal.Out
	}
	row := x.row(p, direction, "request")
	row.Text = x.Method + " " + redactTarget(x.Target) + p.Text
	return row
}

// response returns the row of the response.
func (x exchange) response(p half) journal.Row {
	direction := journal.Out
	if x.Lane == journal.Sender {
		direction = journal.In
	}
	row := x.row(p, direction, "response")
	row.Text = strings.TrimSpace(strconv.Itoa(p.Status)+" "+http.StatusText(p.Status)) + p.Text
	row.Status, row.Latency = p.Status, p.Latency
	row.Facts.AnsweredBy, row.Facts.Legs = p.AnsweredBy, p.Legs
	return row
}

func (x exchange) row(p half, d journal.Direction, kind string) journal.Row {
	body := p.Body[:min(len(p.Body), bodyKept)]
	size := max(p.Size, int64(len(p.Body)))
	row := journal.Row{
		Time: p.Time, Lane: x.Lane, Direction: d, Kind: journal.HTTP, Type: kind, TrackingID: p.TrackingID,
		Size: size, Payload: bytes.Clone(body),
		Facts: &journal.Facts{
			Exchange: x.ID, Method: x.Method, Path: redactTarget(x.Target), Remote: x.Remote,
			Header: journal.HeaderFields(p.Header), BinaryBody: !isText(body, size > int64(len(body))),
		},
	}
	if x.Number > 0 {
		row.Connection = "#" + strconv.Itoa(x.Number)
	}
	if row.TrackingID == "" {
		row.TrackingID = x.ID
	}
	var b strings.Builder
	b.WriteString(p.Detail)
	writeHeader(&b, p.Header)
	row.Detail = b.String()
	return row
}

// isText reports whether a body is UTF-8 without NUL. The last character of one
// that was cut may be incomplete.
func isText(body []byte, cut bool) bool {
	for i := 1; cut && i < utf8.UTFMax && i <= len(body); i++ {
		if tail := body[len(body)-i:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				body = body[:len(body)-i]
			}
			break
		}
	}
	return utf8.Valid(body) && bytes.IndexByte(body, 0) < 0
}

// requestRow shows an HTTP request that has reached the listener.
func requestRow(row *journal.Row, ev relayclient.Event) {
	x := exchange{Lane: row.Lane, ID: ev.Connection, Method: ev.Request.Method, Target: ev.Request.Target, Remote: ev.Request.RemoteAddress}
	p := half{Time: row.Time, Header: ev.Request.Header, Detail: "over  " + way(ev.Request.Rendezvous) + "\n"}
	if x.Remote != "" {
		p.Detail = "from  " + x.Remote + "\n" + p.Detail
	}
	number := row.Connection
	*row = x.request(p)
	row.Connection = number
}

// responseRow shows the answer to it. What the listener had to change or
// refuse is a problem.
func responseRow(row *journal.Row, ev relayclient.Event) {
	p := half{
		Time: row.Time, Status: ev.Code, Size: ev.Bytes, Latency: ev.Took, AnsweredBy: "listener",
		Text:   ", " + byteCount(ev.Bytes) + ", " + way(ev.Rendezvous),
		Detail: "began after  " + milliseconds(ev.FirstByte) + "\ntook         " + milliseconds(ev.Took),
		Legs:   []journal.Leg{{Name: "Answering", Took: ev.FirstByte}, {Name: "Sending", Start: ev.FirstByte, Took: ev.Took - ev.FirstByte}},
	}
	if ev.Phases.Address != "" {
		p.Detail += "\nrendezvous   " + ev.Phases.String() + "\nto           " + ev.Phases.Address
	}
	number := row.Connection
	*row = exchange{Lane: row.Lane, ID: ev.Connection}.response(p)
	row.Connection = number
	if ev.Reason != "" {
		row.Kind = journal.Problem
		row.Text += ": " + ev.Reason
	}
}

// addHeader puts the headers of a response into its row, which the event does
// not have.
func addHeader(row *journal.Row, header http.Header) {
	if len(header) == 0 || row.Facts == nil {
		return
	}
	facts := *row.Facts
	facts.Header = journal.HeaderFields(header)
	row.Facts = &facts
	var b strings.Builder
	b.WriteString(row.Detail + "\n")
	writeHeader(&b, header)
	row.Detail = b.String()
}

func way(rendezvous bool) string {
	if rendezvous {
		return "rendezvous"
	}
	return "control channel"
}

// redactTarget hides what usually is a credential in a target's query.
func redactTarget(target string) string {
	path, query, asked := strings.Cut(target, "?")
	if !asked {
		return path
	}
	return path + "?" + relayclient.RedactQuery(query)
}
