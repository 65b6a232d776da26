package localrelay

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// get sends a request and returns the answer and what reading it came to.
func get(t *testing.T, r *Relay, body io.Reader) (*http.Response, string, error) {
	t.Helper()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://"+r.Namespace()+"/hyco", body)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	defer transport.CloseIdleConnections()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

func wantTooLate(t *testing.T, resp *http.Response, body string) {
	t.Helper()
	if resp.StatusCode != http.StatusGatewayTimeout || !strings.HasPrefix(body, `{"error":{"code":"GatewayTimeout","message":"`+strings.TrimSuffix(noAnswer.text, ".")+". TrackingId:") {
		t.Errorf("got %q with %s", resp.Status, body)
	}
	if !strings.HasPrefix(resp.Status, "504 The request was routed") || resp.Header.Get("Via") != "" {
		t.Errorf("got %q with %v", resp.Status, resp.Header)
	}
}

// rendezvous dials what the next request command names.
func rendezvous(r *Relay, control *websocket.Conn) (*websocket.Conn, string, error) {
	_, text, err := control.ReadMessage()
	var cmd struct{ Request struct{ Address, ID string } }
	if err == nil {
		err = json.Unmarshal(text, &cmd)
	}
	if err != nil {
		return nil, "", err
	}
	d := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	ws, _, err := d.Dial(cmd.Request.Address, nil)
	return ws, cmd.Request.ID, err
}

func TestAnswerComesTooLate(t *testing.T) {
	for name, chunked := range map[string]bool{"on the control channel": false, "never dialled": true} {
		t.Run(name, func(t *testing.T) {
			r := startWith(t, func(d *timings) { d.response = 100 * time.Millisecond })
			listenAt(t, r)
			var body io.Reader
			if chunked {
				body = io.MultiReader(strings.NewReader("x"))
			}
			resp, text, _ := get(t, r, body)
			wantTooLate(t, resp, text)
			if n := len(r.requests); n != 0 || r.Entities()[0].Waiting != 0 {
				t.Errorf("%d requests still wait", n)
			}
		})
	}
}

func TestAnswerComesTooLateAtRendezvous(t *testing.T) {
	r := startWith(t, func(d *timings) { d.response = 500 * time.Millisecond })
	control := listenAt(t, r)
	closed := make(chan error, 1)
	go func() {
		ws, _, err := rendezvous(r, control)
		if err == nil {
			defer ws.Close()
			_, _, err = ws.ReadMessage()
		}
		closed <- err
	}()
	resp, text, _ := get(t, r, nil)
	wantTooLate(t, resp, text)
	if err := <-closed; !websocket.IsCloseError(err, websocket.CloseGoingAway) {
		t.Errorf("the rendezvous ended with %v", err)
	}
}

// A listener that stops in the middle of its answer does not hold the sender.
func TestAnswerStalls(t *testing.T) {
	r := startWith(t, func(d *timings) { d.bodyGap = 100 * time.Millisecond })
	control := listenAt(t, r)
	done, finish := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ws, id, err := rendezvous(r, control)
		if err == nil {
			defer ws.Close()
			err = ws.WriteMessage(websocket.TextMessage, []byte(`{"response":{"requestId":"`+id+`","statusCode":200,"body":true}}`))
		}
		<-done.Done()
		ended <- err
	}()
	resp, _, err := get(t, r, nil)
	if resp.StatusCode != 200 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %s, %v; want an unexpected end", resp.Status, err)
	}
	finish()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
