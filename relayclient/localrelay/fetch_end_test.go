package localrelay_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestRendezvousViolations(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	for want, act := range map[string]func(*websocket.Conn){
		"Premature shutdown: WebSocket closed.":                     func(ws *websocket.Conn) { sendClose(t, ws, nil) },
		"Command messages must be MessageType=Text, actual=Binary.": func(ws *websocket.Conn) { send(t, ws, websocket.BinaryMessage, "x") },
		"'response' command was expected.":                          func(ws *websocket.Conn) { send(t, ws, websocket.TextMessage, `{"accept":{}}`) },
		"'response.requestId' is required.":                         func(ws *websocket.Conn) { answer(t, ws, "", `"statusCode":200`) },
		"'response.requestId' is not the id of the request.":        func(ws *websocket.Conn) { answer(t, ws, nobody, `"statusCode":200`) },
		"'response.statusCode' must be a number from 200 to 599.":   func(ws *websocket.Conn) { answer(t, ws, nobody, `"statusCode":99`) },
		"The 'response' command is malformed.":                      func(ws *websocket.Conn) { answer(t, ws, nobody, `"statusCode":[]`) },
	} {
		pending := request(t, r, "GET", "/open", nil, nil)
		ws, _ := open(t, r, full(t, asked(t, control)).Address, nil)
		act(ws)
		wantError(t, pending, 500, "InternalServerError", "The listener broke the protocol")
		if got, _, _ := strings.Cut(wantClose(t, ws, websocket.CloseProtocolError), " TrackingId:"); got != want {
			t.Errorf("the reason is %q, want %q", got, want)
		}
	}
}

// A listener that leaves a request unanswered at its rendezvous deviates, but
// not where a fault may have kept it from answering.
func TestUnansweredAtTheRendezvous(t *testing.T) {
	for name, faulty := range map[string]bool{"by itself": false, "with a fault": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.ResponseTimeout = time.Second })
			control := listenOpen(t, r, "")
			if faulty {
				inject(t, r, "delay:on=request,by=100ms")
			}
			pending := request(t, r, "GET", "/open", nil, nil)
			ws, _ := open(t, r, full(t, asked(t, control)).Address, nil)
			wantError(t, pending, 504, "GatewayTimeout", "The request was routed to the listener")
			wantClose(t, ws, websocket.CloseGoingAway)
			recorded := slices.ContainsFunc(r.Deviations(), func(d localrelay.Deviation) bool { return d.Rule == "request not answered" })
			if recorded == faulty {
				t.Errorf("recorded is %+v; is the missing answer in it? %v, want %v", r.Deviations(), recorded, !faulty)
			}
		})
	}
}

// What is not complete must not look complete.
func TestAnswerCutOff(t *testing.T) {
	for name, cut := range map[string]func(*websocket.Conn){
		"lost":       func(ws *websocket.Conn) { ws.Close() },
		"Close 1011": func(ws *websocket.Conn) { sendClose(t, ws, websocket.FormatCloseMessage(1011, "")) },
	} {
		for _, reason := range []string{"", "Own"} {
			t.Run(name+reason, func(t *testing.T) {
				r := localrelaytest.New(t)
				control := listenOpen(t, r, "")
				pending := request(t, r, "GET", "/open", nil, nil)
				cmd := full(t, asked(t, control))
				ws, _ := open(t, r, cmd.Address, nil)
				answer(t, ws, *cmd.ID, `"statusCode":200,"statusDescription":"`+reason+`","body":true`)
				piece, _ := piecewise(t, ws)
				piece("begun")
				cut(ws)
				a := <-pending
				if a.resp == nil || !errors.Is(a.err, io.ErrUnexpectedEOF) || !strings.HasPrefix(a.body, "begun") {
					t.Errorf("got %d bytes, %v; want an unexpected end", len(a.body), a.err)
				}
			})
		}
	}
}

// A listener at a rendezvous loses it when its sender leaves.
func TestSenderLeaves(t *testing.T) {
	upload, feed := io.Pipe()
	for name, body := range map[string]io.Reader{"sending": upload, "waiting": nil} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			control := listenOpen(t, r, "")
			ctx, leave := context.WithCancel(t.Context())
			pending := requestWith(ctx, t, httpClient(t, r), r, "POST", "/open", body, nil)
			var ws *websocket.Conn
			if body != nil {
				ws = invitedToFetch(t, r, control)
				asked(t, ws)
			} else {
				ws, _ = open(t, r, full(t, asked(t, control)).Address, nil)
			}
			leave()
			wantCut(t, ws)
			feed.Close() // net/http's client waits for it
			if a := <-pending; !errors.Is(a.err, context.Canceled) {
				t.Errorf("the sender got %v", a.err)
			}
		})
	}
}

func TestRequestsEndWithRelayOrEntity(t *testing.T) {
	for name, tt := range map[string]struct {
		end     func(*localrelay.Relay)
		status  int
		code    string
		message string
	}{
		"relay":  {func(r *localrelay.Relay) { r.Close() }, 503, "ServiceUnavailable", "The relay is being stopped"},
		"entity": {func(r *localrelay.Relay) { r.RemoveEntity("open") }, 404, "EndpointNotFound", "Endpoint does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			control := listenOpen(t, r, "")
			waiting := request(t, r, "GET", "/open", nil, nil)
			asked(t, control)
			fetched := request(t, r, "GET", "/open", nil, nil)
			ws, _ := open(t, r, full(t, asked(t, control)).Address, nil)
			closed := make(chan struct{})
			go func() {
				defer close(closed)
				wantClose(t, ws, websocket.CloseGoingAway)
			}()
			go control.ReadMessage()
			tt.end(r)
			wantError(t, waiting, tt.status, tt.code, tt.message)
			wantError(t, fetched, tt.status, tt.code, tt.message)
			<-closed
		})
	}
}
