package responder

import (
	"context"
	"errors"
	"sync"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
)

// Limits of what waits in a line. When it is full, reading waits.
const (
	maxWaiting      = 4096     // messages
	maxWaitingBytes = 64 << 20 // beyond the first message
)

// A line sends answers when their time has come, in the order in which they
// were given: one that is due early waits for those before it.
type line struct {
	ctx     context.Context // of the connection
	conn    *relayclient.Conn
	waiting chan late
	left    chan struct{} // holds a value after a message has left
	sender  sync.WaitGroup

	mu    sync.Mutex
	bytes int
	due   time.Time // of the last one
}

type late struct {
	message relayclient.Message
	due     time.Time
	count   *count
}

func newLine(ctx context.Context, c *relayclient.Conn) *line {
	l := &line{ctx: ctx, conn: c, waiting: make(chan late, maxWaiting), left: make(chan struct{}, 1)}
	l.sender.Go(l.run)
	return l
}

// send puts m into the line. It waits while the line is full.
func (l *line) send(m relayclient.Message, wait time.Duration, n *count) {
	for !l.room(len(m.Data)) {
		select {
		case <-l.left:
		case <-l.ctx.Done():
			return
		case <-l.conn.Done():
			return
		}
	}
	l.mu.Lock()
	due := time.Now().Add(wait)
	if due.Before(l.due) {
		due = l.due
	}
	l.due = due
	l.mu.Unlock()
	select {
	case l.waiting <- late{m, due, n}:
	case <-l.ctx.Done():
	case <-l.conn.Done():
	}
}

// room takes the room for a message, unless there is none.
func (l *line) room(size int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes > 0 && l.bytes+size > maxWaitingBytes {
		return false
	}
	l.bytes += size
	return true
}

func (l *line) run() {
	for next := range l.waiting {
		timer := time.NewTimer(time.Until(next.due))
		select {
		case <-timer.C:
			// The reader learns why a write fails.
			_ = next.count.write(l.ctx, l.conn, next.message)
		case <-l.ctx.Done():
		case <-l.conn.Done():
		}
		timer.Stop()
		l.mu.Lock()
		l.bytes -= len(next.message.Data)
		l.mu.Unlock()
		select {
		case l.left <- struct{}{}:
		default:
		}
	}
}

// finish waits until everything has left, or cannot any more. Nothing may be
// sent after it.
func (l *line) finish() {
	close(l.waiting)
	l.sender.Wait()
}

// textOrBinary makes a message that can be sent.
func textOrBinary(data []byte) relayclient.Message {
	return relayclient.Message{Binary: !utf8.Valid(data), Data: data}
}

// closing reports whether err only says that this side has said goodbye.
func closing(err error) bool {
	return errors.Is(err, relayclient.ErrAlreadyClosing) || errors.Is(err, relayclient.ErrClosed)
}
