package live_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
	"relayscope/relayclient/signin"
	"relayscope/ui/live"
)

// A seen session can be waited for.
type seen struct {
	*live.Session
	changes chan struct{}
}

// newSession returns a session for a hybrid connection of r under a rule.
func newSession(t *testing.T, r *localrelay.Relay, entity, rule string, change func(*relayclient.Config)) *seen {
	t.Helper()
	cs, err := r.ConnectionString(entity, rule)
	if err != nil {
		t.Fatal(err)
	}
	p := profiles.Profile{ID: profiles.NewID(), Name: "test", Namespace: cs.Namespace, HybridConnection: cs.HybridConnection,
		SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: cs.KeyName, Key: cs.Key}}
	s := &seen{changes: make(chan struct{}, 1)}
	s.Session = live.NewSession(context.Background(), p, func(_ context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Config, error) {
		cfg := relayclient.Config{
			Namespace: p.Namespace, HybridConnection: p.HybridConnection, RootCAs: r.RootCAs(),
			Token:  relayclient.SharedAccessKey{KeyName: p.SignInFor(role).KeyName, Key: p.SignInFor(role).Key},
			Timing: relayclient.Timing{Retry: []time.Duration{0, 10 * time.Millisecond}, Close: 5 * time.Second},
		}
		if change != nil {
			change(&cfg)
		}
		return cfg, nil
	})
	s.Watch(func() {
		select {
		case s.changes <- struct{}{}:
		default:
		}
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close session: %v", err)
		}
		if s.Running() {
			t.Error("the session runs after Close")
		}
	})
	return s
}

// until waits for what to be true of the session.
func (s *seen) until(t *testing.T, what string, true func() bool) {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for !true() {
		select {
		case <-s.changes:
		case <-timeout.C:
			listener, connections := s.Listener()
			t.Fatalf("not %s; listener %+v with %d connections, sender %+v\n%s", what, listener, len(connections), s.Sender(), s.log())
		}
	}
}

func (s *seen) online() bool    { st, _ := s.Listener(); return st.State == relayclient.Online }
func (s *seen) connected() bool { return s.Sender().State == live.SenderConnected }
func (s *seen) ended() bool     { return !s.Running() }

func (s *seen) start(t *testing.T) {
	t.Helper()
	s.StartBoth()
	s.until(t, "online", s.online)
	s.until(t, "connected", s.connected)
	s.until(t, "accepted", func() bool { _, c := s.Listener(); return len(c) == 1 })
}

// log returns the message log, a line a row: lane, direction, connection,
// type, text.
func (s *seen) log() string {
	var b strings.Builder
	first, last := s.Journal().Bounds()
	for r := range s.Journal().Range(first, last) {
		text := r.Text
		if r.Kind == journal.Data {
			text = string(r.Payload)
		}
		fields := []string{r.Lane.String(), r.Direction.String(), r.Connection, r.Type, text}
		fields = slices.DeleteFunc(fields, func(f string) bool { return f == "" })
		b.WriteString(strings.Join(fields, " ") + "\n")
	}
	return b.String()
}

func (s *seen) wantLog(t *testing.T, lines ...string) {
	t.Helper()
	more := make(chan struct{}, 1)
	stop := s.Journal().Watch(func() {
		select {
		case more <- struct{}{}:
		default:
		}
	})
	defer stop()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	for _, line := range lines {
		for !strings.Contains(s.log(), line) {
			select {
			case <-more: // a row may come a moment after the state that it tells of
			case <-timeout.C:
				t.Fatalf("the log has no row %q:\n%s", line, s.log())
			}
		}
	}
}

// answer has the listener answer messages in another way.
func (s *seen) answer(t *testing.T, a responder.Answer) {
	t.Helper()
	to := s.Answers()
	to.WebSocket = a
	if err := s.SetAnswers(to); err != nil {
		t.Fatal(err)
	}
}

func text(s string) relayclient.Message { return relayclient.Message{Data: []byte(s)} }

