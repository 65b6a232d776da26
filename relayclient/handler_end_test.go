package relayclient_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A handler that fails harms its own request alone, and its sender learns of
// it.
func TestHandlerPanics(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Half", "made")
		switch r.URL.Query().Get("written") {
		case "some":
			io.WriteString(w, "some")
		case "flushed":
			io.WriteString(w, "some")
			w.(http.Flusher).Flush()
		}
		switch r.URL.Path {
		case "/panic":
			panic("out of cheese")
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/exit":
			runtime.Goexit()
		case "/status":
			w.WriteHeader(7)
		}
	}, relayclient.Timing{})
	for _, path := range []string{"/panic", "/abort", "/exit", "/status?", "/panic?written=some", "/abort?written=some"} {
		resp := do(t, client, "GET", path, nil)
		if got := readAll(t, resp.Body); resp.StatusCode != 500 || relayclient.AnsweredByRelay(resp) || resp.Header.Get("X-Half") != "" || strings.Contains(got, "some") {
			t.Errorf("%s: %s %q %v", path, resp.Status, got, resp.Header)
		}
		out := await(t, events, "failure", kind(relayclient.RequestFailed))
		if !errors.Is(out.Err, relayclient.ErrHandlerAborted) || out.Code != 500 || strings.Contains(out.Err.Error(), "goroutine") {
			t.Errorf("%s: told %+v", path, out)
		}
		if strings.HasPrefix(path, "/panic") && !strings.Contains(out.Err.Error(), "out of cheese") {
			t.Errorf("%s: told %v", path, out.Err)
		}
	}
	for _, path := range []string{"/panic?written=flushed", "/abort?written=flushed", "/exit?written=flushed"} {
		resp := do(t, client, "GET", path, nil)
		if got, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("%s: %q was taken for complete", path, got)
		}
		if out := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(out.Err, relayclient.ErrHandlerAborted) || out.Code != 200 {
			t.Errorf("%s: told %+v", path, out)
		}
	}
	if resp := do(t, client, "GET", "/", nil); resp.StatusCode != 200 {
		t.Errorf("afterwards: %s", resp.Status)
	}
	// What came over a rendezvous is broken off there.
	resp := do(t, client, "POST", "/abort", io.MultiReader(strings.NewReader("x")))
	if !relayclient.AnsweredByRelay(resp) || resp.StatusCode != 500 {
		t.Errorf("aborted rendezvous: %s", resp.Status)
	}
}

func TestTooManyRequests(t *testing.T) {
	const limit = 256
	var arrived sync.WaitGroup
	arrived.Add(limit)
	proceed := make(chan struct{})
	client, events := serveHTTP(t, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			arrived.Done()
			<-proceed
		}
	}, relayclient.Timing{})
	var waiting sync.WaitGroup
	statuses := make(chan int, limit)
	for range limit {
		waiting.Go(func() { statuses <- do(t, client, "GET", "/wait", nil).StatusCode })
	}
	arrived.Wait()
	for _, body := range []io.Reader{nil, strings.NewReader("small"), io.MultiReader(strings.NewReader("chunked"))} {
		resp := do(t, client, "POST", "/", body)
		if got := readAll(t, resp.Body); resp.StatusCode != 503 || relayclient.AnsweredByRelay(resp) || !strings.Contains(got, "too many requests are waiting for the listener") {
			t.Errorf("one too many: %s %q", resp.Status, got)
		}
		if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Code != 503 || !strings.Contains(out.Reason, "too many") {
			t.Errorf("told: %+v", out)
		}
	}
	close(proceed)
	waiting.Wait()
	for range limit {
		if status := <-statuses; status != 200 {
			t.Fatalf("one that waited got %d", status)
		}
	}
	if resp := do(t, client, "GET", "/", nil); resp.StatusCode != 200 {
		t.Errorf("afterwards: %s", resp.Status)
	}
}

// slow serves one request that is answered when proceed is closed.
func slow(t *testing.T, timing relayclient.Timing) (r *localrelay.Relay, l *relayclient.Listener, events <-chan relayclient.Event, answered <-chan *http.Response, arrived <-chan context.Context, proceed chan struct{}) {
	t.Helper()
	r = localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	requests := make(chan context.Context, 100)
	proceed = make(chan struct{})
	cfg.Timing = timing
	cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests <- r.Context()
		<-proceed
		io.WriteString(w, "at last")
	})
	events = watch(&cfg)
	l = listen(t, cfg)
	client := httpClient(t, r)
	responses := make(chan *http.Response, 1)
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	t.Cleanup(func() { cancel(); asking.Wait() })
	asking.Go(func() {
		req, err := http.NewRequestWithContext(ctx, "GET", "https://any/", nil)
		if err != nil {
			t.Error(err)
			return
		}
		if resp, err := client.Do(req); err == nil { // not every test lets it be answered
			t.Cleanup(func() { resp.Body.Close() })
			responses <- resp
		}
	})
	return r, l, events, responses, requests, proceed
}

