package relayclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// An sdk is a listener with the habits of a client that cannot run here.
type sdk struct {
	statusText bool // statusCode is a string
	pongs      bool // sends PONGs that nobody asked for
	upgrades   bool // answers at a rendezvous even what it could answer on the control channel
	lastFrame  bool // ends a body with an empty last frame rather than with a Close
	closes     bool // closes the rendezvous after each answer
}

var (
	dotNet     = sdk{pongs: true, upgrades: true, lastFrame: true, closes: true} // what it does after two seconds of writing
	dotNetFast = sdk{pongs: true, lastFrame: true, closes: true}
	java       = sdk{closes: true}
	goClients  = sdk{statusText: true, lastFrame: true}
)

func TestListenersLikeOtherSDKs(t *testing.T) {
	for name, s := range map[string]sdk{".NET, slow": dotNet, ".NET": dotNetFast, "Java": java, "other clients in Go": goClients} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t)
			s.listen(t, r)
			sender := ours{}.sender(t, config(t, r, "hyco", "send"))
			var waiting []func()
			for i, x := range []exchange{
				{method: "GET", length: -1, answer: answerAsked{Status: 200}},
				{method: "GET", length: -1, answer: answerAsked{Status: 200, Length: 10}},
				{method: "GET", length: -1, answer: answerAsked{Status: 404, Length: 65536}},
				{method: "GET", length: -1, answer: answerAsked{Status: 200, Length: 300000}},
				{method: "HEAD", length: -1, answer: answerAsked{Status: 200}},
				{method: "DELETE", length: -1, answer: answerAsked{Status: 204}},
				{method: "POST", length: 3, answer: answerAsked{Status: 201, Length: 5}},
				{method: "PUT", length: 65536, answer: answerAsked{Status: 500, Length: 1}},
				{method: "POST", length: 70000, answer: answerAsked{Status: 200, Length: 70000}},
				{method: "POST", length: 300000, chunked: true, answer: answerAsked{Status: 200}},
				{method: "POST", length: 0, chunked: true, answer: answerAsked{Status: 200, Length: 300000}},
			} {
				x.target, x.answer.Seed = "/sub?n="+strconv.Itoa(i), 2*i
				answered := sender.send(t, x)
				waiting = append(waiting, func() { x.check(t, answered(), r.Namespace(), "/hyco"+x.target) })
			}
			for _, check := range waiting {
				check()
			}
		})
	}
}

// listen goes online with a listener that does as the header X-Answer says,
// until the test is over.
func (s sdk) listen(t *testing.T, r *localrelay.Relay) {
	t.Helper()
	control := listenRaw(t, r)
	ended := make(chan struct{})
	t.Cleanup(func() { control.Close(); <-ended })
	go func() {
		defer close(ended)
		for {
			_, text, err := control.ReadMessage()
			if err != nil {
				return // the test is over
			}
			if err := s.answer(t, r, control, text); err != nil {
				t.Error(err)
				return
			}
		}
	}()
}

type sdkRequest struct {
	Request struct {
		Address, ID, RequestTarget, Method string
		RequestHeaders                     map[string]string
		Body                               bool
	}
}

// answer serves one request command.
func (s sdk) answer(t *testing.T, r *localrelay.Relay, control *websocket.Conn, text []byte) error {
	if s.pongs {
		if err := control.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)); err != nil {
			return err
		}
	}
	var cmd sdkRequest
	err := json.Unmarshal(text, &cmd)
	ws := control
	if err == nil && cmd.Request.Method == "" { // address only
		if ws, err = dialRaw(t, r, cmd.Request.Address, nil); err != nil {
			return err
		}
		defer ws.Close()
		err = ws.ReadJSON(&cmd)
	}
	var body []byte
	if err == nil && cmd.Request.Body {
		var kind int
		if kind, body, err = ws.ReadMessage(); err == nil && kind != websocket.BinaryMessage {
			err = errors.New("the body does not follow its request")
		}
	}
	if err != nil {
		return err
	}
	var asked answerAsked
	if err := json.Unmarshal([]byte(cmd.Request.RequestHeaders["X-Answer"]), &asked); err != nil {
		return err
	}
	if ws == control && (s.upgrades || asked.Length > 65536) {
		if ws, err = dialRaw(t, r, cmd.Request.Address, nil); err != nil {
			return err
		}
		defer ws.Close()
	}
	seen, err := json.Marshal(requestSeen{Method: cmd.Request.Method, Target: cmd.Request.RequestTarget, Length: len(body), SHA256: digest(body)})
	if err != nil {
		return err
	}
	var status any = asked.Status
	if s.statusText {
		status = strconv.Itoa(asked.Status)
	}
	err = ws.WriteJSON(map[string]any{"response": map[string]any{
		"requestId": cmd.Request.ID, "statusCode": status, "responseHeaders": map[string]string{"X-Seen": string(seen)}, "body": asked.Length > 0,
	}})
	if err != nil {
		return err
	}
	return s.finish(ws, ws != control, noise(asked.Seed, asked.Length))
}

// finish sends the body of an answer and ends a rendezvous.
func (s sdk) finish(ws *websocket.Conn, rendezvous bool, body []byte) error {
	lastFrame := s.lastFrame || !rendezvous // nobody closes the control channel
	opcode := byte(websocket.BinaryMessage)
	for rest := body; len(rest) > 0; opcode = 0 {
		n := min(len(rest), 20000)
		if err := writeFrame(ws, opcode, false, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if lastFrame && len(body) > 0 {
		if err := writeFrame(ws, 0, true, nil); err != nil {
			return err
		}
	}
	if !rendezvous {
		return nil
	}
	if s.closes {
		normal := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "NormalClosure")
		if err := ws.WriteControl(websocket.CloseMessage, normal, time.Now().Add(time.Second)); err != nil && !errors.Is(err, websocket.ErrCloseSent) {
			return err
		}
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		return fmt.Errorf("the rendezvous ends with %v, want 1000", err)
	}
	return nil
}

// A listener of the Java SDK accepts without a subprotocol whatever is
// offered, one of .NET sends PONGs, and pieces of messages may be small.
func TestConnectionToAnotherSDK(t *testing.T) {
	r := localrelaytest.New(t)
	ws, c := acceptRaw(t, r, relayclient.DialOptions{Subprotocols: []string{"v2", "v1"}})
	if got := c.Subprotocol(); got != "" {
		t.Errorf("subprotocol is %q, want none", got)
	}
	if err := ws.WriteControl(websocket.PongMessage, []byte("x"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	opcode := byte(websocket.TextMessage)
	for i, piece := range []string{"in ", "three ", "pieces"} {
		if err := writeFrame(ws, opcode, i == 2, []byte(piece)); err != nil {
			t.Fatal(err)
		}
		opcode = 0
	}
	mustRead(t, c, text("in three pieces"))
	mustWrite(t, c, binary("answer"))
	if kind, got, err := ws.ReadMessage(); err != nil || kind != websocket.BinaryMessage || string(got) != "answer" {
		t.Errorf("the listener read type %d %q, %v", kind, got, err)
	}
}
