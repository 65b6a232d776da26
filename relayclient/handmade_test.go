package relayclient_test

import (
	"context"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// handmadeRelay answers upgrades in a way that no well-behaved relay would, and
// returns the settings for a client of it. serve gets every WebSocket; the
// socket is closed after it, or when the test ends. Upgrades that one of refuse
// answers, and says so, do not come that far.
func handmadeRelay(t *testing.T, serve func(ws *websocket.Conn, r *http.Request), refuse ...func(w http.ResponseWriter, r *http.Request) bool) relayclient.Config {
	t.Helper()
	var serving sync.WaitGroup
	cfg := handmadeServer(t, func(w http.ResponseWriter, r *http.Request) {
		serving.Add(1)
		defer serving.Done()
		for _, refuses := range refuse {
			if refuses(w, r) {
				return
			}
		}
		ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		stop := context.AfterFunc(t.Context(), func() { ws.Close() })
		defer stop()
		serve(ws, r)
	})
	t.Cleanup(serving.Wait)
	return cfg
}

// handmadeServer is handmadeRelay for those that do not get as far as a
// WebSocket.
func handmadeServer(t *testing.T, serve http.HandlerFunc) relayclient.Config {
	t.Helper()
	s := httptest.NewUnstartedServer(serve)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // what clients do is their own business
	s.StartTLS()
	t.Cleanup(s.Close)
	return configFor(s.Listener.Addr(), s.Certificate())
}

// configFor returns settings for a relay that is not one.
func configFor(address net.Addr, certificate *x509.Certificate) relayclient.Config {
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	return relayclient.Config{
		Namespace: address.String(), HybridConnection: "hyco", RootCAs: roots, Timing: quick,
		Token: relayclient.StaticToken{Value: relayclient.NewSecret("token"), Expires: time.Now().Add(time.Hour)},
	}
}

// invitation is an accept command for an address of the relay cfg is for.
func invitation(cfg relayclient.Config, id string) string {
	return accept("wss://"+cfg.Namespace+"/$hc/hyco?sb-hc-action=accept&sb-hc-id="+id, id)
}

func accept(address, id string) string {
	return `{"accept":{"address":"` + address + `","id":"` + id + `","connectHeaders":{"Host":"localhost"}}}`
}

// isListen tells a control channel from a rendezvous.
func isListen(r *http.Request) bool { return strings.Contains(r.URL.RawQuery, "sb-hc-action=listen") }

// hold reads until the client goes, as a relay does with a control channel.
func hold(ws *websocket.Conn) {
	for {
		if _, _, err := ws.NextReader(); err != nil {
			return
		}
	}
}