// Close lets requests finish that are being served, and takes no more.
func TestCloseDrainsRequests(t *testing.T) {
	r, l, events, answered, arrived, proceed := slow(t, relayclient.Timing{Close: time.Minute})
	ctx := <-arrived
	closed := make(chan struct{})
	go func() { l.Close(); close(closed) }()
	sender := httpClient(t, r)
	refused := func(within time.Duration) bool {
		short, cancel := context.WithTimeout(t.Context(), within)
		defer cancel()
		req, err := http.NewRequestWithContext(short, "POST", "https://any/", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := sender.Do(req)
		if err != nil {
			return false // until Close has taken hold this request is served as well
		}
		defer resp.Body.Close()
		if resp.StatusCode != 503 || relayclient.AnsweredByRelay(resp) {
			t.Errorf("a request during Close: %s", resp.Status)
		}
		return true
	}
	for within := 50 * time.Millisecond; !refused(within); within *= 2 {
		if within > 5*time.Second {
			t.Fatal("requests are served while the listener closes")
		}
	}
	_, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.StatusCode != 503 || he.Reason != "the listener is closing" {
		t.Errorf("Dial during Close: %v", err)
	}
	if err := ctx.Err(); err != nil {
		t.Errorf("the context ended: %v", err)
	}
	select {
	case <-closed:
		t.Fatal("Close did not wait")
	default:
	}
	close(proceed)
	if got := readAll(t, (<-answered).Body); got != "at last" {
		t.Errorf("answer %q", got)
	}
	<-closed
	await(t, events, "answer", func(ev relayclient.Event) bool {
		return ev.Kind == relayclient.ResponseSent && ev.Code == 200 && !ev.Rendezvous
	})
}

// A handler that takes longer than Close may is told so, and waited for.
func TestCloseEndsSlowRequests(t *testing.T) {
	_, l, events, _, arrived, proceed := slow(t, relayclient.Timing{Close: 10 * time.Millisecond})
	ctx := <-arrived
	closed := make(chan struct{})
	go func() { l.Close(); close(closed) }()
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the context lives on")
	}
	if cause := context.Cause(ctx); !errors.Is(cause, relayclient.ErrClosed) {
		t.Errorf("cause = %v", cause)
	}
	select {
	case <-closed:
		t.Error("Close did not wait for the handler")
	default:
	}
	close(proceed)
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(out.Err, relayclient.ErrClosed) || out.Code != 0 {
		t.Errorf("told: %+v", out)
	}
	<-closed
}

// The loss of the control channel does not end requests: they are answered
// over their rendezvous.
func TestControlChannelLostDuringARequest(t *testing.T) {
	r, _, events, answered, arrived, proceed := slow(t, quick)
	ctx := <-arrived
	r.DropControlChannels("hyco")
	await(t, events, "waiting", state(relayclient.Waiting))
	await(t, events, "online", state(relayclient.Online))
	if err := ctx.Err(); err != nil {
		t.Errorf("the context ended: %v", err)
	}
	close(proceed)
	if got := readAll(t, (<-answered).Body); got != "at last" {
		t.Errorf("answer %q", got)
	}
	if out := await(t, events, "response", kind(relayclient.ResponseSent)); !out.Rendezvous {
		t.Errorf("told: %+v", out)
	}
}

// After the time that the relay gives a listener there is nobody to answer.
func TestResponseTimeout(t *testing.T) {
	_, _, events, _, arrived, proceed := slow(t, relayclient.Timing{Response: 10 * time.Millisecond})
	ctx := <-arrived
	select {
	case <-ctx.Done():
	case <-time.After(20 * time.Second):
		t.Fatal("the context lives on")
	}
	if cause := context.Cause(ctx); cause != relayclient.ErrResponseTimeout {
		t.Errorf("cause = %v", cause)
	}
	close(proceed)
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(out.Err, relayclient.ErrResponseTimeout) {
		t.Errorf("told: %+v", out)
	}
}

// The time is for the response's beginning, not its end.
func TestResponseThatBeganInTime(t *testing.T) {
	const limit = 2 * time.Second
	client, _ := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		ctx, cancel := context.WithTimeout(r.Context(), limit+limit/5)
		defer cancel()
		<-ctx.Done()
		if r.Context().Err() != nil {
			t.Errorf("ended: %v", context.Cause(r.Context()))
		}
		io.WriteString(w, "in the end")
	}, relayclient.Timing{Response: limit})
	if got := readAll(t, do(t, client, "GET", "/", nil).Body); got != "in the end" {
		t.Errorf("answer %q", got)
	}
}

// A relay that does not read an answer is what is told of it, and not the end
// of the connection that follows from that.
func TestAnswerThatNobodyReads(t *testing.T) {
	r := newHandRelay(t)
	failed := make(chan error, 1)
	_, control, events := r.listen(func(cfg *relayclient.Config) {
		cfg.Timing.Stall = 200 * time.Millisecond
		cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			piece := make([]byte, 1<<10)
			for range 100_000 {
				if _, err := w.Write(piece); err != nil {
					failed <- err
					return
				}
				w.(http.Flusher).Flush()
			}
			failed <- nil
		})
	})
	control.command("request", r.request("stalled", "GET", "/hyco", false))
	r.socket(r.rendezvous)
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); !errors.Is(out.Err, relayclient.ErrPeerSilent) {
		t.Errorf("told %v, want %v", out.Err, relayclient.ErrPeerSilent)
	}
	if err := <-failed; !errors.Is(err, relayclient.ErrPeerSilent) {
		t.Errorf("the handler's Write returned %v, want %v", err, relayclient.ErrPeerSilent)
	}
}
