package journal

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"relayscope/relayclient"
)

// Facts are what only some rows have. They are never modified once a row that
// has them was appended. Credentials in them are replaced before that: see
// HeaderFields and relayclient.RedactQuery.
type Facts struct {
	Exchange   string  // ID that a request and its response have in common; "" if the row is neither
	Method     string  // of a request, also on its response
	Path       string  // of a request or a connection: path and query, also on the response
	Header     []Field // as received, in a stable order
	Remote     string  // host:port of the sender as the relay saw it
	AnsweredBy string  // of a response to a sender: "relay" or "listener"; "" if that is not known
	Legs       []Leg   // the parts of Latency, or of opening a connection
	BinaryBody bool    // the payload of a request or a response is no text
	Note       string  // set by people, with SetNote
}

func (f *Facts) weight() int64 {
	if f == nil {
		return 0
	}
	n := len(f.Exchange) + len(f.Method) + len(f.Path) + len(f.Remote) + len(f.Note)
	for _, h := range f.Header {
		n += len(h.Name) + len(h.Value)
	}
	return int64(n)
}

// A Field is one line of a header.
type Field struct{ Name, Value string }

// HeaderFields returns the lines of a header sorted by name, several values of
// one name in the order they came, without the credentials that
// relayclient.RedactHeader knows.
func HeaderFields(h http.Header) []Field {
	h = relayclient.RedactHeader(h)
	var fields []Field
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fields = append(fields, Field{name, value})
		}
	}
	return fields
}

// A Leg is one part of the time that something took, for a waterfall.
type Leg struct {
	Name  string
	Start time.Duration // since the first leg began
	Took  time.Duration
}

// Legs returns the phases of opening a connection that happened, one after the
// other.
func Legs(p relayclient.Phases) []Leg {
	var legs []Leg
	var at time.Duration
	for _, leg := range []Leg{
		{Name: "Token", Took: p.Token}, {Name: "DNS", Took: p.DNS}, {Name: "TCP", Took: p.TCP},
		{Name: "Proxy", Took: p.Proxy}, {Name: "TLS", Took: p.TLS}, {Name: "Upgrade", Took: p.Upgrade},
	} {
		if leg.Took > 0 {
			leg.Start = at
			at += leg.Took
			legs = append(legs, leg)
		}
	}
	return legs
}

// headerValue returns the first value of a name, "" if there is none.
func headerValue(header []Field, name string) string {
	for _, f := range header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}
