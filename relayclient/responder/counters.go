package responder

import (
	"context"
	"sync"
	"time"

	"relayscope/relayclient"
)

// Counters are what has happened to one answer since the start.
type Counters struct {
	Connections int64 // or requests
	Refused     int64 // connections that were turned away
	Received    int64 // messages
	Answered    int64 // messages or requests
	BytesIn     int64
	BytesOut    int64
	Failures    int64
	LastFailure string    // why the last one failed
	LastAt      time.Time // and when
}

// A count is the Counters of one answer that changes.
type count struct {
	mu  sync.Mutex
	now Counters
}

func (c *count) change(f func(*Counters)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.now)
}

func (c *count) received(m relayclient.Message) {
	c.change(func(n *Counters) { n.Received++; n.BytesIn += int64(len(m.Data)) })
}

// write sends an answer. It is counted before it goes: whoever receives it
// finds it counted.
func (c *count) write(ctx context.Context, conn *relayclient.Conn, m relayclient.Message) error {
	c.change(func(n *Counters) { n.Answered++; n.BytesOut += int64(len(m.Data)) })
	err := conn.Write(ctx, m)
	if err != nil {
		c.change(func(n *Counters) { n.Answered--; n.BytesOut -= int64(len(m.Data)) })
	}
	return err
}

func (c *count) failed(err error) {
	c.change(func(n *Counters) { n.Failures++; n.LastFailure, n.LastAt = err.Error(), time.Now() })
}

func (c *count) get() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// counts has one for every answer there is.
type counts map[Answer]*count

func newCounts(answers []Answer) counts {
	all := counts{}
	for _, a := range answers {
		all[a] = &count{}
	}
	return all
}
