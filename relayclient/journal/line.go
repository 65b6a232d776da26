package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
)

// A record is a file of JSON Lines. The first says what it is, each of the
// others is a row, in the order of their numbers, or a change of a mark or a
// note. recordVersion is raised when a reader of before could not read it.
const recordVersion = 1

// recordHead is the first line.
type recordHead struct {
	Record  string    `json:"record"` // "relayscope"
	Version int       `json:"version"`
	Begun   time.Time `json:"begun"`
}

// rowStart is how every line of a row begins.
const rowStart = `{"row":`

// annotationStart is how every line with a later mark or note begins.
const annotationStart = `{"annotated":`

// An annotationLine changes a row of a line before it.
type annotationLine struct {
	Row  uint64 `json:"annotated"`
	Mark string `json:"mark,omitempty"`
	Note string `json:"note,omitempty"`
}

// A rowLine is a Row as a record has it.
type rowLine struct {
	Row        uint64      `json:"row"`
	Time       time.Time   `json:"time,omitzero"`
	Side       string      `json:"side,omitempty"`
	Direction  string      `json:"dir,omitempty"`
	Kind       string      `json:"kind,omitempty"`
	Connection string      `json:"conn,omitempty"`
	Type       string      `json:"type,omitempty"`
	Size       int64       `json:"size,omitempty"`
	Status     int         `json:"status,omitempty"`
	LatencyNS  int64       `json:"latencyNs,omitempty"`
	Pair       uint64      `json:"pair,omitempty"`
	Payload    string      `json:"payload,omitempty"`
	Base64     []byte      `json:"payloadBase64,omitempty"`
	Cut        bool        `json:"cut,omitempty"`
	Text       string      `json:"text,omitempty"`
	Detail     string      `json:"detail,omitempty"`
	TrackingID string      `json:"trackingId,omitempty"`
	Mark       string      `json:"mark,omitempty"`
	Note       string      `json:"note,omitempty"`
	Exchange   string      `json:"exchange,omitempty"`
	Method     string      `json:"method,omitempty"`
	Path       string      `json:"path,omitempty"`
	Header     [][2]string `json:"header,omitempty"`
	Remote     string      `json:"remote,omitempty"`
	AnsweredBy string      `json:"answeredBy,omitempty"`
	Legs       []legLine   `json:"legs,omitempty"`
	BinaryBody bool        `json:"binaryBody,omitempty"`
}

type legLine struct {
	Name    string `json:"name"`
	StartNS int64  `json:"startNs"`
	TookNS  int64  `json:"tookNs"`
}

// A masker replaces what looks like a credential in rows that leave the
// program, and counts the rows that it changed.
type masker struct{ rows uint64 }

// mask returns r without credentials. The row itself stays as it is.
func (m *masker) mask(r Row) Row {
	changed := false
	hideBytes := func(text []byte) []byte {
		safe := relayclient.RedactText(text)
		changed = changed || !bytes.Equal(safe, text)
		return safe
	}
	hide := func(text *string) {
		if safe := hideBytes(bytesOf(*text)); len(safe) != len(*text) || string(safe) != *text {
			*text = string(safe)
		}
	}
	replace := func(text *string, safe string) {
		changed = changed || safe != *text
		*text = safe
	}
	r.Payload = hideBytes(r.Payload)
	for _, text := range []*string{&r.Text, &r.Detail, &r.Type, &r.Connection, &r.TrackingID} {
		hide(text)
	}
	if f := r.Facts; f != nil {
		facts := *f
		if path, query, asked := strings.Cut(facts.Path, "?"); asked {
			replace(&facts.Path, path+"?"+relayclient.RedactQuery(query))
		}
		for _, text := range []*string{&facts.Path, &facts.Note, &facts.Method, &facts.Exchange, &facts.Remote} {
			hide(text)
		}
		facts.Header = slices.Clone(f.Header) // of rows from elsewhere, too
		for i := range facts.Header {
			h := &facts.Header[i]
			replace(&h.Value, relayclient.RedactHeader(http.Header{h.Name: {h.Value}})[h.Name][0])
			hide(&h.Value)
		}
		r.Facts = &facts
	}
	if changed {
		m.rows++
	}
	return r
}

