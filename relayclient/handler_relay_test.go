package relayclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// tell answers with what came.
func tell(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(w, "%s %s %s %d", r.Method, r.URL, body, r.ContentLength)
}

func served(handler http.HandlerFunc) func(*relayclient.Config) {
	return func(cfg *relayclient.Config) { cfg.Handler = handler }
}

func ignored(ev relayclient.Event) bool {
	return ev.Kind == relayclient.CommandReceived && ev.Reason != ""
}

// The commands are what the protocol asks for, byte for byte.
func TestResponseOnTheWire(t *testing.T) {
	r := newHandRelay(t)
	_, control, events := r.listen(served(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "there" || r.RemoteAddr != "192.0.2.1:5" || r.Header.Get("X-A") != "b" {
			t.Errorf("host %s, from %s, header %v", r.Host, r.RemoteAddr, r.Header)
		}
		w.Header().Set("ETag", `"1"`)
		w.WriteHeader(299)
	}))
	control.command("request", r.request("one_G1", "GET", "/hyco", false))
	if got := control.response(); got.text != `{"response":{"requestId":"one_G1","statusCode":299,"responseHeaders":{"Etag":"\"1\""},"body":false}}` {
		t.Errorf("response is %s", got.text)
	}
	if ev := await(t, events, "request", kind(relayclient.RequestReceived)); ev.Connection != "one" {
		t.Errorf("connection %q", ev.Connection)
	}
}

// A body belongs to the command before it. What does not fit is told and does
// no harm.
func TestControlChannelSurvivesMisfits(t *testing.T) {
	r := newHandRelay(t)
	_, control, events := r.listen(served(tell))
	control.binary("nobody's")
	if ev := await(t, events, "misfit", ignored); !strings.Contains(ev.Reason, "nobody announced") {
		t.Errorf("reason %q", ev.Reason)
	}
	control.command("request", r.request("1", "PUT", "/hyco/a", true))
	control.command("request", r.request("2", "PUT", "/hyco/b", true))
	if ev := await(t, events, "misfit", ignored); !strings.Contains(ev.Reason, "did not follow") {
		t.Errorf("reason %q", ev.Reason)
	}
	control.wantResponse("1", 500, "the relay did not deliver the body of the request\n")
	fragmented := strings.Repeat("b", 60_000)
	control.binary(fragmented)
	control.wantResponse("2", 200, "PUT /b "+fragmented+" 60000")
	control.command("request", map[string]any{"id": "3"})
	control.command("request", map[string]any{"method": "GET"})
	control.command("request", r.request("4", "PUT", "/hyco/c", true))
	control.binary("")
	control.wantResponse("4", 200, "PUT /c  0")
	for range 2 {
		await(t, events, "misfit", ignored)
	}
}

func TestRequestsThatCannotBeServed(t *testing.T) {
	r := newHandRelay(t)
	_, control, events := r.listen(served(func(http.ResponseWriter, *http.Request) { t.Error("served") }))
	for _, tt := range []struct{ method, target, words string }{
		{"CONNECT", "/hyco", "method"},
		{"GE T", "/hyco", "method"},
		{"GET", "hyco", "slash"},
		{"GET", "*", "slash"},
		{"GET", "/hyco/%zz", "escape"},
	} {
		control.command("request", r.request("1", tt.method, tt.target, false))
		if got := control.response(); got.Status != 400 || !strings.Contains(got.content, tt.words) {
			t.Errorf("%s %s: %s %q", tt.method, tt.target, got.text, got.content)
		}
		if ev := await(t, events, "refusal", kind(relayclient.ResponseSent)); ev.Code != 400 || !strings.Contains(ev.Reason, tt.words) {
			t.Errorf("%s %s: told %+v", tt.method, tt.target, ev)
		}
	}
}

// A command and its body are never parted by another command.
func TestResponsesKeepTogether(t *testing.T) {
	r := newHandRelay(t)
	_, control, _ := r.listen(served(tell))
	const n = 200
	for i := range n {
		control.command("request", r.request(fmt.Sprint(i), "POST", "/hyco", true))
		control.binary(fmt.Sprint(i))
	}
	seen := map[string]bool{}
	for range n {
		got := control.response()
		if want := fmt.Sprintf("POST / %s %d", got.ID, len(got.ID)); got.content != want || seen[got.ID] {
			t.Fatalf("%s with %q, want %q, once", got.text, got.content, want)
		}
		seen[got.ID] = true
	}
}

