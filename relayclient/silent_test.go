package relayclient_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// silentListener registers a listener that ignores every invitation.
func silentListener(t *testing.T, r *localrelay.Relay, entity string) {
	t.Helper()
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	ws, _, err := dialer.DialContext(t.Context(), "wss://"+r.Namespace()+"/$hc/"+entity+"?sb-hc-action=listen",
		localrelaytest.Header(t, r, entity, "listen", time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
}
