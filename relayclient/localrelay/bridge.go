package localrelay

import (
	"io"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// A bridge relays between the two ends of a joined data connection.
type bridge struct {
	relay  *Relay
	entity string
	id     string       // tracking id of the sender
	ends   chan closing // capacity 1: the first order to close counts
	cut
}

// end orders the bridge to close both sides; it does not wait.
func (b *bridge) end(why closing) {
	select {
	case b.ends <- why.tracked(b.id):
	default:
	}
}

// run relays until both sides have closed or one is lost.
func (b *bridge) run(sender, listener *end) {
	var all sync.WaitGroup
	stop := make(chan struct{})
	for _, side := range []*end{sender, listener} {
		pings := make(chan string, 1)
		side.ws.SetPingHandler(func(data string) error { latest(pings, data); return nil })
		all.Go(func() { answerPings(side.ws, pings, stop) })
	}
	pumped := make(chan bool, 2) // true: it ended with a Close
	all.Go(func() { pumped <- b.pump(sender.ws, listener.ws) })
	all.Go(func() { pumped <- b.pump(listener.ws, sender.ws) })

	if b.watch(pumped, sender, listener) {
		sender.ws.Close()
		listener.ws.Close()
	}
	sender.socket.Close()
	listener.socket.Close()
	close(stop)
	all.Wait()
}

// watch waits for the end of a connection and reports whether it was an
// orderly one. Otherwise both sides are to be cut: whoever loses its peer
// without a Close must not get one either.
func (b *bridge) watch(pumped <-chan bool, sender, listener *end) bool {
	t := b.relay.timings
	limit := time.NewTimer(t.halfClose)
	defer limit.Stop()
	limit.Stop()
	for closed := 0; closed < 2; {
		select {
		case orderly := <-pumped:
			if !orderly {
				return false
			}
			closed++
			limit.Reset(t.halfClose)
		case <-limit.C:
			return false
		case why := <-b.ends:
			deadline := time.Now().Add(t.closeWait)
			var both sync.WaitGroup
			both.Go(func() { why.write(sender.ws, deadline) })
			both.Go(func() { why.write(listener.ws, deadline) })
			both.Wait()
			for limit.Reset(t.closeWait); closed < 2; closed++ {
				select {
				case <-pumped: // the answer to our Close, most likely
				case <-limit.C:
					return false
				}
			}
		}
	}
	return true
}

// pump copies messages and finally the Close from one side to the other, piece
// by piece, so that a message need not fit in memory and a slow reader slows
// the writer. It reports whether it came as far as the Close. A message that
// may not pass ends it.
func (b *bridge) pump(from, to *websocket.Conn) bool {
	for {
		kind, r, err := from.NextReader()
		if err == nil && !b.passes() {
			// What passed before, either way, is not to be cut with it.
			limit := time.Now().Add(b.relay.timings.closeWait)
			_ = flush(to, limit)
			_ = flush(from, limit)
			return false
		}
		if err == nil {
			err = copyMessage(to, kind, r)
		}
		if err == nil {
			continue
		}
		// A Close may also come in the middle of a fragmented message.
		if c, ok := closingOf(err); ok {
			return c.write(to, time.Time{}) == nil
		}
		// What came before the loss is passed on all the same.
		_ = flush(to, time.Time{})
		return false
	}
}

// copyMessage passes one message on. An error that is a close frame came from
// the reading side.
func copyMessage(to *websocket.Conn, kind int, r io.Reader) error {
	w, err := to.NextWriter(kind)
	if err != nil {
		return err
	}
	if _, err = io.Copy(w, r); err != nil {
		return err
	}
	return w.Close()
}

// answerPings writes PONGs apart from the reading goroutine: with the peer
// not reading, a PONG can take as long as any other message, and a deadline
// that passes in the middle of a write would break the connection.
func answerPings(ws *websocket.Conn, pings <-chan string, stop <-chan struct{}) {
	for {
		select {
		case data := <-pings:
			if pong(ws, data, time.Time{}) != nil {
				return // the pumps will notice too
			}
		case <-stop:
			return
		}
	}
}

// latest puts data into a channel of capacity 1 in place of what is there: of
// several PINGs only the last must be answered.
func latest(pings chan string, data string) {
	for {
		select {
		case pings <- data:
			return
		default:
		}
		select {
		case <-pings:
		default:
		}
	}
}
