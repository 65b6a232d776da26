package responder

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient/placeholder"
)

// An Answer says what becomes of a connection and its messages, or of a
// request.
type Answer string

// The answers.
const (
	Echo        Answer = "echo"         // the same goes back
	Manual      Answer = "manual"       // nothing goes back by itself; connections only
	Canned      Answer = "canned"       // a text goes back for each message; for requests a status, headers and a body
	ForwardTCP  Answer = "forward-tcp"  // each connection opens one to a TCP target and carries its bytes; connections only
	ForwardHTTP Answer = "forward-http" // an HTTP server gets the request; a connection becomes a WebSocket there
	Silence     Answer = "silence"      // it is taken, and nothing ever comes back
	Reject      Answer = "reject"       // the sender is turned away; connections only
	Ignore      Answer = "ignore"       // the sender is not answered at all; connections only
)

// ForWebSocket and ForHTTP list the answers that there are for either, in the
// order in which people look for them.
var (
	ForWebSocket = []Answer{Echo, Manual, Canned, ForwardTCP, ForwardHTTP, Silence, Reject, Ignore}
	ForHTTP      = []Answer{Echo, Canned, ForwardHTTP, Silence}
)

func (a Answer) String() string {
	switch a {
	case Echo:
		return "Echo"
	case Manual:
		return "Manual reply"
	case Canned:
		return "Canned reply"
	case ForwardTCP:
		return "Forward to TCP"
	case ForwardHTTP:
		return "Forward to HTTP"
	case Silence:
		return "Silence"
	case Reject:
		return "Reject"
	case Ignore:
		return "Never accept"
	}
	return "unknown"
}

// Settings say how a listener answers. Fields that belong to an answer which
// is not chosen mean nothing, and may hold anything.
type Settings struct {
	WebSocket Answer `json:"websocket"` // what connections get
	HTTP      Answer `json:"http"`      // what requests get

	Text       string    `json:"text,omitempty"`         // Canned, for messages; may have placeholders
	TCPTarget  string    `json:"tcp_target,omitempty"`   // host:port, or a port of this computer
	HTTPTarget string    `json:"http_target,omitempty"`  // URL that paths and queries are added to
	Rules      string    `json:"header_rules,omitempty"` // ForwardHTTP, a line each: "Name: value" sets a header, "-Name" removes it, either after "<" in the response
	Rejection  Rejection `json:"rejection,omitzero"`
	Reply      Reply     `json:"reply,omitzero"`

	Delay  time.Duration `json:"delay,omitempty"`  // before each answer; answers keep their order
	Jitter time.Duration `json:"jitter,omitempty"` // up to this much is added, by chance
}

// A Rejection is what a sender is turned away with.
type Rejection struct {
	Status int    `json:"status"`
	Text   string `json:"text,omitempty"`
}

// A Reply is the canned answer to a request. Header and Body may have
// placeholders.
type Reply struct {
	Status int    `json:"status"`
	Header string `json:"header,omitempty"` // a line each, "Name: value"
	Body   string `json:"body,omitempty"`
}

// Default returns settings that echo, and a beginning for everything else.
func Default() Settings {
	return Settings{
		WebSocket: Echo, HTTP: Echo,
		Text:      `{"received":{{size}},"number":{{counter}},"at":"{{time}}"}`,
		Rejection: Rejection{Status: http.StatusForbidden, Text: "turned away"},
		Reply: Reply{Status: http.StatusOK, Header: "Content-Type: application/json",
			Body: `{"method":"{{method}}","path":"{{path}}","number":{{counter}}}`},
	}
}

// Longest waits and texts.
const (
	MaxDelay     = 5 * time.Minute
	maxRejection = 200 // runes
)

// A Field names a part of Settings.
type Field string

// The fields that can be wrong.
const (
	FieldWebSocket  Field = "websocket"
	FieldHTTP       Field = "http"
	FieldText       Field = "text"
	FieldTCPTarget  Field = "tcp-target"
	FieldHTTPTarget Field = "http-target"
	FieldRules      Field = "header-rules"
	FieldRejection  Field = "rejection"
	FieldStatus     Field = "status"
	FieldHeader     Field = "header"
	FieldBody       Field = "body"
	FieldDelay      Field = "delay"
	FieldJitter     Field = "jitter"
)

// A Mistake is a field that cannot be used, and why. As an error it is a
// sentence but for capital and full stop.
type Mistake struct {
	Field Field
	Err   error
}

func (m *Mistake) Error() string { return m.Err.Error() }

// Unwrap returns why.
func (m *Mistake) Unwrap() error { return m.Err }

// Mistakes lists what is wrong with the fields that matter; nil if nothing is.
func (s Settings) Mistakes() []*Mistake {
	_, mistakes := compile(s)
	return mistakes
}

// Uses reports whether a field matters to the answers chosen.
func (s Settings) Uses(f Field) bool {
	switch f {
	case FieldText:
		return s.WebSocket == Canned
	case FieldTCPTarget:
		return s.WebSocket == ForwardTCP
	case FieldHTTPTarget, FieldRules:
		return s.WebSocket == ForwardHTTP || s.HTTP == ForwardHTTP
	case FieldRejection:
		return s.WebSocket == Reject
	case FieldStatus, FieldHeader, FieldBody:
		return s.HTTP == Canned
	case FieldDelay, FieldJitter:
		return s.Answers()
	}
	return true
}

