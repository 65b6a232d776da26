package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"relayscope/relayclient"
)

// A sender connects and sends requests, one after the other, to the hybrid
// connections in random order.
type sender struct {
	r       *run
	index   int
	rng     *rand.Rand
	number  uint32 // of the connection or request
	configs []relayclient.Config
	clients []*http.Client // likewise by hybrid connection
}

// pauseBetween is how long a sender rests at most. Without it 200 senders would
// measure how many TLS handshakes a small machine can do.
const pauseBetween = 3 * time.Second

func (r *run) newSenders() ([]*sender, error) {
	var configs []relayclient.Config
	for _, hc := range hybridConnections {
		cfg, _, err := r.config(hc.name, "send")
		if err != nil {
			return nil, err
		}
		if hc.anonymous {
			cfg.Token = nil
		}
		configs = append(configs, cfg)
	}
	var senders []*sender
	for i := range r.senders {
		s := &sender{r: r, index: i, rng: r.rng(partSenders, i), configs: configs}
		for _, cfg := range configs {
			transport, err := relayclient.NewTransport(cfg)
			if err != nil {
				return nil, err
			}
			s.clients = append(s.clients, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
		}
		senders = append(senders, s)
	}
	return senders, nil
}

// leave closes the sender's idle connections.
func (s *sender) leave() {
	for _, c := range s.clients {
		c.CloseIdleConnections()
	}
}

// work goes on until during ends. ctx bounds what is under way then.
func (s *sender) work(ctx, during context.Context) {
	for {
		pause(during, s.rng, s.r.wait(pauseBetween))
		if during.Err() != nil {
			return
		}
		s.number++
		which := s.rng.IntN(len(hybridConnections))
		if s.rng.IntN(3) == 0 {
			s.request(ctx, which)
		} else {
			_ = s.connection(ctx, which, s.randomVisit())
		}
	}
}

// getThrough connects until a connection works from beginning to end.
func (s *sender) getThrough(ctx context.Context) error {
	which := s.index % len(hybridConnections)
	for {
		s.number++
		err := s.connection(ctx, which, visit{messages: 3, manner: halfClose})
		if err == nil {
			return nil
		}
		if pause(ctx, s.rng, 200*time.Millisecond); ctx.Err() != nil {
			return err
		}
	}
}

// A manner is a way to end a connection.
type manner int

const (
	halfClose  manner = iota // say that nothing more comes, and read the rest
	closeAll                 // close once everything has come back
	closeEarly               // close while echoes are on their way
	drop                     // vanish without a Close
	manners
)

// A visit is what a sender is going to do on a connection.
type visit struct {
	messages int
	window   int // messages under way at once
	large    bool
	hesitate time.Duration // at most, before a message
	manner   manner
	after    int // echoes, for closeEarly and drop
}

func (s *sender) randomVisit() visit {
	v := visit{
		messages: 1 + s.rng.IntN(30), window: 1 + s.rng.IntN(8), large: s.rng.IntN(3) == 0,
		hesitate: one(s.rng, 0, 0, 20*time.Millisecond, 200*time.Millisecond), manner: manner(s.rng.IntN(int(manners))),
	}
	if v.manner == closeAll {
		v.after = v.messages
	} else {
		v.after = s.rng.IntN(v.messages)
	}
	return v
}

// connection makes one visit. It returns nil if all of it went as planned.
func (s *sender) connection(ctx context.Context, which int, v visit) error {
	cfg := s.configs[which]
	ctx, cancel := context.WithTimeoutCause(ctx, s.r.wait(patience), errHangs)
	defer cancel()
	c, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{})
	if err != nil {
		s.r.reason("connections not opened", cfg.HybridConnection, relayclient.Sending, err, true)
		return err
	}
	s.r.tally.add("connections at senders", "opened")
	s.r.ledger.connected(c.ID())
	h := half{}
	defer func() { s.r.ledger.senderDone(c.ID(), h) }()
	defer c.CloseNow()

	t := &talk{s: s, c: c, v: v, window: make(chan struct{}, max(v.window, 1))}
	writing, stop := context.WithCancelCause(ctx)
	var writer sync.WaitGroup
	rng := rand.New(rand.NewPCG(s.rng.Uint64(), 0)) // for the goroutine's own use
	writer.Go(func() { t.write(writing, rng) })
	err = t.read(ctx)
	h.readAll = err != nil
	t.enough.Store(true) // not to be cut short, or there can be no Close
	if err == nil {      // it has got what it wants
		h.gaveUp = true
		if v.manner == drop {
			s.r.tally.add("connections at senders", "dropped")
			c.CloseNow()
		} else if err := c.Close(1000, ""); err != nil {
			s.r.lost("connections not closed by senders", cfg.HybridConnection, relayclient.Sending, err)
		} else {
			s.r.tally.add("connections at senders", "closed")
		}
	}
	h.err = err
	err = s.over(t, cfg.HybridConnection, err)
	stop(errLeft)
	writer.Wait()
	return err
}

var errIncomplete = errors.New("the listener closed early")

// over enters how reading ended, and closes a connection that the listener has
// closed.
func (s *sender) over(t *talk, hybridConnection string, err error) error {
	var ce *relayclient.CloseError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errHangs):
		s.r.findings.add("a connection on %s hangs: %s", hybridConnection, s.r.ledger.story(t.c.ID()))
		return err
	case !errors.As(err, &ce):
		s.r.lost("connections lost by senders", hybridConnection, relayclient.Sending, err)
		return err
	case ce.Code != 1000 || ce.Reason != saidAll && ce.Reason != saidEnough:
		s.r.findings.add("sender %d: a connection was closed with %v, as no listener does", s.index, ce)
	case ce.Reason == saidAll && t.acked != t.v.messages:
		s.r.findings.add("sender %d: the listener said that it had sent all, but %d of %d messages came back", s.index, t.acked, t.v.messages)
	}
	s.r.tally.add("connections at senders", "closed by the listener: "+ce.Reason)
	if err := t.c.Close(1000, ""); err != nil {
		s.r.tally.add("connections at senders", "closed by the listener, who is gone")
	}
	if t.acked != t.v.messages {
		return fmt.Errorf("%w: %d of %d messages came back", errIncomplete, t.acked, t.v.messages)
	}
	return nil
}
