package relayclient_test

import (
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// A handRelay is a relay in the hands of a test, for what the local relay
// never does. It lets everybody in.
type handRelay struct {
	t          testing.TB
	server     *httptest.Server
	control    chan *websocket.Conn
	rendezvous chan *websocket.Conn
	refuse     atomic.Int32 // status that whoever dials a rendezvous gets
}

func newHandRelay(t testing.TB) *handRelay {
	t.Helper()
	r := &handRelay{t: t, control: make(chan *websocket.Conn, 10), rendezvous: make(chan *websocket.Conn, 10)}
	upgrader := websocket.Upgrader{WriteBufferSize: 512} // so that larger messages travel in fragments
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		sockets := r.control
		if req.URL.Query().Get("sb-hc-action") == "request" {
			if status := int(r.refuse.Load()); status != 0 {
				w.WriteHeader(status)
				return
			}
			sockets = r.rendezvous
		}
		ws, err := upgrader.Upgrade(w, req, nil)
		if err != nil {
			t.Error(err)
			return
		}
		ws.SetReadDeadline(time.Now().Add(20 * time.Second))
		sockets <- ws
	}))
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0) // a listener that ends in the middle of a handshake
	r.server.StartTLS()
	t.Cleanup(r.server.Close)
	return r
}

// listen starts a listener and returns it with its control channel.
func (r *handRelay) listen(change func(*relayclient.Config)) (l *relayclient.Listener, control *handSocket, events <-chan relayclient.Event) {
	r.t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(r.server.Certificate())
	cfg := relayclient.Config{
		Namespace: r.server.Listener.Addr().String(), HybridConnection: "hyco", RootCAs: roots,
		Token: relayclient.SharedAccessKey{KeyName: "listen", Key: relayclient.NewSecret(key)},
	}
	change(&cfg)
	events = watch(&cfg)
	l = listen(r.t, cfg)
	return l, r.socket(r.control), events
}

func (r *handRelay) socket(sockets <-chan *websocket.Conn) *handSocket {
	r.t.Helper()
	select {
	case ws := <-sockets:
		r.t.Cleanup(func() { ws.Close() })
		return &handSocket{ws, r.t}
	case <-time.After(20 * time.Second):
		r.t.Fatal("nobody dials")
		return nil
	}
}

// address is where a request of this id is fetched or answered.
func (r *handRelay) address(id string) string {
	return "wss://" + r.server.Listener.Addr().String() + "/$hc/hyco?sb-hc-action=request&sb-hc-id=" + id
}

// request returns a command whose members may be changed.
func (r *handRelay) request(id, method, target string, body bool) map[string]any {
	return map[string]any{
		"address": r.address(id), "id": id, "method": method, "requestTarget": target, "requestHeaders": map[string]string{"host": "there", "x-a": "b"},
		"remoteEndpoint": map[string]any{"address": "192.0.2.1", "port": 5}, "body": body,
	}
}

// A handSocket is the relay's end of a WebSocket.
type handSocket struct {
	*websocket.Conn
	t testing.TB
}

func (s *handSocket) command(name string, members map[string]any) {
	s.t.Helper()
	if err := s.WriteJSON(map[string]any{name: members}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *handSocket) binary(data string) {
	s.t.Helper()
	if err := s.WriteMessage(websocket.BinaryMessage, []byte(data)); err != nil {
		s.t.Fatal(err)
	}
}

// A handResponse is a response command and the body after it.
type handResponse struct {
	ID      string            `json:"requestId"`
	Status  int               `json:"statusCode"`
	Headers map[string]string `json:"responseHeaders"`
	Body    *bool             `json:"body"`
	text    string
	content string
}

// response reads a response and, if it announces one, its body, which must be
// the next message.
func (s *handSocket) response() handResponse {
	s.t.Helper()
	kind, data, err := s.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		s.t.Fatalf("message of kind %d, %v; want a command", kind, err)
	}
	var cmd struct{ Response *handResponse }
	if err := json.Unmarshal(data, &cmd); err != nil || cmd.Response == nil || cmd.Response.Body == nil {
		s.t.Fatalf("%s is no response: %v", data, err)
	}
	cmd.Response.text = strings.TrimSpace(string(data))
	if *cmd.Response.Body {
		kind, data, err = s.ReadMessage()
		if err != nil || kind != websocket.BinaryMessage {
			s.t.Fatalf("message of kind %d, %v; want a body", kind, err)
		}
		cmd.Response.content = string(data)
	}
	return *cmd.Response
}

func (s *handSocket) wantResponse(id string, status int, content string) {
	s.t.Helper()
	if got := s.response(); got.ID != id || got.Status != status || got.content != content {
		s.t.Errorf("%s with %q, want %d for %s with %q", got.text, got.content, status, id, content)
	}
}

// wantClose waits for a Close, which gorilla answers.
func (s *handSocket) wantClose(code int) {
	s.t.Helper()
	if _, _, err := s.ReadMessage(); !websocket.IsCloseError(err, code) {
		s.t.Errorf("read error = %v, want a Close with %d", err, code)
	}
}
