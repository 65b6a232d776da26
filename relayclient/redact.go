package relayclient

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
)

// RedactHeader returns h with the values of headers that usually carry a
// credential replaced. Whatever shows a sender's headers to people or writes
// them down goes through it.
func RedactHeader(h http.Header) http.Header {
	safe := h.Clone()
	for name, values := range safe {
		for i := range values {
			if strings.EqualFold(name, "Sec-WebSocket-Protocol") {
				values[i] = RedactSubprotocol(values[i])
			} else if confidential(name) {
				values[i] = redacted
			}
		}
	}
	return safe
}

// RedactQuery returns a query with the values of parameters that usually carry
// a credential replaced; everything else stays byte for byte.
func RedactQuery(query string) string {
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if ok && value != "" && (confidential(name) || strings.EqualFold(name, "sig") || strings.EqualFold(name, "code")) {
			pairs[i] = name + "=" + redacted
		}
	}
	return strings.Join(pairs, "&")
}

// maxSubprotocol is longer than any registered subprotocol; what is longer is
// a token that had no better place to travel.
const maxSubprotocol = 48

// RedactSubprotocol returns a list of subprotocols without those that look
// like credentials.
func RedactSubprotocol(list string) string {
	parts := strings.Split(list, ",")
	for i, p := range parts {
		if len(p) > maxSubprotocol || strings.Contains(strings.ToLower(p), "bearer") {
			parts[i] = redacted
		}
	}
	return strings.Join(parts, ",")
}

// confidential reports whether a name speaks of a credential.
func confidential(name string) bool {
	name = strings.ToLower(name)
	if name == "sec-websocket-key" { // proves a handshake, nothing more
		return false
	}
	for _, word := range []string{"token", "key", "secret", "auth", "cookie", "password", "passwd", "signature", "credential", "client-principal", "session"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// Credentials in free text: what a name such as sig= or "access_token": stands
// before, what follows the word Bearer or Basic, and JSON Web Tokens. JSON may
// be inside JSON, where quotes are escaped, and some write +, /, = and & of a
// key or a token as \u002b, \/, \u003d and \u0026.
var (
	namedSecret = regexp.MustCompile(`(?i)((?:\b|\\u0026|%26)(?:shared_?access_?key|accountkey|(?:primary|secondary)_?key|sig|sb-hc-token|(?:access|refresh|id)_token|client_(?:secret|assertion)|password|passwd)` +
		`(?:=|%3d|\\+u003d|\\*["']?\s*[:=]\s*\\*["']))((?:[^&;,\s"'<>\\]|\\+(?:/|u002[bf]|u003d))+)`)
	bearer    = regexp.MustCompile(`(?i)\b(bearer\s+|authorization\W{1,9}basic\s+)[a-z0-9._~+/-]{8,}=*`)
	jsonToken = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*`)

	// Texts without any of these hold nothing that the others match; looking
	// for them takes a hundredth of the time.
	traces = []string{"key", "sig", "token", "client_", "passw", "bearer", "basic"}
)

// RedactText returns a text, such as a message or an error, with what looks
// like a credential replaced. It returns text itself if that is nothing.
// Whatever leaves the program goes through it.
func RedactText(text []byte) []byte {
	if bytes.Contains(text, []byte("eyJ")) {
		text = jsonToken.ReplaceAll(text, []byte(redacted))
	}
	if traced(text) {
		text = namedSecret.ReplaceAll(text, []byte("${1}"+redacted))
		text = bearer.ReplaceAll(text, []byte("${1}"+redacted))
	}
	return text
}

// traced reports whether a text has any of the traces, whatever their case.
func traced(text []byte) bool {
	for i := range len(text) - 1 {
		switch [2]byte{text[i] | 0x20, text[i+1] | 0x20} {
		case [2]byte{'k', 'e'}, [2]byte{'s', 'i'}, [2]byte{'t', 'o'}, [2]byte{'c', 'l'}, [2]byte{'p', 'a'}, [2]byte{'b', 'e'}, [2]byte{'b', 'a'}:
			for _, trace := range traces {
				if len(text)-i >= len(trace) && strings.EqualFold(string(text[i:i+len(trace)]), trace) {
					return true
				}
			}
		}
	}
	return false
}
