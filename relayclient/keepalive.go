package relayclient

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// keepAlive arms a WebSocket's keep-alive and returns the function that its
// reader calls on every sign of life: unless one comes within Ping + Pong, or
// an eighth of Pong less, reading fails with a timeout. Somebody must send a PING every Timing.Ping.
func keepAlive(ws *websocket.Conn, t Timing) (alive func()) {
	var last time.Time
	alive = func() {
		// Setting a deadline costs more than looking at a clock.
		if now := time.Now(); now.Sub(last) >= t.Pong/8 {
			last = now
			ws.SetReadDeadline(now.Add(t.Ping + t.Pong))
		}
	}
	ws.SetPongHandler(func(string) error { alive(); return nil })
	ws.SetPingHandler(func(data string) error {
		alive()
		err := ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(controlWriteWait))
		if isTimeout(err) || errors.Is(err, websocket.ErrCloseSent) {
			return nil // the writer is busy or done; neither ends reading
		}
		return err
	})
	// No automatic answer to a Close: the other direction stays usable.
	ws.SetCloseHandler(func(int, string) error { return nil })
	alive()
	return alive
}

// controlWriteWait is how long a control frame waits for a message that is
// being written.
const controlWriteWait = 5 * time.Second

func sendPing(ws *websocket.Conn) {
	// A failure shows up on the reading side, as an error or as silence.
	_ = ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(controlWriteWait))
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &ne) && ne.Timeout()
}

// readError says in the package's own errors why reading ended.
func readError(err error) error {
	var ce *websocket.CloseError
	switch {
	case errors.As(err, &ce) && ce.Code != websocket.CloseAbnormalClosure:
		return newCloseError(ce.Code, ce.Text)
	case errors.As(err, &ce):
		return ErrLost
	case isTimeout(err):
		return ErrPeerSilent
	case errors.Is(err, websocket.ErrReadLimit):
		return ErrTooLarge
	case errors.Is(err, net.ErrClosed):
		return ErrClosed
	case err != nil && strings.HasPrefix(err.Error(), "websocket: "):
		// gorilla has no type for what it thinks of the other side's frames.
		return fmt.Errorf("%w: %s", ErrProtocol, strings.TrimPrefix(err.Error(), "websocket: "))
	}
	return err
}
