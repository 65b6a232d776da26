package responder_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
)

// A stage is a listener that answers, behind a relay.
type stage struct {
	*responder.Responder
	relay  *localrelay.Relay
	served chan error // what Serve returned, for each connection
	failed chan error // what onFailure was told
	stop   context.CancelFunc
}

// listen starts a listener that answers by settings.
func listen(t *testing.T, s responder.Settings) *stage {
	t.Helper()
	return listenOn(t, localrelaytest.New(t), s)
}

func listenOn(t *testing.T, r *localrelay.Relay, s responder.Settings) *stage {
	t.Helper()
	st := &stage{relay: r, served: make(chan error, 64), failed: make(chan error, 64)}
	var err error
	st.Responder, err = responder.New(s, func(id string, err error) {
		if id == "" {
			t.Error("a failure without an ID")
		}
		st.failed <- err
	})
	if err != nil {
		t.Fatal(err)
	}
	life, stop := context.WithCancel(context.Background())
	st.stop = stop
	cfg := config(t, st.relay)
	cfg.Admit, cfg.Handler, cfg.Timing.Decide = st.Admit, st.Handler(life), responder.AdmitTime
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			c, err := l.Accept(life)
			if err != nil {
				return
			}
			connections.Go(func() { st.served <- st.Serve(life, c) })
		}
	})
	t.Cleanup(func() {
		stop()
		l.Close()
		connections.Wait()
	})
	return st
}

// connect connects a sender.
func (st *stage) connect(t *testing.T, o relayclient.DialOptions) *relayclient.Conn {
	t.Helper()
	c, err := relayclient.Dial(t.Context(), config(t, st.relay), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseNow)
	return c
}

func config(t *testing.T, r *localrelay.Relay) relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString("hyco", "both")
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

// with returns the default settings after a change.
func with(change func(*responder.Settings)) responder.Settings {
	s := responder.Default()
	change(&s)
	return s
}

func connections(a responder.Answer) responder.Settings {
	return with(func(s *responder.Settings) { s.WebSocket = a })
}

func write(t *testing.T, c *relayclient.Conn, text string) {
	t.Helper()
	if err := c.Write(t.Context(), relayclient.Message{Data: []byte(text)}); err != nil {
		t.Fatal(err)
	}
}

// reads expects the next messages.
func reads(t *testing.T, c *relayclient.Conn, want ...string) {
	t.Helper()
	for _, text := range want {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		m, err := c.Read(ctx)
		cancel()
		if err != nil || string(m.Data) != text {
			t.Fatalf("read %q, %v; want %q", m.Data, err, text)
		}
	}
}

