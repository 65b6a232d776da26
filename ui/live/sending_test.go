package live_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
	"relayscope/ui/live"
)

// many starts a listener and n connections of the sender.
func many(t *testing.T, n int) *seen {
	t.Helper()
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.SetSendOptions(live.SendOptions{Connections: n})
	s.StartBoth()
	s.until(t, "all connected", func() bool {
		_, accepted := s.Listener()
		return s.Sender().Open == n && len(accepted) == n
	})
	return s
}

// ids returns the IDs of the sender's connections.
func (s *seen) ids() []int {
	var list []int
	for _, c := range s.SenderConnections() {
		list = append(list, c.ID)
	}
	return list
}

func TestManyConnections(t *testing.T) {
	const n = 20
	s := many(t, n)
	if err := s.Send(text("to all")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "all echoed", func() bool { return s.Sender().Received == n })
	numbers := map[int]bool{}
	for _, c := range s.SenderConnections() {
		numbers[c.Number] = true
		if c.State != live.SenderConnected || c.Sent != 1 || c.Received != 1 || c.Since.IsZero() {
			t.Errorf("connection %+v", c)
		}
	}
	if len(numbers) != n || numbers[0] {
		t.Errorf("numbers %v, want %d different ones", numbers, n)
	}
	s.Disconnect(s.ids()[:n-3]...)
	s.until(t, "three left", func() bool { return len(s.SenderConnections()) == 3 })
	s.Connect()
	s.until(t, "all connected again", func() bool { return s.Sender().Open == n })
}

// What the first connection meets, the others would meet, too.
func TestManyConnectionsThatNobodyAccepts(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.SetSendOptions(live.SendOptions{Connections: 50})
	s.Connect()
	s.until(t, "ended", s.ended)
	if list := s.SenderConnections(); len(list) != 1 || !errors.Is(list[0].Err, relayclient.ErrNoListener) {
		t.Errorf("connections %+v, want one that says why", list)
	}
	if n := strings.Count(s.log(), "sender refused"); n != 1 {
		t.Errorf("%d refusals in the log", n)
	}
}

func TestOneOfManyIsClosedByTheListener(t *testing.T) {
	s := many(t, 3)
	_, accepted := s.Listener()
	s.CloseConnection(accepted[0].ID, 1000, "closed by the listener")
	s.until(t, "one closed", func() bool { return s.Sender().Open == 2 })
	var closed *live.SenderConnection
	for _, c := range s.SenderConnections() {
		if c.State == live.Disconnected {
			closed = &c
		}
	}
	if closed == nil || closed.Closed == nil || closed.Closed.Code != 1000 || closed.Err != nil {
		t.Errorf("the list has %+v, want the closed one with its code", s.SenderConnections())
	}
	if st := s.Sender(); st.State != live.SenderConnected || st.Closed != nil {
		t.Errorf("status %+v, want connected", st)
	}
}

func TestOptionsReachTheListener(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.SetSendOptions(live.SendOptions{DialOptions: relayclient.DialOptions{
		Path: "/chat/7", Query: "room=a%20b", Header: http.Header{"X-Order": {"1"}}, Subprotocols: []string{"chat.v2"}}})
	s.start(t)
	if st := s.Sender(); st.Stale {
		t.Error("connected with other options than those of now")
	}
	s.wantLog(t, "listener #1 connected")
	_, accepted := s.Listener()
	if accepted[0].Info.Path != "/chat/7" {
		t.Errorf("connection %+v", accepted[0])
	}
	first, last := s.Journal().Bounds()
	var detail string
	for r := range s.Journal().Range(first, last) {
		if r.Lane == journal.Listener && r.Type == "connected" {
			detail = r.Detail
		}
	}
	for _, want := range []string{"room=a%20b", "X-Order: 1", "chat.v2"} {
		if !strings.Contains(detail, want) {
			t.Errorf("the listener got no %s:\n%s", want, detail)
		}
	}
	s.SetSendOptions(live.SendOptions{})
	if !s.Sender().Stale {
		t.Error("other options do not make the connection stale")
	}
	s.Reconnect()
	s.until(t, "connected again", func() bool { st := s.Sender(); return st.State == live.SenderConnected && !st.Stale })
}

func TestCloseWithCodeAndReason(t *testing.T) {
	s := many(t, 2)
	s.CloseSender(4000, "lunch", s.ids()[0])
	s.until(t, "one left", func() bool { _, c := s.Listener(); return s.Sender().Open == 1 && len(c) == 1 })
	s.wantLog(t, "listener in #1 closed closed by the other side with 4000: lunch", "sender out #1 closed closed with 4000: lunch")
}

func TestDrop(t *testing.T) {
	s := many(t, 1)
	s.DropSender()
	s.until(t, "gone", func() bool { _, c := s.Listener(); return s.Sender().State == live.Disconnected && len(c) == 0 })
	s.wantLog(t, "sender out #1 closed closed without a Close")
	if err := s.Sender().Err; err != nil {
		t.Errorf("the person's own drop is an error: %v", err)
	}
}

func TestHalfClose(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	answers := s.Answers()
	answers.Delay = responder.MaxDelay // the listener has something to say still
	if err := s.SetAnswers(answers); err != nil {
		t.Fatal(err)
	}
	s.start(t)
	if err := s.Send(text("wait for it")); err != nil {
		t.Fatal(err)
	}
	var accepted []live.Connection
	s.until(t, "received", func() bool { _, accepted = s.Listener(); return accepted[0].Received == 1 })
	s.HalfCloseSender(1000, "that was all")
	s.until(t, "half closed", func() bool { return strings.Contains(s.log(), "Close sent with 1000, still receiving") })
	if err := s.Send(text("more")); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("sent after the Close: %v", err)
	}
	if c := s.SenderConnections(); len(c) != 1 || !c[0].HalfClosed {
		t.Errorf("connections %+v", c)
	}
	s.CloseConnection(accepted[0].ID, 1000, "closed by the listener")
	s.until(t, "ended", func() bool { return s.Sender().State == live.Disconnected })
}

func TestPing(t *testing.T) {
	s := many(t, 2)
	s.PingSender(s.ids()[1])
	s.until(t, "answered", func() bool { return s.SenderConnections()[1].Ping > 0 })
	if s.SenderConnections()[0].Ping != 0 {
		t.Error("the other connection was pinged")
	}
	s.wantLog(t, "sender in #2 pong the relay answered a PING in ")
}
