package live_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
)

// foreign returns the settings of a sender that is none of the session's.
func (s *seen) foreign() relayclient.Config {
	cfg, err := s.Resolve()
	if err != nil {
		panic(err)
	}
	return cfg
}

func TestSeveralListeners(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.StartListener()
	s.AddListener()
	s.AddListener()
	online := func(n int) func() bool {
		return func() bool {
			all := s.Listeners()
			for _, st := range all {
				if st.State != relayclient.Online {
					return false
				}
			}
			return len(all) == n
		}
	}
	s.until(t, "three online", online(3))
	for i, st := range s.Listeners() {
		if st.Number != i+1 || st.Address == "" || st.TokenExpires.IsZero() {
			t.Errorf("listener %d: %+v", i+1, st)
		}
	}
	s.wantLog(t, "listener online registered in", "listener online listener 2: registered in", "listener online listener 3: registered in")
	s.StopOne(2)
	s.until(t, "two left", online(2))
	if all := s.Listeners(); all[0].Number != 1 || all[1].Number != 3 {
		t.Errorf("listeners %d and %d are left, want 1 and 3", all[0].Number, all[1].Number)
	}
	s.wantLog(t, "listener offline listener 2: stopped")
	s.AddListener()
	s.until(t, "three again", online(3))
	if all := s.Listeners(); all[2].Number != 2 {
		t.Errorf("the new one is number %d, want the free 2", all[2].Number)
	}
	s.StopListener()
	s.until(t, "ended", s.ended)
	if all := s.Listeners(); len(all) != 1 || all[0].State != relayclient.Offline || all[0].Err != nil {
		t.Errorf("stopped, they are %+v", all)
	}
	s.StartListener() // as many as there were
	s.until(t, "three once more", online(3))
}

// A restart starts all of them anew.
func TestRestartWithSeveralListeners(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	s.AddListener()
	s.until(t, "two", func() bool { return len(s.Listeners()) == 2 && s.online() })
	s.Restart()
	s.until(t, "two anew", func() bool {
		return len(s.Listeners()) == 2 && s.online() && s.connected() && s.Sender().Number == 2
	})
}

func TestAnswersChangeWhileListening(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	to := s.Answers()
	to.WebSocket, to.Text = responder.Canned, "number {{counter}} for {{message}}"
	if err := s.SetAnswers(to); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(text("you")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "answered", func() bool { return s.Sender().Received == 1 })
	s.wantLog(t, "sender in #1 text number 1 for you")
	s.until(t, "counted", func() bool { n, _ := s.AnswerCounters(); return n.Received == 1 && n.Answered == 1 })
	to.WebSocket, to.TCPTarget = responder.ForwardTCP, "nonsense:port"
	if err := s.SetAnswers(to); err == nil || s.Answers().WebSocket != responder.Canned {
		t.Errorf("a wrong target: %v, and the answer is %v", err, s.Answers().WebSocket)
	}
	_, c := s.Listener()
	if c[0].ReceivedBytes != 3 || c[0].SentBytes != int64(len("number 1 for you")) {
		t.Errorf("connection %+v", c[0])
	}
	s.HalfCloseConnection(c[0].ID, 4001, "no more from here")
	s.until(t, "told", func() bool {
		return strings.Contains(s.log(), "sender in #1 closed closed by the other side with 4001: no more from here")
	})
	s.until(t, "closed", func() bool { _, c := s.Listener(); return len(c) == 0 && !s.connected() })
	s.Connect()
	s.until(t, "connected again", func() bool { _, c = s.Listener(); return len(c) == 1 && s.connected() })
	s.DropConnection(c[0].ID)
	s.until(t, "dropped", func() bool { _, c := s.Listener(); return len(c) == 0 && !s.connected() })
	s.wantLog(t, "listener out #2 closed closed without a Close")
}

// Why a target did not answer is in the log, with the number of the connection.
func TestForwardFailureIsInTheLog(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	to := s.Answers()
	to.WebSocket, to.TCPTarget = responder.ForwardTCP, "127.0.0.1:1"
	if err := s.SetAnswers(to); err != nil {
		t.Fatal(err)
	}
	s.StartListener()
	s.until(t, "online", s.online)
	s.Connect()
	s.until(t, "refused", func() bool { return strings.Contains(s.log(), "answer The target 127.0.0.1:1: connection refused") })
	s.wantLog(t, "listener #1 answer The target")
	s.until(t, "ended", func() bool { return !s.connected() })
}

// Bodies are in the log, between a request and its response.
func TestBodiesAreInTheLog(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.StartListener()
	s.until(t, "online", s.online)
	transport, err := relayclient.NewTransport(s.foreign())
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	post := func(body string) {
		t.Helper()
		resp, err := client.Post("https://any/x", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if back, err := io.ReadAll(resp.Body); err != nil || string(back) != body {
			t.Errorf("%d bytes came back, %v", len(back), err)
		}
		resp.Body.Close()
	}
	post("ping")
	post("\xff\x00")
	post(strings.Repeat("ä", 200_000))
	s.until(t, "answered", func() bool { return strings.Count(s.log(), " response ") == 3 })
	s.wantLog(t, "listener in #1 request POST /x\nlistener out #1 response 200 OK, 4 B", "listener in #2 request", "listener in #3 request POST /x\nlistener in #3 body ")
	first, last := s.Journal().Bounds()
	whole, cut := 0, 0
	for r := range s.Journal().Range(first, last) {
		switch {
		case r.Connection == "#1" && string(r.Payload) == "ping" && r.Size == 4 && !r.Facts.BinaryBody:
			whole++
		case r.Connection == "#2" && string(r.Payload) == "\xff\x00" && r.Facts.BinaryBody:
			whole++
		case r.Size == 400_000 && r.Truncated && len(r.Payload) == 256<<10:
			cut++
		}
		if r.Type == "response" && !strings.Contains(r.Detail, "Content-Type: text/plain") {
			t.Errorf("the response has no headers: %q", r.Detail)
		}
	}
	if whole != 4 || cut != 2 {
		t.Errorf("%d rows with a whole body and %d with the beginning of one, want 4 and 2", whole, cut)
	}
}

// A listener elsewhere is noticed, once it is certain, and so is its end.
func TestOthersListen(t *testing.T) {
	r := localrelaytest.New(t)
	other, err := relayclient.Listen(t.Context(), newSession(t, r, "hyco", "root", nil).foreign())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s := newSession(t, r, "hyco", "root", nil)
	s.CountAgain(time.Millisecond)
	s.StartListener()
	s.until(t, "noticed", func() bool { return !s.Others().Since.IsZero() })
	if o := s.Others(); !o.Read || o.Count != 2 || o.Err != nil {
		t.Errorf("others: %+v", o)
	}
	other.Close()
	r.DropControlChannels("hyco") // it asks again when it is back
	s.until(t, "alone", func() bool { o := s.Others(); return o.Read && o.Count == 1 && o.Since.IsZero() })
}

func TestOthersAreNotKnownWithoutTheRight(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.StartListener()
	s.until(t, "refused", func() bool { return s.Others().Err != nil })
	if o := s.Others(); o.Read || !o.Since.IsZero() {
		t.Errorf("others: %+v", o)
	}
	if log := s.log(); strings.Contains(log, "describe") {
		t.Errorf("the log tells of it:\n%s", log)
	}
}
