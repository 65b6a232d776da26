package request

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"regexp"
	"sync"
	"time"

	"relayscope/relayclient"
)

// Deadline is how long the relay gives a listener to begin its answer. It
// cannot be changed.
const Deadline = 60 * time.Second

// MaxKept is how much of an answer's body is kept, in bytes. The rest is
// counted and goes into the hash.
const MaxKept = 4 << 20

// A Client sends requests to one hybrid connection. Its methods are safe for
// concurrent use. Connections are kept between requests, until Close.
type Client struct {
	cfg   relayclient.Config
	bare  http.RoundTripper // sends no token
	token http.RoundTripper // sends it in the header
}

// NewClient returns a client with the settings of a sender.
func NewClient(cfg relayclient.Config) (*Client, error) {
	token, err := relayclient.NewTransport(cfg)
	if err != nil {
		return nil, err
	}
	anonymous := cfg
	anonymous.Token = nil
	bare, err := relayclient.NewTransport(anonymous)
	if err != nil {
		return nil, err
	}
	return &Client{cfg: cfg, bare: bare, token: token}, nil
}

// Close closes the connections that are kept.
func (c *Client) Close() {
	for _, t := range []http.RoundTripper{c.bare, c.token} {
		if t, ok := t.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
	}
}

// By says who answered. The zero By is nobody.
type By int

// Who may answer.
const (
	Nobody   By = iota
	Listener    // the answer went through the relay
	Relay       // it is the relay's own
	Foreign     // something on the way gave it, or it cannot be told
)

func (b By) String() string {
	switch b {
	case Listener:
		return "listener"
	case Relay:
		return "relay"
	case Foreign:
		return "unknown"
	}
	return ""
}

// An Answer is what came back, and how long each part took. A part that did
// not happen is zero.
type Answer struct {
	By     By
	Code   int    // HTTP status; 0 if there was none
	Status string // such as "200 OK"
	Header http.Header
	Body   []byte // at most MaxKept bytes
	Size   int64  // of the body as far as it came
	Sum    [sha256.Size]byte
	Sent   int64 // bytes of the request's body
	Err    error // why there is no answer, no whole one, or what the relay's own means

	TrackingID string // the service's, if it gave one

	Start    time.Time
	Phases   relayclient.Phases // token, and a connection if one was opened
	Reused   bool               // the connection was there already
	Writing  time.Duration      // until the request had left
	Waiting  time.Duration      // from there until the answer began
	Reading  time.Duration      // from there to its end
	Took     time.Duration      // all of it
	Canceled bool
}

// Truncated reports whether Body is only the beginning.
func (a *Answer) Truncated() bool { return int64(len(a.Body)) < a.Size }

var trackingID = regexp.MustCompile(`TrackingId:([0-9A-Za-z_-]+)`)

// Do sends r and reads all of the answer. Failures are in the answer's Err.
// Redirections are answers like any other.
func (c *Client) Do(ctx context.Context, r Request) Answer {
	a := Answer{Start: time.Now()}
	a.Err = c.do(ctx, r, &a)
	a.Took = time.Since(a.Start)
	a.Canceled = ctx.Err() != nil
	if a.Canceled && a.Err != nil {
		a.Err = context.Cause(ctx)
	}
	return a
}

func (c *Client) do(ctx context.Context, r Request, a *Answer) error {
	if err := r.Check(); err != nil {
		return err
	}
	watch := &watch{}
	ctx = watch.context(ctx)
	req, err := c.build(ctx, r, watch)
	if err != nil {
		return err
	}
	a.Sent = max(0, req.ContentLength)
	transport := c.token
	if r.Token == InQuery || r.Token == Nowhere {
		transport = c.bare
	}
	resp, err := transport.RoundTrip(req)
	began := time.Now()
	watch.report(a, began)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	a.Code, a.Status, a.Header = resp.StatusCode, resp.Status, resp.Header
	err = read(resp.Body, a)
	a.Reading = time.Since(began)
	switch {
	case !relayclient.AnsweredByRelay(resp):
		a.By = Listener
		if err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		return nil
	case resp.StatusCode < 400:
		a.By = Foreign
		return err
	}
	a.By = Relay
	resp.Body = io.NopCloser(bytes.NewReader(a.Body))
	refused := relayclient.RelayError(resp)
	var he *relayclient.HandshakeError
	if errors.As(refused, &he) {
		if he.Foreign {
			a.By = Foreign
		}
		a.TrackingID = he.TrackingID
		if m := trackingID.FindSubmatch(a.Body); a.TrackingID == "" && m != nil {
			a.TrackingID = string(m[1])
		}
	}
	return refused
}

