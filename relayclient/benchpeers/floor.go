package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// floorBuffers says what floorBufferSize is.
const floorBuffers = "buffers of 32 KiB"

// floorBufferSize makes the floor faster than the package's own 4 KiB does.
const floorBufferSize = 32 << 10

// floorClient does what the protocol asks for and nothing else: no renewal, no
// keep-alive, no events, no deadlines, no second attempt.
type floorClient struct {
	at       address
	dialer   websocket.Dialer
	header   http.Header // with a token signed once
	control  *websocket.Conn
	accepted chan floorAcceptance
	reading  sync.WaitGroup
	http     http.Client
}

type floorAcceptance struct {
	ws  *websocket.Conn
	err error
}

// tlsConfig has the client's settings, which are the same for everybody.
func (at address) tlsConfig() *tls.Config {
	return &tls.Config{
		RootCAs:          at.pool(),
		MinVersion:       tls.VersionTLS12,
		CurvePreferences: []tls.CurveID{tls.CurveP384, tls.X25519MLKEM768, tls.X25519, tls.CurveP256},
		NextProtos:       []string{"http/1.1"},
	}
}

func newFloor(ctx context.Context, at address) (client, error) {
	token, err := at.sharedAccessKey().Token(ctx, relayclient.Audience(at.Namespace, at.HybridConnection))
	if err != nil {
		return nil, err
	}
	c := &floorClient{
		at:       at,
		dialer:   websocket.Dialer{TLSClientConfig: at.tlsConfig(), ReadBufferSize: floorBufferSize, WriteBufferSize: floorBufferSize},
		header:   http.Header{"ServiceBusAuthorization": {token.Value.Reveal()}},
		accepted: make(chan floorAcceptance, 1),
		http:     http.Client{Transport: &http.Transport{TLSClientConfig: at.tlsConfig(), MaxIdleConnsPerHost: 64}},
	}
	if c.control, _, err = c.dialer.DialContext(ctx, c.url("listen"), c.header); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	c.reading.Go(c.readCommands)
	return c, nil
}

func (c *floorClient) url(action string) string {
	return "wss://" + c.at.Namespace + "/$hc/" + c.at.HybridConnection + "?sb-hc-action=" + action + "&sb-hc-id=" + uuid()
}

func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// readCommands answers invitations and requests.
func (c *floorClient) readCommands() {
	for {
		_, text, err := c.control.ReadMessage()
		if err != nil {
			return
		}
		var command struct {
			Accept  *struct{ Address string }
			Request *struct{ ID string }
		}
		if json.Unmarshal(text, &command) != nil {
			return
		}
		switch {
		case command.Accept != nil:
			c.reading.Go(func() {
				ws, _, err := c.dialer.Dial(command.Accept.Address, nil)
				c.accepted <- floorAcceptance{ws, err}
			})
		case command.Request != nil:
			if c.answer(command.Request.ID) != nil {
				return
			}
		}
	}
}

// itemBody is what every listener in Go answers a request with.
var itemBody = make([]byte, 1<<10)

// answer answers an HTTP request over the control channel.
func (c *floorClient) answer(id string) error {
	text := `{"response":{"requestId":"` + id + `","statusCode":200,"statusDescription":"OK","responseHeaders":{"Content-Type":"application/octet-stream"},"body":true}}`
	if err := c.control.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		return err
	}
	return c.control.WriteMessage(websocket.BinaryMessage, itemBody)
}

func (c *floorClient) open() (end, end, error) {
	sender, _, err := c.dialer.Dial(c.url("connect"), c.header)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	a := <-c.accepted
	if a.err != nil {
		return nil, nil, fmt.Errorf("accept: %w", a.err)
	}
	return &bareEnd{ws: sender}, &bareEnd{ws: a.ws}, nil
}

func (c *floorClient) get(ctx context.Context) (int, error) {
	req := "https://" + c.at.Namespace + "/" + c.at.HybridConnection + "/item"
	return get(ctx, &http.Client{Transport: withHeader{c.http.Transport, c.header}}, req)
}

// withHeader adds the token, which a client by hand sets on every request.
type withHeader struct {
	base   http.RoundTripper
	header http.Header
}

func (t withHeader) RoundTrip(req *http.Request) (*http.Response, error) {
	req.Header = t.header
	return t.base.RoundTrip(req)
}

func (c *floorClient) close() error {
	c.http.CloseIdleConnections()
	err := closeBare(c.control)
	c.reading.Wait()
	return err
}

// A bareEnd is a WebSocket without anything around it.
type bareEnd struct {
	ws     *websocket.Conn
	closed bool // the other side's Close was read, and answered by the package
}

func (e *bareEnd) write(p []byte) error { return e.ws.WriteMessage(websocket.BinaryMessage, p) }

func (e *bareEnd) read() ([]byte, error) {
	_, p, err := e.ws.ReadMessage()
	e.closed = err != nil
	return p, err
}

func (e *bareEnd) close() error {
	if e.closed {
		return e.ws.Close()
	}
	if err := closeBare(e.ws); err != nil {
		return err
	}
	for {
		if _, _, err := e.ws.ReadMessage(); err != nil {
			return e.ws.Close()
		}
	}
}

func (e *bareEnd) abandon() { e.ws.Close() }

func closeBare(ws *websocket.Conn) error {
	return ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(patience))
}
