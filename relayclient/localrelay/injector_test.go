package localrelay_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/responder"
)

// inject makes a fault of text and returns how many it hit.
func inject(t testing.TB, r *localrelay.Relay, text string) int {
	t.Helper()
	f, err := localrelay.ParseFault(text)
	if err != nil {
		t.Fatal(err)
	}
	hit, err := r.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return hit
}

// client returns the settings for "hyco" under a rule.
func client(t testing.TB, r *localrelay.Relay, rule string) relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString("hyco", rule)
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

// echoing starts a listener that echoes, and returns what happens to it.
func echoing(t testing.TB, r *localrelay.Relay, change ...func(*relayclient.Config)) <-chan relayclient.Event {
	t.Helper()
	cfg := client(t, r, "listen")
	cfg.Timing.Retry = []time.Duration{0}
	events := make(chan relayclient.Event, 4096)
	cfg.OnEvent = func(ev relayclient.Event) { events <- ev }
	for _, f := range change {
		f(&cfg)
	}
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	answers, err := responder.New(responder.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(served)
		var all sync.WaitGroup
		defer all.Wait()
		for {
			c, err := l.Accept(ctx)
			if err != nil {
				return
			}
			// Its end is told as an event.
			all.Go(func() { _ = answers.Serve(ctx, c) })
		}
	}()
	t.Cleanup(func() {
		cancel()
		l.Close()
		<-served
	})
	return events
}

// await returns the first event that has an error or a reason, of a kind.
func await(t testing.TB, events <-chan relayclient.Event, kind relayclient.EventKind) relayclient.Event {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		select {
		case ev := <-events:
			if ev.Kind == kind && (ev.Err != nil || ev.Reason != "") {
				return ev
			}
		case <-timeout.C:
			t.Fatalf("there was no %v with an error", kind)
		}
	}
}

// dial connects as a sender.
func dial(t testing.TB, r *localrelay.Relay) (*relayclient.Conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := relayclient.Dial(ctx, client(t, r, "send"), relayclient.DialOptions{})
	if err == nil {
		t.Cleanup(c.CloseNow)
	}
	return c, err
}

// echoed sends a message and reads it back.
func echoed(t testing.TB, c *relayclient.Conn, size int) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.Write(ctx, relayclient.Message{Data: make([]byte, size)}); err != nil {
		return err
	}
	m, err := c.Read(ctx)
	if err == nil && len(m.Data) != size {
		err = fmt.Errorf("echo of %d bytes, want %d", len(m.Data), size)
	}
	return err
}

// wantWords checks what a person is told, and that no more is wrong.
func wantWords(t testing.TB, err error, role relayclient.Role, title string) {
	t.Helper()
	if err == nil {
		t.Fatalf("nothing went wrong, want %q", title)
	}
	if m := explain.Error(err, role); m.Title != title {
		t.Errorf("%v is told as %q, want %q", err, m.Title, title)
	}
}

func works(t testing.TB, r *localrelay.Relay) {
	t.Helper()
	c, err := dial(t, r)
	if err == nil {
		err = echoed(t, c, 5)
	}
	if err != nil {
		t.Fatalf("after the fault: %v", err)
	}
	if left := r.Faults(); len(left) != 0 {
		t.Errorf("still armed: %v", left)
	}
}

// until waits for something that must come true.
func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("this does not happen: %s", what)
		}
	}
}