// A rendezvous serves one request after the other, until the relay closes it.
func TestSeveralRequestsOnOneRendezvous(t *testing.T) {
	r := newHandRelay(t)
	_, control, events := r.listen(served(tell))
	control.command("request", map[string]any{"address": r.address("first_G1")})
	ws := r.socket(r.rendezvous)
	pongs := make(chan string, 1)
	ws.SetPongHandler(func(data string) error { pongs <- data; return nil })
	ws.command("request", r.request("first_G1", "GET", "/hyco/1", false))
	ws.wantResponse("first_G1", 200, "GET /1  0")
	ws.command("request", r.request("second_G1", "POST", "/hyco/2", true))
	w, err := ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("0123456789", 1000)
	io.WriteString(w, body)
	if err := ws.WriteControl(websocket.PingMessage, []byte("there?"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ws.wantResponse("second_G1", 200, "POST /2 "+body+" -1")
	if got := <-pongs; got != "there?" {
		t.Errorf("PONG with %q", got)
	}
	ws.binary("nobody's")
	ws.command("request", map[string]any{"address": r.address("x")})
	ws.command("accept", map[string]any{"address": r.address("x"), "id": "x"})
	ws.command("request", r.request("third_G1", "PUT", "/hyco/3", true))
	ws.binary("")
	ws.wantResponse("third_G1", 200, "PUT /3  -1")
	for range 3 {
		await(t, events, "misfit", ignored)
	}
	ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, "Normal Closure"), time.Now().Add(time.Second))
	ws.wantClose(1000)
}

// The rendezvous of an answer is good for further requests as well.
func TestRequestsOnTheRendezvousOfAnAnswer(t *testing.T) {
	r := newHandRelay(t)
	l, control, events := r.listen(served(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		tell(w, r)
	}))
	control.command("request", r.request("1", "GET", "/hyco/1", false))
	ws := r.socket(r.rendezvous)
	ws.wantResponse("1", 200, "GET /1  0")
	ws.command("request", r.request("2", "GET", "/hyco/2", false))
	ws.wantResponse("2", 200, "GET /2  0")
	for _, rendezvous := range []bool{false, true} {
		if ev := await(t, events, "request", kind(relayclient.RequestReceived)); ev.Request.Rendezvous != rendezvous {
			t.Errorf("told: %+v", ev.Request)
		}
	}
	closed := make(chan struct{})
	go func() { l.Close(); close(closed) }()
	ws.wantClose(1000) // a listener that closes does not wait for more
	control.wantClose(1000)
	<-closed
}

func TestIdleRendezvousIsClosed(t *testing.T) {
	r := newHandRelay(t)
	_, control, events := r.listen(func(cfg *relayclient.Config) {
		cfg.Handler, cfg.Timing.Idle = http.HandlerFunc(tell), 20*time.Millisecond
	})
	control.command("request", map[string]any{"address": r.address("1")})
	ws := r.socket(r.rendezvous)
	ws.wantClose(1000)
	if ev := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(ev.Err, relayclient.ErrPeerSilent) || ev.Connection != "1" {
		t.Errorf("told: %+v", ev)
	}
	control.command("request", r.request("2", "GET", "/hyco/2", false))
	control.wantResponse("2", 200, "GET /2  0")
}

// A body that the handler leaves unread is read after its answer: the service
// takes a rendezvous that is closed before for a failure.
func TestUnreadBodyIsDrained(t *testing.T) {
	r := newHandRelay(t)
	_, control, _ := r.listen(func(cfg *relayclient.Config) {
		cfg.Timing.Idle = 50 * time.Millisecond
		cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(413) })
	})
	control.command("request", map[string]any{"address": r.address("1")})
	ws := r.socket(r.rendezvous)
	ws.command("request", r.request("1", "POST", "/hyco", true))
	w, err := ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	ws.wantResponse("1", 413, "")
	piece := make([]byte, 1<<20)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 10 { // together longer than Idle
		<-tick.C
		if _, err := w.Write(piece); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	ws.wantClose(1000)
}

