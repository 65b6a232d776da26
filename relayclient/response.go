package relayclient

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// Limits of the service's.
const (
	maxControlBody = 64 << 10 // of a body on the control channel
	maxHeaderBytes = 32 << 10 // of all headers of a response
	maxControlText = 64<<10 - 1
)

// A responseCommand is the first line of a response, as it were.
type responseCommand struct {
	RequestID string            `json:"requestId"`
	Status    int               `json:"statusCode"` // no description: it would only repeat the status
	Headers   map[string]string `json:"responseHeaders"`
	Body      bool              `json:"body"` // one binary message follows
}

// encode returns the command's JSON, or false if the relay would not take it.
func (c responseCommand) encode() ([]byte, bool) {
	size := 0
	for name, value := range c.Headers {
		size += len(name) + len(value)
	}
	var text bytes.Buffer
	text.Grow(256 + size)
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // six bytes for one
	err := e.Encode(struct {
		Response *responseCommand `json:"response"`
	}{&c})
	return bytes.TrimSpace(text.Bytes()), err == nil && size <= maxHeaderBytes && text.Len() <= maxControlText
}

// ofConnection are the headers that belong to one TCP connection. The relay
// frames the response by itself.
var ofConnection = map[string]bool{
	"Connection":        true,
	"Content-Length":    true,
	"Keep-Alive":        true,
	"Te":                true,
	"Trailer":           true,
	"Transfer-Encoding": true,
	"Upgrade":           true,
}

// responseHeaders returns headers as the protocol can carry them, one string
// for each name. problem says what cannot be carried; "" if everything can.
func responseHeaders(header http.Header, method string) (headers map[string]string, problem string) {
	headers = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		canonical, values := textproto.CanonicalMIMEHeaderKey(name), header[name]
		switch {
		case !isToken(name), len(values) == 0, strings.HasPrefix(canonical, "Proxy-"):
			continue
		case canonical == "Content-Length" && method == http.MethodHead && announced(header) >= 0: // what a GET would get
		case ofConnection[canonical]:
			continue
		}
		if earlier, ok := headers[canonical]; ok {
			values = append([]string{earlier}, values...)
		}
		if canonical == "Set-Cookie" && len(values) > 1 {
			problem = "the relay cannot carry more than one Set-Cookie; they were joined, and browsers will not understand that"
		}
		headers[canonical] = oneLine(strings.Join(values, ", "))
	}
	return headers, problem
}

// announced returns the length that a response's headers announce; -1 if none.
func announced(header http.Header) int64 {
	n, err := strconv.ParseUint(header.Get("Content-Length"), 10, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

// oneLine replaces what could end a header line.
func oneLine(value string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return ' '
		}
		return c
	}, value))
}
