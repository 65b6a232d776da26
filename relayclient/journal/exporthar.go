package journal

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// harFormat writes HTTP exchanges as HAR 1.2, in the order in which they
// ended. A request without a response has status 0, as in browsers.
type harFormat struct {
	out     io.Writer
	base    string
	entries int
	pending map[harKey]*harPending // by exchange and by connection
	order   []*harPending          // in which they came
}

// A harKey is an exchange, or the connection that it is shown as.
type harKey struct {
	lane Lane
	id   string
}

// A harPending is a request whose response is still to come.
type harPending struct {
	request *Row
	bodies  map[Direction]*Row // in rows of their own
	done    bool
}

// maxPending is how many requests wait for their responses.
const maxPending = 10_000

type harEntry struct {
	Started    string      `json:"startedDateTime"`
	Time       float64     `json:"time"` // ms
	Request    harRequest  `json:"request"`
	Response   harResponse `json:"response"`
	Cache      struct{}    `json:"cache"`
	Timings    harTimings  `json:"timings"`
	Connection string      `json:"connection,omitempty"`
	Comment    string      `json:"comment,omitempty"`
}

type harRequest struct {
	Method      string    `json:"method"`
	URL         string    `json:"url"`
	HTTPVersion string    `json:"httpVersion"`
	Cookies     []harPair `json:"cookies"`
	Headers     []harPair `json:"headers"`
	Query       []harPair `json:"queryString"`
	PostData    *harPost  `json:"postData,omitempty"`
	HeadersSize int       `json:"headersSize"`
	BodySize    int64     `json:"bodySize"`
}

type harPost struct {
	MimeType string    `json:"mimeType"`
	Params   []harPair `json:"params"`
	Text     string    `json:"text"`
	Encoding string    `json:"encoding,omitempty"`
}