// appendLine writes r, which must be masked, as a line of a record.
func appendLine(buf *bytes.Buffer, r *Row) error {
	l := rowLine{
		Row: r.Number, Time: r.Time, Side: r.Lane.String(), Direction: r.Direction.String(), Kind: r.Kind.String(),
		Connection: r.Connection, Type: r.Type, Size: r.Size, Status: r.Status, LatencyNS: int64(r.Latency), Pair: r.Pair,
		Cut: r.Truncated, Text: r.Text, Detail: r.Detail, TrackingID: r.TrackingID,
	}
	if utf8.Valid(r.Payload) {
		l.Payload = string(r.Payload)
	} else {
		l.Base64 = r.Payload
	}
	if r.Mark != NoMark {
		l.Mark = r.Mark.String()
	}
	if f := r.Facts; f != nil {
		l.Note, l.Exchange, l.Method, l.Path, l.Remote, l.AnsweredBy, l.BinaryBody = f.Note, f.Exchange, f.Method, f.Path, f.Remote, f.AnsweredBy, f.BinaryBody
		for _, h := range f.Header {
			l.Header = append(l.Header, [2]string{h.Name, h.Value})
		}
		for _, leg := range f.Legs {
			l.Legs = append(l.Legs, legLine{leg.Name, int64(leg.Start), int64(leg.Took)})
		}
	}
	return encode(buf, l)
}

// encode writes a value as one line. HTML in payloads stays readable.
func encode(buf *bytes.Buffer, value any) error {
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// parseLine reads a line that appendLine wrote.
func parseLine(text []byte) (Row, error) {
	var r Row
	if readLine(text, &r) {
		return r, nil
	}
	return slowLine(text)
}

// slowLine reads a line that readLine does not know.
func slowLine(text []byte) (Row, error) {
	var l rowLine
	if err := json.Unmarshal(text, &l); err != nil {
		return Row{}, lineError(err)
	}
	return l.row(), nil
}

// row returns the row of the line.
func (l *rowLine) row() Row {
	r := Row{
		Number: l.Row, Time: l.Time, Lane: parseName(l.Side, Listener, Sender), Direction: parseName(l.Direction, In, Out),
		Kind: parseName(l.Kind, Data, Control, State, Problem, HTTP), Connection: l.Connection, Type: l.Type, Size: max(0, l.Size),
		Status: l.Status, Latency: time.Duration(l.LatencyNS), Pair: l.Pair, Truncated: l.Cut,
		Text: l.Text, Detail: l.Detail, TrackingID: l.TrackingID,
	}
	if r.Payload = l.Base64; l.Payload != "" {
		r.Payload = []byte(l.Payload)
	}
	r.Size = max(r.Size, int64(len(r.Payload)))
	r.Mark, _ = parseMark(l.Mark)
	f := Facts{Exchange: l.Exchange, Method: l.Method, Path: l.Path, Remote: l.Remote, AnsweredBy: l.AnsweredBy, BinaryBody: l.BinaryBody, Note: l.Note}
	for _, h := range l.Header {
		f.Header = append(f.Header, Field{h[0], h[1]})
	}
	for _, leg := range l.Legs {
		f.Legs = append(f.Legs, Leg{leg.Name, time.Duration(leg.StartNS), time.Duration(leg.TookNS)})
	}
	if f.Exchange+f.Method+f.Path+f.Remote+f.AnsweredBy+f.Note != "" || f.Header != nil || f.Legs != nil || f.BinaryBody {
		r.Facts = &f
	}
	return r
}

// lineError says what is wrong with a line, without the names of our types.
func lineError(err error) error {
	var wrong *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("%s is a %s", wrong.Field, wrong.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON after %d bytes", syntax.Offset)
	}
	return errors.New("a value is not what it should be")
}

// parseName returns the value that is called so, or the zero one.
func parseName[T fmt.Stringer](name string, values ...T) (value T) {
	for _, v := range values {
		if v.String() == name {
			return v
		}
	}
	return value
}
