// Package request sends HTTP requests through a relay as a person tests with
// them: one at a time, measured leg by leg, with a verdict on who answered and
// why. It also writes a request down as a command for other tools, and probes
// the size at which bodies change from the control channel to a rendezvous.
package request

import (
	"bufio"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// A Placement says where the token travels.
type Placement int

// The placements.
const (
	InHeader Placement = 1 + iota // ServiceBusAuthorization, which nothing logs
	InQuery                       // sb-hc-token, which whatever sees the URL logs
	Nowhere                       // no token, as anonymous senders
)

func (p Placement) String() string {
	switch p {
	case InHeader:
		return "ServiceBusAuthorization header"
	case InQuery:
		return "sb-hc-token in the query"
	case Nowhere:
		return "no token"
	}
	return "unknown"
}

// tokenHeader and tokenParameter are the two places.
const (
	tokenHeader    = "ServiceBusAuthorization"
	tokenParameter = "sb-hc-token"
)

// A Request is what to send. The zero Request is a GET of the hybrid
// connection itself, with the token in a header.
type Request struct {
	Method string      // "" means GET
	Target string      // what follows the hybrid connection's name: path and query
	Header http.Header // reaches the listener, but for what the relay keeps
	Body   []byte      // nothing if empty
	File   string      // path of a file that is the body, in Body's place
	Token  Placement   // 0 means InHeader
}

// Verb returns the method, never empty.
func (r Request) Verb() string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}

// Length returns the size of the body in bytes.
func (r Request) Length() (int64, error) {
	if r.File == "" {
		return int64(len(r.Body)), nil
	}
	info, err := os.Stat(r.File)
	switch {
	case err != nil:
		return 0, fmt.Errorf("the file cannot be read: %w", err)
	case info.IsDir():
		return 0, errors.New("this is a folder, not a file")
	}
	return info.Size(), nil
}

// A CheckError says in a sentence why a request cannot be sent as it is.
type CheckError struct{ Err error }

func (e *CheckError) Error() string { return e.Err.Error() }
func (e *CheckError) Unwrap() error { return e.Err }

// Check returns a *CheckError if the request cannot be sent as it is.
func (r Request) Check() error {
	if err := r.check(); err != nil {
		return &CheckError{err}
	}
	return nil
}

func (r Request) check() error {
	if err := CheckMethod(r.Verb()); err != nil {
		return err
	}
	if _, err := CleanTarget(r.Target); err != nil {
		return err
	}
	for name, values := range r.Header {
		for _, value := range values {
			if err := CheckField(name, value); err != nil {
				return err
			}
		}
	}
	_, err := r.Length()
	return err
}

// CheckMethod says what keeps text from being a method.
func CheckMethod(text string) error {
	switch {
	case text == "":
		return errors.New("the method is missing")
	case !httpguts.ValidHeaderFieldName(text): // the same characters
		return errors.New("the method has a character that no method may have")
	case text == http.MethodConnect:
		return errors.New("the relay passes every method on, but for CONNECT")
	}
	return nil
}

// CleanTarget returns what follows the hybrid connection's name as it is sent:
// escapes stay as they are, and what may not stand in a URL is escaped. A path
// begins with a slash, which may be left out.
func CleanTarget(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(text, "://"):
		if before, _, _ := strings.Cut(text, "?"); strings.Contains(before, "://") {
			return "", errors.New("write only what follows the hybrid connection's name, such as /api/items?page=2")
		}
	case strings.Contains(text, "#"):
		return "", errors.New("what follows # never leaves a program: write %23 for the character itself")
	}
	if text != "" && text[0] != '/' && text[0] != '?' {
		text = "/" + text
	}
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])):
			return "", errors.New("a percent sign needs two hex digits after it: write %25 for the character itself")
		case c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	target := b.String()
	_, query, _ := strings.Cut(target, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(name); err == nil && strings.EqualFold(name, tokenParameter) {
			return "", errors.New("the token is put there for you: choose sb-hc-token in the query as its place")
		}
	}
	return target, nil
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// kept are the headers that the relay or the connection keeps for itself.
var kept = []string{"Connection", "Content-Length", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// CheckField says in a sentence why a header cannot be sent, or returns nil.
func CheckField(name, value string) error {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !httpguts.ValidHeaderFieldName(name):
		return fmt.Errorf("%q cannot be the name of a header", name)
	case !httpguts.ValidHeaderFieldValue(value):
		return fmt.Errorf("the value of %s has a character that no header may have", name)
	case strings.EqualFold(name, tokenHeader):
		return errors.New("the token is put into " + tokenHeader + " for you: choose its place instead")
	case slices.Contains(kept, canonical):
		return fmt.Errorf("%s is about one connection only, and does not reach the listener", canonical)
	}
	return nil
}

// ParseHeader reads a header as people write it: a line "Name: value" for each
// field. Empty lines count for nothing. An error names the line.
func ParseHeader(text string) (http.Header, error) {
	header := http.Header{}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("line %d: write a header as Name: value", n)
		}
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if err := CheckField(name, value); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		header.Add(name, value)
	}
	return header, nil
}

// FormatHeader writes a header as ParseHeader reads it, sorted by name.
func FormatHeader(h http.Header) string {
	var b strings.Builder
	for _, name := range sortedNames(h) {
		for _, value := range h[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func sortedNames(h http.Header) []string { return slices.Sorted(maps.Keys(h)) }
