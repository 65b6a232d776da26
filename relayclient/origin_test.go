package relayclient_test

import (
	"errors"
	"net/http"
	"testing"

	"relayscope/relayclient"
)

// What a proxy or a portal answers is not taken for the relay's word.
func TestWhoAnswered(t *testing.T) {
	sentinels := []error{relayclient.ErrUnauthorized, relayclient.ErrNotFound, relayclient.ErrNoListener, relayclient.ErrAcceptTimeout}
	for name, tt := range map[string]struct {
		status  int
		header  http.Header
		foreign bool
	}{
		"page for 403":           {403, http.Header{"Content-Type": {"text/html; charset=utf-8"}}, true},
		"nginx's 404":            {404, http.Header{"Server": {"nginx"}}, true},
		"load balancer's 503":    {503, http.Header{"Server": {"awselb/2.0"}, "Content-Type": {"text/html"}}, true},
		"portal":                 {302, http.Header{"Location": {"https://login.portal.example/guest?id=s3cret"}}, true},
		"page":                   {200, http.Header{}, true},
		"proxy wants a password": {407, http.Header{}, true},
		"nothing to go by":       {403, http.Header{"Content-Type": {"text/plain"}}, false},
		"service's web server":   {404, http.Header{"Server": {"Microsoft-HTTPAPI/2.0"}, "Content-Type": {"text/html"}}, false},
		"tracking ID":            {504, http.Header{"Trackingid": {"abc_G1"}, "Server": {"nginx"}, "Content-Type": {"text/html"}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := handmadeServer(t, func(w http.ResponseWriter, _ *http.Request) {
				for key, values := range tt.header {
					w.Header()[key] = values
				}
				w.WriteHeader(tt.status)
			})
			_, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
			var he *relayclient.HandshakeError
			if !errors.As(err, &he) || he.StatusCode != tt.status || he.Foreign != tt.foreign || he.Server != tt.header.Get("Server") {
				t.Fatalf("error = %+v", he)
			}
			if errors.Is(err, relayclient.ErrNotRelay) != tt.foreign {
				t.Errorf("errors.Is(%v, ErrNotRelay) = %v", err, !tt.foreign)
			}
			matches := false
			for _, sentinel := range sentinels {
				matches = matches || errors.Is(err, sentinel)
			}
			if matches == tt.foreign {
				t.Errorf("a status's meaning matches: %v", matches)
			}
			if he.Location != "" && he.Location != "https://login.portal.example" {
				t.Errorf("location = %q", he.Location)
			}
		})
	}
}
