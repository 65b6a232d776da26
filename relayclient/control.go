package relayclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"
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
	RemoteEndpoint struct {
		Address string `json:"address"`
		Port    int    `json:"port"`
	} `json:"remoteEndpoint"`
}

type requestCommand struct {
	ID     string `json:"id"`
	Method string `json:"method"`
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
	answers chan any // JSON to write, from the reader
}

func newControlChannel(l *Listener, ws *websocket.Conn, asked time.Time, token Token) *controlChannel {
	ws.SetReadLimit(maxCommand)
	return &controlChannel{
		l: l, ws: ws, alive: keepAlive(ws, l.cfg.Timing), asked: asked, token: token, answers: make(chan any),
	}
}

// serve holds the channel until it is lost or life ends, and returns why.
// Rendezvous are dialled under dials.
func (ch *controlChannel) serve(life, dials context.Context) error {
	ctx, cancel := context.WithCancelCause(life)
	defer cancel(nil)
	var helpers sync.WaitGroup
	var readErr error
	readDone := make(chan struct{})
	helpers.Go(func() {
		defer close(readDone)
		readErr = ch.readCommands(ctx, dials)
	})
	renewals := make(chan Token)
	helpers.Go(func() { ch.renew(ctx, renewals) })

	err := ch.loop(ctx, readDone, renewals)
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
	cancel(ErrClosed)
	ch.ws.Close() // the only way to interrupt a blocked read
	helpers.Wait()
	if err == nil || errors.Is(err, errReadEnded) {
		return readErr
	}
	return err
}

// errReadEnded says that the reader knows why the channel was lost.
var errReadEnded = errors.New("control channel: reading ended")

// loop writes what there is to write. It returns nil when ctx ends.
func (ch *controlChannel) loop(ctx context.Context, readDone <-chan struct{}, renewals <-chan Token) error {
	ping := time.NewTicker(ch.l.cfg.Timing.Ping)
	defer ping.Stop()
	for {
		select {
		case <-ctx.Done():
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
		case message := <-ch.answers:
			if err := ch.ws.WriteJSON(message); err != nil {
				return fmt.Errorf("answer a request: %w", readError(err))
			}
		}
	}
}

// readCommands reads until the channel is lost. It never waits for a data
// connection; those live as long as the listener, not as this channel.
func (ch *controlChannel) readCommands(ctx, dials context.Context) error {
	for {
		kind, data, err := ch.ws.ReadMessage()
		if err != nil {
			return readError(whyLost(ch.ws, err))
		}
		ch.alive()
		if kind != websocket.TextMessage || ctx.Err() != nil {
			continue // a body nobody asked for, or what arrives after our Close
		}
		cmd, name, err := parseCommand(data)
		switch {
		case err != nil:
			ch.ignore("", err.Error())
		case name == "accept":
			ch.l.emit(Event{Kind: CommandReceived, Command: name})
			ch.l.invited(dials, cmd.Accept)
		case name == "request":
			ch.refuseRequest(ctx, cmd.Request)
		default:
			ch.ignore("", "unknown command")
		}
	}
}

func (ch *controlChannel) ignore(name, why string) {
	ch.l.cfg.Logger.Warn("control message ignored", "op", "listen", "command", name, "err", why)
	ch.l.emit(Event{Kind: CommandReceived, Command: name, Reason: why})
}

// refuseRequest answers a relayed HTTP request with 501, so that its sender
// need not wait a minute for nothing. A request that came as an address only
// is left to the relay's own deadline.
func (ch *controlChannel) refuseRequest(ctx context.Context, r *requestCommand) {
	const why = "this listener serves WebSocket connections, not HTTP requests"
	ch.ignore("request", why)
	if r.Method == "" || r.ID == "" {
		return
	}
	answer := map[string]any{"response": map[string]any{
		"requestId": r.ID, "statusCode": 501, "statusDescription": "The listener serves WebSocket connections only",
		"responseHeaders": map[string]string{}, "body": false,
	}}
	select {
	case ch.answers <- answer:
	case <-ctx.Done():
	}
}
