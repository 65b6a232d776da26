package live

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A paneTest is the sender's pane over a session that really connects.
type paneTest struct {
	*websocketPane
	t       *testing.T
	s       *Session
	changes chan struct{}
}

func newPaneTest(t *testing.T) *paneTest {
	t.Helper()
	test.NewTempApp(t)
	r := localrelaytest.New(t)
	cs, err := r.ConnectionString("hyco", "both")
	if err != nil {
		t.Fatal(err)
	}
	p := &paneTest{t: t, changes: make(chan struct{}, 1)}
	p.s = NewSession(context.Background(), profiles.Profile{ID: "p1"}, func(context.Context, profiles.Profile, relayclient.Role) (relayclient.Config, error) {
		return relayclient.Config{Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
			Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}}, nil
	})
	p.s.Watch(func() {
		select {
		case p.changes <- struct{}{}:
		default:
		}
	})
	t.Cleanup(func() {
		if err := p.s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	p.websocketPane = newWebsocketPane(make(mainQueue, 100).do)
	w := test.NewTempWindow(t, p.content)
	w.Resize(fyne.NewSize(520, 320))
	p.setSession(p.s)
	p.redraw()
	return p
}

// until waits for what the pane shows.
func (p *paneTest) until(what string, true func() bool) {
	p.t.Helper()
	for p.redraw(); !true(); p.redraw() {
		select {
		case <-p.changes:
		case <-p.t.Context().Done():
			p.t.Fatalf("not %s: %q, %q", what, p.facts.Text, p.compose.why.Text)
		}
	}
}

func (p *paneTest) start(open int) {
	p.t.Helper()
	p.s.StartBoth()
	p.until("connected", func() bool { return p.s.Sender().Open == open })
}

func TestPaneSaysWhyNothingCanBeSent(t *testing.T) {
	p := newPaneTest(t)
	p.compose.entry.SetText("hello")
	if !p.compose.send.Disabled() || p.compose.why.Text != "Not connected" || !p.again.Disabled() {
		t.Errorf("off %v: %q, repeating off %v", p.compose.send.Disabled(), p.compose.why.Text, p.again.Disabled())
	}
	p.options.path.SetText("/a b")
	if !p.toggle.Disabled() || p.facts.Text != "Path: write ' ' as %20" || p.compose.why.Text != "Not connected: the options are to be mended" {
		t.Errorf("connecting off %v: %q, %q", p.toggle.Disabled(), p.facts.Text, p.compose.why.Text)
	}
	p.options.path.SetText("/a")
	test.Tap(p.toggle)
	p.until("refused", func() bool { return p.problem.Visible() })
	if p.compose.why.Text != "Not connected: nobody is listening" {
		t.Errorf("reason %q", p.compose.why.Text)
	}
	p.sendSaved("1", draft{Kind: asText, Text: "x"})
	if p.s.Sender().Sent != 0 {
		t.Error("a saved message was sent")
	}
}

func TestPaneOffersToApplyOptions(t *testing.T) {
	p := newPaneTest(t)
	p.start(1)
	if p.apply.Visible() || p.list.Visible() {
		t.Errorf("it offers %q, lists connections %v", p.apply.Text, p.list.Visible())
	}
	p.options.connections.SetText("3")
	if !p.apply.Visible() || p.apply.Text != "Connect 2 more" {
		t.Errorf("for more connections it offers %q", p.apply.Text)
	}
	test.Tap(p.apply)
	p.until("three open", func() bool { return p.s.Sender().Open == 3 && p.list.Visible() })
	p.options.path.SetText("/b")
	if p.apply.Text != "Reconnect to apply" || !p.apply.Visible() {
		t.Errorf("for another path it offers %q", p.apply.Text)
	}
	test.Tap(p.apply)
	p.until("connected anew", func() bool { st := p.s.Sender(); return st.Open == 3 && !st.Stale && !p.apply.Visible() })
}

func TestPaneSendsOnTheChosenConnections(t *testing.T) {
	p := newPaneTest(t)
	p.options.connections.SetText("3")
	p.start(3)
	p.until("listed", func() bool { return len(p.list.connections) == 3 && p.list.Visible() })
	p.compose.entry.SetText("no {{counter}}")
	p.list.choose(p.list.connections[0].ID, false)
	if p.compose.why.Text != "Ctrl+Enter sends on 2" || p.all.Checked {
		t.Errorf("it says %q, all %v", p.compose.why.Text, p.all.Checked)
	}
	test.Tap(p.compose.send)
	test.Tap(p.compose.send)
	p.until("echoed", func() bool { return p.s.Sender().Received == 4 })
	connections := p.s.SenderConnections() // the list may not have been drawn anew
	for i, want := range []int{0, 2, 2} {
		if got := connections[i].Sent; got != want {
			t.Errorf("connection %d sent %d messages, want %d", i+1, got, want)
		}
	}
	first, last := p.s.Journal().Bounds()
	var texts []string
	for row := range p.s.Journal().Range(first, last) {
		if row.Direction.String() == "out" && row.Connection == "#2" && row.Lane.String() == "sender" && row.Payload != nil {
			texts = append(texts, string(row.Payload))
		}
	}
	if strings.Join(texts, ", ") != "no 1, no 2" {
		t.Errorf("sent %q", texts)
	}
	p.list.chooseAll(false)
	if !p.compose.send.Disabled() || p.compose.why.Text != "No open connection is chosen" {
		t.Errorf("off %v: %q", p.compose.send.Disabled(), p.compose.why.Text)
	}
}

func TestPaneRepeats(t *testing.T) {
	p := newPaneTest(t)
	p.start(1)
	p.compose.entry.SetText("{{counter}}")
	p.until("ready", func() bool { return !p.again.Disabled() })
	test.Tap(p.again)
	p.repeat.count.SetText("many")
	if !p.repeat.start.Disabled() || !strings.HasPrefix(p.repeat.wrong.Text, "How many: ") {
		t.Errorf("starting off %v: %q", p.repeat.start.Disabled(), p.repeat.wrong.Text)
	}
	p.repeat.count.SetText("")
	p.repeat.interval.SetText("1 ms")
	if p.repeat.wrong.Text != "1000 a second, until stopped" {
		t.Errorf("it says %q", p.repeat.wrong.Text)
	}
	test.Tap(p.repeat.start)
	p.until("repeating", func() bool { return p.bar.Visible() && p.s.Sender().Received > 3 })
	if !p.compose.send.Disabled() || p.compose.why.Text != "A message is being repeated" {
		t.Errorf("sending off %v: %q", p.compose.send.Disabled(), p.compose.why.Text)
	}
	p.s.DropSender()
	p.until("ended", func() bool { return !p.bar.Visible() })
	if !strings.Contains(p.compose.failed, "then stopped: connection #1: not connected") {
		t.Errorf("it says %q", p.compose.failed)
	}
}

func TestRepeatSettings(t *testing.T) {
	for _, tt := range []struct{ count, interval, jitter, want string }{
		{"", "", "", "As fast as they go, until stopped"},
		{"1 000", "10", "", "100 a second, for 9.99s"},
		{"5", "2 s", "1s", "one every 2.5s, for 10s"},
		{"0", "", "", "how many: give a number, or leave it empty to go on until stopped"},
		{"1", "-1s", "", "every: give a time such as 100 ms, 2 s or 5 m, a day at most"},
		{"1", "1s", "soon", "jitter: give a time such as 100 ms, 2 s or 5 m, a day at most"},
	} {
		r, err := parseRepeat(tt.count, tt.interval, tt.jitter, false)
		got := r.pace()
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q every %q and %q: %s, want %s", tt.count, tt.interval, tt.jitter, got, tt.want)
		}
	}
}

func TestCloseIsChecked(t *testing.T) {
	for _, tt := range []struct {
		code, reason string
		want         int
		wrong        string
	}{
		{"1000 – done", "", 1000, ""}, {" 4999", strings.Repeat("x", 123), 4999, ""}, {"3000", "", 3000, ""}, {"1014", "", 1014, ""},
		{"", "", 0, "give a code, such as 1000"}, {"1005", "", 0, "1005 never goes over the wire: it only says what was not received"},
		{"999", "", 0, "give a code from 1000 to 1014, or 3000 to 4999"}, {"2000", "", 0, "give a code from 1000 to 1014, or 3000 to 4999"},
		{"5000", "", 0, "give a code from 1000 to 1014, or 3000 to 4999"},
		{"1000", strings.Repeat("ä", 62), 0, "the reason has 124 bytes, and a Close has room for 123"},
	} {
		got, err := checkClose(tt.code, tt.reason)
		if tt.wrong == "" && (err != nil || got != tt.want) || tt.wrong != "" && (err == nil || err.Error() != tt.wrong) {
			t.Errorf("%q: %d, %v; want %d %s", tt.code, got, err, tt.want, tt.wrong)
		}
	}
}
