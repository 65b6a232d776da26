package localrelay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// invitedTo returns the address of the next invitation.
func invitedTo(control *websocket.Conn) (string, error) {
	_, text, err := control.ReadMessage()
	var cmd struct{ Accept struct{ Address string } }
	if err == nil {
		err = json.Unmarshal(text, &cmd)
	}
	return cmd.Accept.Address, err
}

// accepted accepts the next sender.
func accepted(t *testing.T, r *Relay, control *websocket.Conn) (*websocket.Conn, error) {
	address, err := invitedTo(control)
	if err != nil {
		return nil, err
	}
	ws, _, err := dialerOf(r).DialContext(t.Context(), address, nil)
	if err == nil {
		ws.SetReadDeadline(time.Now().Add(enduring))
	}
	return ws, err
}

// An opening is what came of a dial in the background.
type opening struct {
	ws     *websocket.Conn
	status string
	err    error
}

// knock dials as a sender, or as whoever an address is for.
func knock(ctx context.Context, r *Relay, url string, header http.Header) opening {
	return knockWith(ctx, dialerOf(r), url, header)
}

func knockWith(ctx context.Context, d *websocket.Dialer, url string, header http.Header) opening {
	ws, resp, err := d.DialContext(ctx, url, header)
	if err == nil {
		ws.SetReadDeadline(time.Now().Add(enduring))
	}
	status := ""
	if resp != nil {
		status = resp.Status
	}
	return opening{ws, status, err}
}

// joinedAt returns the two ends of a data connection, which last as long as
// the test.
func joinedAt(t *testing.T, r *Relay, control *websocket.Conn) (sender, listener *websocket.Conn) {
	t.Helper()
	connected := make(chan opening, 1)
	go func() { connected <- knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/hyco", nil) }()
	listener, err := accepted(t, r, control)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cutOff(listener) })
	o := <-connected
	if o.err != nil {
		t.Fatalf("connect: %v, %s", o.err, o.status)
	}
	t.Cleanup(func() { cutOff(o.ws) })
	return o.ws, listener
}

// A visit is an HTTP request as a listener gets it.
type visit struct {
	Address, ID, RequestTarget, Method string
	RequestHeaders                     map[string]string
	Body                               bool
	content                            string
}

// visited reads the next request, from the control channel or from where it
// must be fetched. The second connection is where the answer belongs.
func visited(ctx context.Context, r *Relay, control *websocket.Conn) (visit, *websocket.Conn, error) {
	ws := control
	for {
		_, text, err := ws.ReadMessage()
		var cmd struct{ Request visit }
		if err == nil {
			err = json.Unmarshal(text, &cmd)
		}
		v := cmd.Request
		if err != nil {
			return v, ws, err
		}
		if v.Method == "" {
			if o := knock(ctx, r, v.Address, nil); o.err == nil {
				ws = o.ws
				continue
			}
			return v, ws, fmt.Errorf("fetch a request: %w", err)
		}
		if v.Body {
			_, content, err := ws.ReadMessage()
			v.content = string(content)
			return v, ws, err
		}
		return v, ws, nil
	}
}

// respond answers a request without a body.
func respond(ws *websocket.Conn, id, headers string) error {
	return ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"response":{"requestId":%q,"statusCode":200,"responseHeaders":{%s},"body":false}}`, id, headers))
}

// reading reads from a control channel in the background. It returns a function
// that waits until the relay has read all that was sent to it.
func reading(t *testing.T, control *websocket.Conn) func() {
	answered := make(chan struct{}, 1)
	control.SetPongHandler(func(string) error { answered <- struct{}{}; return nil })
	go func() {
		defer close(answered)
		control.ReadMessage()
	}()
	return func() {
		t.Helper()
		if err := control.WriteMessage(websocket.PingMessage, nil); err != nil {
			t.Fatal(err)
		}
		if _, ok := <-answered; !ok {
			t.Fatal("the control channel has ended")
		}
	}
}
