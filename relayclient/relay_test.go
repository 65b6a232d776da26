package relayclient_test

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// TestMain fails when a test leaves one of the package's goroutines behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if left := goroutinesLeft(); left != "" {
			os.Stderr.WriteString("goroutines left behind:\n" + left)
			code = 1
		}
	}
	os.Exit(code)
}

// goroutinesLeft returns the stacks of goroutines in this module's code. Those
// that are on their way out get a moment.
func goroutinesLeft() string {
	deadline := time.Now().Add(3 * time.Second)
	for {
		buf := make([]byte, 1<<20)
		stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
		var left []string
		for _, s := range stacks[1:] { // the first is this one
			if strings.Contains(s, "relayscope/relayclient") {
				left = append(left, s)
			}
		}
		if len(left) == 0 {
			return ""
		}
		if time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
	}
}

// config returns the settings for a hybrid connection of r under a rule.
func config(t testing.TB, r *localrelay.Relay, entity, rule string) relayclient.Config {
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

// watch makes cfg tell its events on a channel that never blocks the client.
func watch(cfg *relayclient.Config) <-chan relayclient.Event {
	events := make(chan relayclient.Event, 4096)
	cfg.OnEvent = func(ev relayclient.Event) { events <- ev }
	return events
}

// await returns the first event that wanted accepts.
func await(t testing.TB, events <-chan relayclient.Event, what string, wanted func(relayclient.Event) bool) relayclient.Event {
	t.Helper()
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		select {
		case ev := <-events:
			if wanted(ev) {
				return ev
			}
		case <-timeout.C:
			t.Fatalf("no event: %s", what)
		}
	}
}

func state(s relayclient.State) func(relayclient.Event) bool {
	return func(ev relayclient.Event) bool { return ev.Kind == relayclient.StateChanged && ev.State == s }
}

func kind(k relayclient.EventKind) func(relayclient.Event) bool {
	return func(ev relayclient.Event) bool { return ev.Kind == k }
}

func listen(t testing.TB, cfg relayclient.Config) *relayclient.Listener {
	t.Helper()
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// pair returns both ends of one relayed connection.
func pair(t testing.TB, l *relayclient.Listener, sender relayclient.Config) (listening, sending *relayclient.Conn) {
	t.Helper()
	accepted := make(chan *relayclient.Conn, 1)
	go func() {
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Error(err)
		}
		accepted <- c
	}()
	sending, err := relayclient.Dial(t.Context(), sender, relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	listening = <-accepted
	if listening == nil {
		t.FailNow()
	}
	t.Cleanup(func() { sending.CloseNow(); listening.CloseNow() })
	return listening, sending
}

func text(s string) relayclient.Message   { return relayclient.Message{Data: []byte(s)} }
func binary(s string) relayclient.Message { return relayclient.Message{Binary: true, Data: []byte(s)} }

func mustWrite(t testing.TB, c *relayclient.Conn, m relayclient.Message) {
	t.Helper()
	if err := c.Write(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t testing.TB, c *relayclient.Conn, want relayclient.Message) {
	t.Helper()
	got, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Binary != want.Binary || string(got.Data) != string(want.Data) {
		t.Fatalf("read binary=%v %.60q (%d bytes), want binary=%v %.60q (%d bytes)", got.Binary, got.Data, len(got.Data), want.Binary, want.Data, len(want.Data))
	}
}

// quick is a schedule for tests that wait for a second attempt.
var quick = relayclient.Timing{Retry: []time.Duration{0, 10 * time.Millisecond}}

func wantHandshake(t testing.TB, err error, sentinel error, cause relayclient.Cause) *relayclient.HandshakeError {
	t.Helper()
	var he *relayclient.HandshakeError
	if !errors.Is(err, sentinel) || !errors.As(err, &he) || he.Cause != cause {
		t.Fatalf("error = %v, want a refusal matching %q with cause %d", err, sentinel, cause)
	}
	if he.TrackingID == "" || he.Reason == "" || strings.Contains(he.Reason, "TrackingId") {
		t.Errorf("reason %q and tracking ID %q, want both, apart", he.Reason, he.TrackingID)
	}
	return he
}