type harResponse struct {
	Status      int        `json:"status"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []harPair  `json:"cookies"`
	Headers     []harPair  `json:"headers"`
	Content     harContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int        `json:"headersSize"`
	BodySize    int64      `json:"bodySize"`
	Comment     string     `json:"comment,omitempty"`
}

type harContent struct {
	Size     int64  `json:"size"`
	MimeType string `json:"mimeType"`
	Text     string `json:"text,omitempty"`
	Encoding string `json:"encoding,omitempty"`
}

// harTimings are in milliseconds; -1 is for what did not happen.
type harTimings struct {
	Blocked float64 `json:"blocked"`
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"` // with SSL
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
	SSL     float64 `json:"ssl"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func (f *harFormat) begin() error {
	f.pending = map[harKey]*harPending{}
	_, err := io.WriteString(f.out, `{"log":{"version":"1.2","creator":{"name":"Relayscope","version":"1"},"entries":[`)
	return err
}

func (f *harFormat) row(r Row) (uint64, error) {
	facts := r.facts()
	connection := harKey{r.Lane, r.Connection}
	switch {
	case r.Type == "body" && facts.Method != "":
		if p := f.pending[connection]; p != nil && r.Connection != "" {
			p.bodies[r.Direction] = &r
		}
		return 0, nil
	case facts.Exchange == "":
		return 0, nil
	}
	exchange := harKey{r.Lane, "exchange " + facts.Exchange}
	if r.Type == "request" {
		p := &harPending{request: &r, bodies: map[Direction]*Row{}}
		f.pending[exchange], f.pending[connection] = p, p
		f.order = append(f.order, p)
		if len(f.order) > maxPending {
			return f.giveUp()
		}
		return 0, nil
	}
	p := f.pending[exchange]
	if p == nil {
		return f.entry(nil, &r, nil)
	}
	f.forget(p)
	for len(f.order) > 0 && f.order[0].done {
		f.order = f.order[1:]
	}
	return f.entry(p.request, &r, p.bodies)
}

func (f *harFormat) forget(p *harPending) {
	p.done = true
	for _, key := range []harKey{{p.request.Lane, "exchange " + p.request.Facts.Exchange}, {p.request.Lane, p.request.Connection}} {
		if f.pending[key] == p {
			delete(f.pending, key)
		}
	}
}

// giveUp writes the oldest request that is pending.
func (f *harFormat) giveUp() (uint64, error) {
	p := f.order[0]
	f.order = f.order[1:]
	if p.done {
		return 0, nil
	}
	f.forget(p)
	return f.entry(p.request, nil, p.bodies)
}

func (f *harFormat) end() (written uint64, err error) {
	for len(f.order) > 0 && err == nil {
		var n uint64
		n, err = f.giveUp()
		written += n
	}
	if err == nil {
		_, err = io.WriteString(f.out, "\n]}}\n")
	}
	return written, err
}

// withBody returns the row with a body that has a row of its own.
func withBody(r, body *Row) *Row {
	if body == nil || len(r.Payload) > 0 {
		return r
	}
	whole := *r
	whole.Payload, whole.Size = body.Payload, max(r.Size, body.Size)
	return &whole
}

// entry writes an exchange of which one half may be missing, and returns how
// many rows that were.
func (f *harFormat) entry(request, response *Row, bodies map[Direction]*Row) (rows uint64, err error) {
	rows = 2 + uint64(len(bodies))
	if request == nil {
		facts := response.facts()
		request = &Row{Time: response.Time.Add(-response.Latency), Lane: response.Lane, Connection: response.Connection, Facts: &Facts{Method: facts.Method, Path: facts.Path}}
		rows--
	}
	if response == nil {
		response = &Row{Text: "no response was seen", Direction: In + Out - request.Direction}
		rows--
	}
	request, response = withBody(request, bodies[request.Direction]), withBody(response, bodies[response.Direction])
	e := harEntry{
		Started: request.Time.Format("2006-01-02T15:04:05.000Z07:00"), Time: milliseconds(response.Latency),
		Request: f.request(request), Response: f.response(response), Timings: timings(response),
		Connection: strings.TrimPrefix(request.Connection, "#"), Comment: request.facts().Note,
	}
	separator := ",\n"
	if f.entries == 0 {
		separator = "\n"
	}
	f.entries++
	data, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	_, err = f.out.Write(append([]byte(separator), data...))
	return rows, err
}

func (f *harFormat) request(r *Row) harRequest {
	facts := r.facts()
	h := harRequest{
		Method: facts.Method, URL: f.base + facts.Path, HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: pairs(facts.Header), Query: []harPair{},
		HeadersSize: -1, BodySize: r.Size,
	}
	if f.base == "" {
		h.URL = "https://relay.invalid" + facts.Path
	}
	if _, query, ok := strings.Cut(facts.Path, "?"); ok {
		for part := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(part, "=")
			h.Query = append(h.Query, harPair{unescape(name), unescape(value)})
		}
	}
	if len(r.Payload) > 0 {
		text, encoding := bodyText(r.Payload)
		h.PostData = &harPost{MimeType: headerValue(facts.Header, "Content-Type"), Params: []harPair{}, Text: text, Encoding: encoding}
	}
	return h
}

func (f *harFormat) response(r *Row) harResponse {
	facts := r.facts()
	h := harResponse{
		Status: r.Status, StatusText: http.StatusText(r.Status), HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: pairs(facts.Header),
		Content:     harContent{Size: r.Size, MimeType: headerValue(facts.Header, "Content-Type")},
		RedirectURL: headerValue(facts.Header, "Location"), HeadersSize: -1, BodySize: r.Size, Comment: r.Text,
	}
	if facts.AnsweredBy != "" {
		h.Comment = "answered by the " + facts.AnsweredBy
	}
	if h.Content.MimeType == "" {
		h.Content.MimeType = "x-unknown"
	}
	h.Content.Text, h.Content.Encoding = bodyText(r.Payload)
	return h
}

// timings spreads the latency of a response over what a HAR knows. What has no
// leg of its own is waiting.
func timings(r *Row) harTimings {
	t := harTimings{Blocked: -1, DNS: -1, Connect: -1, SSL: -1}
	rest := r.Latency
	add := func(to *float64, took time.Duration) {
		took = min(took, rest)
		rest -= took
		*to = max(*to, 0) + milliseconds(took)
	}
	for _, leg := range r.facts().Legs {
		switch leg.Name {
		case "Token":
			add(&t.Blocked, leg.Took)
		case "DNS":
			add(&t.DNS, leg.Took)
		case "TCP", "Proxy":
			add(&t.Connect, leg.Took)
		case "TLS":
			add(&t.Connect, leg.Took)
			t.SSL = milliseconds(leg.Took)
		case "Sending":
			if r.Lane == Listener { // of the response
				add(&t.Receive, leg.Took)
			} else {
				add(&t.Send, leg.Took)
			}
		case "Reading":
			add(&t.Receive, leg.Took)
		}
	}
	add(&t.Wait, rest)
	return t
}

func milliseconds(d time.Duration) float64 {
	return float64(max(0, d).Round(time.Microsecond)) / float64(time.Millisecond)
}

func pairs(header []Field) []harPair {
	list := make([]harPair, len(header))
	for i, h := range header {
		list[i] = harPair(h)
	}
	return list
}

func bodyText(body []byte) (text, encoding string) {
	if utf8.Valid(body) {
		return string(body), ""
	}
	return base64.StdEncoding.EncodeToString(body), "base64"
}

func unescape(s string) string {
	if text, err := url.QueryUnescape(s); err == nil {
		return text
	}
	return s
}
