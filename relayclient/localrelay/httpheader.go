package localrelay

import (
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
)

// ofConnection are the headers that belong to one TCP connection. The value
// says whether that is so for answers as well.
var ofConnection = map[string]bool{
	"Connection":        true,
	"Content-Length":    true,
	"Keep-Alive":        true,
	"Te":                true,
	"Trailer":           true,
	"Transfer-Encoding": true,
	"Upgrade":           true,
	"Close":             false,
	"Proxy-Connection":  false,
}

// requestHeaders returns a sender's headers as the listener gets to see them.
// carrier is the header that authorized the request.
func requestHeaders(req *http.Request, carrier, via string) map[string]string {
	headers := map[string]string{"Host": req.Host}
	dropped := map[string]bool{
		"Servicebusauthorization":                 true,
		textproto.CanonicalMIMEHeaderKey(carrier): true,
	}
	for name := range strings.SplitSeq(strings.Join(req.Header.Values("Connection"), ","), ",") {
		dropped[textproto.CanonicalMIMEHeaderKey(strings.TrimSpace(name))] = true
	}
	for name, values := range req.Header {
		if _, ok := ofConnection[name]; ok || dropped[name] {
			continue
		}
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		headers[name] = strings.Join(values, separator)
	}
	headers["Via"] = appended(headers["Via"], via)
	return headers
}

// responseHeaders returns a listener's headers as the sender gets to see them,
// or false if they are too large.
func responseHeaders(res *response, method, via string) (http.Header, bool) {
	header := http.Header{}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(res.Headers)) { // of two spellings always the same one counts
		value := res.Headers[name]
		size += len(name) + len(value)
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		if !isToken(name) {
			continue
		}
		if ofConnection[canonical] && !(canonical == "Content-Length" && method == http.MethodHead && isLength(string(value))) {
			continue
		}
		header.Set(canonical, oneLine(string(value)))
	}
	header.Set("Via", appended(header.Get("Via"), via))
	return header, size <= maxHeaderBytes
}

func appended(list, last string) string {
	if list == "" {
		return last
	}
	return list + ", " + last
}

// isToken reports whether a header may have this name.
func isToken(name string) bool {
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return name != ""
}

func isLength(value string) bool {
	_, err := strconv.ParseUint(value, 10, 63)
	return err == nil
}

// oneLine replaces what could end a header line.
func oneLine(value string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return ' '
		}
		return c
	}, value)
}
