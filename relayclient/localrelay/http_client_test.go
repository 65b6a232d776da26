package localrelay_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A command is what a listener gets for an HTTP request.
type command struct {
	Address        string
	ID             *string
	RequestTarget  string
	Method         *string
	RemoteEndpoint *struct {
		Address string
		Port    int
	}
	RequestHeaders map[string]string
	Body           *bool
}

// asked reads the next request command.
func asked(t testing.TB, ws *websocket.Conn) command {
	t.Helper()
	kind, text, err := ws.ReadMessage()
	if err != nil || kind != websocket.TextMessage {
		t.Fatalf("read command: type %d, %v", kind, err)
	}
	var cmd map[string]command
	if err := json.Unmarshal(text, &cmd); err != nil || len(cmd) != 1 || cmd["request"].Address == "" {
		t.Fatalf("got %s, %v; want a request", text, err)
	}
	return cmd["request"]
}

// full checks that a command has all that the full form must have.
func full(t testing.TB, cmd command) command {
	t.Helper()
	if cmd.ID == nil || cmd.Method == nil || cmd.Body == nil || cmd.RemoteEndpoint == nil || cmd.RequestHeaders == nil {
		t.Fatalf("the request lacks members: %+v", cmd)
	}
	return cmd
}

// answer sends a response whose members after the id are given, and its body.
func answer(t testing.TB, ws *websocket.Conn, id, members string, body ...string) {
	t.Helper()
	send(t, ws, websocket.TextMessage, fmt.Sprintf(`{"response":{"requestId":%q,%s}}`, id, members))
	for _, b := range body {
		send(t, ws, websocket.BinaryMessage, b)
	}
}

func httpClient(t testing.TB, r *localrelay.Relay) *http.Client {
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

type answered struct {
	resp *http.Response
	body string
	err  error
}

// request sends an HTTP request in the background.
func request(t testing.TB, r *localrelay.Relay, method, path string, body io.Reader, header http.Header) <-chan answered {
	t.Helper()
	return requestWith(t.Context(), t, httpClient(t, r), r, method, path, body, header)
}

func requestWith(ctx context.Context, t testing.TB, client *http.Client, r *localrelay.Relay, method, path string, body io.Reader, header http.Header) <-chan answered {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, "https://"+r.Namespace()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	result := make(chan answered, 1)
	go func() {
		resp, err := client.Do(req)
		if err != nil {
			result <- answered{nil, "", err}
			return
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		result <- answered{resp, string(text), err}
	}()
	return result
}

// wantAnswer waits for an answer with a status line and body.
func wantAnswer(t testing.TB, pending <-chan answered, status, body string) *http.Response {
	t.Helper()
	a := <-pending
	if a.err != nil {
		t.Fatalf("request: %v", a.err)
	}
	if a.resp.Status != status || a.body != body {
		t.Fatalf("got %q with %d bytes %.200q; want %q with %d bytes", a.resp.Status, len(a.body), a.body, status, len(body))
	}
	return a.resp
}

// wantError waits for an error of the relay's own.
func wantError(t testing.TB, pending <-chan answered, status int, code, message string) {
	t.Helper()
	a := <-pending
	if a.err != nil {
		t.Fatalf("request: %v", a.err)
	}
	var got struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal([]byte(a.body), &got); err != nil {
		t.Fatalf("body %q: %v", a.body, err)
	}
	reason := strings.TrimPrefix(a.resp.Status, fmt.Sprint(status, " "))
	if a.resp.StatusCode != status || got.Error.Code != code || !strings.HasPrefix(reason, message) ||
		reason != got.Error.Message || !strings.Contains(reason, ". TrackingId:") || !strings.Contains(reason, "Timestamp:") {
		t.Errorf("got %q with %s, want %d %s %s", a.resp.Status, a.body, status, code, message)
	}
	if a.resp.Header.Get("Via") != "" || a.resp.Header.Get("Content-Type") != "application/json; charset=utf-8" || a.resp.Header.Get("Date") == "" {
		t.Errorf("header is %v", a.resp.Header)
	}
}

func listenOpen(t testing.TB, r *localrelay.Relay, query string) *websocket.Conn {
	t.Helper()
	ws, _ := open(t, r, address(r, "open?sb-hc-action=listen"+query), localrelaytest.Header(t, r, "open", "listen", time.Hour))
	return ws
}
