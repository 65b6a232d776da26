package relayclient_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// A relay that invites the listener to a host that is not its own does not
// get it to go there, and loses nothing but that invitation.
func TestRelayThatPointsElsewhere(t *testing.T) {
	const one, two = "11111111-2222-4333-8444-555555555555", "66666666-7777-4888-9999-aaaaaaaaaaaa"
	var knocks atomic.Int64
	other := serveTCP(t, nil, func(conn net.Conn) { knocks.Add(1); io.Copy(io.Discard, conn) })
	invitations := make(chan string, 2)
	cfg := handmadeRelay(t, func(ws *websocket.Conn, r *http.Request) {
		if !isListen(r) {
			ws.WriteMessage(websocket.TextMessage, []byte("welcome"))
			hold(ws)
			return
		}
		for range 2 {
			ws.WriteMessage(websocket.TextMessage, []byte(<-invitations))
		}
		hold(ws)
	})
	events := watch(&cfg)
	l := listen(t, cfg)
	invitations <- accept("wss://"+other+"/$hc/hyco?sb-hc-action=accept&sb-hc-id="+one, one)
	failed := await(t, events, "refused", kind(relayclient.ConnectFailed))
	if !errors.Is(failed.Err, relayclient.ErrForeignRendezvous) || failed.Connection != one {
		t.Errorf("connection %s failed with %v", failed.Connection, failed.Err)
	}
	if strings.Contains(failed.Err.Error(), other) || strings.Contains(failed.Err.Error(), one) {
		t.Errorf("the error quotes the address: %v", failed.Err)
	}
	invitations <- invitation(cfg, two)
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	mustRead(t, c, text("welcome"))
	if n := knocks.Load(); n != 0 {
		t.Errorf("the listener knocked %d times elsewhere", n)
	}
}
