package request_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/request"
)

func config(t *testing.T, r *localrelay.Relay, entity, rule string) relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString(entity, rule)
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

func newClient(t *testing.T, cfg relayclient.Config) *request.Client {
	t.Helper()
	c, err := request.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func listen(t *testing.T, r *localrelay.Relay, handler http.Handler) {
	t.Helper()
	cfg := config(t, r, "hyco", "listen")
	cfg.Handler = handler
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// echo answers with the body that it gets.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Seen", strings.TrimSpace(r.Method+" "+r.RequestURI+" "+r.Header.Get("X-One")))
	_, _ = io.Copy(w, r.Body)
})

func TestRequestAndAnswer(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, r, echo)
	c := newClient(t, config(t, r, "hyco", "send"))
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("from a file"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		request    request.Request
		seen, body string
	}{
		"nothing":  {request.Request{}, "GET /hyco", ""},
		"body":     {request.Request{Method: "PUT", Target: "/a%2fb?x=1&&y", Body: []byte("hello"), Header: http.Header{"X-One": {"1"}}}, "PUT /hyco/a%2fb?x=1&&y 1", "hello"},
		"escaped":  {request.Request{Target: "grüße?a b"}, "GET /hyco/gr%C3%BC%C3%9Fe?a%20b", ""},
		"in query": {request.Request{Target: "?x=1", Token: request.InQuery}, "GET /hyco?x=1", ""},
		"file":     {request.Request{Method: "POST", File: file}, "POST /hyco", "from a file"},
		"empty":    {request.Request{Method: "POST", File: empty}, "POST /hyco", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.Do(t.Context(), tt.request)
			if a.Err != nil || a.By != request.Listener || a.Code != 200 || a.Header.Get("Seen") != tt.seen || string(a.Body) != tt.body {
				t.Fatalf("answer = %+v, want 200, seen %q and body %q", a, tt.seen, tt.body)
			}
			if a.Sent != int64(len(tt.body)) || a.Size != a.Sent || a.Truncated() {
				t.Errorf("sent %d, got %d bytes", a.Sent, a.Size)
			}
			if a.Took < a.Waiting+a.Reading+a.Writing {
				t.Errorf("legs do not add up: %+v", a)
			}
			if v := a.Judge(request.Evidence{}); v.Finding != request.Answered || v.Title != "The listener answered 200 OK" {
				t.Errorf("verdict = %+v", v)
			}
		})
	}
}

// The legs of a connection are told by the request that opened it.
func TestConnectionIsKept(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, r, echo)
	c := newClient(t, config(t, r, "hyco", "send"))
	first := c.Do(t.Context(), request.Request{})
	second := c.Do(t.Context(), request.Request{})
	if first.Reused || first.Phases.TCP <= 0 || first.Phases.TLS <= 0 || first.Phases.Token <= 0 || first.Phases.Upgrade != 0 || first.Phases.Address == "" {
		t.Errorf("first: %+v", first)
	}
	if !second.Reused || second.Phases.TLS != 0 || second.Phases.Address != first.Phases.Address {
		t.Errorf("second: %+v", second)
	}
}

func TestVerdicts(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, tt := range map[string]struct {
		handler  http.Handler // nil: nobody listens
		rule     string
		request  request.Request
		evidence request.Evidence
		finding  request.Finding
		title    string
		by       request.By
	}{
		"nobody":       {nil, "send", request.Request{}, request.Evidence{}, request.NoListener, "Nobody is listening", request.Relay},
		"no right":     {echo, "listen", request.Request{}, request.Evidence{}, request.Refused, "The policy lacks the Send right", request.Relay},
		"no token":     {echo, "send", request.Request{Token: request.Nowhere}, request.Evidence{}, request.Refused, "The relay wants a token", request.Relay},
		"own 404":      {status(404), "send", request.Request{}, request.Evidence{}, request.Answered, "The listener answered 404 Not Found", request.Listener},
		"own 504":      {status(504), "send", request.Request{}, request.Evidence{}, request.Answered, "The listener answered 504 Gateway Timeout", request.Listener},
		"redirection":  {status(302), "send", request.Request{}, request.Evidence{}, request.Answered, "The listener answered 302 Found", request.Listener},
		"cannot be":    {echo, "send", request.Request{Target: "/%zz"}, request.Evidence{}, request.Unsent, "The request cannot be sent", request.Nobody},
		"no such file": {echo, "send", request.Request{File: "/no/such/file"}, request.Evidence{}, request.Unsent, "The request cannot be sent", request.Nobody},
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			if tt.handler != nil {
				listen(t, r, tt.handler)
			}
			a := newClient(t, config(t, r, "hyco", tt.rule)).Do(t.Context(), tt.request)
			v := a.Judge(tt.evidence)
			if v.Finding != tt.finding || v.Title != tt.title || a.By != tt.by {
				t.Errorf("by %v: %+v (%v)", a.By, v, a.Err)
			}
			if a.By == request.Relay && a.TrackingID == "" {
				t.Errorf("no tracking ID in %+v", a)
			}
		})
	}
}

// A listener that has the request and one that is deaf look the same on the
// wire; what else is known tells them apart.
func TestNoAnswerInTime(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.ResponseTimeout = 50 * time.Millisecond })
	has, stop := make(chan struct{}, 1), make(chan struct{})
	listen(t, r, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		has <- struct{}{}
		<-stop
	}))
	defer close(stop)
	a := newClient(t, config(t, r, "hyco", "send")).Do(t.Context(), request.Request{})
	<-has
	if a.Code != 504 || a.By != request.Relay {
		t.Fatalf("answer = %+v", a)
	}
	for evidence, want := range map[request.Evidence]request.Finding{
		{}:                     request.Deaf,
		{AnsweredBefore: true}: request.Slow,
		{ListenerHasIt: true}:  request.Slow,
	} {
		if v := a.Judge(evidence); v.Finding != want || v.Raw == "" {
			t.Errorf("%+v: %+v, want %v", evidence, v, want)
		}
	}
}

