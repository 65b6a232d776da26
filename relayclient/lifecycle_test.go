package relayclient_test

import (
	"context"
	"errors"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A relay that stays connected but answers nothing any more is noticed by its
// silence, and replaced.
func TestDeadRelayIsNoticed(t *testing.T) {
	var channels atomic.Int64
	cfg := handmadeRelay(t, func(ws *websocket.Conn, _ *http.Request) {
		if channels.Add(1) == 1 {
			<-t.Context().Done() // reads nothing, so answers no PING
			return
		}
		hold(ws)
	})
	cfg.Timing.Ping, cfg.Timing.Pong = 50*time.Millisecond, 150*time.Millisecond
	events := watch(&cfg)
	listen(t, cfg)
	online := await(t, events, "online", state(relayclient.Online))
	lost := await(t, events, "silence", state(relayclient.Waiting))
	if !errors.Is(lost.Err, relayclient.ErrPeerSilent) {
		t.Errorf("lost with %v, want silence", lost.Err)
	}
	if took := lost.Time.Sub(online.Time); took < 190*time.Millisecond || took > 5*time.Second {
		t.Errorf("noticed after %v, want Ping + Pong", took)
	}
	again := await(t, events, "online again", state(relayclient.Online))
	quiet := time.NewTimer(500 * time.Millisecond) // more than twice the patience: PONGs alone keep it
	defer quiet.Stop()
	select {
	case ev := <-events:
		t.Errorf("%v with %v, %v after coming back", ev.Kind, ev.Err, ev.Time.Sub(again.Time))
	case <-quiet.C:
	}
}

// Whatever code the relay ends a control channel with, the listener comes
// back, and says what the code was.
func TestControlChannelClosedByTheRelay(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Timing = quick
	events := watch(&cfg)
	l := listen(t, cfg)
	await(t, events, "online", state(relayclient.Online))
	listening, sending := pair(t, l, config(t, r, "hyco", "send"))
	for _, tt := range []struct {
		code    int
		reason  string
		routine bool
	}{
		{1001, "entity disabled", false}, {1008, "token expired", false},
		{1011, "service failure", false}, {1011, "InternalServerError: NameRenewalFailed", true},
	} {
		if n := r.CloseControlChannels("hyco", tt.code, tt.reason+". TrackingId:abc_G1"); n != 1 {
			t.Fatalf("closed %d control channels, want 1", n)
		}
		lost := await(t, events, "lost", state(relayclient.Waiting))
		var ce *relayclient.CloseError
		if !errors.As(lost.Err, &ce) || ce.Code != tt.code || ce.Reason != tt.reason || ce.TrackingID != "abc_G1" || ce.Routine() != tt.routine {
			t.Errorf("lost with %+v, want %+v", lost.Err, tt)
		}
		await(t, events, "online again", state(relayclient.Online))
		mustWrite(t, sending, text(tt.reason))
		mustRead(t, listening, text(tt.reason))
	}
}

// A rejected token is tried again slowly, trouble soon, and a name that does
// not exist never.
func TestHowSoonARefusedListenerTriesAgain(t *testing.T) {
	const soon, slow = 10 * time.Millisecond, 60 * time.Millisecond
	for status, want := range map[int]time.Duration{401: slow, 403: slow, 429: soon, 500: soon, 503: soon, 404: 0} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			var asked atomic.Int64
			cfg := handmadeServer(t, func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) <= 2 || status == 404 {
					w.WriteHeader(status)
					return
				}
				if ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil); err == nil {
					hold(ws)
					ws.Close()
				}
			})
			cfg.KeepTrying = true
			cfg.Timing = relayclient.Timing{Retry: []time.Duration{0, soon, soon, slow}}
			events := watch(&cfg)
			l, err := relayclient.Listen(t.Context(), cfg)
			if status == 404 {
				if !errors.Is(err, relayclient.ErrNotFound) || asked.Load() != 1 {
					t.Errorf("error = %v after %d attempts, want one that is final", err, asked.Load())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			for range 2 {
				ev := await(t, events, "waiting", state(relayclient.Waiting))
				if ev.RetryIn < want || ev.RetryIn > want*6/5+1 {
					t.Errorf("next try in %v, want %v and a fifth more at most", ev.RetryIn, want)
				}
			}
		})
	}
}

// One process may run as many listeners as the relay takes, and each can go
// and make room on its own.
func TestManyListenersInOneProcess(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	got := make(chan string, 100)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	start := func() *relayclient.Listener {
		l := listen(t, cfg)
		go func() {
			for {
				c, err := l.Accept(ctx)
				if err != nil {
					return
				}
				m, err := c.Read(ctx)
				if err == nil {
					got <- string(m.Data)
				}
				c.CloseNow()
			}
		}()
		return l
	}
	first := start()
	for range 24 {
		start()
	}
	_, err := relayclient.Listen(t.Context(), cfg)
	wantHandshake(t, err, relayclient.ErrUnauthorized, relayclient.CauseTooManyListeners)
	first.Close()
	start()

	// Another hybrid connection has its own.
	other, sending := pair(t, listen(t, config(t, r, "open", "listen")), anonymous(config(t, r, "open", "listen")))
	mustWrite(t, sending, text("elsewhere"))
	mustRead(t, other, text("elsewhere"))
	for range 3 {
		c, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
		if err != nil {
			t.Fatal(err)
		}
		mustWrite(t, c, text("to any of them"))
		if m := <-got; m != "to any of them" {
			t.Errorf("a listener got %q", m)
		}
		c.CloseNow()
	}
}

func anonymous(cfg relayclient.Config) relayclient.Config {
	cfg.Token = nil
	return cfg
}

// A sender that is being accepted while the listener closes gets through, and
// a goodbye.
func TestCloseWhileASenderIsBeingAccepted(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	asked, decided := make(chan struct{}), make(chan struct{})
	cfg.Admit = func(context.Context, relayclient.ConnInfo) relayclient.Verdict {
		close(asked)
		<-decided
		return relayclient.Verdict{Accept: true}
	}
	l := listen(t, cfg)
	dialled := make(chan error, 1)
	var sending *relayclient.Conn
	go func() {
		var err error
		sending, err = relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
		dialled <- err
	}()
	<-asked
	closed := make(chan error, 1)
	go func() { closed <- l.Close() }()
	waitForListeners(t, r, "hyco", 0)
	close(decided)
	if err := <-dialled; err != nil {
		t.Fatalf("the sender was cut off: %v", err)
	}
	defer sending.CloseNow()
	_, err := sending.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) || ce.Code != 1001 {
		t.Errorf("read error = %v, want 1001", err)
	}
	sending.Close(1000, "")
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

// waitForListeners waits until the relay knows so many listeners of entity.
func waitForListeners(t *testing.T, r *localrelay.Relay, entity string, want int) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		for _, e := range r.Entities() {
			if e.Name == entity && e.Listeners == want {
				return
			}
		}
		runtime.Gosched()
	}
	t.Fatalf("there are not %d listeners", want)
}