func TestEchoKeepsTypeAndOrder(t *testing.T) {
	st := listen(t, connections(responder.Echo))
	c := st.connect(t, relayclient.DialOptions{})
	messages := []relayclient.Message{{Data: []byte("one")}, {Binary: true, Data: []byte{0, 1}}, {Data: []byte("")}}
	for _, m := range messages {
		if err := c.Write(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range messages {
		got, err := c.Read(t.Context())
		if err != nil || got.Binary != want.Binary || string(got.Data) != string(want.Data) {
			t.Fatalf("read %+v, %v; want %+v", got, err, want)
		}
	}
	if err := c.Close(1000, "done"); err != nil {
		t.Error(err)
	}
	if err := <-st.served; err != nil {
		t.Errorf("Serve = %v after an ordinary close", err)
	}
	got, _ := st.Counters()
	if want := (responder.Counters{Connections: 1, Received: 3, Answered: 3, BytesIn: 5, BytesOut: 5}); got != want {
		t.Errorf("counters = %+v, want %+v", got, want)
	}
}

// The settings count for the next message, on connections that are open, too.
func TestAnswersChangeWhileConnected(t *testing.T) {
	st := listen(t, connections(responder.Silence))
	c := st.connect(t, relayclient.DialOptions{Path: "/chat"})
	set := func(s responder.Settings) {
		t.Helper()
		if err := st.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	write(t, c, "unheard")
	set(connections(responder.Echo)) // which may come before "unheard" is read
	write(t, c, "one")
	got, err := c.Read(t.Context())
	if err == nil && string(got.Data) == "unheard" {
		got, err = c.Read(t.Context())
	}
	if err != nil || string(got.Data) != "one" {
		t.Fatalf("read %q, %v", got.Data, err)
	}
	canned := with(func(s *responder.Settings) {
		s.WebSocket, s.Text = responder.Canned, "{{counter}} {{path}} {{message}}{{header:X-No}}"
	})
	set(canned)
	write(t, c, "two")
	reads(t, c, "1 /chat two")
	canned.Delay = time.Millisecond // the same text goes on to count
	set(canned)
	write(t, c, "three")
	reads(t, c, "2 /chat three")
	rejecting := canned
	rejecting.WebSocket = responder.Reject
	set(rejecting) // connections that are open stay as they are
	write(t, c, "four")
	reads(t, c, "3 /chat four")
	if _, err := relayclient.Dial(t.Context(), config(t, st.relay), relayclient.DialOptions{}); err == nil {
		t.Error("a new sender was not turned away")
	}
	set(connections(responder.Echo))
	write(t, c, "five")
	reads(t, c, "five")
	c.Close(4000, "not ordinary")
	var ce *relayclient.CloseError
	if err := <-st.served; !errors.As(err, &ce) || ce.Code != 4000 {
		t.Errorf("Serve = %v, want the close", err)
	}
}

// Wrong settings change nothing.
func TestMistakesAreRefused(t *testing.T) {
	st := listen(t, connections(responder.Echo))
	bad := with(func(s *responder.Settings) { s.WebSocket, s.Text = responder.Canned, "{{nonsense}}" })
	var m *responder.Mistake
	if err := st.Set(bad); !errors.As(err, &m) || m.Field != responder.FieldText {
		t.Errorf("Set = %v, want a mistake in the text", err)
	}
	if st.Settings() != connections(responder.Echo) {
		t.Errorf("settings = %+v", st.Settings())
	}
	c := st.connect(t, relayclient.DialOptions{})
	write(t, c, "still echoed")
	reads(t, c, "still echoed")
}

func TestManualAnswersNothing(t *testing.T) {
	st := listen(t, connections(responder.Manual))
	c := st.connect(t, relayclient.DialOptions{})
	write(t, c, "question")
	c.Close(1000, "")
	<-st.served
	if got, _ := st.Counters(); got.Received != 1 || got.Answered != 0 {
		t.Errorf("counters = %+v", got)
	}
}

func TestReject(t *testing.T) {
	st := listen(t, with(func(s *responder.Settings) {
		s.WebSocket, s.Rejection, s.Delay = responder.Reject, responder.Rejection{Status: 429, Text: "not today"}, time.Millisecond
	}))
	_, err := relayclient.Dial(t.Context(), config(t, st.relay), relayclient.DialOptions{})
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.StatusCode != 429 || he.Reason != "not today" {
		t.Errorf("Dial = %v, want 429 not today", err)
	}
	if got, _ := st.Counters(); got.Refused != 1 {
		t.Errorf("counters = %+v", got)
	}
}

func TestNeverAccepts(t *testing.T) {
	st := listenOn(t, localrelaytest.New(t, func(c *localrelay.Config) { c.AcceptTimeout = 50 * time.Millisecond }), connections(responder.Ignore))
	if _, err := relayclient.Dial(t.Context(), config(t, st.relay), relayclient.DialOptions{}); !errors.Is(err, relayclient.ErrAcceptTimeout) {
		t.Errorf("Dial = %v, want the relay to give up", err)
	}
	if got, _ := st.Counters(); got.Refused != 1 {
		t.Errorf("counters = %+v", got)
	}
}

func TestSubprotocolIsTheFirstOffered(t *testing.T) {
	st := listen(t, connections(responder.Echo))
	c := st.connect(t, relayclient.DialOptions{Subprotocols: []string{"b", "a"}})
	if c.Subprotocol() != "b" {
		t.Errorf("subprotocol %q, want b", c.Subprotocol())
	}
}

// Answers keep their order whatever chance makes of the delays, and those that
// wait still go out after the sender has said that it sends no more.
func TestDelayedAnswersKeepTheirOrder(t *testing.T) {
	st := listen(t, with(func(s *responder.Settings) { s.Delay, s.Jitter = 5*time.Millisecond, 20*time.Millisecond }))
	c := st.connect(t, relayclient.DialOptions{})
	began := time.Now()
	for _, text := range []string{"a", "b", "c", "d", "e", "f"} {
		write(t, c, text)
	}
	if err := c.CloseWrite(1000, ""); err != nil {
		t.Fatal(err)
	}
	reads(t, c, "a")
	if took := time.Since(began); took < 5*time.Millisecond {
		t.Errorf("the first answer took %v, want 5 ms at least", took)
	}
	reads(t, c, "b", "c", "d", "e", "f")
	var ce *relayclient.CloseError
	if _, err := c.Read(t.Context()); !errors.As(err, &ce) || ce.Code != 1000 {
		t.Errorf("then %v, want a close with 1000", err)
	}
}

// A long delay does not hold up whoever closes the connection.
func TestCloseWhileAnswersWait(t *testing.T) {
	st := listen(t, with(func(s *responder.Settings) { s.Delay = responder.MaxDelay }))
	c := st.connect(t, relayclient.DialOptions{})
	write(t, c, "never answered")
	c.CloseNow()
	if err := <-st.served; err == nil {
		t.Error("Serve = nil after a crash")
	}
}

func TestServeAfterACrash(t *testing.T) {
	st := listen(t, connections(responder.Echo))
	st.connect(t, relayclient.DialOptions{}).CloseNow()
	var ce *relayclient.CloseError
	if err := <-st.served; err == nil || errors.As(err, &ce) {
		t.Errorf("Serve = %v, want an error that is no close", err)
	}
}

// A goodbye reaches a sender that goes on sending.
func TestCloseDuringTraffic(t *testing.T) {
	r := localrelaytest.New(t)
	l, err := relayclient.Listen(t.Context(), config(t, r))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	answers, err := responder.New(responder.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		sender, err := relayclient.Dial(t.Context(), config(t, r), relayclient.DialOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		echoed := make(chan struct{})
		go func() { // reads the echoes, so that the traffic flows
			defer close(echoed)
			var ce *relayclient.CloseError
			for err == nil {
				_, err = sender.Read(context.Background())
			}
			if !errors.As(err, &ce) || ce.Code != 1001 {
				t.Errorf("the sender got %v, want 1001", err)
			}
			sender.Close(1000, "")
		}()
		go func() {
			for sender.Write(context.Background(), relayclient.Message{Data: []byte("flood")}) == nil {
			}
		}()
		served := make(chan error, 1)
		go func() { served <- answers.Serve(context.Background(), c) }()
		if err := c.Close(1001, "listener stopped"); err != nil {
			t.Error(err)
		}
		<-echoed
		<-served
	}
}