func TestAnswerBreaksOff(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, r, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	a := newClient(t, config(t, r, "hyco", "send")).Do(t.Context(), request.Request{})
	if v := a.Judge(request.Evidence{}); v.Finding != request.BrokenOff || !strings.HasPrefix("half", string(a.Body)) || a.By != request.Listener {
		t.Errorf("answer %+v, verdict %+v", a, v)
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	r := localrelaytest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	stop := make(chan struct{})
	listen(t, r, http.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request) {
		cancel()
		<-stop
	}))
	a := newClient(t, config(t, r, "hyco", "send")).Do(ctx, request.Request{})
	close(stop)
	if v := a.Judge(request.Evidence{}); v.Finding != request.Cancelled || !errors.Is(a.Err, context.Canceled) {
		t.Errorf("answer %+v, verdict %+v", a, v)
	}
}

func TestUnreachable(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "send")
	cfg.RootCAs = nil
	a := newClient(t, cfg).Do(t.Context(), request.Request{})
	if v := a.Judge(request.Evidence{}); v.Finding != request.Unreachable || a.Code != 0 || v.Title == "" || v.Next == "" {
		t.Errorf("answer %+v, verdict %+v", a, v)
	}
}

// A token in the query is in nothing that is shown.
func TestTokenInTheQueryStaysThere(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "send")
	cfg.RootCAs = nil // the failure is told with all there is
	a := newClient(t, cfg).Do(t.Context(), request.Request{Token: request.InQuery})
	v := a.Judge(request.Evidence{})
	for _, text := range []string{a.Err.Error(), v.Title, v.Cause, v.Next, v.Raw} {
		if strings.Contains(text, "sig=") || strings.Contains(text, "SharedAccessSignature") {
			t.Errorf("the token is in %q", text)
		}
	}
}

func TestTargets(t *testing.T) {
	for text, want := range map[string]string{
		"":                  "",
		" /a ":              "/a",
		"api":               "/api",
		"?x=1":              "?x=1",
		"/a%2Fb?x=%20&&":    "/a%2Fb?x=%20&&",
		"/ü \"<>":           "/%C3%BC%20%22%3C%3E",
		"/a?next=http://b/": "/a?next=http://b/",
	} {
		if got, err := request.CleanTarget(text); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"/a#b", "/%", "/%4", "/%4z", "https://contoso/a", "/a?sb-hc-token=x", "/a?x=1&SB-HC-TOKEN=", "/?sb%2dhc-token=x"} {
		if got, err := request.CleanTarget(text); err == nil {
			t.Errorf("%q is taken as %q", text, got)
		}
	}
}

func TestHeaders(t *testing.T) {
	h, err := request.ParseHeader("x-two: b\r\n\nAccept: */*\nX-Two:  c: d \nX-Empty:")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := request.FormatHeader(h), "Accept: */*\nX-Empty: \nX-Two: b\nX-Two: c: d"; got != want {
		t.Errorf("header = %q, want %q", got, want)
	}
	for text, want := range map[string]string{
		"Accept: */*\nnonsense":      "line 2: write a header",
		"A b: c":                     `line 1: "A b" cannot be`,
		"\nservicebusauthorization:": "line 2: the token is put",
		"content-length: 4":          "Content-Length is about one connection",
		"X: a\x01":                   "the value of X",
	} {
		if _, err := request.ParseHeader(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestProbe(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, r, echo)
	var trials []request.Trial
	newClient(t, config(t, r, "hyco", "send")).Probe(t.Context(), request.Request{Target: "/x"}, func(t request.Trial) { trials = append(trials, t) })
	if len(trials) != 4 {
		t.Fatalf("%d trials", len(trials))
	}
	for i, want := range []request.Way{request.ControlChannel, request.ControlChannel, request.Rendezvous, request.Rendezvous} {
		if tr := trials[i]; !tr.Intact || tr.There != want || tr.Back != want || tr.Problem != "" || tr.Answer.Size != int64(request.ProbeSizes[i]) {
			t.Errorf("%d bytes: %+v, want over %v", tr.Size, tr, want)
		}
	}
	if got := request.Sentence(trials); !strings.HasPrefix(got, "Every size came back whole") {
		t.Errorf("sentence %q", got)
	}
}

func TestProbeFindsWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		handler http.Handler
		trials  int
		want    string
	}{
		"nobody":  {nil, 1, "Nobody is listening."},
		"no echo": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }), 4, "needs a listener that echoes"},
		"loses large bodies": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			data, _ := io.ReadAll(r.Body)
			if len(data) <= request.ControlLimit {
				_, _ = w.Write(data)
			}
		}), 4, "Small bodies pass and large ones do not"},
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			if tt.handler != nil {
				listen(t, r, tt.handler)
			}
			var trials []request.Trial
			newClient(t, config(t, r, "hyco", "send")).Probe(t.Context(), request.Request{}, func(t request.Trial) { trials = append(trials, t) })
			if got := request.Sentence(trials); len(trials) != tt.trials || !strings.Contains(got, tt.want) {
				t.Errorf("%d trials, sentence %q; want %d, %q", len(trials), got, tt.trials, tt.want)
			}
		})
	}
}