// Answers reports whether there is ever an answer that could be delayed.
func (s Settings) Answers() bool {
	return s.WebSocket != Manual && s.WebSocket != Silence && s.WebSocket != Ignore || s.HTTP != Silence
}

// TCPAddress returns the address that ForwardTCP connects to. A port alone is
// one of this computer.
func TCPAddress(text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", errors.New("give the target as host:port, such as 127.0.0.1:5432")
	}
	if !strings.Contains(text, ":") {
		text = "127.0.0.1:" + text
	}
	host, port, err := net.SplitHostPort(text)
	n, notNumber := strconv.Atoi(port)
	switch {
	case err != nil:
		return "", errors.New("the target is not host:port; an IPv6 address goes into brackets, as in [::1]:5432")
	case notNumber != nil || n < 1 || n > 65535:
		return "", errors.New("the target's port is not a number from 1 to 65535")
	case host == "":
		host = "127.0.0.1"
	case strings.ContainsFunc(host, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("/?#@", r) }):
		return "", errors.New("the target's host is not a name or an address; leave out everything but host:port")
	}
	return net.JoinHostPort(host, port), nil
}

// HTTPAddress returns the URL that ForwardHTTP sends to. Without a scheme it is
// http.
func HTTPAddress(text string) (*url.URL, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, errors.New("give the target as a URL, such as http://127.0.0.1:8080")
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "":
		return nil, errors.New("the target is not a URL such as http://127.0.0.1:8080")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the target's URL must begin with http:// or https://")
	case u.User != nil:
		return nil, errors.New("leave user and password out of the target's URL; a header rule can give Authorization")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("leave query and fragment out of the target's URL; the sender's query is passed on")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return nil, errors.New("the target's port is not a number from 1 to 65535")
		}
	}
	return u, nil
}

// understood are settings made ready for use. They never change.
type understood struct {
	Settings
	text    *placeholder.Text
	tcp     string
	http    *url.URL
	rules   []rule
	header  []cannedHeader
	body    *placeholder.Text
	forward http.Handler // ForwardHTTP for requests
	close   func()       // drops idle connections to the target; nil if there is none
}

type cannedHeader struct {
	name  string
	value *placeholder.Text
}

// compile makes s ready, or lists what is wrong.
func compile(s Settings) (*understood, []*Mistake) {
	u := &understood{Settings: s}
	var list []*Mistake
	note := func(f Field, err error) {
		if err != nil && s.Uses(f) {
			list = append(list, &Mistake{f, err})
		}
	}
	note(FieldWebSocket, among(s.WebSocket, ForWebSocket))
	note(FieldHTTP, among(s.HTTP, ForHTTP))
	var err error
	if s.Uses(FieldText) {
		u.text, err = placeholder.Parse(s.Text, placeholder.Replying)
		note(FieldText, err)
	}
	if s.Uses(FieldTCPTarget) {
		u.tcp, err = TCPAddress(s.TCPTarget)
		note(FieldTCPTarget, err)
	}
	if s.Uses(FieldHTTPTarget) {
		u.http, err = HTTPAddress(s.HTTPTarget)
		note(FieldHTTPTarget, err)
		u.rules, err = parseRules(s.Rules)
		note(FieldRules, err)
	}
	note(FieldRejection, s.Rejection.check())
	if s.Uses(FieldBody) {
		if s.Reply.Status < 200 || s.Reply.Status > 599 {
			note(FieldStatus, errors.New("the status is not a number from 200 to 599"))
		}
		u.header, err = parseHeader(s.Reply.Header)
		note(FieldHeader, err)
		u.body, err = placeholder.Parse(s.Reply.Body, placeholder.Replying)
		note(FieldBody, err)
	}
	note(FieldDelay, wait("delay", s.Delay))
	note(FieldJitter, wait("jitter", s.Jitter))
	return u, list
}

func among(a Answer, list []Answer) error {
	var names []string
	for _, known := range list {
		if a == known {
			return nil
		}
		names = append(names, string(known))
	}
	return fmt.Errorf("the answer is one of %s", strings.Join(names, ", "))
}

func wait(what string, d time.Duration) error {
	if d < 0 || d > MaxDelay {
		return fmt.Errorf("the %s is not between 0 and 5 minutes", what)
	}
	return nil
}

func (r Rejection) check() error {
	switch {
	case r.Status < 300 || r.Status > 599:
		return errors.New("the status to turn senders away with is not a number from 300 to 599")
	case !utf8.ValidString(r.Text) || strings.ContainsFunc(r.Text, unicode.IsControl):
		return errors.New("the text to turn senders away with is one line")
	case utf8.RuneCountInString(r.Text) > maxRejection:
		return fmt.Errorf("the text to turn senders away with has at most %d characters", maxRejection)
	}
	return nil
}
