package responder

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// goodbyeTime is how long the target has to answer a Close.
const goodbyeTime = 5 * time.Second

// pipe carries the messages of a connection to a WebSocket at the HTTP target
// and back, with their types and the codes that either side closes with.
func (r *Responder) pipe(ctx context.Context, c *relayclient.Conn, now *understood, n *count) error {
	address := webSocketAddress(now.http, c.Info())
	shown := now.http.String()
	ws, err := dialWebSocket(ctx, c, address, now)
	if err != nil {
		return r.unreachable(c, n, &TargetError{shown, err})
	}
	p := &piping{conn: c, target: ws, shown: shown, how: now, count: n}
	stop := context.AfterFunc(ctx, func() { p.end(nil) })
	defer stop()
	var both sync.WaitGroup
	both.Go(func() { p.up(ctx) })
	both.Go(func() { p.down(ctx) })
	both.Wait()
	ws.Close()
	_ = c.Close(1000, "")
	var te *TargetError
	if errors.As(p.err, &te) {
		n.failed(p.err)
		r.onFailure(c.ID(), p.err)
	}
	return p.err
}

// webSocketAddress puts what the sender asked for behind the target's path.
func webSocketAddress(target *url.URL, info relayclient.ConnInfo) string {
	u := *target
	u.Scheme = strings.Replace(u.Scheme, "http", "ws", 1)
	if info.Path != "" {
		u = *u.JoinPath(info.Path)
	}
	u.RawQuery = info.Query
	return u.String()
}

func dialWebSocket(ctx context.Context, c *relayclient.Conn, address string, now *understood) (*websocket.Conn, error) {
	info := c.Info()
	header := http.Header{}
	for name, values := range info.Header {
		switch lower := strings.ToLower(name); {
		case strings.HasPrefix(lower, "sec-websocket-"), lower == "connection", lower == "upgrade", lower == "host", lower == "content-length",
			lower == "transfer-encoding", lower == "via":
		default:
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	apply(now.rules, false, header)
	if name := host(now.rules); name != "" {
		header.Set("Host", name)
	}
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialTime}
	if c.Subprotocol() != "" {
		dialer.Subprotocols = []string{c.Subprotocol()}
	}
	ws, resp, err := dialer.DialContext(ctx, address, header)
	if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
		err = &answeredError{resp.StatusCode}
	}
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(relayclient.MaxMessage)
	return ws, nil
}

// piping is one connection to a WebSocket at the target.
type piping struct {
	conn   *relayclient.Conn
	target *websocket.Conn
	shown  string
	how    *understood
	count  *count

	once sync.Once
	err  error // why it broke; nil if one side closed and the other agreed
}

// end closes the target, which ends both directions.
func (p *piping) end(err error) {
	p.once.Do(func() {
		p.err = err
		p.target.Close()
	})
}

func (p *piping) fails(err error) { p.end(&TargetError{p.shown, err}) }

// up carries the sender's messages, and its Close.
func (p *piping) up(ctx context.Context) {
	for {
		m, err := p.conn.Read(ctx)
		var ce *relayclient.CloseError
		switch {
		case errors.As(err, &ce):
			p.goodbye(ce)
			return
		case err != nil:
			p.end(err)
			return
		}
		p.count.received(m)
		kind := websocket.TextMessage
		if m.Binary {
			kind = websocket.BinaryMessage
		}
		if err := p.target.WriteMessage(kind, m.Data); err != nil {
			if !errors.Is(err, websocket.ErrCloseSent) { // else the reader of the target knows why
				p.fails(err)
			}
			return
		}
	}
}

// goodbye passes the sender's Close on, and gives the target a while to answer.
func (p *piping) goodbye(ce *relayclient.CloseError) {
	payload := []byte{}
	if ce.Code != websocket.CloseNoStatusReceived {
		payload = websocket.FormatCloseMessage(ce.Code, ce.Reason)
	}
	if p.target.WriteControl(websocket.CloseMessage, payload, time.Now().Add(goodbyeTime)) != nil {
		p.end(nil)
		return
	}
	_ = p.target.SetReadDeadline(time.Now().Add(goodbyeTime))
}

// down carries the target's messages, and its Close.
func (p *piping) down(ctx context.Context) {
	var slow *line
	for {
		kind, data, err := p.target.ReadMessage()
		if err != nil {
			if slow != nil {
				slow.finish()
			}
			p.targetEnded(err)
			return
		}
		m := relayclient.Message{Binary: kind == websocket.BinaryMessage, Data: data}
		if !m.Binary {
			m = textOrBinary(data) // what calls itself text may be none
		}
		if wait := p.how.delay(); wait > 0 || slow != nil {
			if slow == nil {
				slow = newLine(ctx, p.conn)
			}
			slow.send(m, wait, p.count)
			continue
		}
		if err := p.count.write(ctx, p.conn, m); err != nil {
			if !closing(err) {
				p.end(err)
			}
			return
		}
	}
}

// targetEnded tells the sender how the target has ended the connection.
func (p *piping) targetEnded(err error) {
	var ce *websocket.CloseError
	switch {
	case errors.As(err, &ce) && ce.Code != websocket.CloseAbnormalClosure:
		_ = p.conn.Close(ce.Code, ce.Text)
		p.end(nil)
	default:
		p.fails(err) // unless it was ended from here
		var te *TargetError
		if !errors.As(p.err, &te) {
			p.conn.CloseNow()
			return
		}
		_ = p.conn.Close(1011, te.forSender())
	}
}
