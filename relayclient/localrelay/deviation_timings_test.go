package localrelay

import (
	"runtime"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func broken(r *Relay, rule string) bool {
	for _, d := range r.Deviations() {
		if d.Rule == rule {
			return true
		}
	}
	return false
}

// The answers to the relay's own PINGs are no keep-alive.
func TestNoKeepAlive(t *testing.T) {
	r := startWith(t, func(d *timings) { d.ping, d.idle = 20*time.Millisecond, time.Second })
	quiet := listenAt(t, r)
	lost := make(chan struct{})
	go func() {
		defer close(lost)
		for {
			if _, _, err := quiet.ReadMessage(); err != nil {
				return
			}
		}
	}()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for start := time.Now(); time.Since(start) < 1500*time.Millisecond; <-tick.C {
		if err := quiet.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	if broken(r, breachIdle.rule) {
		t.Fatal("unsolicited PONGs do not count")
	}
	for start := time.Now(); !broken(r, breachIdle.rule); <-tick.C {
		if time.Since(start) > 20*time.Second {
			t.Fatal("a listener without keep-alive is not noticed")
		}
	}
	quiet.Close()
	<-lost
}

func TestLateResponse(t *testing.T) {
	r := startWith(t, func(d *timings) { d.response = 100 * time.Millisecond })
	control := listenAt(t, r)
	resp, text, _ := get(t, r, nil)
	wantTooLate(t, resp, text)
	if !broken(r, breachUnanswered.rule) {
		t.Errorf("recorded is %+v, want %q", r.Deviations(), breachUnanswered.rule)
	}
	ws, id, err := rendezvous(r, control)
	if err == nil {
		ws.Close()
		t.Error("the rendezvous outlived the request")
	}
	if !broken(r, breachLate.rule) {
		t.Errorf("recorded is %+v, want %q", r.Deviations(), breachLate.rule)
	}
	answer := `{"response":{"requestId":"` + id + `","statusCode":200,"body":false}}`
	if err := control.WriteMessage(websocket.TextMessage, []byte(answer)); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); !broken(r, breachTooLate.rule); runtime.Gosched() {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("recorded is %+v, want %q", r.Deviations(), breachTooLate.rule)
		}
	}
}
