package live

import (
	"context"
	"errors"
	"time"

	"relayscope/relayclient"
)

// A link is one open data connection and the messages waiting to leave on it.
type link struct {
	conn     *relayclient.Conn
	number   int
	since    time.Time
	sent     int
	received int
	outgoing chan relayclient.Message
}

// maxOutgoing is how many messages may wait for a peer that does not read.
const maxOutgoing = 256

// ErrNotConnected means that there is no connection to send on.
var ErrNotConnected = errors.New("not connected")

// ErrBehind means that the other side does not read as fast as is sent.
var ErrBehind = errors.New("the other side does not read: too many messages are waiting")

func newLink(conn *relayclient.Conn, number int) *link {
	return &link{conn: conn, number: number, since: time.Now(), outgoing: make(chan relayclient.Message, maxOutgoing)}
}

// send queues m.
func (l *link) send(m relayclient.Message) error {
	select {
	case <-l.conn.Done():
		return ErrNotConnected
	default:
	}
	select {
	case l.outgoing <- m:
		return nil
	default:
		return ErrBehind
	}
}

// write sends what is queued, in order, until the connection is done.
func (l *link) write(ctx context.Context) {
	for {
		select {
		case m := <-l.outgoing:
			if l.conn.Write(ctx, m) != nil {
				return // the reader learns why
			}
		case <-l.conn.Done():
			return
		case <-ctx.Done():
			return
		}
	}
}

func (l *link) count(ev relayclient.Event) {
	switch ev.Kind {
	case relayclient.MessageReceived:
		l.received++
	case relayclient.MessageSent:
		l.sent++
	}
}
