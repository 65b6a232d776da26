package relayclient

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// pings are the PINGs that somebody waits for.
type pings struct {
	mu      sync.Mutex
	count   uint64
	waiting map[string]chan time.Time
}

// expect returns what to send in the next PING, and where the time of its
// answer arrives.
func (p *pings) expect() (string, chan time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting == nil {
		p.waiting = map[string]chan time.Time{}
	}
	p.count++
	data, answer := "ping "+strconv.FormatUint(p.count, 10), make(chan time.Time, 1)
	p.waiting[data] = answer
	return data, answer
}

func (p *pings) answered(data string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer := p.waiting[data]; answer != nil {
		answer <- time.Now()
		delete(p.waiting, data)
	}
}

func (p *pings) forget(data string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.waiting, data)
}

// Ping sends a PING and returns how long its PONG took. Somebody must be
// reading meanwhile. The relay answers for itself: this is the way there and
// back, not to the other end of the connection. A ctx that ends breaks
// nothing.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	data, answer := c.pings.expect()
	defer c.pings.forget(data)
	start := time.Now()
	if err := c.ws.WriteControl(websocket.PingMessage, []byte(data), start.Add(controlWriteWait)); err != nil {
		return 0, readError(err)
	}
	select {
	case at := <-answer:
		took := at.Sub(start)
		c.events.emit(Event{Role: c.role, Kind: PingAnswered, Connection: c.id, Took: took})
		return took, nil
	case <-c.done:
		return 0, ErrClosed
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
