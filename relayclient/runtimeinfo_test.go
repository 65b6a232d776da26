package relayclient_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// What the service answers, scrubbed.
const entryXML = `<entry xmlns="http://www.w3.org/2005/Atom"><id>https://fabrikam.servicebus.windows.net/orders?api-version=2016-07</id>
<title type="text">orders</title><content type="application/xml">
<HybridConnectionDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
<CreatedAt>2026-01-10T09:00:00Z</CreatedAt><UpdatedAt>2026-02-01T10:30:00.1234567Z</UpdatedAt>%s
<UserMetadata>[{"key":"endpoint","value":"db01:1433"}]</UserMetadata><ListenerCount>2</ListenerCount>
</HybridConnectionDescription></content></entry>`

func TestGetRuntimeInfo(t *testing.T) {
	entry := func(more string) string { return strings.Replace(entryXML, "%s", more, 1) }
	for name, tt := range map[string]struct {
		status   int
		body     string
		want     relayclient.RuntimeInfo
		sentinel error
		cause    relayclient.Cause
	}{
		"entry": {200, entry("<RequiresClientAuthorization>false</RequiresClientAuthorization>"), relayclient.RuntimeInfo{
			CreatedAt: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 2, 1, 10, 30, 0, 123456700, time.UTC),
			UserMetadata: `[{"key":"endpoint","value":"db01:1433"}]`, ListenerCount: 2}, nil, 0},
		"authorization not named": {200, entry(""), relayclient.RuntimeInfo{
			CreatedAt: time.Date(2026, 1, 10, 9, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 2, 1, 10, 30, 0, 123456700, time.UTC),
			RequiresClientAuthorization: true, UserMetadata: `[{"key":"endpoint","value":"db01:1433"}]`, ListenerCount: 2}, nil, 0},
		"feed means unknown": {200, `<feed xmlns="http://www.w3.org/2005/Atom"><title>Publicly Listed Services</title></feed>`,
			relayclient.RuntimeInfo{}, relayclient.ErrNotFound, 0},
		"right missing": {401, `<Error><Code>401</Code><Detail>Manage,EntityRead claims required for this operation. TrackingId:7f3a_G1</Detail></Error>`,
			relayclient.RuntimeInfo{}, relayclient.ErrUnauthorized, relayclient.CauseMissingRight},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/orders" || r.URL.RawQuery != "api-version=2016-07" || r.Header.Get("X-Process-At") != "ServiceBus" ||
					!strings.HasPrefix(r.Header.Get("ServiceBusAuthorization"), "SharedAccessSignature ") {
					t.Errorf("asked %s with %v", r.URL, r.Header)
				}
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body))
			}))
			defer server.Close()
			roots := x509.NewCertPool()
			roots.AddCert(server.Certificate())
			info, err := relayclient.GetRuntimeInfo(t.Context(), relayclient.Config{
				Namespace: server.Listener.Addr().String(), HybridConnection: "orders", RootCAs: roots,
				Token: relayclient.SharedAccessKey{KeyName: "root", Key: relayclient.NewSecret(key)},
			})
			if info != tt.want || !errors.Is(err, tt.sentinel) || (tt.sentinel == nil) != (err == nil) {
				t.Errorf("got  %+v, %v\nwant %+v, %v", info, err, tt.want, tt.sentinel)
			}
			var he *relayclient.HandshakeError
			if errors.As(err, &he) && (he.Cause != tt.cause || he.TrackingID != "7f3a_G1") {
				t.Errorf("cause %d, tracking ID %q", he.Cause, he.TrackingID)
			}
		})
	}
}

func TestGetRuntimeInfoFromSomethingElse(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("<html>sign in</html>")) }))
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	_, err := relayclient.GetRuntimeInfo(t.Context(), relayclient.Config{Namespace: server.Listener.Addr().String(), HybridConnection: "orders", RootCAs: roots})
	if err == nil || errors.Is(err, relayclient.ErrNotFound) {
		t.Errorf("error = %v, want one that is not about the hybrid connection", err)
	}
}