func TestEchoIsInTheLogFourTimes(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	if err := s.Send(text("hello")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "echoed", func() bool {
		_, c := s.Listener()
		return s.Sender().Received == 1 && c[0].Sent == 1
	})
	s.wantLog(t, "sender out #1 text hello", "listener in #1 text hello", "listener out #1 text hello", "sender in #1 text hello")
	_, connections := s.Listener()
	if c := connections[0]; c.Number != 1 || c.Sent != 1 || c.Received != 1 || c.Info.RemoteAddress == "" {
		t.Errorf("connection = %+v", c)
	}
}

func TestManualReply(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.answer(t, responder.Manual)
	s.start(t)
	if err := s.Send(text("question")); err != nil {
		t.Fatal(err)
	}
	var id string
	s.until(t, "asked", func() bool {
		_, c := s.Listener()
		id = c[0].ID
		return c[0].Received == 1
	})
	if err := s.Reply(id, relayclient.Message{Binary: true, Data: []byte{1, 2}}); err != nil {
		t.Fatal(err)
	}
	s.until(t, "answered", func() bool { return s.Sender().Received == 1 })
	s.wantLog(t, "sender in #1 binary \x01\x02")
	if err := s.Reply("somebody else", text("x")); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("reply to an unknown connection: %v", err)
	}
}

func TestSendWithoutConnection(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	if err := s.Send(text("x")); !errors.Is(err, live.ErrNotConnected) {
		t.Errorf("error = %v", err)
	}
}

func TestControlChannelLostMidSession(t *testing.T) {
	r := localrelaytest.New(t)
	s := newSession(t, r, "hyco", "both", nil)
	s.start(t)
	s.until(t, "cut", func() bool { return r.DropControlChannels("hyco") == 1 })
	if err := s.Send(text("while it is away")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "echoed all the same", func() bool { return s.Sender().Received == 1 })
	s.until(t, "online again", func() bool {
		return s.online() && strings.Count(s.log(), "online registered") == 2
	})
	s.wantLog(t, "listener waiting The connection was cut, next try at once", "sender in #1 text while it is away")
}

func TestStopTellsTheOtherSide(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	s.StopListener()
	s.until(t, "ended", s.ended)
	s.wantLog(t, "sender in #1 closed closed by the other side with 1001: listener stopped", "listener offline stopped")
	if st, _ := s.Listener(); st.Err != nil {
		t.Errorf("a stopped listener has the error %v", st.Err)
	}
	s.start(t) // and again
}

func TestDisconnectAndConnectAgain(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	s.Disconnect()
	s.until(t, "gone on both sides", func() bool {
		_, c := s.Listener()
		return s.Sender().State == live.Disconnected && len(c) == 0
	})
	if err := s.Sender().Err; err != nil {
		t.Errorf("the person's own goodbye is an error: %v", err)
	}
	s.Connect()
	s.until(t, "connected again", s.connected)
	if n := s.Sender().Number; n != 2 {
		t.Errorf("connection number %d, want 2", n)
	}
}

func TestListenerClosesOneConnection(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	_, connections := s.Listener()
	s.CloseConnection(connections[0].ID, 1000, "closed by the listener")
	s.until(t, "disconnected", func() bool { return s.Sender().State == live.Disconnected })
	s.wantLog(t, "sender in #1 closed closed by the other side with 1000: closed by the listener")
	if !s.online() {
		t.Error("the listener went away with its connection")
	}
	if st := s.Sender(); st.Err != nil || st.Closed == nil || st.Closed.Code != 1000 {
		t.Errorf("sender status = %+v, want an ordinary close and no failure", st)
	}
}

func TestWrongKeyKeepsTryingAndSaysSo(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", func(cfg *relayclient.Config) {
		cfg.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	})
	s.StartListener()
	s.until(t, "refused", func() bool { st, _ := s.Listener(); return st.Err != nil })
	st, _ := s.Listener()
	if st.State != relayclient.Waiting || !errors.Is(st.Err, relayclient.ErrUnauthorized) || st.RetryAt.IsZero() {
		t.Errorf("status = %+v, want waiting with a reason and a time", st)
	}
	s.wantLog(t, "listener waiting The relay does not accept the key, next try")
	s.StopListener()
	s.until(t, "ended", s.ended)
}

