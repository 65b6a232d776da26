package localrelay_test

import (
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// answersPing reads, and tells of every PONG.
func answersPing(t testing.TB, ws *websocket.Conn) <-chan struct{} {
	t.Helper()
	answered := make(chan struct{}, 1)
	ws.SetPongHandler(func(string) error {
		select {
		case answered <- struct{}{}:
		default:
		}
		return nil
	})
	go func() {
		for {
			if _, _, err := ws.ReadMessage(); err != nil {
				return
			}
		}
	}()
	return answered
}

func ping(t testing.TB, ws *websocket.Conn) {
	t.Helper()
	if err := ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
}

func TestFreezeEnds(t *testing.T) {
	for name, thaw := range map[string]func(*localrelay.Relay){
		"freeze:for=400ms": func(*localrelay.Relay) {},
		"freeze":           (*localrelay.Relay).ClearFaults,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t, impatient)
			control := listen(t, r, "")
			answered := answersPing(t, control)
			if hit := inject(t, r, name); hit != 1 {
				t.Fatalf("%d control channels were frozen, want 1", hit)
			}
			frozen := func() bool {
				ping(t, control)
				select {
				case <-answered:
					return false
				case <-time.After(100 * time.Millisecond):
					return true
				}
			}
			until(t, "it is frozen", frozen) // the order is on its way
			wantStatus(t, refused(t, r, address(r, "hyco"), token(t, r, "send")), "504 None of the connected listeners accepted the connections within the allowed timeout.")
			thaw(r)
			until(t, "it is thawed", func() bool { return !frozen() })
		})
	}
}

// Close waits for nothing that a fault holds up.
func TestCloseEndsFaults(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	inject(t, r, "bandwidth:rate=1")
	sender, _ := joined(t, r, control)
	r.ClearFaults()
	written := make(chan struct{})
	go func() {
		defer close(written)
		for sender.WriteMessage(websocket.BinaryMessage, make([]byte, 64<<10)) == nil {
		}
	}()
	inject(t, r, "freeze")
	inject(t, r, "delay:by=1h,on=listen")
	late := rawUpgrade(t, r, "hyco?sb-hc-action=listen", token(t, r, "listen"))
	until(t, "the listener is delayed", func() bool { return len(r.Faults()) == 0 })
	waiting := connect(t, r, "hyco", token(t, r, "send"))
	until(t, "the sender waits", func() bool { return counts(r)[1] == 1 })
	start := time.Now()
	r.Close()
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("closing took %v", took)
	}
	<-written
	late.Close()
	wantStatus(t, (<-waiting).resp, "503 The relay is being stopped.")
	wantNoGoroutine(t)
}
