package relayclient_test

import (
	"crypto/tls"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// listenRaw opens a control channel with none of the code under test.
func listenRaw(t *testing.T, r *localrelay.Relay) *websocket.Conn {
	t.Helper()
	control, err := dialRaw(t, r, "wss://"+r.Namespace()+"/$hc/hyco?sb-hc-action=listen", localrelaytest.Header(t, r, "hyco", "listen", time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { control.Close() })
	return control
}

func dialRaw(t *testing.T, r *localrelay.Relay, address string, header http.Header) (*websocket.Conn, error) {
	d := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}, HandshakeTimeout: 20 * time.Second}
	ws, _, err := d.DialContext(t.Context(), address, header)
	if err == nil {
		ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	}
	return ws, err
}

// acceptRaw returns the two ends of a connection, the listener's of which has
// none of the code under test.
func acceptRaw(t *testing.T, r *localrelay.Relay, opt relayclient.DialOptions) (*websocket.Conn, *relayclient.Conn) {
	t.Helper()
	control := listenRaw(t, r)
	accepted := make(chan *websocket.Conn, 1)
	go func() {
		var cmd struct{ Accept struct{ Address string } }
		err := control.ReadJSON(&cmd)
		var ws *websocket.Conn
		if err == nil {
			ws, err = dialRaw(t, r, cmd.Accept.Address, nil)
		}
		if err != nil {
			t.Error(err)
		}
		accepted <- ws
	}()
	c, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), opt)
	if err != nil {
		control.Close()
	}
	ws := <-accepted
	if ws != nil {
		t.Cleanup(func() { ws.Close() })
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseNow)
	return ws, c
}

// writeFrame writes a frame of its own, which the WebSocket package does only
// when its buffer is full. Its mask is all zeros.
func writeFrame(ws *websocket.Conn, opcode byte, last bool, payload []byte) error {
	if last {
		opcode |= 0x80
	}
	frame := []byte{opcode}
	if n := len(payload); n < 126 {
		frame = append(frame, 0x80|byte(n))
	} else {
		frame = append(frame, 0x80|126, byte(n>>8), byte(n))
	}
	frame = append(frame, 0, 0, 0, 0)
	_, err := ws.NetConn().Write(append(frame, payload...))
	return err
}
