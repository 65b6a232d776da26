package responder_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
)

// serve connects a sender to a listener that answers by policy, and returns
// the sender and what Serve will have returned.
func serve(t *testing.T, policy func() responder.Policy) (*relayclient.Conn, <-chan error) {
	t.Helper()
	r := localrelaytest.New(t)
	l, err := relayclient.Listen(t.Context(), config(t, r))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	served := make(chan error, 1)
	go func() {
		c, err := l.Accept(t.Context())
		if err == nil {
			err = responder.Serve(context.Background(), c, policy)
		}
		served <- err
	}()
	c, err := relayclient.Dial(t.Context(), config(t, r), relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseNow)
	return c, served
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

func TestEchoKeepsTypeAndOrder(t *testing.T) {
	c, served := serve(t, func() responder.Policy { return responder.Echo })
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
	if err := <-served; err != nil {
		t.Errorf("Serve = %v after an ordinary close", err)
	}
}

// The policy is asked for every message, so it can change in between.
func TestPolicyChanges(t *testing.T) {
	var policy atomic.Int64
	policy.Store(int64(responder.Manual))
	asked := make(chan struct{}, 8)
	c, served := serve(t, func() responder.Policy {
		p := responder.Policy(policy.Load())
		asked <- struct{}{}
		return p
	})
	write := func(text string) {
		if err := c.Write(t.Context(), relayclient.Message{Data: []byte(text)}); err != nil {
			t.Fatal(err)
		}
	}
	write("unanswered")
	<-asked
	policy.Store(int64(responder.Echo))
	write("answered")
	if got, err := c.Read(t.Context()); err != nil || string(got.Data) != "answered" {
		t.Errorf("read %q, %v; want the second message alone", got.Data, err)
	}
	if err := c.Close(4000, "not ordinary"); err != nil {
		t.Error(err)
	}
	var ce *relayclient.CloseError
	if err := <-served; !errors.As(err, &ce) || ce.Code != 4000 {
		t.Errorf("Serve = %v, want the close", err)
	}
}

func TestServeAfterACrash(t *testing.T) {
	c, served := serve(t, func() responder.Policy { return responder.Echo })
	c.CloseNow()
	var ce *relayclient.CloseError
	if err := <-served; err == nil || errors.As(err, &ce) {
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
		go func() {
			served <- responder.Serve(context.Background(), c, func() responder.Policy { return responder.Echo })
		}()
		if err := c.Close(1001, "listener stopped"); err != nil {
			t.Error(err)
		}
		<-echoed
		<-served
	}
}
