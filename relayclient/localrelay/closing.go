package localrelay

import (
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// The close codes that the relay itself uses.
const (
	closeNormal    = websocket.CloseNormalClosure
	closeGoingAway = websocket.CloseGoingAway
	closeProtocol  = websocket.CloseProtocolError
	closePolicy    = websocket.ClosePolicyViolation
	closeTooBig    = websocket.CloseMessageTooBig
	closeTrouble   = websocket.CloseInternalServerErr
)

// A closing is what goes into a close frame. The zero code means no status.
type closing struct {
	code int
	text string
}

// closingOf returns what a peer's close frame said; false means that err is
// something else, such as the loss of the connection.
func closingOf(err error) (closing, bool) {
	ce, ok := err.(*websocket.CloseError)
	switch {
	case !ok || ce.Code == websocket.CloseAbnormalClosure:
		return closing{}, false
	case ce.Code == websocket.CloseNoStatusReceived:
		return closing{}, true
	}
	return closing{ce.Code, ce.Text}, true
}

// tracked adds the tracking id to the reason of a close that the relay makes
// itself, within the 123 bytes that a close frame has for it.
func (c closing) tracked(id string) closing {
	suffix := ". TrackingId:" + id
	c.text = shorten(strings.TrimSuffix(c.text, "."), maxCloseText-len(suffix)) + suffix
	return c
}

const maxCloseText = 123

// write sends the close frame. A zero deadline waits for as long as the
// connection lasts.
func (c closing) write(ws *websocket.Conn, deadline time.Time) error {
	var payload []byte
	if c.code != 0 {
		payload = websocket.FormatCloseMessage(c.code, shorten(c.text, maxCloseText))
	}
	if err := ws.WriteControl(websocket.CloseMessage, payload, deadline); err != nil {
		return err
	}
	return flush(ws, deadline)
}

// sendable reports whether a close frame may carry code.
func sendable(code int) bool {
	switch code {
	case 1004, websocket.CloseNoStatusReceived, websocket.CloseAbnormalClosure, websocket.CloseTLSHandshake:
		return false
	}
	return code >= 1000 && code <= 1014 || code >= 3000 && code <= 4999
}

// end closes the control channels and data connections of an entity that is
// going, and refuses the senders that wait there.
func (r *Relay) end(e *entity, why closing, refused *refusal) {
	r.mu.Lock()
	e.gone = true
	channels := e.listeners
	e.listeners = nil
	var bridges []*bridge
	for b := range e.bridges {
		bridges = append(bridges, b)
	}
	for x := range e.exchanges {
		x.cancel(refused)
	}
	for id, p := range r.pending {
		if p.entity == e {
			delete(r.pending, id)
			r.fates.set(id, fateLeft)
			e.waiting--
			p.answers <- answer{refused: refused}
		}
	}
	r.mu.Unlock()
	for _, c := range channels {
		c.end(why)
	}
	for _, b := range bridges {
		b.end(why)
	}
}

// DropControlChannels cuts the TCP connections of a hybrid connection's
// listeners without a close frame, as a failing network would. Joined data
// connections live on. It returns how many there were.
func (r *Relay) DropControlChannels(entity string) int {
	channels := r.detach(entity)
	for _, c := range channels {
		c.socket.Close()
	}
	return len(channels)
}

// CloseControlChannels closes the control channels of a hybrid connection. A
// code that no close frame may carry becomes 1011. Joined data connections
// live on. It returns how many control channels there were.
func (r *Relay) CloseControlChannels(entity string, code int, reason string) int {
	if !sendable(code) {
		code = closeTrouble
	}
	channels := r.detach(entity)
	for _, c := range channels {
		c.end(closing{code, reason})
	}
	return len(channels)
}

// detach takes a hybrid connection's control channels off the list that
// senders are given to.
func (r *Relay) detach(name string) []*controlChannel {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.named(name)
	if e == nil {
		return nil
	}
	channels := e.listeners
	e.listeners = nil
	return channels
}
