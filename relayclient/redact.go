package relayclient

import (
	"net/http"
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