func TestUnknownNameEndsTheListener(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "root", func(cfg *relayclient.Config) { cfg.HybridConnection = "nowhere" })
	s.StartListener()
	s.until(t, "ended", s.ended)
	if st, _ := s.Listener(); st.State != relayclient.Offline || !errors.Is(st.Err, relayclient.ErrNotFound) {
		t.Errorf("status = %+v, want offline with the reason", st)
	}
	s.wantLog(t, "There is no such hybrid connection")
}

func TestNobodyListens(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.Connect()
	s.until(t, "ended", s.ended)
	if err := s.Sender().Err; !errors.Is(err, relayclient.ErrNoListener) {
		t.Errorf("sender error = %v", err)
	}
	s.wantLog(t, "sender refused Nobody is listening")
}

func TestResolverFails(t *testing.T) {
	wrong := errors.New("no such luck")
	s := &seen{changes: make(chan struct{}, 1)}
	s.Session = live.NewSession(t.Context(), profiles.Profile{}, func(context.Context, profiles.Profile, relayclient.Role) (relayclient.Config, error) {
		return relayclient.Config{}, wrong
	})
	s.Watch(func() {
		select {
		case s.changes <- struct{}{}:
		default:
		}
	})
	s.StartListener()
	s.Connect()
	s.until(t, "ended", s.ended)
	if st, _ := s.Listener(); !errors.Is(st.Err, wrong) || !errors.Is(s.Sender().Err, wrong) {
		t.Errorf("listener %v, sender %v; want the resolver's error", st.Err, s.Sender().Err)
	}
	s.wantLog(t, "could not start", "could not connect")
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSettingsChangeWhileRunning(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.start(t)
	p := s.Profile()
	p.Name = "another name"
	s.SetProfile(p)
	if s.Stale() {
		t.Error("a new name alone makes the settings stale")
	}
	p.HybridConnection = "elsewhere"
	s.SetProfile(p)
	if !s.Stale() {
		t.Error("another hybrid connection does not make the settings stale")
	}
	p.HybridConnection = "HYCO" // the same one: names do not tell case
	s.SetProfile(p)
	s.Restart()
	s.until(t, "running with the new settings", func() bool { return !s.Stale() && s.online() && s.connected() })
	if n := s.Sender().Number; n != 2 {
		t.Errorf("connection number %d, want the second one", n)
	}
	s.StopAll()
	s.until(t, "ended", s.ended)
	if s.Stale() {
		t.Error("stale although nothing runs")
	}
}

func TestDisconnectSendsWhatIsQueued(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.answer(t, responder.Manual)
	s.start(t)
	for range 200 {
		if err := s.Send(text("queued")); err != nil {
			t.Fatal(err)
		}
	}
	s.Disconnect()
	s.until(t, "ended", func() bool {
		_, c := s.Listener()
		return s.Sender().State == live.Disconnected && len(c) == 0
	})
	if log := s.log(); strings.Count(log, "listener in #1 text queued") != 200 {
		t.Errorf("%d of 200 messages arrived", strings.Count(log, "listener in #1 text queued"))
	}
}

func TestStopWhileConnectingIsNoProblem(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.AcceptTimeout = time.Minute })
	s := newSession(t, r, "hyco", "both", func(cfg *relayclient.Config) {
		cfg.Token = waiting{make(chan struct{})}
	})
	s.StartListener()
	s.Connect()
	s.StopAll()
	if !s.Stopping() {
		t.Error("nothing is stopping")
	}
	s.until(t, "ended", s.ended)
	first, last := s.Journal().Bounds()
	for row := range s.Journal().Range(first, last) {
		if row.Kind == journal.Problem {
			t.Errorf("a problem in the log: %s %s", row.Type, row.Text)
		}
	}
}

// waiting is a token provider that never gets anywhere.
type waiting struct{ never chan struct{} }

func (w waiting) Token(ctx context.Context, _ string) (relayclient.Token, error) {
	select {
	case <-w.never:
	case <-ctx.Done():
	}
	return relayclient.Token{}, context.Cause(ctx)
}
