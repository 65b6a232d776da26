package relayclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// RequestInfo is an HTTP request of a sender, as far as it is told in events.
// Headers and the query often hold credentials: see RedactHeader and
// RedactQuery.
type RequestInfo struct {
	Method        string
	Target        string      // path after the hybrid connection's name and query, escaped as sent
	Header        http.Header // as the relay passed it on; without the token
	RemoteAddress string      // host:port of the sender as the relay saw it
	Rendezvous    bool        // it came over a WebSocket of its own, not on the control channel
}

// A requestCommand is an HTTP request, or only the address to fetch it from.
type requestCommand struct {
	Address        string            `json:"address"`
	ID             string            `json:"id"`
	Method         string            `json:"method"`
	Target         string            `json:"requestTarget"`
	Headers        map[string]string `json:"requestHeaders"`
	RemoteEndpoint endpoint          `json:"remoteEndpoint"`
	Body           bool              `json:"body"` // it follows, in a message of its own
}

// addressOnly reports whether the request itself has yet to be fetched.
func (c *requestCommand) addressOnly() bool { return c.Method == "" }

// check says what the command lacks.
func (c *requestCommand) check() error {
	switch {
	case c.addressOnly() && c.Address == "":
		return errors.New("request has neither a method nor an address")
	case !c.addressOnly() && c.ID == "":
		return errors.New("request has no id")
	}
	return nil
}

// connection returns the UUID that events know the request by.
func (c *requestCommand) connection() string {
	id := c.ID
	if id == "" {
		u, err := url.Parse(c.Address)
		if err != nil {
			return ""
		}
		id = u.Query().Get("sb-hc-id")
	}
	return connectionID(id)
}

func (c *requestCommand) info(hybridConnection string, rendezvous bool) *RequestInfo {
	info := &RequestInfo{Method: c.Method, Header: http.Header{}, RemoteAddress: c.RemoteEndpoint.String(), Rendezvous: rendezvous}
	for name, value := range c.Headers {
		info.Header.Add(name, value)
	}
	path, query, asked := c.target(hybridConnection)
	if info.Target = path; asked {
		info.Target += "?" + query
	}
	return info
}

// target returns what the sender asked for after the hybrid connection's name:
// the path, which is never empty, and the query if there is one.
func (c *requestCommand) target(hybridConnection string) (path, query string, asked bool) {
	path, query, asked = strings.Cut(c.Target, "?")
	if strings.HasPrefix(path, "/") {
		path = afterName(path, hybridConnection)
	}
	if path == "" {
		path = "/"
	}
	return path, withoutRelayParameters(query), asked
}

// An endpoint is the sender as the relay saw it.
type endpoint struct {
	Address string `json:"address"`
	Port    int    `json:"port"`
}

// String returns host:port, or "" if the relay did not say.
func (e endpoint) String() string {
	if e.Address == "" {
		return ""
	}
	return net.JoinHostPort(e.Address, strconv.Itoa(e.Port))
}

// A requestBody is what follows a request command. The zero requestBody is
// nothing.
type requestBody struct {
	io.ReadCloser
	length int64 // -1 if only reading to the end tells
}

func bodyOf(data []byte) requestBody {
	if len(data) == 0 {
		return requestBody{}
	}
	return requestBody{io.NopCloser(bytes.NewReader(data)), int64(len(data))}
}

// httpRequest makes of the command what a handler understands.
func (c *requestCommand) httpRequest(ctx context.Context, cfg *Config, body requestBody) (*http.Request, error) {
	if !isToken(c.Method) || c.Method == http.MethodConnect {
		return nil, errors.New("the request has a method that cannot be served")
	}
	if !strings.HasPrefix(c.Target, "/") {
		return nil, errors.New("the request's target does not begin with a slash")
	}
	escaped, query, asked := c.target(cfg.HybridConnection)
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return nil, errors.New("the request's path has an escape that is none")
	}
	u := &url.URL{Path: path, RawQuery: query, ForceQuery: asked && query == ""}
	if u.EscapedPath() != escaped {
		u.RawPath = escaped
	}
	req := &http.Request{
		Method: c.Method, URL: u, RequestURI: c.Target,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Host: cfg.Namespace, RemoteAddr: c.RemoteEndpoint.String(),
		Body: http.NoBody,
	}
	for name, value := range c.Headers {
		switch {
		case strings.EqualFold(name, "Host"):
			req.Host = value
		case isToken(name):
			req.Header.Add(name, value)
		}
	}
	if body.ReadCloser != nil {
		req.Body, req.ContentLength = body.ReadCloser, body.length
	}
	// Handlers ask for the server to find out whether there is one:
	// httputil.ReverseProxy only breaks off an answer that is cut short if so.
	ctx = context.WithValue(ctx, http.ServerContextKey, &http.Server{Handler: cfg.Handler})
	ctx = context.WithValue(ctx, requestIDKey{}, c.connection())
	return req.WithContext(ctx), nil
}

type requestIDKey struct{}

// RequestID returns the UUID that events know a request by, for a handler that
// serves it; "" for a request that has not come through a relay.
func RequestID(req *http.Request) string {
	id, _ := req.Context().Value(requestIDKey{}).(string)
	return id
}

// isToken reports whether text can be a method or the name of a header.
func isToken(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return text != ""
}

// A refusal answers every request in the same few words.
type refusal struct {
	status int
	words  string
}

// ServeHTTP answers with the words as plain text.
func (r *refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(r.status)
	fmt.Fprintln(w, r.words)
}

var (
	noHandler   = &refusal{http.StatusNotImplemented, "this listener serves WebSocket connections, not HTTP requests"}
	tooMany     = &refusal{http.StatusServiceUnavailable, "too many requests are waiting for the listener"}
	lostBody    = &refusal{http.StatusInternalServerError, "the relay did not deliver the body of the request"}
	listenerOff = &refusal{http.StatusServiceUnavailable, "the listener is closing"}
)
