package live

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// A link is one open data connection and the messages waiting to leave on it.
// The session's mutex guards everything but what write does.
type link struct {
	conn     *relayclient.Conn
	number   int
	since    time.Time
	sent     int
	received int

	sentBytes, receivedBytes int64

	ping     time.Duration // how long the last PING took; 0 if none was answered
	hungUp   bool          // no more messages are taken
	outgoing chan payload
	closing  chan struct{} // closed by hangUp
	room     chan struct{} // holds a value when a message has left the queue
	written  chan struct{} // closed when write has returned
	unsent   int           // messages that write could not send
	notSent  func(error)   // told of a message that could not be read; may be nil
}

// maxOutgoing is how many messages may wait for a peer that does not read.
const maxOutgoing = 256

// flushPatience is how long a goodbye waits for messages that are still to go.
const flushPatience = 2 * time.Second

// ErrNotConnected means that there is no connection to send on.
var ErrNotConnected = errors.New("not connected")

// ErrBehind means that the other side does not read as fast as is sent.
var ErrBehind = errors.New("the other side does not read: too many messages are waiting")

func newLink(conn *relayclient.Conn, number int) *link {
	return &link{
		conn: conn, number: number, since: time.Now(), outgoing: make(chan payload, maxOutgoing),
		closing: make(chan struct{}), room: make(chan struct{}, 1), written: make(chan struct{}),
	}
}

// send queues p. The caller holds the session's mutex.
func (l *link) send(p payload) error {
	if l.hungUp {
		return ErrNotConnected
	}
	select {
	case l.outgoing <- p:
		return nil
	default:
		return ErrBehind
	}
}

// write sends what is queued, in order, until hangUp, and counts what it
// cannot send.
func (l *link) write(ctx context.Context) {
	defer close(l.written)
	broken := false
	for {
		p, ok := l.next()
		if !ok {
			return
		}
		select {
		case l.room <- struct{}{}:
		default:
		}
		if !broken {
			err := l.writeOne(ctx, p)
			var pe *os.PathError
			broken = err != nil && !errors.As(err, &pe) // the reader learns why
			if err != nil && l.notSent != nil {
				l.notSent(err)
			}
			if err != nil && !broken {
				continue
			}
		}
		if broken {
			l.unsent++
		}
	}
}

// next waits for a message. After hangUp it returns those that are left.
func (l *link) next() (payload, bool) {
	select {
	case p := <-l.outgoing:
		return p, true
	default:
	}
	select {
	case p := <-l.outgoing:
		return p, true
	case <-l.closing:
	}
	select {
	case p := <-l.outgoing:
		return p, true
	default:
		return payload{}, false
	}
}

// writeOne sends a message, or the file that is one.
func (l *link) writeOne(ctx context.Context, p payload) error {
	if p.File == "" {
		return l.conn.Write(ctx, p.Message)
	}
	f, err := os.Open(p.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.conn.WriteFrom(ctx, p.Binary, p.Size, f)
}

func (l *link) count(ev relayclient.Event) {
	switch ev.Kind {
	case relayclient.MessageReceived:
		l.received++
		l.receivedBytes += int64(len(ev.Message.Data))
	case relayclient.MessageSent:
		l.sent++
		l.sentBytes += max(ev.Bytes, int64(len(ev.Message.Data)))
	case relayclient.SendFailed:
		l.sent--
		l.sentBytes -= max(ev.Bytes, int64(len(ev.Message.Data)))
	}
}

// hangUp takes no more messages for l.
func (s *Session) hangUp(l *link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !l.hungUp {
		l.hungUp = true
		close(l.closing)
	}
}

// flush takes no more messages for l and waits, within reason, until those
// that are queued have left.
func (s *Session) flush(l *link) {
	s.hangUp(l)
	patience := time.NewTimer(flushPatience)
	defer patience.Stop()
	select {
	case <-l.written:
	case <-l.conn.Done():
	case <-patience.C:
	}
}

// goodbye sends what is still queued and closes the connection.
func (s *Session) goodbye(l *link, code int, reason string) {
	s.flush(l)
	_ = l.conn.Close(code, reason) // how it went is in the message log
}

// unsent puts into the message log what was accepted but never left. The
// link's write has returned.
func (s *Session) unsent(lane journal.Lane, l *link) {
	if l.unsent == 0 {
		return
	}
	s.journal.Append(journal.Row{
		Time: time.Now(), Lane: lane, Kind: journal.Problem, Connection: fmt.Sprintf("#%d", l.number), Type: "unsent",
		Text: plural(l.unsent, "message") + " still waiting when the connection ended; not sent",
	})
}
