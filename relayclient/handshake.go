package relayclient

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/gather"
)

// tokenHeader carries the token. A token in the query would end up in the
// logs of proxies and in error texts.
const tokenHeader = "ServiceBusAuthorization"

// upgrade opens one WebSocket to the relay. op names the attempt in errors;
// rawURL never appears in them, because it may be a rendezvous address, which
// is a one-time credential. ctx bounds the opening only. What it took is added
// to phases, whether or not it came to an end.
func (cfg *Config) upgrade(ctx context.Context, op string, rawURL string, header http.Header, subprotocols []string, timeout time.Duration, phases *Phases) (*websocket.Conn, *http.Response, error) {
	ctx, cancel := withTimeout(ctx, timeout)
	defer cancel()
	watch := &stopwatch{phases: *phases, tell: progressOf(ctx)}
	defer func() { *phases = watch.done() }()

	// gorilla obeys the deadline of ctx while it waits for the answer, but not
	// its cancellation: closing the socket does it.
	disarm := func() bool { return true }
	var answer *answerConn
	dialer := websocket.Dialer{
		NetDialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			conn, err := cfg.dialTLS(ctx, address, watch)
			if err != nil {
				return nil, err
			}
			disarm = context.AfterFunc(ctx, func() { conn.Close() })
			answer = &answerConn{Conn: conn, ctx: ctx, left: maxAnswer}
			return gather.New(answer), nil
		},
		// An idle connection holds little. Long payloads bypass the buffer for
		// reading; the one for writing makes the longest usual message one frame.
		ReadBufferSize:  4 << 10,
		WriteBufferSize: maxNetWrite,
		WriteBufferPool: &writeBuffers,
		Subprotocols:    subprotocols,
	}
	ws, resp, err := dialer.DialContext(ctx, rawURL, header)
	if !disarm() && err == nil {
		ws.Close()
		return nil, nil, fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	if err == nil {
		answer.open = true
		if resp.Header.Get("Sec-WebSocket-Extensions") != "" {
			ws.Close()
			return nil, nil, fmt.Errorf("%s: %w: it uses an extension that nobody offered", op, ErrNotRelay)
		}
		return ws, resp, nil
	}
	err = upgradeError(ctx, op, err, resp, answer)
	var he *HandshakeError
	if errors.As(err, &he) {
		he.cameWith(header)
	} else if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		err = &TimeoutError{Op: op, Stage: watch.stage(), Proxied: watch.done().Via != "", Err: context.Cause(ctx)}
	}
	return nil, nil, err
}

// upgradeError says in the package's own errors why an upgrade failed. answer
// is nil if no connection was made. A refusal counts only if it began while
// somebody waited for it: what comes later may be about our giving up.
func upgradeError(ctx context.Context, op string, err error, resp *http.Response, answer *answerConn) error {
	refused := errors.Is(err, websocket.ErrBadHandshake) && resp != nil && resp.StatusCode != http.StatusSwitchingProtocols && answer.inTime
	var broken net.Error
	switch ended := over(ctx, err); {
	case refused && (!ended || errors.Is(context.Cause(ctx), context.DeadlineExceeded)):
		return newHandshakeError(op, resp) // even if the rest of the answer never came
	case ended:
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	case errors.Is(err, errEndless):
		return fmt.Errorf("%s: %w: %w", op, ErrNotRelay, errEndless)
	case answer != nil && !errors.As(err, &broken) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%s: %w", op, ErrNotRelay) // nor is its text quoted: it may have any length
	}
	return fmt.Errorf("%s: %w", op, err)
}

// maxAnswer bounds the answer to an upgrade. Headers are at most 32 KiB by the
// protocol.
const maxAnswer = 128 << 10

var errEndless = errors.New("its answer has no end")

// An answerConn lets only so much be read until it is open.
type answerConn struct {
	net.Conn
	ctx    context.Context // of the opening
	left   int
	inTime bool // the answer began before ctx ended
	open   bool // set before anybody but the dialler reads
}

func (c *answerConn) Read(p []byte) (int, error) {
	if c.open {
		return c.Conn.Read(p)
	}
	if c.left <= 0 {
		return 0, errEndless
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	if n > 0 && c.left == maxAnswer {
		c.inTime = c.ctx.Err() == nil
	}
	c.left -= n
	return n, err
}

// withTimeout bounds an attempt; its cause says for how long it was tried.
func withTimeout(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %v: %w", timeout, context.DeadlineExceeded))
}

// over reports whether an attempt failed because its ctx ended. A socket that
// was given the deadline of ctx may notice it a moment before ctx does.
func over(ctx context.Context, err error) bool {
	if deadline, ok := ctx.Deadline(); ok && isTimeout(err) && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

// authorize adds a token to header, if the Config has a provider.
func (cfg *Config) authorize(ctx context.Context, header http.Header, phases *Phases) (Token, error) {
	if cfg.Token == nil {
		return Token{}, nil
	}
	if tell := progressOf(ctx); tell != nil {
		tell(GettingToken)
	}
	start := time.Now()
	token, err := cfg.Token.Token(ctx, Audience(cfg.Namespace, cfg.HybridConnection))
	phases.Token = time.Since(start)
	if err != nil {
		return Token{}, fmt.Errorf("get a token: %w", err)
	}
	// Not Header.Set of an http.Request's: the spelling goes out as it stands.
	header[tokenHeader] = []string{token.Value.Reveal()}
	return token, nil
}

// newUUID returns a random UUID, the form of every tracking ID.
func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// writeBuffers has the buffers of messages on their way out.
var writeBuffers sync.Pool

// whyLost returns why reading from ws ended with err: a write may have failed
// after it was accepted, which closes the connection.
func whyLost(ws *websocket.Conn, err error) error {
	if broken := ws.NetConn().(*gather.Conn).Err(); broken != nil && errors.Is(err, net.ErrClosed) {
		return broken
	}
	return err
}

// flush waits until what was written to ws has left.
func flush(ws *websocket.Conn, deadline time.Time) error {
	return ws.NetConn().(*gather.Conn).Flush(deadline)
}
