package live_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/request"
)

// listenWith has a listener that is not the session's answer requests.
func listenWith(t *testing.T, r *localrelay.Relay, handler http.HandlerFunc) {
	t.Helper()
	cs, err := r.ConnectionString("hyco", "listen")
	if err != nil {
		t.Fatal(err)
	}
	l, err := relayclient.Listen(t.Context(), relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(), Handler: handler,
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
}

// ask sends a request and waits for its end.
func (s *seen) ask(t *testing.T, r request.Request) {
	t.Helper()
	if err := s.SendRequest(r); err != nil {
		t.Fatal(err)
	}
	s.until(t, "answered", func() bool { return !s.Requests().Pending() })
}

func TestRequestAndAnswerAreInTheLog(t *testing.T) {
	r := localrelaytest.New(t)
	s := newSession(t, r, "hyco", "both", nil)
	s.ask(t, request.Request{Target: "/a?sig=hush"})
	if st := s.Requests(); st.Verdict.Finding != request.NoListener || st.Number != 1 {
		t.Errorf("nobody listens: %+v", st)
	}
	listenWith(t, r, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	s.ask(t, request.Request{Method: "POST", Target: "/b", Body: []byte("hello"), Header: http.Header{"Authorization": {"Bearer hush"}}})
	st := s.Requests()
	if st.Answer.Code != 200 || string(st.Answer.Body) != "hello" || st.Number != 2 {
		t.Errorf("echo: %+v", st)
	}
	s.ask(t, request.Request{Token: request.InQuery, Target: "/c"})
	if st := s.Requests(); st.Answer.Code != 200 || !strings.Contains(st.Request.Target, "/c") {
		t.Errorf("token in the query: %+v", st)
	}
	s.wantLog(t, "sender out #1 request GET /a?sig=[redacted]", "sender in #1 response", "Nobody is listening",
		"sender out #2 request POST /b", "sender in #2 response", "200 OK, from the listener")
	first, last := s.Journal().Bounds()
	for row := range s.Journal().Range(first, last) {
		if all := row.Export(); strings.Contains(all, "hush") || strings.Contains(all, "SharedAccessSignature") || strings.Contains(all, "sb-hc-token=") {
			t.Errorf("a secret is in %s", all)
		}
	}
}

func TestOneRequestAtATimeAndCancel(t *testing.T) {
	r := localrelaytest.New(t)
	s := newSession(t, r, "hyco", "both", nil)
	stop := make(chan struct{})
	reached := make(chan struct{}, 1)
	listenWith(t, r, func(http.ResponseWriter, *http.Request) {
		reached <- struct{}{}
		<-stop
	})
	t.Cleanup(func() { close(stop) })
	if err := s.SendRequest(request.Request{}); err != nil {
		t.Fatal(err)
	}
	<-reached
	if err := s.SendRequest(request.Request{}); err == nil || !s.Running() {
		t.Errorf("a second request: %v, running %v", err, s.Running())
	}
	s.CancelRequest()
	s.until(t, "cancelled", func() bool { return !s.Requests().Pending() })
	if st := s.Requests(); st.Verdict.Finding != request.Cancelled {
		t.Errorf("%+v", st)
	}
}

// What the own listener has seen tells a slow target from a deaf listener.
func TestOwnListenerIsEvidence(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.ResponseTimeout = 50 * time.Millisecond })
	late := make(chan struct{})
	s := newSession(t, r, "hyco", "both", func(cfg *relayclient.Config) {
		cfg.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-late })
	})
	s.StartListener()
	s.until(t, "online", s.online)
	s.ask(t, request.Request{})
	close(late)
	if st := s.Requests(); st.Verdict.Finding != request.Slow || !strings.Contains(st.Verdict.Cause, "has received the request") {
		t.Errorf("verdict %+v", st.Verdict)
	}
}

func TestProbeIsToldByTheOwnListener(t *testing.T) {
	r := localrelaytest.New(t)
	s := newSession(t, r, "hyco", "both", func(cfg *relayclient.Config) {
		cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	})
	s.StartListener()
	s.until(t, "online", s.online)
	if err := s.StartProbe(request.Request{Target: "/x"}); err != nil {
		t.Fatal(err)
	}
	s.until(t, "probed", func() bool {
		st := s.Probe()
		unseen := slices.ContainsFunc(st.Trials, func(t request.Trial) bool { return !t.Seen }) // the listener tells of them in any order
		return !st.Running && len(st.Trials) == 4 && !unseen
	})
	for i, want := range []request.Way{request.ControlChannel, request.ControlChannel, request.Rendezvous, request.Rendezvous} {
		if tr := s.Probe().Trials[i]; !tr.Intact || !tr.Seen || tr.There != want || tr.Back != want {
			t.Errorf("%d bytes: intact %v, seen %v, %v there, %v back; want %v", tr.Size, tr.Intact, tr.Seen, tr.There, tr.Back, want)
		}
	}
}
