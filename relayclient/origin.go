package relayclient

import (
	"net/http"
	"net/url"
	"strings"
)

// origin notes who answered, as far as it shows. The relay's own answers have
// a tracking ID. What a listener's rejection has by the time it reaches the
// sender is not documented, so a missing ID alone proves nothing.
func (e *HandshakeError) origin(header http.Header) {
	e.Server = printable(clip(header.Get("Server")))
	e.ContentType, _, _ = strings.Cut(printable(clip(header.Get("Content-Type"))), ";")
	if u, err := url.Parse(header.Get("Location")); err == nil && u.Host != "" {
		e.Location = printable(clip(u.Scheme + "://" + u.Host)) // the rest may hold what a portal tells guests apart by
	}
	if e.TrackingID != "" || e.Cause != CauseUnknown {
		return
	}
	// The service's web server writes HTML of its own about requests that it
	// does not understand.
	microsofts := strings.HasPrefix(e.Server, "Microsoft-HTTPAPI/")
	switch {
	case header.Get("Location") != "", e.StatusCode < 400,
		e.StatusCode == http.StatusProxyAuthRequired, e.StatusCode == http.StatusNetworkAuthenticationRequired:
		e.Foreign = true
	case e.Server != "" && !microsofts, strings.EqualFold(strings.TrimSpace(e.ContentType), "text/html") && !microsofts:
		e.Foreign = true
	}
}
