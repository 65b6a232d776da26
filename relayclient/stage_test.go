package relayclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// Whoever is silent is named, not whoever comes after.
func TestWhoIsSilent(t *testing.T) {
	r := localrelaytest.New(t)
	silentListener(t, r, "hyco")
	mute := serveTCP(t, nil, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	for name, tt := range map[string]struct {
		namespace, proxy string
		stage            relayclient.Stage
		title            string
	}{
		"listener": {r.Namespace(), "", relayclient.Upgrading, "Stopped waiting for a listener to accept"},
		"TLS":      {mute, "", relayclient.SecuringTLS, "No answer to the TLS handshake"},
		"proxy":    {r.Namespace(), mute, relayclient.AskingProxy, "The proxy does not answer"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, r, "hyco", "send")
			cfg.Namespace, cfg.Timing.SenderHandshake = tt.namespace, 500*time.Millisecond
			via := ""
			if tt.proxy != "" {
				cfg.Proxy = through(&url.URL{Scheme: "http", Host: tt.proxy, User: url.UserPassword("eve", "s3cret")})
				cfg.ProxySource, via = "profile", tt.proxy+" (profile)"
			}
			events := watch(&cfg)
			_, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
			var te *relayclient.TimeoutError
			if !errors.As(err, &te) || te.Stage != tt.stage || te.Proxied != (tt.proxy != "") || !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("error = %v, want one of stage %v", err, tt.stage)
			}
			if m := explain.Error(err, relayclient.Sending); m.Title != tt.title {
				t.Errorf("title = %q, want %q", m.Title, tt.title)
			}
			if got := await(t, events, "failure", kind(relayclient.ConnectFailed)).Phases.Via; got != via {
				t.Errorf("via %q, want %q", got, via)
			}
		})
	}
}

// A proxy that cannot be read is no reason to go without one.
func TestMalformedProxyInTheEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://eve:s3%zzcret@proxy.example:3128")
	t.Setenv("NO_PROXY", "left.out.example")
	_, err := relayclient.Dial(t.Context(), relayclient.Config{Namespace: "relay.example", HybridConnection: "hyco"}, relayclient.DialOptions{})
	var pa *relayclient.ProxyAddressError
	if !errors.As(err, &pa) || pa.Variable != "HTTPS_PROXY" || strings.Contains(err.Error(), "s3") {
		t.Errorf("error = %v", err)
	}
	if m := explain.Error(err, relayclient.Sending); m.Title != "The proxy's URL cannot be used" {
		t.Errorf("title = %q", m.Title)
	}
	cfg := handmadeServer(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	if _, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{}); errors.As(err, &pa) {
		t.Errorf("a loopback address: %v", err)
	}
}
