package live_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/request"
	"relayscope/ui/live"
	"relayscope/ui/widgets"
)

// A stage is a page in a window, over a session that a test drives. The test
// plays the main goroutine.
type stage struct {
	*seen
	t      *testing.T
	page   *live.Page
	parts  map[string]fyne.CanvasObject
	window fyne.Window
	queue  chan func()
	copied string
}

func newStage(t *testing.T) *stage {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.DefaultTheme())
	st := &stage{t: t, seen: newSession(t, localrelaytest.New(t), "hyco", "both", nil), queue: make(chan func(), 10_000)}
	st.page = live.NewPage(func(f func()) { st.queue <- f }, func(text string) { st.copied = text })
	t.Cleanup(st.page.Close)
	st.window = test.NewTempWindow(t, st.page.Content())
	st.window.Resize(fyne.NewSize(1030, 650))
	st.page.Show(st.Session)
	st.watch() // after the page, which had the changes to itself
	st.parts = st.page.Objects()
	return st
}

// watch has the session tell the test of changes.
func (st *stage) watch() {
	st.Watch(func() {
		select {
		case st.changes <- struct{}{}:
		default:
		}
	})
}

// draw runs what waits for the main goroutine, and draws the page.
func (st *stage) draw() {
	for {
		select {
		case f := <-st.queue:
			f()
		default:
			st.page.Refresh()
			return
		}
	}
}

func (st *stage) tap(name string) { test.Tap(st.parts[name].(fyne.Tappable)) }

// write puts text into an entry as typing does.
func (st *stage) write(name, text string) {
	e := st.parts[name].(*widgets.Entry)
	e.SetText("")
	st.window.Canvas().Focus(e)
	test.Type(e, text)
}

func (st *stage) text(name string) string {
	switch o := st.parts[name].(type) {
	case *widgets.Entry:
		return o.Text
	case *widget.Label:
		return o.Text
	case *widgets.Status:
		return o.Text()
	case *widgets.TextView:
		return o.Text()
	}
	st.t.Fatalf("%s has no text", name)
	return ""
}

// answered waits for the answer and draws it.
func (st *stage) answered() {
	st.t.Helper()
	st.until(st.t, "answered", func() bool { return st.Requests().Number > 0 && !st.Requests().Pending() })
	st.draw()
}

func (st *stage) listen() {
	st.t.Helper()
	st.StartListener()
	st.until(st.t, "online", st.online)
}

func TestRequestPane(t *testing.T) {
	st := newStage(t)
	st.tap("sender.way.HTTP")
	st.write("request.target", "/api/items?page=2")
	st.parts["request.target"].(*widgets.Entry).TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	st.answered()
	if got := st.text("request.status"); got != "404" || !st.parts["request.problem"].Visible() {
		t.Errorf("without a listener: %q, problem visible %v", got, st.parts["request.problem"].Visible())
	}
	st.listen()
	st.write("request.method", "post")
	st.tap("request.tab.Headers")
	st.write("request.headers", "X-One")
	if got := st.text("request.why"); got != "Headers, line 1: write a header as Name: value" || !st.parts["request.send"].(fyne.Disableable).Disabled() {
		t.Errorf("a broken header: %q", got)
	}
	st.write("request.headers", "X-One: 1")
	st.tap("request.tab.Body")
	st.parts["request.kind"].(*widgets.Select).SetSelected("JSON")
	st.write("request.body", `{"a":1}`)
	st.tap("request.send")
	st.answered()
	sent := st.Requests().Request
	if sent.Method != "POST" || sent.Header.Get("Content-Type") != "application/json" || sent.Header.Get("X-One") != "1" {
		t.Errorf("sent %+v", sent)
	}
	if got := st.text("request.answer"); got != "{\n  \"a\": 1\n}" || st.text("request.status") != "200" {
		t.Errorf("answer %q, %q", got, st.text("request.status"))
	}
	for view, want := range map[string]string{"Raw": `{"a":1}`, "Headers": "Via: 1.1 "} {
		st.parts["request.view"].(*widgets.Select).SetSelected(view)
		if got := st.text("request.answer"); !strings.Contains(got, want) {
			t.Errorf("%s shows %q", view, got)
		}
	}
}

// command does what an entry of the palette does.
func (st *stage) command(name string) {
	st.t.Helper()
	for _, c := range st.page.Commands() {
		if c.Name == name {
			if why := c.Off(); why != "" {
				st.t.Fatalf("%s is off: %s", name, why)
			}
			c.Do()
			return
		}
	}
	st.t.Fatalf("there is no command %q", name)
}

// A profile on the local relay does not know the port, which what is copied has
// to name.
func TestRequestPaneCopiesTheLocalRelaysAddress(t *testing.T) {
	st := newStage(t)
	known := st.Namespace()
	p := st.Profile()
	p.Namespace, p.LocalRelay = "", true
	st.SetProfile(p)
	st.tap("sender.way.HTTP")
	st.write("request.target", "/x")
	st.command("Copy the HTTP request for curl")
	if !strings.Contains(st.copied, "'https://localhost/hyco/x'") {
		t.Errorf("before anything runs, it copied %q", st.copied)
	}
	p.Namespace = known // as the one who resolves it would find it
	st.SetProfile(p)
	st.listen()
	p.Namespace = ""
	st.SetProfile(p)
	st.command("Copy the HTTP request for curl")
	if !strings.Contains(st.copied, "'https://"+known+"/hyco/x'") {
		t.Errorf("it copied %q, want an address at %s", st.copied, known)
	}
}

