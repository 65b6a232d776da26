package main

import (
	"context"
	"math/rand/v2"
	"sync/atomic"

	"relayscope/relayclient"
)

// A talk is the exchange of messages on one connection, as its sender has it.
// One goroutine writes, another one reads.
type talk struct {
	s      *sender
	c      *relayclient.Conn
	v      visit
	window chan struct{} // holds a value for every message that has not come back
	enough atomic.Bool   // nothing more is to be written
	acked  int
}

// write sends the messages, and with halfClose the end of them. An error shows
// up on the reading side.
func (t *talk) write(ctx context.Context, rng *rand.Rand) {
	for n := range t.v.messages {
		if t.v.hesitate > 0 {
			pause(ctx, rng, t.v.hesitate)
		}
		select {
		case t.window <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if t.enough.Load() {
			return
		}
		size := rng.IntN(2 << 10)
		if t.v.large {
			size = sizeOf(rng)
		}
		m := compose(rng, uint32(t.s.index), t.s.number, uint32(n), size)
		t.s.r.ledger.count(t.c.ID(), func(e *entry) { e.tried++ })
		if t.c.Write(ctx, m) != nil {
			return
		}
		t.s.r.ledger.count(t.c.ID(), func(e *entry) { e.sent++ })
	}
	if t.v.manner == halfClose {
		_ = t.c.CloseWrite(1000, "")
	}
}

// read checks the echoes. It returns nil once it has as many as the visit
// wants, or why there are no more.
func (t *talk) read(ctx context.Context) error {
	for t.v.manner == halfClose || t.acked < t.v.after {
		m, err := t.c.Read(ctx)
		if err != nil {
			return err
		}
		is, err := readLabel(m)
		if want := (label{uint32(t.s.index), t.s.number, uint32(t.acked)}); err != nil || is != want {
			t.s.r.findings.add("sender %d got back %+v, want %+v: %v", t.s.index, is, want, err)
		}
		t.acked++
		t.s.r.ledger.count(t.c.ID(), func(e *entry) { e.acked++ })
		<-t.window
	}
	return nil
}
