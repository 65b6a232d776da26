package relayclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/gather"
)

// maxCommand bounds a message on the control channel: 64 KiB of JSON or of
// body, as the protocol documents, and some room for what it does not count.
const maxCommand = 72 << 10

// A command is one JSON message on the control channel. Members that are not
// known here are ignored.
type command struct {
	Accept  *acceptCommand  `json:"accept"`
	Request *requestCommand `json:"request"`
}

type acceptCommand struct {
	Address        string            `json:"address"`
	ID             string            `json:"id"`
	ConnectHeaders map[string]string `json:"connectHeaders"`
	RemoteEndpoint endpoint          `json:"remoteEndpoint"`
}

// parseCommand reads one control message. Its name is "" if it is none that
// is known; an error never quotes the message, which may hold an address.
func parseCommand(data []byte) (cmd command, name string, err error) {
	if err := json.Unmarshal(data, &cmd); err != nil {
		return command{}, "", errors.New("control message is not the JSON it should be")
	}
	switch {
	case cmd.Accept != nil && (cmd.Accept.Address == "" || cmd.Accept.ID == ""):
		return command{}, "", errors.New("accept has no address or no id")
	case cmd.Accept != nil:
		return cmd, "accept", nil
	case cmd.Request != nil:
		if err := cmd.Request.check(); err != nil {
			return command{}, "", err
		}
		return cmd, "request", nil
	}
	return cmd, "", nil
}

// A controlChannel is one registration of a listener. serve owns it: it alone
// writes, renews and decides to stop.
type controlChannel struct {
	l       *Listener
	ws      *websocket.Conn
	alive   func()
	asked   time.Time // when the token was asked for
	token   Token
	answers chan answer   // to write
	gone    chan struct{} // closed when no more answers are taken
}

// An answer is a response and the body it announces, which must follow it
// directly. An empty body announces none.
type answer struct {
	text, body []byte
	sent       chan error // capacity 1
}

// write writes text and body with nothing in between.
func (a answer) write(ws *websocket.Conn) error {
	if len(a.body) == 0 {
		return ws.WriteMessage(websocket.TextMessage, a.text)
	}
	conn := ws.NetConn().(*gather.Conn)
	conn.Hold()
	err := ws.WriteMessage(websocket.TextMessage, a.text)
	if err == nil {
		err = ws.WriteMessage(websocket.BinaryMessage, a.body)
	}
	if held := conn.Release(); err == nil {
		err = held
	}
	return err
}

// answer writes a response, or says why it could not.
func (ch *controlChannel) answer(ctx context.Context, text, body []byte) error {
	a := answer{text, body, make(chan error, 1)}
	select {
	case ch.answers <- a:
	case <-ch.gone:
		return errChannelLost
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return <-a.sent
}

func newControlChannel(l *Listener, ws *websocket.Conn, asked time.Time, token Token) *controlChannel {
	ws.SetReadLimit(maxCommand)
	return &controlChannel{
		l: l, ws: ws, alive: keepAlive(ws, l.cfg.Timing), asked: asked, token: token,
		answers: make(chan answer), gone: make(chan struct{}),
	}
}

// serve holds the channel until it is lost or life ends, and returns why. What
// it takes up may go on as long as the span says.
func (ch *controlChannel) serve(sp span) error {
	ctx, cancel := context.WithCancelCause(sp.life)
	defer cancel(nil)
	var helpers sync.WaitGroup
	var readErr error
	readDone := make(chan struct{})
	helpers.Go(func() {
		defer close(readDone)
		readErr = ch.readCommands(sp)
	})
	renewals := make(chan Token)
	helpers.Go(func() { ch.renew(ctx, renewals) })

	drained := make(chan struct{})
	helpers.Go(func() {
		<-ctx.Done()
		if sp.life.Err() != nil {
			ch.l.drain(sp.work, ch.gone)
			close(drained)
		}
	})
	err := ch.loop(drained, readDone, renewals)
	close(ch.gone)
	if err == nil {
		// Closed from this side: say so, and wait for the relay to confirm. A
		// listener that just vanishes may keep its place for a while.
		_ = ch.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "Normal Closure"), time.Now().Add(controlWriteWait))
		patience := time.NewTimer(ch.l.cfg.Timing.Close)
		defer patience.Stop()
		select {
		case <-readDone:
		case <-patience.C:
		}
	}
	if err != nil && !errors.Is(err, errReadEnded) {
		// What cannot be written may be so because the relay has closed, and it
		// has said why.
		patience := time.NewTimer(min(time.Second, ch.l.cfg.Timing.Close))
		defer patience.Stop()
		select {
		case <-readDone:
		case <-patience.C:
		}
	}
	cancel(ErrClosed)
	ch.ws.Close() // the only way to interrupt a blocked read
	helpers.Wait()
	var closed *CloseError
	if err == nil || errors.Is(err, errReadEnded) || errors.As(readErr, &closed) {
		return readErr
	}
	return err
}