// build makes the HTTP request, with the token in its query if it goes there.
func (c *Client) build(ctx context.Context, r Request, watch *watch) (*http.Request, error) {
	target, err := CleanTarget(r.Target)
	if err != nil {
		return nil, err
	}
	var body io.Reader = bytes.NewReader(r.Body)
	length := int64(len(r.Body))
	if r.File != "" {
		if length, err = r.Length(); err != nil {
			return nil, err
		}
		file, err := os.Open(r.File)
		if err != nil {
			return nil, fmt.Errorf("the file cannot be read: %w", err)
		}
		body = file // which the transport closes
	}
	req, err := http.NewRequestWithContext(ctx, r.Verb(), "https://relay"+target, body)
	if err != nil {
		return nil, fmt.Errorf("this cannot be sent: %w", err)
	}
	if req.ContentLength = length; length == 0 && r.File != "" {
		req.Body.Close()
		req.Body = http.NoBody
	}
	req.Header = r.Header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	// What is shown is what came: Go's client would unpack it.
	for name, value := range map[string]string{"Accept-Encoding": "identity", "User-Agent": "Relayscope"} {
		if req.Header[name] == nil {
			req.Header.Set(name, value)
		}
	}
	if r.Token != InQuery || c.cfg.Token == nil {
		return req, nil
	}
	start := time.Now()
	token, err := c.cfg.Token.Token(ctx, relayclient.Audience(c.cfg.Namespace, c.cfg.HybridConnection))
	watch.phases(relayclient.Phases{Token: time.Since(start)})
	if err != nil {
		return nil, fmt.Errorf("get a token: %w", err)
	}
	if req.URL.RawQuery != "" {
		req.URL.RawQuery += "&"
	}
	req.URL.RawQuery += tokenParameter + "=" + url.QueryEscape(token.Value.Reveal())
	return req, nil
}

// read reads the answer's body to its end.
func read(body io.Reader, a *Answer) error {
	sum := sha256.New()
	buf := make([]byte, 32<<10)
	for {
		n, err := body.Read(buf)
		sum.Write(buf[:n])
		a.Body = append(a.Body, buf[:min(n, MaxKept-len(a.Body))]...)
		a.Size += int64(n)
		if err != nil {
			sum.Sum(a.Sum[:0])
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

// A watch notes when what happened to one request. Its callbacks come from
// several goroutines, some of them late.
type watch struct {
	mu     sync.Mutex
	opened relayclient.Phases
	reused bool
	got    time.Time // a connection
	wrote  time.Time // the request
}

func (w *watch) context(ctx context.Context) context.Context {
	ctx = relayclient.WithPhases(ctx, w.phases)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.got, w.reused = time.Now(), info.Reused
			if tc, ok := info.Conn.(*tls.Conn); ok && w.opened.Address == "" {
				w.opened.Address = tc.RemoteAddr().String()
			}
		},
		WroteRequest: func(httptrace.WroteRequestInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.wrote = time.Now()
		},
	})
}

func (w *watch) phases(p relayclient.Phases) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p.Token = max(p.Token, w.opened.Token)
	if p.Address == "" {
		p.Address = w.opened.Address
	}
	w.opened = p
}

// report fills in what was noted until the answer began.
func (w *watch) report(a *Answer, began time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a.Phases, a.Reused = w.opened, w.reused
	if w.reused { // one may have been opened all the same, for nothing
		a.Phases = relayclient.Phases{Token: w.opened.Token, Address: w.opened.Address, Via: w.opened.Via}
	}
	if w.got.IsZero() {
		return
	}
	if w.wrote.IsZero() || w.wrote.After(began) { // the answer came before all had left
		w.wrote = began
	}
	a.Writing, a.Waiting = w.wrote.Sub(w.got), began.Sub(w.wrote)
}
