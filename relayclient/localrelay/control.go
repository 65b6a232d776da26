package localrelay

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/gather"
)

// maxControlMessage bounds one message from a listener. The service's own
// SDKs have buffers of this size.
const maxControlMessage = 64 << 10

// pingText is in the relay's PINGs, so that an answer to one is not taken for
// a listener's own keep-alive.
const pingText = "relay"

var errChannelGone = errors.New("control channel has ended")

// A controlChannel is a listener's registration. The goroutine in run owns it
// and does every write except PONGs.
type controlChannel struct {
	relay  *Relay
	entity *entity
	path   []string // as in the listener's URL
	uuid   string
	named  bool // the listener chose the uuid
	double bool // and another one is online with it
	id     string
	socket *socket
	log    *slog.Logger
	out    chan command
	ends   chan closing  // capacity 1: the first order to close counts
	done   chan struct{} // closed when no more commands are taken
	tricks chan trick    // what faults make it do
	frozen atomic.Bool   // a fault keeps it from saying anything
	spoke  atomic.Int64  // when the listener last sent a frame of its own, in Unix nanoseconds
}

// A command is a JSON text and the binary message it announces, which must
// follow it directly. A nil body announces none.
type command struct {
	text, body []byte
	sent       chan error // capacity 1
}

// send writes a command, or says why it could not.
func (c *controlChannel) send(ctx context.Context, text, body []byte) error {
	if ctx.Err() != nil { // select would not prefer it
		return context.Cause(ctx)
	}
	cmd := command{text, body, make(chan error, 1)}
	select {
	case c.out <- cmd:
	case <-c.done:
		return errChannelGone
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return <-cmd.sent // the write has a deadline of its own
}

// end orders the channel to close; it does not wait.
func (c *controlChannel) end(why closing) {
	select {
	case c.ends <- why.tracked(c.id):
	default:
	}
}

// run serves the channel until it ends.
func (c *controlChannel) run(ws *websocket.Conn, expires time.Time) {
	r := c.relay
	renewed := make(chan renewal)
	lost := make(chan error, 1)
	go func() { lost <- c.read(ws, renewed) }()

	why, err := c.loop(ws, expires, renewed, lost)
	r.unregister(c)
	close(c.done)
	limit := time.Now().Add(r.timings.closeWait)
	if err == nil { // the close is ours: wait for the listener's half
		if why.write(ws, limit) == nil {
			patience := time.NewTimer(r.timings.closeWait)
			select {
			case err = <-lost:
			case <-patience.C:
			}
			patience.Stop()
		}
	} else if theirs, ok := closingOf(err); ok {
		// Microsoft's .NET listener cannot do without a status here.
		if theirs.code == 0 {
			c.deviates(breachNoStatus)
			theirs.code = closeNormal
		}
		theirs.write(ws, limit)
	} else if !isNetError(err) { // the reader has sent a Close that says what was wrong, as a rule
		if errors.Is(err, websocket.ErrReadLimit) {
			closing{closeTooBig, ""}.write(ws, limit) // not for a length that is negative
		}
		linger(ws.NetConn(), r.timings.closeWait)
	}
	if _, orderly := closingOf(err); orderly {
		ws.Close()
	}
	c.socket.Close()
	if err == nil {
		err = <-lost
	}
	c.log.Info("control channel offline", "status", why.code, "reason", why.text, "err", err)
}

// isNetError reports whether err is the loss of a connection rather than a
// breach of the protocol.
func isNetError(err error) bool {
	var ne net.Error
	var ce *websocket.CloseError // 1006, which no frame carries
	return errors.As(err, &ne) || errors.As(err, &ce) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// loop returns what to close the channel with, or the error that ended it.
func (c *controlChannel) loop(ws *websocket.Conn, expires time.Time, renewed <-chan renewal, lost <-chan error) (closing, error) {
	t := c.relay.timings
	ping := time.NewTicker(t.ping)
	defer ping.Stop()
	expiry := time.NewTimer(time.Until(expires.Add(c.relay.tokenGrace)))
	defer expiry.Stop()
	var freeze freezer
	defer freeze.stop()
	for {
		out, pings, expired := c.out, ping.C, expiry.C
		if c.frozen.Load() {
			out, pings, expired = nil, nil, nil
		}
		select {
		case t := <-c.tricks:
			c.play(ws, &freeze, t)
		case <-freeze.over():
			c.thaw(&freeze)
		case cmd := <-out:
			cmd.text = c.spoil(cmd.text)
			err := write(ws, cmd, t.write)
			cmd.sent <- err
			if err != nil {
				c.socket.Close() // which the reader notices
			}
		case <-pings:
			if time.Since(time.Unix(0, c.spoke.Load())) > t.idle {
				c.deviates(breachIdle)
				c.spoke.Store(time.Now().UnixNano())
			}
			if err := ws.WriteControl(websocket.PingMessage, []byte(pingText), time.Now().Add(t.write)); err != nil {
				c.socket.Close()
			}
		case n := <-renewed:
			if n.refused != nil {
				return closing{closePolicy, n.refused.text}.tracked(c.id), nil
			}
			c.log.Info("token renewed")
			expiry.Reset(time.Until(n.expires.Add(c.relay.tokenGrace)))
		case <-expired:
			return closing{closePolicy, textExpired}.tracked(c.id), nil
		case why := <-c.ends:
			return why, nil
		case err := <-lost:
			return closing{}, err
		}
	}
}

// write sends a command and its body with nothing in between.
func write(ws *websocket.Conn, cmd command, limit time.Duration) error {
	ws.SetWriteDeadline(time.Now().Add(limit))
	if cmd.body == nil {
		return ws.WriteMessage(websocket.TextMessage, cmd.text)
	}
	conn := ws.NetConn().(*gather.Conn)
	conn.Hold()
	err := ws.WriteMessage(websocket.TextMessage, cmd.text)
	if err == nil {
		err = ws.WriteMessage(websocket.BinaryMessage, cmd.body)
	}
	if held := conn.Release(); err == nil {
		err = held
	}
	return err
}

// A renewal is the outcome of a renewToken command.
type renewal struct {
	expires time.Time
	refused *refusal
}

// read reads the listener's commands until the channel ends.
func (c *controlChannel) read(ws *websocket.Conn, renewed chan<- renewal) error {
	t := c.relay.timings
	alive := func() { ws.SetReadDeadline(time.Now().Add(t.silence)) }
	heard := func() {
		alive()
		c.spoke.Store(time.Now().UnixNano())
	}
	heard()
	ws.SetReadLimit(maxControlMessage)
	ws.SetPongHandler(func(data string) error {
		if data == pingText {
			alive() // which it is, but not of its own accord
		} else {
			heard()
		}
		return nil
	})
	ws.SetPingHandler(func(data string) error {
		heard()
		if c.frozen.Load() {
			return nil
		}
		return pong(ws, data, time.Now().Add(t.write))
	})
	var announced *response // whose body must be the next message
	var command bytes.Buffer
	for {
		kind, message, err := readMessage(ws, &command)
		if err != nil {
			c.inspectEnd(err, announced)
			c.relay.unfinished(c.entity, announced)
			return err
		}
		heard()
		if kind != websocket.TextMessage {
			if announced == nil {
				// hyco-https sends one after every answer without a body.
				c.log.Debug("binary message that nobody announced ignored", "bytes", len(message))
				c.inspectStray(message)
				continue
			}
			c.relay.answered(c.entity, announced, message)
			announced = nil
			continue
		}
		if announced != nil {
			c.deviates(breachNoBody)
		}
		c.relay.unfinished(c.entity, announced)
		announced = nil
		members := c.parse(message)
		c.inspectCommand(message, members)
		if text, ok := members["response"]; ok {
			announced = c.respond(text)
			continue
		}
		text, ok := members["renewToken"]
		if !ok {
			c.log.Warn("unknown command ignored", "bytes", len(message))
			continue
		}
		n := c.renew(text)
		if n.refused != nil {
			c.deviates(breachRenewal)
		}
		select {
		case renewed <- n:
		case <-c.done: // the channel is closing; what arrives now has no effect
		}
	}
}

// readMessage reads one message. The data of a text is good until text is used
// again.
func readMessage(ws *websocket.Conn, text *bytes.Buffer) (kind int, data []byte, err error) {
	kind, r, err := ws.NextReader()
	if err != nil {
		return kind, nil, err
	}
	if kind != websocket.TextMessage {
		data, err = io.ReadAll(r)
		return kind, data, err
	}
	text.Reset()
	_, err = text.ReadFrom(r)
	return kind, text.Bytes(), err
}

// parse returns the members of a command, none if it is not one.
func (c *controlChannel) parse(message []byte) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(message, &members); err != nil {
		return nil
	}
	return members
}

// renew checks the token of a renewToken command.
func (c *controlChannel) renew(text []byte) renewal {
	var renew struct {
		Token string `json:"token"`
	}
	if err := json.Unmarshal(text, &renew); err != nil {
		return renewal{refused: unauthorized("MalformedToken: renewToken has no token")}
	}
	var n renewal
	n.expires, n.refused = c.relay.authorize(renew.Token, c.entity, c.path, Listen, time.Now())
	return n
}

// pong answers a PING. After our Close there is nothing left to answer.
func pong(ws *websocket.Conn, data string, deadline time.Time) error {
	err := ws.WriteControl(websocket.PongMessage, []byte(data), deadline)
	if errors.Is(err, websocket.ErrCloseSent) {
		return nil
	}
	return err
}