// errReadEnded says that the reader knows why the channel was lost.
var errReadEnded = errors.New("control channel: reading ended")

// loop writes what there is to write. It returns nil when all is drained.
func (ch *controlChannel) loop(drained, readDone <-chan struct{}, renewals <-chan Token) error {
	ping := time.NewTicker(ch.l.cfg.Timing.Ping)
	defer ping.Stop()
	for {
		select {
		case <-drained:
			return nil
		case <-readDone:
			return errReadEnded
		case <-ping.C:
			sendPing(ch.ws)
		case token := <-renewals:
			message := map[string]any{"renewToken": map[string]string{"token": token.Value.Reveal()}}
			if err := ch.ws.WriteJSON(message); err != nil {
				return fmt.Errorf("renew token: %w", readError(err))
			}
			ch.l.cfg.Logger.Info("token renewed", "op", "listen", "expires", token.Expires)
			ch.l.emit(Event{Kind: TokenRenewed, TokenExpires: token.Expires})
		case a := <-ch.answers:
			err := a.write(ch.ws)
			a.sent <- err
			if err != nil {
				return fmt.Errorf("answer a request: %w", readError(err))
			}
		}
	}
}

// readCommands reads until the channel is lost. It never waits for what it
// takes up; that lives as long as the listener, not as this channel.
func (ch *controlChannel) readCommands(sp span) error {
	var announced *requestCommand // its body must be the next message
	var text bytes.Buffer         // of the command at hand
	for {
		kind, data, err := ch.read(&text)
		if err != nil {
			return readError(whyLost(ch.ws, err))
		}
		ch.alive()
		select {
		case <-ch.gone:
			continue // after our Close nothing is answered
		default:
		}
		if kind != websocket.TextMessage {
			if announced != nil {
				ch.l.requested(sp, ch, announced, data, ch.closing(sp))
			} else {
				ch.l.ignore("", "a body that nobody announced")
			}
			announced = nil
			continue
		}
		if announced != nil {
			ch.l.ignore("request", "its body did not follow")
			ch.l.requested(sp, ch, announced, nil, lostBody)
			announced = nil
		}
		cmd, name, err := parseCommand(data)
		switch {
		case err != nil:
			ch.l.ignore("", err.Error())
		case name == "":
			ch.l.ignore("", "unknown command")
		default:
			ch.l.emit(Event{Kind: CommandReceived, Command: name})
			if name == "request" && !cmd.Request.addressOnly() && cmd.Request.Body {
				announced = cmd.Request
				continue
			}
			ch.take(sp, cmd)
		}
	}
}

// read reads one message. The data of a text is good until the next call.
func (ch *controlChannel) read(text *bytes.Buffer) (kind int, data []byte, err error) {
	kind, r, err := ch.ws.NextReader()
	if err != nil {
		return kind, nil, err
	}
	if kind != websocket.TextMessage {
		data, err = readAll(r)
		return kind, data, err
	}
	text.Reset()
	_, err = text.ReadFrom(r)
	return kind, text.Bytes(), err
}

// take passes a command to those who serve it.
func (ch *controlChannel) take(sp span, cmd command) {
	switch closing := ch.closing(sp); {
	case cmd.Request != nil:
		ch.l.requested(sp, ch, cmd.Request, nil, closing)
	case closing != nil:
		ch.l.turnAway(sp.work, cmd.Accept, closing.words)
	default:
		ch.l.invited(sp.work, cmd.Accept)
	}
}

// closing returns what new requests get while those under way are drained.
func (ch *controlChannel) closing(sp span) *refusal {
	if sp.life.Err() != nil {
		return listenerOff
	}
	return nil
}

func (l *Listener) ignore(name, why string) {
	l.cfg.Logger.Warn("control message ignored", "op", "listen", "command", name, "err", why)
	l.emit(Event{Kind: CommandReceived, Command: name, Reason: why})
}
