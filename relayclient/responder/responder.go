// Package responder is what a listener answers: on the data connections of
// senders, and to their HTTP requests.
package responder

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/placeholder"
)

// A Responder answers whatever reaches a listener. Its settings may change
// while it does; then the next message, request or connection is answered
// anew. What stays as it began is a connection that is forwarded, and one that
// is not when forwarding or rejecting begins. All methods are safe for
// concurrent use.
type Responder struct {
	onFailure func(id string, err error)
	websocket counts
	http      counts

	mu  sync.Mutex
	now *understood

	texts, replies atomic.Int64 // canned answers given, for their counters
}

// New returns a responder with settings s. onFailure, if not nil, is told of
// answers that failed, by the ID of the connection or request: a target that
// cannot be reached, or one that breaks off. It is called from many goroutines.
func New(s Settings, onFailure func(id string, err error)) (*Responder, error) {
	r := &Responder{onFailure: onFailure, websocket: newCounts(ForWebSocket), http: newCounts(ForHTTP)}
	if onFailure == nil {
		r.onFailure = func(string, error) {}
	}
	return r, r.Set(s)
}

// Set changes the settings, or returns the first *Mistake in them and changes
// nothing.
func (r *Responder) Set(s Settings) error {
	next, mistakes := compile(s)
	if mistakes != nil {
		return mistakes[0]
	}
	if s.HTTP == ForwardHTTP {
		next.forward, next.close = r.proxy(next)
	}
	r.mu.Lock()
	before := r.now
	r.now = next
	if before == nil || before.Text != s.Text {
		r.texts.Store(0)
	}
	if before == nil || before.Reply != s.Reply {
		r.replies.Store(0)
	}
	r.mu.Unlock()
	if before != nil && before.close != nil {
		before.close()
	}
	return nil
}

// Settings returns the settings in use.
func (r *Responder) Settings() Settings { return r.current().Settings }

func (r *Responder) current() *understood {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.now
}

// Counters returns what has happened to the answers that are in use now.
func (r *Responder) Counters() (websocket, http Counters) {
	now := r.current()
	return r.websocket[now.WebSocket].get(), r.http[now.HTTP].get()
}

// AdmitTime is how long Admit may take: Timing.Decide has to allow for it. The
// address of a rendezvous is dead after 30 s.
const AdmitTime = 25 * time.Second

// Admit is for Config.Admit.
func (r *Responder) Admit(ctx context.Context, info relayclient.ConnInfo) relayclient.Verdict {
	now := r.current()
	if now.WebSocket == Reject {
		pause(ctx, min(now.delay(), AdmitTime-time.Second))
		r.websocket[Reject].change(func(n *Counters) { n.Connections++; n.Refused++ })
		return relayclient.Verdict{Status: now.Rejection.Status, Description: now.Rejection.Text}
	}
	if now.WebSocket == Ignore {
		r.websocket[Ignore].change(func(n *Counters) { n.Connections++; n.Refused++ })
		return relayclient.Verdict{Ignore: true}
	}
	v := relayclient.Verdict{Accept: true}
	if offered := info.Subprotocols(); len(offered) > 0 {
		v.Subprotocol = offered[0]
	}
	return v
}

// delay draws how long an answer waits.
func (u *understood) delay() time.Duration {
	d := u.Delay
	if u.Jitter > 0 {
		d += rand.N(u.Jitter + 1)
	}
	return d
}

// pause waits, and reports whether ctx let it.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Serve answers on c until the other side closes or ctx ends, and closes c. The
// result is nil if the other side ended the connection in an ordinary way.
func (r *Responder) Serve(ctx context.Context, c *relayclient.Conn) error {
	now := r.current()
	n := r.websocket[now.WebSocket]
	n.change(func(n *Counters) { n.Connections++ })
	switch now.WebSocket {
	case ForwardTCP:
		return r.stream(ctx, c, now, n)
	case ForwardHTTP:
		return r.pipe(ctx, c, now, n)
	}
	return r.converse(ctx, c, now)
}

// converse answers message by message.
func (r *Responder) converse(ctx context.Context, c *relayclient.Conn, how *understood) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var late *line
	for {
		m, err := c.Read(ctx)
		if err != nil {
			if late != nil {
				late.finish()
			}
			return finish(c, err)
		}
		if now := r.current(); now.converses() {
			how = now
		}
		n := r.websocket[how.WebSocket]
		n.received(m)
		answer, ok, err := r.answer(c, how, m)
		if err != nil {
			n.failed(err)
			r.onFailure(c.ID(), err)
		}
		if !ok {
			continue
		}
		if wait := how.delay(); wait > 0 || late != nil {
			if late == nil {
				late = newLine(ctx, c)
			}
			late.send(answer, wait, n)
			continue
		}
		// After our own Close there is nothing to answer, but the other side's
		// Close is still to come.
		if err := n.write(ctx, c, answer); err != nil && !errors.Is(err, relayclient.ErrAlreadyClosing) {
			return finish(c, err)
		}
	}
}

// converses reports whether the settings say anything about messages.
func (u *understood) converses() bool {
	switch u.WebSocket {
	case ForwardTCP, ForwardHTTP, Reject, Ignore:
		return false
	}
	return true
}

// answer returns what goes back for m, if anything does.
func (r *Responder) answer(c *relayclient.Conn, how *understood, m relayclient.Message) (relayclient.Message, bool, error) {
	switch how.WebSocket {
	case Echo:
		return m, true, nil
	case Canned:
		info := c.Info()
		data, err := how.text.Fill(placeholder.Values{
			Now: time.Now(), Count: r.texts.Add(1), Message: m.Data, Connection: c.ID(),
			Path: info.Path, Query: info.Query, Header: info.Header, Remote: info.RemoteAddress,
		})
		return textOrBinary(data), err == nil, err
	}
	return relayclient.Message{}, false, nil
}

// finish answers the other side's Close, or drops what is broken.
func finish(c *relayclient.Conn, err error) error {
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) {
		c.CloseNow()
		return err
	}
	closeErr := c.Close(1000, "")
	if ce.Ordinary() {
		return closeErr
	}
	return err
}
