package localrelay_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// patience bounds every wait for something that must happen.
const patience = 20 * time.Second

const nobody = "11111111-2222-4333-8444-555555555555"

func dialer(r *localrelay.Relay) *websocket.Dialer {
	return &websocket.Dialer{
		TLSClientConfig:  &tls.Config{RootCAs: r.RootCAs()},
		HandshakeTimeout: patience,
	}
}

// address returns the URL of path, which may have a query.
func address(r *localrelay.Relay, path string) string {
	return "wss://" + r.Namespace() + "/$hc/" + path
}

// open dials and must succeed.
func open(t testing.TB, r *localrelay.Relay, url string, header http.Header) (*websocket.Conn, *http.Response) {
	t.Helper()
	ws, resp, err := dialer(r).DialContext(t.Context(), url, header)
	if err != nil {
		t.Fatalf("dial: %v (%s)", err, status(resp))
	}
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(patience))
	return ws, resp
}

// refused dials and must get an answer other than 101.
func refused(t testing.TB, r *localrelay.Relay, url string, header http.Header) *http.Response {
	t.Helper()
	ws, resp, err := dialer(r).DialContext(t.Context(), url, header)
	if err == nil {
		ws.Close()
		t.Fatal("the handshake succeeded")
	}
	if !errors.Is(err, websocket.ErrBadHandshake) {
		t.Fatalf("dial: %v", err)
	}
	return resp
}

func status(resp *http.Response) string {
	if resp == nil {
		return "no answer"
	}
	return resp.Status
}

// wantStatus checks a status line up to the tracking details.
func wantStatus(t testing.TB, resp *http.Response, want string) {
	t.Helper()
	got, _, _ := strings.Cut(resp.Status, " TrackingId:")
	if strings.TrimSuffix(got, ".") != strings.TrimSuffix(want, ".") {
		t.Errorf("status is %q, want %q", resp.Status, want)
	}
}

func token(t testing.TB, r *localrelay.Relay, rule string) http.Header {
	t.Helper()
	return localrelaytest.Header(t, r, "hyco", rule, time.Hour)
}

// listen opens a control channel on "hyco".
func listen(t testing.TB, r *localrelay.Relay, query string) *websocket.Conn {
	t.Helper()
	ws, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"+query), token(t, r, "listen"))
	return ws
}

type invitation struct {
	Address        string
	ID             string
	ConnectHeaders map[string]string
	RemoteEndpoint struct {
		Address string
		Port    int
	}
}

// invited reads the next accept command.
func invited(t testing.TB, control *websocket.Conn) invitation {
	t.Helper()
	kind, text, err := control.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		t.Fatalf("read command: type %d, %v", kind, err)
	}
	var cmd map[string]json.RawMessage
	var inv invitation
	if err := json.Unmarshal(text, &cmd); err != nil {
		t.Fatalf("command %s: %v", text, err)
	}
	if names := slices.Collect(maps.Keys(cmd)); len(names) != 1 || names[0] != "accept" {
		t.Fatalf("command has the members %q, want accept alone", names)
	}
	if err := json.Unmarshal(cmd["accept"], &inv); err != nil {
		t.Fatalf("command %s: %v", text, err)
	}
	return inv
}

// A dialled is what came of a dial in the background.
type dialled struct {
	ws   *websocket.Conn
	resp *http.Response
	err  error
}

// connect dials as a sender in the background.
func connect(t testing.TB, r *localrelay.Relay, path string, header http.Header) <-chan dialled {
	t.Helper()
	result := make(chan dialled, 1)
	go func() {
		ws, resp, err := dialer(r).DialContext(t.Context(), address(r, path), header)
		if ws != nil {
			ws.SetReadDeadline(time.Now().Add(patience))
		}
		result <- dialled{ws, resp, err}
	}()
	return result
}

// joined returns the two ends of a data connection on "hyco".
func joined(t testing.TB, r *localrelay.Relay, control *websocket.Conn) (sender, listener *websocket.Conn) {
	t.Helper()
	pending := connect(t, r, "hyco", token(t, r, "send"))
	listener, _ = open(t, r, invited(t, control).Address, nil)
	d := <-pending
	if d.err != nil {
		t.Fatalf("connect: %v (%s)", d.err, status(d.resp))
	}
	t.Cleanup(func() { d.ws.Close() })
	return d.ws, listener
}

// wantMessage reads one message.
func wantMessage(t testing.TB, ws *websocket.Conn, kind int, text string) {
	t.Helper()
	k, got, err := ws.ReadMessage()
	if err != nil || k != kind || string(got) != text {
		t.Fatalf("got message %q of type %d, %v; want %q of type %d", got, k, err, text, kind)
	}
}

// wantClose reads until the peer closes and returns the reason.
func wantClose(t testing.TB, ws *websocket.Conn, code int) string {
	t.Helper()
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			continue
		}
		var ce *websocket.CloseError
		if !errors.As(err, &ce) || ce.Code != code {
			t.Fatalf("the connection ended with %v, want close %d", err, code)
		}
		return ce.Text
	}
}

// wantCut reads until the connection ends, which must be without a Close.
func wantCut(t testing.TB, ws *websocket.Conn) {
	t.Helper()
	for {
		_, _, err := ws.ReadMessage()
		if err == nil {
			continue
		}
		if ce, ok := err.(*websocket.CloseError); ok && ce.Code != websocket.CloseAbnormalClosure {
			t.Fatalf("the connection ended with %v, want no close frame", err)
		}
		if !errors.Is(err, io.EOF) && strings.Contains(err.Error(), "timeout") {
			t.Fatalf("the connection did not end: %v", err)
		}
		return
	}
}

func sendClose(t testing.TB, ws *websocket.Conn, payload []byte) {
	t.Helper()
	if err := ws.WriteControl(websocket.CloseMessage, payload, time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}

func send(t testing.TB, ws *websocket.Conn, kind int, text string) {
	t.Helper()
	if err := ws.WriteMessage(kind, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// counts returns listeners, waiting senders and connections of "hyco".
func counts(r *localrelay.Relay) [3]int {
	e := r.Entities()[0]
	return [3]int{e.Listeners, e.Waiting, e.Connections}
}

// rawUpgrade sends an upgrade request and leaves the answer unread.
func rawUpgrade(t testing.TB, r *localrelay.Relay, path string, header http.Header) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: r.RootCAs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	req, err := http.NewRequest(http.MethodGet, "https://"+r.Namespace()+"/$hc/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(req.Header, header)
	for name, value := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "c2FtcGxlLWtleS0xMjM0NQ==",
	} {
		req.Header.Set(name, value)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	return conn
}
