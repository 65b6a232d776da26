// Package dialtext reads what a sender asks for when it connects from texts that
// people write, and says what is wrong with them.
package dialtext

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"relayscope/relayclient"
)

// Texts is what a person wrote.
type Texts struct {
	Path         string   `json:"path,omitempty"`
	Query        string   `json:"query,omitempty"`
	Subprotocols string   `json:"subprotocols,omitempty"` // with commas between them
	Headers      []Header `json:"headers,omitempty"`
}

// A Header is one header.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// maxHeaderBytes is how long the protocol lets all headers of a request be.
const maxHeaderBytes = 32 << 10

// Parse returns what the texts ask for. The error is a sentence but for its
// capital and its full stop; it repeats no value of a header.
func (t Texts) Parse() (relayclient.DialOptions, error) {
	var o relayclient.DialOptions
	var err error
	if o.Path, err = checkPath(strings.TrimSpace(t.Path)); err != nil {
		return o, err
	}
	if o.Query, err = checkQuery(strings.TrimPrefix(strings.TrimSpace(t.Query), "?")); err != nil {
		return o, err
	}
	if o.Subprotocols, err = checkSubprotocols(t.Subprotocols); err != nil {
		return o, err
	}
	o.Header, err = checkHeaders(t.Headers)
	return o, err
}

// ParseHeader reads a header as it is written on a line: a name, a colon, a
// value.
func ParseHeader(line string) (Header, error) {
	name, value, found := strings.Cut(line, ":")
	if !found {
		return Header{}, errors.New("a header is a name, a colon and a value, such as X-Order: 7")
	}
	return Header{strings.TrimSpace(name), strings.TrimSpace(value)}, nil
}

// Secret reports whether a header looks as if it carried a credential.
func (h Header) Secret() bool {
	name := http.CanonicalHeaderKey(strings.TrimSpace(h.Name))
	return name != "" && h.Value != "" && relayclient.RedactHeader(http.Header{name: {h.Value}})[name][0] != h.Value
}

// WithoutSecrets returns the texts as they may be written to disk, and the
// names of what is missing.
func (t Texts) WithoutSecrets() (Texts, []string) {
	var missing []string
	safe := t
	if relayclient.RedactQuery(t.Query) != t.Query {
		safe.Query = ""
		missing = append(missing, "the query")
	}
	if relayclient.RedactSubprotocol(t.Subprotocols) != t.Subprotocols {
		safe.Subprotocols = ""
		missing = append(missing, "the subprotocols")
	}
	safe.Headers = slices.Clone(t.Headers)
	for i, h := range safe.Headers {
		if h.Secret() {
			safe.Headers[i].Value = ""
			missing = append(missing, "the value of "+strings.TrimSpace(h.Name))
		}
	}
	return safe, missing
}

// checkPath takes a path as it goes into a URL.
func checkPath(path string) (string, error) {
	if path == "" || path == "/" {
		return path, nil
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	if i := strings.IndexByte(path, '?'); i >= 0 {
		return "", errors.New("path: what follows the question mark belongs into the query")
	}
	return path, checkEscaped("path", path, "/:@!$&'()*+,;=-._~%")
}

func checkQuery(query string) (string, error) {
	if err := checkEscaped("query", query, "/?:@!$&'()*+,;=-._~%[]|{}"); err != nil {
		return "", err
	}
	for pair := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && len(plain) >= 6 && strings.EqualFold(plain[:6], "sb-hc-") {
			return "", fmt.Errorf("query: %s is between Relayscope and the relay; the listener would never see it", plain)
		}
	}
	return query, nil
}

// checkEscaped refuses what cannot stand in a URL as it is.
func checkEscaped(what, text, allowed string) error {
	for i, r := range text {
		switch {
		case r < 0x80 && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune(allowed, r)):
		default:
			return fmt.Errorf("%s: write %q as %s", what, r, url.PathEscape(string(r)))
		}
		if r == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])) {
			return fmt.Errorf("%s: %% comes before two hex digits; a percent sign itself is %%25", what)
		}
	}
	return nil
}

func checkSubprotocols(list string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		switch {
		case name == "" && strings.TrimSpace(list) == "":
		case name == "":
			return nil, errors.New("subprotocols: there is nothing between two commas")
		case !isToken(name):
			return nil, fmt.Errorf("subprotocols: %q has a character that no subprotocol may have", name)
		case slices.Contains(names, name):
			return nil, fmt.Errorf("subprotocols: %s is there twice", name)
		default:
			names = append(names, name)
		}
	}
	return names, nil
}

// isToken reports whether text can be the name of a header or a subprotocol.
func isToken(text string) bool {
	for _, r := range text {
		if r >= 0x80 || !(r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune("!#$%&'*+-.^_`|~", r)) {
			return false
		}
	}
	return text != ""
}

// reservedHeaders are headers that a sender cannot choose, and why.
var reservedHeaders = map[string]string{
	"Servicebusauthorization":  "it carries the profile's own token",
	"Host":                     "it is the namespace",
	"Connection":               "it belongs to the WebSocket itself",
	"Upgrade":                  "it belongs to the WebSocket itself",
	"Sec-Websocket-Key":        "it belongs to the WebSocket itself",
	"Sec-Websocket-Version":    "it belongs to the WebSocket itself",
	"Sec-Websocket-Accept":     "it belongs to the WebSocket itself",
	"Sec-Websocket-Extensions": "the relay does not know any",
	"Sec-Websocket-Protocol":   "there is a field for subprotocols",
	"Content-Length":           "opening a WebSocket has no body",
	"Transfer-Encoding":        "opening a WebSocket has no body",
	"Te":                       "opening a WebSocket has no body",
	"Trailer":                  "opening a WebSocket has no body",
}

func checkHeaders(list []Header) (http.Header, error) {
	var header http.Header
	bytes := 0
	for _, h := range list {
		name, value := strings.TrimSpace(h.Name), strings.TrimSpace(h.Value)
		if name == "" && value == "" {
			continue
		}
		switch why, reserved := reservedHeaders[http.CanonicalHeaderKey(name)]; {
		case name == "":
			return nil, errors.New("headers: there is a value without a name")
		case !isToken(name):
			return nil, fmt.Errorf("headers: %q has a character that no name may have", clip(name))
		case reserved:
			return nil, fmt.Errorf("headers: %s cannot be chosen: %s", name, why)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f }):
			return nil, fmt.Errorf("headers: the value of %s has a character other than plain ASCII", name)
		case value == "" && (Header{name, "x"}).Secret():
			return nil, fmt.Errorf("headers: the value of %s was not stored: write it again, or remove the row", name)
		}
		if header == nil {
			header = http.Header{}
		}
		header.Add(name, value)
		if bytes += len(name) + len(value) + 4; bytes > maxHeaderBytes {
			return nil, errors.New("headers: together they are longer than the 32 KiB that the relay takes")
		}
	}
	return header, nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// clip keeps a sentence short.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 24 {
		return string(runes[:23]) + "…"
	}
	return text
}
