package responder

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/placeholder"
)

// Handler is for Config.Handler. When life ends, answers that are delayed go
// out at once, and requests that nothing answers get a 503: the listener does
// not have to wait for them.
func (r *Responder) Handler(life context.Context) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { r.respond(life, w, req) })
}

func (r *Responder) respond(life context.Context, w http.ResponseWriter, req *http.Request) {
	now := r.current()
	n := r.http[now.HTTP]
	n.change(func(n *Counters) { n.Connections++ })
	counted := &countedResponse{ResponseWriter: w, count: n}
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &countedBody{req.Body, n}
	}
	id := relayclient.RequestID(req)
	fail := func(err error) {
		n.failed(err)
		r.onFailure(id, err)
	}
	waiting, cancel := context.WithCancel(req.Context())
	defer cancel()
	defer context.AfterFunc(life, cancel)()
	if now.HTTP == Silence {
		<-waiting.Done()
		if req.Context().Err() != nil {
			panic(http.ErrAbortHandler) // the relay has answered in our place
		}
		http.Error(w, "the listener stopped before it answered", http.StatusServiceUnavailable)
		return
	}
	if !pause(waiting, now.delay()) && req.Context().Err() != nil {
		panic(http.ErrAbortHandler)
	}
	switch now.HTTP {
	case Echo:
		echo(counted, req)
	case Canned:
		if err := r.reply(counted, req, id, now); err != nil {
			fail(err)
			http.Error(w, "the listener could not make its reply", http.StatusInternalServerError)
			return
		}
	case ForwardHTTP:
		if !forward(counted, req, now, fail) {
			return
		}
	}
	n.change(func(n *Counters) { n.Answered++ })
}

// forward lets the target answer, and reports whether it did. It may panic with
// http.ErrAbortHandler, as the proxy does when it has begun to answer and
// cannot go on.
func forward(w *countedResponse, req *http.Request, now *understood, fail func(error)) bool {
	answered := false
	defer func() {
		switch {
		case errors.Is(context.Cause(req.Context()), relayclient.ErrResponseTimeout):
			fail(&TargetError{now.http.String(), relayclient.ErrResponseTimeout})
		case w.target != nil:
			fail(w.target)
		case !answered && req.Context().Err() == nil: // otherwise the sender is gone
			fail(&TargetError{now.http.String(), io.ErrUnexpectedEOF})
		}
	}()
	now.forward.ServeHTTP(w, req)
	answered = w.target == nil
	return answered
}

// echo sends a body back or, if there is none, what came in its place: the
// request as it was received, for whoever wonders what the relay made of it.
func echo(w http.ResponseWriter, req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody {
		if kind := req.Header.Get("Content-Type"); kind != "" {
			w.Header().Set("Content-Type", kind)
		} else {
			w.Header().Set("Content-Type", "application/octet-stream")
		}
		// The event of the response tells of a sender that is gone.
		_, _ = io.Copy(w, req.Body)
		return
	}
	var b bytes.Buffer
	target := req.URL.EscapedPath()
	if req.URL.RawQuery != "" {
		target += "?" + relayclient.RedactQuery(req.URL.RawQuery)
	}
	fmt.Fprintf(&b, "%s %s\n", req.Method, target)
	header := relayclient.RedactHeader(req.Header)
	header.Set("Host", req.Host)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(header[name], ", "))
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write(b.Bytes())
}

// maxTemplated is how much of a request's body placeholders can stand for.
const maxTemplated = 1 << 20

// reply sends the canned reply. The error is that it would be too long.
func (r *Responder) reply(w http.ResponseWriter, req *http.Request, id string, now *understood) error {
	v := placeholder.Values{
		Now: time.Now(), Count: r.replies.Add(1), Connection: id, Method: req.Method,
		Path: req.URL.EscapedPath(), Query: req.URL.RawQuery, Header: req.Header, Remote: req.RemoteAddr,
	}
	if req.Body != nil && !now.body.Plain() {
		v.Message, _ = io.ReadAll(io.LimitReader(req.Body, maxTemplated))
	}
	body, err := now.body.Fill(v)
	if err != nil {
		return err
	}
	for _, h := range now.header {
		value, err := h.value.Fill(v)
		if err != nil {
			return err
		}
		w.Header().Add(h.name, oneLine(value))
	}
	w.WriteHeader(now.Reply.Status)
	if len(body) > 0 {
		_, _ = w.Write(body) // not with a status that has none; and see echo
	}
	return nil
}

// oneLine keeps what a sender sent from becoming a header of its own.
func oneLine(value []byte) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return ' '
		}
		return c
	}, string(value))
}

// proxy returns what forwards requests to the target.
func (r *Responder) proxy(now *understood) (http.Handler, func()) {
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: dialTime}).DialContext,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: dialTime,
		IdleConnTimeout:     time.Minute,
		DisableCompression:  true, // bytes go through as they are
	}
	return &httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.SetURL(now.http)
			pr.SetXForwarded()
			pr.Out.Header.Set("X-Forwarded-Proto", "https")
			pr.Out.Host = host(now.rules) // "": the target's own
			apply(now.rules, false, pr.Out.Header)
			pr.Out.Header.Del("Host")
		},
		ModifyResponse: func(resp *http.Response) error {
			apply(now.rules, true, resp.Header)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, req *http.Request, err error) {
			if req.Context().Err() != nil {
				panic(http.ErrAbortHandler) // nobody waits for an answer
			}
			te := &TargetError{now.http.String(), err}
			w.(*countedResponse).target = te
			http.Error(w, te.forSender(), http.StatusBadGateway)
		},
	}, transport.CloseIdleConnections
}

// A countedResponse counts what goes back.
type countedResponse struct {
	http.ResponseWriter
	count  *count
	target *TargetError // the target did not answer, and why
}

func (w *countedResponse) Write(p []byte) (int, error) {
	k, err := w.ResponseWriter.Write(p)
	w.count.change(func(n *Counters) { n.BytesOut += int64(k) })
	return k, err
}

// Unwrap lets http.ResponseController find what can flush.
func (w *countedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered.
func (w *countedResponse) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// A countedBody counts what comes.
type countedBody struct {
	io.ReadCloser
	count *count
}

func (b *countedBody) Read(p []byte) (int, error) {
	k, err := b.ReadCloser.Read(p)
	b.count.change(func(n *Counters) { n.BytesIn += int64(k) })
	return k, err
}
