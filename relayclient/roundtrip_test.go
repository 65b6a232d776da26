package relayclient_test

import (
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"relayscope/relayclient"
)

// newTransport returns a client for handler, which plays the relay.
func newTransport(t *testing.T, name string, handler http.HandlerFunc) *http.Client {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport, err := relayclient.NewTransport(relayclient.Config{
		Namespace: server.Listener.Addr().String(), HybridConnection: name, RootCAs: roots,
		Token: relayclient.SharedAccessKey{KeyName: "send", Key: relayclient.NewSecret(key)},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestRequestReachesTheRelayAsItIs(t *testing.T) {
	var target, host, body string
	var header http.Header
	client := newTransport(t, "site-7/hy co", func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		target, host, body, header = r.RequestURI, r.Host, string(data), r.Header.Clone()
		w.Header().Set("Via", "1.1 "+r.Host)
		w.WriteHeader(418)
	})
	for path, want := range map[string]string{
		"":                                 "/site-7/hy%20co",
		"/":                                "/site-7/hy%20co/",
		"/api/a%2Fb/%c3%b8?x=1&x=2&&y=%20": "/site-7/hy%20co/api/a%2Fb/%c3%b8?x=1&x=2&&y=%20",
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://anything"+path, strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer for-the-listener")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if target != want || body != "hello" || host == "anything" {
			t.Errorf("%q: asked for %s of %s with %q, want %s", path, target, host, body, want)
		}
		if !strings.HasPrefix(header.Get("ServiceBusAuthorization"), "SharedAccessSignature ") || header.Get("Authorization") != "Bearer for-the-listener" {
			t.Errorf("headers %v", header)
		}
		if resp.StatusCode != 418 || relayclient.AnsweredByRelay(resp) {
			t.Errorf("status %d, by the relay %v", resp.StatusCode, relayclient.AnsweredByRelay(resp))
		}
		if req.Header.Get("ServiceBusAuthorization") != "" {
			t.Error("the caller's request was changed")
		}
	}
}

func TestRelayErrorsAreToldApart(t *testing.T) {
	for name, tt := range map[string]struct {
		status   int
		body     string
		sentinel error
		cause    relayclient.Cause
		tracking string
	}{
		"no listener":   {404, `{"error":{"code":"EndpointNotFound","message":"Endpoint was not found. TrackingId:a_G1, SystemTracker:ns:hc"}}`, relayclient.ErrNoListener, relayclient.CauseNoListener, "a_G1"},
		"token":         {401, `{"error":{"code":"TokenMissingOrInvalid","message":"InvalidSignature: The token has an invalid signature. TrackingId:b_G2"}}`, relayclient.ErrUnauthorized, relayclient.CauseBadSignature, "b_G2"},
		"deaf listener": {504, `{"error":{"code":"GatewayTimeout","message":"The request was routed to the listener but the listener did not respond in the required time. TrackingId:c_G3"}}`, relayclient.ErrAcceptTimeout, 0, "c_G3"},
		"no JSON":       {500, "oops", nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := newTransport(t, "hyco", func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			})
			resp, err := client.Get("https://anything/")
			if err != nil {
				t.Fatal(err)
			}
			if !relayclient.AnsweredByRelay(resp) {
				t.Error("taken for the listener's")
			}
			err = relayclient.RelayError(resp)
			var he *relayclient.HandshakeError
			if !errors.As(err, &he) || he.StatusCode != tt.status || he.Cause != tt.cause || he.TrackingID != tt.tracking || tt.sentinel != nil && !errors.Is(err, tt.sentinel) {
				t.Errorf("error = %+v", err)
			}
		})
	}
}

// Incomplete requests are errors, as they are to http.Transport.
func TestIncompleteRequests(t *testing.T) {
	client := newTransport(t, "hyco", func(http.ResponseWriter, *http.Request) { t.Error("it was sent") })
	for what, spoil := range map[string]func(*http.Request){
		"header": func(req *http.Request) { req.Header = nil },
		"URL":    func(req *http.Request) { req.URL = nil },
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://anything/", nil)
		if err != nil {
			t.Fatal(err)
		}
		spoil(req)
		if _, err := client.Transport.RoundTrip(req); err == nil {
			t.Errorf("a request without %s is sent", what)
		}
	}
}
