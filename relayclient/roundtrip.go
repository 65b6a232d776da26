package relayclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// NewTransport returns a RoundTripper that sends HTTP requests through the
// relay to whatever listener answers them. Of a request's URL only path and
// query count, after the hybrid connection's name: https://any/api?x=1 becomes
// https://NAMESPACE/NAME/api?x=1, escapes untouched. The token travels in a
// header of its own, so that an Authorization header reaches the listener.
//
// The relay gives a listener 60 seconds to answer. Any status may come from
// the relay as well as from the listener: AnsweredByRelay tells.
// CloseIdleConnections of an http.Client works with it.
func NewTransport(cfg Config) (http.RoundTripper, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return nil, err
	}
	return &transport{cfg: cfg, base: cfg.transport()}, nil
}

// transport returns a client for HTTP/1.1 that takes the same way to the
// relay as every WebSocket.
func (cfg *Config) transport() *http.Transport {
	return &http.Transport{
		DialTLSContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			ctx, cancel := withTimeout(ctx, cfg.Timing.Handshake)
			defer cancel()
			watch := &stopwatch{}
			conn, err := cfg.dialTLS(ctx, address, watch)
			phases := watch.done()
			phases.Upgrade = 0 // nothing is upgraded
			tellPhases(ctx, phases)
			if err != nil && over(ctx, err) {
				return nil, context.Cause(ctx)
			}
			return conn, err
		},
		// There is one host. With the standard two, all but two of the requests
		// at a time would connect anew.
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        90 * time.Second,
		ResponseHeaderTimeout:  cfg.Timing.SenderHandshake,
		MaxResponseHeaderBytes: maxAnswer,
	}
}

type transport struct {
	cfg  Config
	base *http.Transport
}

type phasesKey struct{}

// WithPhases returns a context for requests through NewTransport. told is
// called with how long getting a token took, and again with how a connection
// came about if one was opened for the request, also when that failed. The
// second call comes from another goroutine, and may come when the request has
// taken a connection that another one left, or has ended.
func WithPhases(ctx context.Context, told func(Phases)) context.Context {
	return context.WithValue(ctx, phasesKey{}, told)
}

func tellPhases(ctx context.Context, p Phases) {
	if told, ok := ctx.Value(phasesKey{}).(func(Phases)); ok {
		told(p)
	}
}

// CloseIdleConnections is what http.Client looks for.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.Header == nil {
		return nil, closing(req, errors.New("request: it has no URL or no header"))
	}
	out := req.Clone(req.Context())
	u := *req.URL
	u.Scheme, u.Host, u.User = "https", t.cfg.Namespace, nil
	name := escapePath(t.cfg.HybridConnection)
	// Both forms of the path, or the standard library escapes it anew.
	path := req.URL.EscapedPath()
	if path != "" && !strings.HasPrefix(path, "/") {
		return nil, closing(req, errors.New("request: the path must begin with a slash"))
	}
	u.Path, u.RawPath = "/"+t.cfg.HybridConnection+req.URL.Path, "/"+name+path
	out.URL, out.Host = &u, ""
	var phases Phases
	_, err := t.cfg.authorize(req.Context(), out.Header, &phases)
	tellPhases(req.Context(), phases)
	if err != nil {
		return nil, closing(req, err)
	}
	resp, err := t.base.RoundTrip(out)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	resp.Request = req
	return resp, nil
}

// closing closes the body of a request that is not sent, as every RoundTripper
// must.
func closing(req *http.Request, err error) error {
	if req.Body != nil {
		req.Body.Close()
	}
	return err
}

// AnsweredByRelay reports whether the relay made this response itself. It adds
// a Via header to everything that a listener has sent.
func AnsweredByRelay(resp *http.Response) bool { return resp.Header.Get("Via") == "" }

// maxRelayError bounds what is read of an error of the relay's.
const maxRelayError = 64 << 10

// RelayError reads the error out of a response that the relay made itself, and
// closes its body. It returns nil if the response says that all is well.
func RelayError(resp *http.Response) error {
	defer resp.Body.Close()
	if resp.StatusCode < 400 {
		return nil
	}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxRelayError))
	if err == nil && json.Unmarshal(data, &body) == nil && body.Error.Message != "" {
		resp.Status = fmt.Sprintf("%d %s", resp.StatusCode, body.Error.Message)
	}
	e := newHandshakeError("request", resp)
	if e.Cause == CauseUnknown && body.Error.Code == "EndpointNotFound" {
		e.Cause = CauseNoListener // or no such name: over HTTP the relay does not tell
	}
	return e
}
