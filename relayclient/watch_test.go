package relayclient_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A counted context counts who waits for its end.
type counted struct {
	context.Context
	done     chan struct{} // its own, or package context would look beneath it
	mu       sync.Mutex
	watchers int
}

func (c *counted) Done() <-chan struct{} { return c.done }

// AfterFunc is what package context looks for.
func (c *counted) AfterFunc(f func()) func() bool {
	c.mu.Lock()
	c.watchers++
	c.mu.Unlock()
	stop := context.AfterFunc(c.Context, f)
	return func() bool {
		c.mu.Lock()
		c.watchers--
		c.mu.Unlock()
		return stop()
	}
}

func (c *counted) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.watchers
}

// A context may live much longer than a connection that it was used with, and
// than many of them.
func TestContextsAreLetGo(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	ctx := &counted{Context: t.Context(), done: make(chan struct{})}
	for range 3 {
		listening, sending := pair(t, l, config(t, r, "hyco", "send"))
		for range 5 {
			if err := sending.Write(ctx, text("hello")); err != nil {
				t.Fatal(err)
			}
			if _, err := listening.Read(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := ctx.left(); n != 2 {
			t.Errorf("%d waiters for two directions", n)
		}
		listening.CloseNow()
		sending.CloseNow()
		if _, err := sending.Read(ctx); err == nil {
			t.Error("a closed connection can be read")
		}
		if n := ctx.left(); n != 0 {
			t.Errorf("%d waiters are left of connections that are closed", n)
		}
	}
}

// The end of a context concerns the calls made with it and no later one.
func TestContextThatEndsBetweenCalls(t *testing.T) {
	r := localrelaytest.New(t)
	listening, sending := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	for range 300 {
		first, cancel := context.WithCancel(t.Context())
		if err := sending.Write(first, text("a")); err != nil {
			t.Fatal(err)
		}
		if _, err := listening.Read(first); err != nil {
			t.Fatal(err)
		}
		go cancel()
		second, done := context.WithCancel(t.Context())
		if err := sending.Write(second, text("b")); err != nil {
			t.Fatal(err)
		}
		if _, err := listening.Read(second); err != nil {
			t.Fatal(err)
		}
		<-first.Done()
		done()
		if err := sending.Write(context.WithoutCancel(t.Context()), text("c")); err != nil {
			t.Fatal(err)
		}
		if _, err := listening.Read(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
}

// Ending a context from within an event, or while it is used for both
// directions, ends the calls for the reason given.
func TestContextThatEndsDuringACall(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cfg := config(t, r, "hyco", "send")
	cfg.OnEvent = func(ev relayclient.Event) {
		if ev.Kind == relayclient.MessageSent && string(ev.Message.Data) == "now" {
			cancel(stop)
		}
	}
	_, sending := pair(t, l, cfg)
	read := make(chan error, 1)
	go func() {
		_, err := sending.Read(ctx)
		read <- err
	}()
	if err := sending.Write(ctx, text("before")); err != nil {
		t.Fatal(err)
	}
	// Whether this one still gets through is a race that either may win.
	if err := sending.Write(ctx, text("now")); err != nil && !errors.Is(err, stop) {
		t.Errorf("write: %v", err)
	}
	if err := <-read; !errors.Is(err, stop) {
		t.Errorf("read: %v", err)
	}
}
