package localrelay

import (
	"net/url"
	"strings"
)

// A target is what the URL of a handshake asks for.
type target struct {
	hc       bool      // the path began with /$hc
	segments []segment // the path after /$hc
	raw      string    // the same path, escaped as it was sent, no leading slash
	query    string    // the application's part of the query, as it was sent
	params   params
}

// A segment is one step of a path.
type segment struct {
	text string // decoded
	end  int    // where it ends in the escaped path
}

// params are the sb-hc-* values of a URL.
type params struct {
	action, id, token string
	rejects           bool // a status code is there: the listener says no
	statusCode        string
	statusDescription string
	plain             bool // the status came without the prefix sb-hc-
	key               bool // a key is there in clear
}

// parseTarget takes the URL of a request apart; false means that its path
// cannot be decoded.
func parseTarget(u *url.URL) (target, bool) {
	var t target
	t.raw = strings.TrimPrefix(u.EscapedPath(), "/")
	segments, ok := splitPath(t.raw)
	if !ok {
		return t, false
	}
	if len(segments) > 0 && strings.EqualFold(segments[0].text, "$hc") {
		t.hc = true
		skip := min(segments[0].end+separator(t.raw[segments[0].end:]), len(t.raw))
		t.raw = t.raw[skip:]
		segments, _ = splitPath(t.raw)
	}
	t.segments = segments
	t.params, t.query = splitQuery(u.RawQuery)
	return t, true
}

// splitPath cuts an escaped path at every slash, raw or written as %2F.
func splitPath(raw string) ([]segment, bool) {
	var segments []segment
	if raw == "" {
		return nil, true
	}
	for start, i := 0, 0; ; {
		width := separator(raw[i:])
		if i < len(raw) && width == 0 {
			i++
			continue
		}
		text, err := url.PathUnescape(raw[start:i])
		if err != nil {
			return nil, false
		}
		segments = append(segments, segment{text, i})
		if i == len(raw) {
			return segments, true
		}
		i += width
		start = i
	}
}

// separator returns the width of the slash that s begins with, or 0.
func separator(s string) int {
	switch {
	case strings.HasPrefix(s, "/"):
		return 1
	case len(s) >= 3 && strings.EqualFold(s[:3], "%2F"):
		return 3
	}
	return 0
}

// texts returns the decoded path without the empty end that a final slash
// leaves.
func (t target) texts() []string {
	var texts []string
	for _, s := range t.segments {
		texts = append(texts, s.text)
	}
	if n := len(texts); n > 0 && texts[n-1] == "" {
		texts = texts[:n-1]
	}
	return texts
}

// path returns the decoded path for people to read.
func (t target) path() string { return strings.Join(t.texts(), "/") }

// suffix returns what follows the first n segments, escaped as it was sent.
func (t target) suffix(n int) string { return t.raw[t.segments[n-1].end:] }

// splitQuery separates the relay's parameters from the application's query.
// Only name=value pairs are the relay's; a bare sb-hc-… is left alone, and so
// are the order, escapes and duplicates of everything else.
func splitQuery(raw string) (params, string) {
	var p params
	var kept []string
	var plainCode, plainText string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, ok := strings.Cut(pair, "=")
		if decoded, err := url.QueryUnescape(name); err == nil {
			name = strings.ToLower(decoded)
		}
		if !ok || !strings.HasPrefix(name, "sb-hc-") {
			// hyco-websocket rejects with these two names after the address it
			// was given. Before sb-hc-id they belong to the sender.
			switch {
			case ok && p.id != "" && name == "statuscode":
				plainCode = unescape(value)
			case ok && p.id != "" && name == "statusdescription":
				plainText = unescape(value)
			}
			kept = append(kept, pair)
			continue
		}
		value = unescape(value)
		switch name {
		case "sb-hc-action":
			p.action = value
		case "sb-hc-id":
			p.id = value
		case "sb-hc-token":
			p.token = value
		case "sb-hc-sas-key":
			p.key = true
		case "sb-hc-statuscode":
			p.rejects, p.statusCode = true, value
		case "sb-hc-statusdescription":
			p.statusDescription = value
		}
	}
	if !p.rejects && plainCode != "" && plainText != "" {
		p.rejects, p.plain, p.statusCode, p.statusDescription = true, true, plainCode, plainText
	}
	return p, strings.Join(kept, "&")
}

// unescape decodes a query value; one that is escaped badly stays as it is
// and is refused for what it says.
func unescape(value string) string {
	if decoded, err := url.QueryUnescape(value); err == nil {
		return decoded
	}
	return value
}

// presentedToken returns the token of a WebSocket handshake. The header goes
// before the query, and what only HTTP requests should use comes last.
func (h *handshake) presentedToken() string {
	if token := bare(h.req.Header.Get("ServiceBusAuthorization")); token != "" {
		return token
	}
	if h.bearsAuthorization() {
		return bare(h.req.Header.Get("Authorization"))
	}
	return strings.TrimSpace(h.target.params.token)
}