func TestRequestPaneCopies(t *testing.T) {
	st := newStage(t)
	st.tap("sender.way.HTTP")
	st.write("request.target", "/x")
	st.tap("request.copyAs")
	menu := st.window.Canvas().Overlays().Top()
	if menu == nil {
		t.Fatal("no menu")
	}
	st.command("Copy the HTTP request for curl")
	if !strings.Contains(st.copied, "curl") || !strings.Contains(st.copied, "/hyco/x'") || strings.Contains(st.copied, "SharedAccessSignature") {
		t.Errorf("copied %q", st.copied)
	}
}

func TestProbePane(t *testing.T) {
	st := newStage(t)
	st.listen()
	st.tap("sender.way.HTTP")
	st.tap("request.tab.Sizes")
	st.draw()
	st.tap("request.probe")
	st.until(t, "probed", func() bool {
		p := st.Probe()
		unseen := slices.ContainsFunc(p.Trials, func(t request.Trial) bool { return !t.Seen })
		return !p.Running && len(p.Trials) == len(request.ProbeSizes) && !unseen
	})
	st.draw()
	if got := st.text("request.sentence"); got != "Every size came back whole, on both sides of the limit." {
		t.Errorf("it says %q", got)
	}
}

// row returns the latest row of the log for which what holds.
func (st *stage) row(what func(journal.Row) bool) journal.Row {
	st.t.Helper()
	var found journal.Row
	first, last := st.Journal().Bounds()
	for r := range st.Journal().Range(first, last) {
		if what(r) {
			found = r
		}
	}
	if found.Number == 0 {
		st.t.Fatalf("no such row in\n%s", st.log())
	}
	return found
}

// What was sent goes out once more from its row, with what the log hides.
func TestReplay(t *testing.T) {
	st := newStage(t)
	st.listen()
	original := request.Request{Method: "PUT", Target: "/a?code=hush", Header: http.Header{"Authorization": {"Bearer hush"}}, Body: []byte("hello")}
	st.ask(t, original)
	for _, kind := range []string{"request", "response"} {
		before := st.Requests().Number
		st.page.Replay(st.row(func(r journal.Row) bool { return r.Lane == journal.Sender && r.Type == kind }))
		st.until(t, "answered again", func() bool { return st.Requests().Number > before && !st.Requests().Pending() })
		if again := st.Requests(); again.Request.Header.Get("Authorization") != "Bearer hush" || again.Request.Target != "/a?code=hush" || string(again.Answer.Body) != "hello" {
			t.Errorf("%s: sent %+v", kind, again.Request)
		}
	}
	// The listener's own row has no credentials, so somebody has to fill them in.
	before := st.Requests().Number
	st.page.Replay(st.row(func(r journal.Row) bool { return r.Lane == journal.Listener && r.Type == "request" }))
	if st.Requests().Number != before {
		t.Error("a request without its credentials was sent")
	}
	if got := st.text("request.why"); got != "The log does not keep credentials: edit it and fill them in" || st.text("request.method") != "PUT" {
		t.Errorf("it says %q over %s", got, st.text("request.method"))
	}
}

func TestReplayMessage(t *testing.T) {
	st := newStage(t)
	row := st.log
	st.start(t)
	if err := st.Send(text("hello")); err != nil {
		t.Fatal(err)
	}
	st.until(t, "echoed", func() bool { return strings.Contains(row(), "sender in #1 text hello") })
	in := st.row(func(r journal.Row) bool {
		return r.Lane == journal.Sender && r.Direction == journal.In && r.Kind == journal.Data
	})
	st.page.Replay(in)
	st.until(t, "sent again", func() bool { return strings.Count(row(), "sender out #1 text hello") == 2 })
	st.page.EditAndResend(in)
	if got := st.text("composer.entry"); got != "hello" {
		t.Errorf("the composer has %q", got)
	}
	if why := st.page.WhyNotAgain(st.row(func(r journal.Row) bool { return r.Type == "online" })); why == "" {
		t.Error("a state can be sent again")
	}
}

func TestTunnelPane(t *testing.T) {
	st := newStage(t)
	st.tap("sender.way.Tunnel")
	st.write("tunnel.port", "70000")
	if got := st.text("tunnel.why"); !strings.HasPrefix(got, "A port is a number") || !st.parts["tunnel.toggle"].(fyne.Disableable).Disabled() {
		t.Errorf("it says %q", got)
	}
	st.write("tunnel.port", "0")
	st.parts["tunnel.port"].(*widgets.Entry).TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	st.until(t, "open", func() bool { return st.Tunnel().Address != "" })
	st.draw()
	if st.text("tunnel.address") != st.Tunnel().Address || st.text("tunnel.status") != "Open" {
		t.Errorf("address %q, status %q", st.text("tunnel.address"), st.text("tunnel.status"))
	}
	st.tap("tunnel.copy")
	if st.copied != st.Tunnel().Address {
		t.Errorf("copied %q", st.copied)
	}
	st.tap("tunnel.toggle")
	st.until(t, "closed", func() bool { return !st.Tunnel().Running })
	st.draw()
	if st.text("tunnel.status") != "Closed" {
		t.Errorf("status %q", st.text("tunnel.status"))
	}
}
