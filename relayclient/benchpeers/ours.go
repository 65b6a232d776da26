package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// oursClient is relayclient, used as its documentation says.
type oursClient struct {
	ctx      context.Context // of the whole process
	cfg      relayclient.Config
	listener *relayclient.Listener
	http     http.Client
}

func (at address) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(at.CA))
	return pool
}

func (at address) sharedAccessKey() relayclient.SharedAccessKey {
	return relayclient.SharedAccessKey{KeyName: at.KeyName, Key: relayclient.NewSecret(at.Key)}
}

func newOurs(ctx context.Context, at address) (client, error) {
	cfg := relayclient.Config{
		Namespace: at.Namespace, HybridConnection: at.HybridConnection,
		Token: at.sharedAccessKey(), RootCAs: at.pool(),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(itemBody) // the sender counts what arrives
		}),
	}
	l, err := relayclient.Listen(ctx, cfg)
	if err != nil {
		return nil, err
	}
	transport, err := relayclient.NewTransport(cfg)
	if err != nil {
		l.Close()
		return nil, err
	}
	return &oursClient{ctx, cfg, l, http.Client{Transport: transport}}, nil
}

func (c *oursClient) open() (end, end, error) {
	type acceptance struct {
		conn *relayclient.Conn
		err  error
	}
	accepted := make(chan acceptance, 1)
	go func() {
		conn, err := c.listener.Accept(c.ctx)
		accepted <- acceptance{conn, err}
	}()
	sender, err := relayclient.Dial(c.ctx, c.cfg, relayclient.DialOptions{})
	if err != nil {
		return nil, nil, err
	}
	a := <-accepted
	if a.err != nil {
		return nil, nil, a.err
	}
	return oursEnd{c.ctx, sender}, oursEnd{c.ctx, a.conn}, nil
}

func (c *oursClient) get(ctx context.Context) (int, error) {
	return get(ctx, &c.http, "https://relay/item")
}

// get sends a GET and counts the bytes of the answer.
func get(ctx context.Context, c *http.Client, url string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("the answer is %s", resp.Status)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	return int(n), err
}

func (c *oursClient) close() error {
	c.http.CloseIdleConnections()
	return c.listener.Close()
}

type oursEnd struct {
	ctx  context.Context
	conn *relayclient.Conn
}

func (e oursEnd) write(p []byte) error {
	return e.conn.Write(e.ctx, relayclient.Message{Binary: true, Data: p})
}

func (e oursEnd) read() ([]byte, error) {
	m, err := e.conn.Read(e.ctx)
	return m.Data, err
}

func (e oursEnd) close() error {
	err := e.conn.Close(websocket.CloseNormalClosure, "")
	if errors.Is(err, relayclient.ErrAlreadyClosing) {
		return nil
	}
	return err
}

func (e oursEnd) abandon() { e.conn.CloseNow() }