// A listener without a handler says so on a rendezvous, too.
func TestNoHandlerOnARendezvous(t *testing.T) {
	r := newHandRelay(t)
	_, control, _ := r.listen(func(*relayclient.Config) {})
	control.command("request", map[string]any{"address": r.address("1")})
	ws := r.socket(r.rendezvous)
	ws.command("request", r.request("1", "POST", "/hyco", true))
	ws.binary("hello")
	ws.wantResponse("1", 501, "this listener serves WebSocket connections, not HTTP requests\n")
}

// The handler learns when its rendezvous cannot be had, and so does the log.
func TestRendezvousRefused(t *testing.T) {
	r := newHandRelay(t)
	r.refuse.Store(403)
	wrote := make(chan error, 1)
	_, control, events := r.listen(served(func(w http.ResponseWriter, r *http.Request) {
		_, err := w.Write(make([]byte, 65537))
		wrote <- err
	}))
	wantRefused := func(op string) {
		t.Helper()
		ev := await(t, events, "failure", kind(relayclient.RequestFailed))
		var he *relayclient.HandshakeError
		if !errors.As(ev.Err, &he) || he.StatusCode != 403 || he.Op != op || ev.Connection != "secret" || strings.Contains(ev.Err.Error(), "sb-hc-id") {
			t.Errorf("told: %+v", ev)
		}
	}
	control.command("request", r.request("secret_G1", "GET", "/hyco", false))
	var he *relayclient.HandshakeError
	if err := <-wrote; !errors.As(err, &he) || he.StatusCode != 403 {
		t.Errorf("Write error = %v", err)
	}
	wantRefused("answer")
	control.command("request", map[string]any{"address": r.address("secret_G1")})
	wantRefused("fetch")
	cmd := r.request("1", "GET", "/hyco", false)
	cmd["address"] = "ws://x/?sb-hc-id=secret"
	control.command("request", cmd)
	if err := <-wrote; err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("Write error = %v", err)
	}
}

// Without control channel and without rendezvous there is no way back.
func TestNoWayBack(t *testing.T) {
	r := newHandRelay(t)
	r.refuse.Store(403)
	arrived, proceed := make(chan struct{}), make(chan struct{})
	_, control, events := r.listen(func(cfg *relayclient.Config) {
		cfg.Timing = quick
		cfg.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(arrived); <-proceed })
	})
	control.command("request", r.request("1", "GET", "/hyco", false))
	<-arrived
	control.Close()
	await(t, events, "waiting", state(relayclient.Waiting))
	close(proceed)
	if ev := await(t, events, "failure", kind(relayclient.RequestFailed)); !strings.Contains(ev.Err.Error(), "control channel was lost") || ev.Code != 0 {
		t.Errorf("told: %+v", ev)
	}
}

// The request ends with its rendezvous.
func TestRendezvousLost(t *testing.T) {
	for name, lose := range map[string]func(*handSocket){
		"orderly": func(ws *handSocket) {
			ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "sender gone"), time.Now().Add(time.Second))
		},
		"cut": func(ws *handSocket) { ws.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			r := newHandRelay(t)
			causes := make(chan error, 1)
			_, control, events := r.listen(served(func(w http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				causes <- context.Cause(r.Context())
				if _, err := io.ReadAll(r.Body); err == nil {
					t.Error("the body ended well")
				}
				if _, err := io.WriteString(w, "to nobody"); err == nil {
					t.Error("Write succeeded")
				}
			}))
			control.command("request", map[string]any{"address": r.address("1")})
			ws := r.socket(r.rendezvous)
			ws.command("request", r.request("1", "POST", "/hyco", true))
			lose(ws)
			cause := <-causes
			var ce *relayclient.CloseError
			if orderly := errors.As(cause, &ce); orderly != (name == "orderly") || !orderly && !errors.Is(cause, relayclient.ErrLost) {
				t.Errorf("cause = %v", cause)
			}
			if ev := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(ev.Err, cause) {
				t.Errorf("told: %+v", ev)
			}
		})
	}
}
