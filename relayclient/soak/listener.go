package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"relayscope/relayclient"
)

// A listener keeps a relayclient.Listener going, as a person would: it starts
// a new one when the relay has said that there is no such hybrid connection.
type listener struct {
	r       *run
	index   int
	name    string // of the hybrid connection
	short   bool   // its tokens live for seconds
	cfg     relayclient.Config
	cancel  context.CancelCauseFunc
	tending sync.WaitGroup
	conns   sync.WaitGroup

	mu     sync.Mutex
	state  relayclient.State
	online chan struct{} // closed while state is Online
}

// startListener starts listener number i and returns once it is online.
func (r *run) startListener(ctx context.Context, i int) (*listener, error) {
	hc := hybridConnections[i%len(hybridConnections)]
	cfg, key, err := r.config(hc.name, "listen")
	if err != nil {
		return nil, err
	}
	l := &listener{r: r, index: i, name: hc.name, cfg: cfg, online: make(chan struct{})}
	l.cfg.Token, l.short = tokens(i, key)
	l.cfg.OnEvent = l.event
	l.cfg.KeepTrying = true
	if hc.handler {
		l.cfg.Handler = l
	}
	first, err := relayclient.Listen(ctx, l.cfg)
	if err != nil {
		return nil, fmt.Errorf("start listener %d: %w", i, err)
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	l.cancel = cancel
	l.tending.Go(func() { l.tend(life, first) })
	return l, nil
}

// tend accepts connections, and starts a new Listener when one has ended.
func (l *listener) tend(ctx context.Context, current *relayclient.Listener) {
	rng := l.r.rng(partListeners, l.index)
	for n := uint64(0); ; n++ {
		c, err := current.Accept(ctx)
		if err == nil {
			l.r.ledger.accepted(c.ID(), l.index)
			habits := rand.New(rand.NewPCG(rng.Uint64(), n))
			l.conns.Go(func() { l.echo(context.WithoutCancel(ctx), c, habits) })
			continue
		}
		current.Close()
		for ctx.Err() == nil {
			if current, err = relayclient.Listen(ctx, l.cfg); err == nil {
				break
			}
			pause(ctx, rng, 200*time.Millisecond)
		}
		if ctx.Err() != nil {
			if err == nil {
				current.Close()
			}
			return
		}
	}
}

// close closes the Listener and waits for its connections.
func (l *listener) close() {
	l.cancel(relayclient.ErrClosed)
	l.tending.Wait()
	l.conns.Wait()
}

// event checks that the listener has a reason for everything.
func (l *listener) event(ev relayclient.Event) {
	reason := func(heading string) {
		l.r.reason(heading, l.name, relayclient.Listening, ev.Err, l.short)
	}
	switch ev.Kind {
	case relayclient.StateChanged:
		was := l.change(ev.State)
		if (ev.State == relayclient.Connecting || ev.State == relayclient.Online) && was == relayclient.Online {
			l.r.findings.add("listener %d reconnects without having lost anything", l.index)
		}
		switch {
		case ev.State == relayclient.Waiting && was == relayclient.Online:
			reason("control channels lost")
		case ev.State == relayclient.Waiting:
			reason("control channels not opened")
		case ev.State == relayclient.Offline && ev.Err != nil:
			reason("listeners ended by the relay")
		case ev.State == relayclient.Online:
			l.r.tally.add("control channels", "online")
		}
	case relayclient.TokenRenewed:
		l.r.tally.add("control channels", "token renewed")
	case relayclient.RenewalFailed:
		reason("tokens not renewed")
	case relayclient.ConnectFailed:
		reason("connections not accepted")
	case relayclient.RequestFailed:
		l.r.lost("requests not answered", l.name, relayclient.Listening, ev.Err) // its sender may have left
	case relayclient.SendFailed:
		l.r.lost("echoes not sent", l.name, relayclient.Listening, ev.Err)
	case relayclient.CommandReceived:
		if ev.Reason != "" {
			l.r.tally.add("commands ignored", ev.Reason)
		}
	case relayclient.Rejected:
		l.r.findings.add("listener %d turned a sender away: %d %s", l.index, ev.Code, ev.Reason)
	}
}

// change enters a new state and returns the one before.
func (l *listener) change(to relayclient.State) (was relayclient.State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was, l.state = l.state, to
	switch {
	case to == relayclient.Online && was != to:
		close(l.online)
	case was == relayclient.Online && was != to:
		l.online = make(chan struct{})
	}
	return was
}

// awaitOnline reports whether the listener is online before ctx ends.
func (l *listener) awaitOnline(ctx context.Context) bool {
	l.mu.Lock()
	online := l.online
	l.mu.Unlock()
	select {
	case <-online:
		return true
	case <-ctx.Done():
		return false
	}
}

// What a listener says in its Close frame.
const (
	saidAll    = "all echoed"
	saidEnough = "that is enough"
)

// echo sends every message back until the sender closes. Some listeners close
// or drop a connection before that.
func (l *listener) echo(ctx context.Context, c *relayclient.Conn, rng *rand.Rand) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.r.wait(2*patience), errHangs)
	defer cancel()
	enough := -1
	if rng.IntN(6) == 0 {
		enough = rng.IntN(20)
	}
	h := half{}
	defer func() { l.r.ledger.listenerDone(c.ID(), h) }()
	defer c.CloseNow()
	for n := 0; ; n++ {
		if n == enough {
			h.gaveUp = true
			if rng.IntN(2) == 0 {
				l.r.tally.add("connections at listeners", "dropped by the listener")
				return
			}
			l.r.tally.add("connections at listeners", "closed by the listener")
			if err := c.Close(1000, saidEnough); err != nil {
				l.r.reason("connections not closed", l.name, relayclient.Listening, err, l.short)
			}
			return
		}
		m, err := c.Read(ctx)
		if err == nil {
			err = l.echoOne(ctx, c, m, n)
		} else {
			h.readAll = true
		}
		if err == nil {
			continue
		}
		h.err = err
		l.over(c, &h)
		return
	}
}

// echoOne checks a message and sends it back.
func (l *listener) echoOne(ctx context.Context, c *relayclient.Conn, m relayclient.Message, n int) error {
	is, err := readLabel(m)
	if err != nil || is.number != uint32(n) {
		l.r.findings.add("listener %d got message %d of sender %d, connection %d as its number %d: %v", l.index, is.number, is.sender, is.connection, n, err)
	}
	l.r.ledger.count(c.ID(), func(e *entry) { e.seen++ })
	if l.r.spoilEcho != nil {
		m = l.r.spoilEcho(m)
	}
	// Counted first: the sender may have it before Write returns.
	l.r.ledger.count(c.ID(), func(e *entry) { e.echoed++ })
	return c.Write(ctx, m)
}

// over ends a connection that the sender has closed, or that was lost.
func (l *listener) over(c *relayclient.Conn, h *half) {
	var ce *relayclient.CloseError
	if !errors.As(h.err, &ce) {
		l.r.lost("connections lost by listeners", l.name, relayclient.Listening, h.err)
		return
	}
	l.r.tally.add("connections at listeners", "closed by the sender")
	if ce.Code != 1000 {
		l.r.findings.add("listener %d: the sender closed with %v, not with 1000", l.index, ce)
	}
	if err := c.Close(1000, saidAll); err != nil {
		l.r.tally.add("connections at listeners", "closed by the sender, who is gone")
	}
}
