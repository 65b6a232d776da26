package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/gorilla/websocket"
)

// splicedClient is the floor over the splice: the listener's end takes the
// part of the WebSocket server, since the splice knows no WebSockets.
type splicedClient struct{ at address }

func newSpliced(at address) (client, error) { return &splicedClient{at}, nil }

func (c *splicedClient) dial() (*tls.Conn, error) {
	return tls.Dial("tcp", c.at.Namespace, c.at.tlsConfig())
}

func (c *splicedClient) open() (end, end, error) {
	answering, err := c.dial() // the splice joins one connection with the next
	if err != nil {
		return nil, nil, fmt.Errorf("accept: %w", err)
	}
	type acceptance struct {
		ws  *websocket.Conn
		err error
	}
	accepted := make(chan acceptance, 1)
	go func() {
		ws, err := answer(answering)
		accepted <- acceptance{ws, err}
	}()
	dialer := websocket.Dialer{
		NetDialTLSContext: func(context.Context, string, string) (net.Conn, error) { return c.dial() },
		ReadBufferSize:    floorBufferSize, WriteBufferSize: floorBufferSize,
	}
	sender, _, err := dialer.Dial("wss://"+c.at.Namespace, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	a := <-accepted
	if a.err != nil {
		return nil, nil, fmt.Errorf("accept: %w", a.err)
	}
	return &bareEnd{ws: sender}, &bareEnd{ws: a.ws}, nil
}

// answer takes up a WebSocket on a connection that this side has dialled.
func answer(conn net.Conn) (*websocket.Conn, error) {
	r := bufio.NewReader(conn)
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, err
	}
	upgrader := websocket.Upgrader{ReadBufferSize: floorBufferSize, WriteBufferSize: floorBufferSize}
	return upgrader.Upgrade(&dialled{conn, r}, req, nil)
}

// A dialled connection is handed to the upgrader as if a server had it.
type dialled struct {
	conn net.Conn
	r    *bufio.Reader
}

func (d *dialled) Header() http.Header         { return http.Header{} }
func (d *dialled) Write(p []byte) (int, error) { return d.conn.Write(p) }
func (d *dialled) WriteHeader(int)             {}

func (d *dialled) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return d.conn, bufio.NewReadWriter(d.r, bufio.NewWriter(d.conn)), nil
}

func (c *splicedClient) get(context.Context) (int, error) {
	return 0, errors.New("the splice relays no requests")
}

func (c *splicedClient) close() error { return nil }
