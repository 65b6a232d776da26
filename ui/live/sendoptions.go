package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"relayscope/relayclient"
)

// optionTexts is what a person wrote into the sender's options.
type optionTexts struct {
	Path         string       `json:"path,omitempty"`
	Query        string       `json:"query,omitempty"`
	Subprotocols string       `json:"subprotocols,omitempty"`
	Connections  string       `json:"connections,omitempty"`
	Headers      []headerLine `json:"headers,omitempty"`
}

type headerLine struct {
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// maxHeaderBytes is how long the protocol lets all headers of a request be.
const maxHeaderBytes = 32 << 10

// parse returns what the texts ask for. The error is a sentence but for its
// capital and its full stop.
func (t optionTexts) parse() (SendOptions, error) {
	o := SendOptions{Connections: 1}
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
	if n := strings.TrimSpace(t.Connections); n != "" {
		o.Connections, err = strconv.Atoi(n)
		if err != nil || o.Connections < 1 || o.Connections > maxConnections {
			return o, fmt.Errorf("connections: give a number from 1 to %d", maxConnections)
		}
	}
	o.Header, err = checkHeaders(t.Headers)
	return o, err
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
		if r == '%' && (i+2 >= len(text) || hexDigit(rune(text[i+1])) < 0 || hexDigit(rune(text[i+2])) < 0) {
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

func checkHeaders(list []headerLine) (http.Header, error) {
	var header http.Header
	bytes := 0
	for _, h := range list {
		name, value := strings.TrimSpace(h.Name), strings.TrimSpace(h.Value)
		if name == "" && value == "" {
			continue
		}
		switch why, reserved := reservedHeaders[http.CanonicalHeaderKey(name)]; {
		case name == "":
			return nil, fmt.Errorf("headers: the value %q has no name", clip(value, 24))
		case !isToken(name):
			return nil, fmt.Errorf("headers: %q has a character that no name may have", clip(name, 24))
		case reserved:
			return nil, fmt.Errorf("headers: %s cannot be chosen: %s", name, why)
		case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f }):
			return nil, fmt.Errorf("headers: the value of %s has a character other than plain ASCII", name)
		case value == "" && secretHeader(headerLine{name, "x"}):
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

// secretHeader reports whether a header looks as if it carried a credential.
func secretHeader(h headerLine) bool {
	name := http.CanonicalHeaderKey(strings.TrimSpace(h.Name))
	return name != "" && h.Value != "" && relayclient.RedactHeader(http.Header{name: {h.Value}})[name][0] != h.Value
}

// withoutSecrets returns the texts as they may be written to disk, and the
// names of what is missing.
func (t optionTexts) withoutSecrets() (optionTexts, []string) {
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
		if secretHeader(h) {
			safe.Headers[i].Value = ""
			missing = append(missing, "the value of "+strings.TrimSpace(h.Name))
		}
	}
	return safe, missing
}

// summary says in a few words what is asked for; "" if it is nothing in
// particular.
func (o SendOptions) summary() string {
	var parts []string
	if o.Path != "" || o.Query != "" {
		where := o.Path
		if o.Query != "" {
			where += "?" + relayclient.RedactQuery(o.Query)
		}
		parts = append(parts, clip(where, 24))
	}
	headers := 0
	for _, values := range o.Header {
		headers += len(values)
	}
	if headers > 0 {
		parts = append(parts, plural(headers, "header"))
	}
	if len(o.Subprotocols) > 0 {
		parts = append(parts, clip(relayclient.RedactSubprotocol(strings.Join(o.Subprotocols, ", ")), 20))
	}
	if o.Connections > 1 {
		parts = append(parts, plural(o.Connections, "connection"))
	}
	return strings.Join(parts, " · ")
}

// clip keeps a text short.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// store returns the texts as JSON without what looks secret.
func (t optionTexts) store() string {
	safe, _ := t.withoutSecrets()
	text, err := json.Marshal(safe)
	if err != nil {
		return ""
	}
	return string(text)
}

// restoreOptions reads what store wrote. What cannot be read is as if it were not
// there: it can be written again in a moment.
func restoreOptions(text string) optionTexts {
	var t optionTexts
	if json.Unmarshal([]byte(text), &t) != nil {
		return optionTexts{}
	}
	return t
}
