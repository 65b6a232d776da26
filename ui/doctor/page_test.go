package doctor

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient"
	engine "relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const patience = 30 * time.Second

// A bench is a page whose main goroutine is the test's.
type bench struct {
	t     *testing.T
	page  *Page
	queue chan func()
	plan  func(context.Context, profiles.Profile) (engine.Plan, error)
	ended []engine.Report
	copy  string
}

func newBench(t *testing.T) *bench {
	test.NewTempApp(t)
	b := &bench{t: t, queue: make(chan func(), 1000)}
	life, end := context.WithCancel(t.Context())
	var work sync.WaitGroup
	t.Cleanup(func() { end(); work.Wait() })
	b.page = NewPage(Options{
		OnMain: func(f func()) { b.queue <- f },
		Work:   func(f func(context.Context)) { work.Go(func() { f(life) }) },
		Copy:   func(text string) { b.copy = text },
		Plan:   func(ctx context.Context, p profiles.Profile) (engine.Plan, error) { return b.plan(ctx, p) },
		Tested: func(_ profiles.Profile, r engine.Report) { b.ended = append(b.ended, r) },
	})
	w := test.NewTempWindow(t, b.page.Content())
	w.Resize(fyne.NewSize(1000, 600))
	return b
}

// until plays the main goroutine until done.
func (b *bench) until(what string, done func() bool) {
	b.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	for !done() {
		select {
		case f := <-b.queue:
			f()
		case <-late.C:
			b.t.Fatalf("%s: not in time; the headline is %q", what, b.page.headline.Text)
		}
	}
}

func (b *bench) idle() bool { return !b.page.Running() }

// config uses hyco by a policy of r's.
func config(t *testing.T, r *localrelay.Relay, rule string) *relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString("hyco", rule)
	if err != nil {
		t.Fatal(err)
	}
	return &relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

func TestEverythingPasses(t *testing.T) {
	r := localrelaytest.New(t)
	b := newBench(t)
	cfg := config(t, r, "both")
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{Listen: cfg, Send: cfg, OneCredential: true}, nil
	}
	p := profiles.Profile{ID: "a", HybridConnection: "hyco"}
	b.page.Show(p)
	if b.page.copyIt.Visible() || !b.page.intro.Visible() {
		t.Error("before a test there is something to copy, or no introduction")
	}
	test.Tap(b.page.again)
	if !b.page.stop.Visible() || b.page.again.Visible() {
		t.Error("a test that runs cannot be stopped, or can be begun")
	}
	b.until("end", b.idle)
	if b.page.status.Text() != "Passed" || !strings.Contains(b.page.headline.Text, "Everything works") {
		t.Errorf("the verdict is %q: %q", b.page.status.Text(), b.page.headline.Text)
	}
	for id, row := range b.page.shown.rows {
		if row.status.Text() != "Passed" || row.took.Text == "" {
			t.Errorf("step %s: %q in %q", id, row.status.Text(), row.took.Text)
		}
	}
	if len(b.ended) != 1 || b.ended[0].Status != engine.Passed {
		t.Errorf("it told of %d tests, want one that passed", len(b.ended))
	}
	test.Tap(b.page.copyIt)
	if b.copy != b.ended[0].Text() {
		t.Errorf("copied %q, want the report as text", b.copy)
	}
	b.page.Show(profiles.Profile{ID: "b"})
	if b.page.shown != nil {
		t.Error("another profile shows the test")
	}
	b.page.Show(p)
	if b.page.shown == nil {
		t.Error("the test is lost")
	}
	p.HybridConnection = "other"
	b.page.Show(p)
	if b.page.shown != nil || b.page.headline.Text != "Not tested yet" {
		t.Error("a test of other settings counts")
	}
}

func TestWhatFailsIsOpen(t *testing.T) {
	r := localrelaytest.New(t)
	b := newBench(t)
	cfg := config(t, r, "listen")
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) { return engine.Plan{Send: cfg}, nil }
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("end", b.idle)
	row := b.page.shown.rows[engine.SendRight]
	if row.status.Text() != "Failed" || !row.below.Visible() || !strings.Contains(row.body.Text, "Next: ") {
		t.Errorf("the step is %q, open: %v, and says %q", row.status.Text(), row.below.Visible(), row.body.Text)
	}
	test.Tap(row.fold)
	b.page.refresh()
	if row.below.Visible() {
		t.Error("a row that a person has closed opens again")
	}
}

func TestCancelStopsATestThatHangs(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	b := newBench(t)
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{Send: &relayclient.Config{Namespace: silent.Addr().String(), HybridConnection: "hyco"}}, nil
	}
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("TLS", func() bool {
		row := b.page.shown.rows[engine.TLS]
		return row != nil && row.status.Text() == "Running"
	})
	test.Tap(b.page.stop)
	b.until("end", b.idle)
	if !b.page.shown.report.Stopped || len(b.ended) != 0 {
		t.Errorf("stopped: %v, told of %d tests", b.page.shown.report.Stopped, len(b.ended))
	}
	if !strings.Contains(b.page.headline.Text, "Stopped") {
		t.Errorf("the headline is %q", b.page.headline.Text)
	}
}

func TestNoPlanIsExplained(t *testing.T) {
	b := newBench(t)
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{}, errors.Join(errors.New("read the CA certificates"), relayclient.ErrNoCertificates)
	}
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("end", b.idle)
	if !b.page.problem.Visible() || b.page.problem.Failure().Title == "" || b.page.headline.Text != "The test could not begin" {
		t.Errorf("the headline is %q, the problem %q", b.page.headline.Text, b.page.problem.Failure().Title)
	}
	if b.page.copyIt.Visible() || !b.page.again.Visible() {
		t.Error("there is a report to copy, or no way to test again")
	}
}

// A test that is stopped before its first step leaves the last result alone.
func TestCancelBeforeTheFirstStep(t *testing.T) {
	r := localrelaytest.New(t)
	b := newBench(t)
	cfg := config(t, r, "both")
	good := func(context.Context, profiles.Profile) (engine.Plan, error) { return engine.Plan{Send: cfg}, nil }
	hangs := func(ctx context.Context, _ profiles.Profile) (engine.Plan, error) {
		<-ctx.Done()
		return engine.Plan{}, ctx.Err()
	}
	p := profiles.Profile{ID: "a"}
	b.page.Show(p)
	for range 2 { // without and with a result
		want := b.page.headline.Text
		told := len(b.ended)
		b.plan = hangs
		b.page.Run()
		test.Tap(b.page.stop)
		b.until("stop", b.idle)
		if got := b.page.headline.Text; got != want || b.page.problem.Visible() || len(b.ended) != told {
			t.Errorf("the headline is %q, want %q; a problem is shown: %v; told of %d tests more", got, want, b.page.problem.Visible(), len(b.ended)-told)
		}
		b.page.Show(p)
		if got := b.page.headline.Text; got != want {
			t.Errorf("shown again, the headline is %q, want %q", got, want)
		}
		b.plan = good
		b.page.Run()
		b.until("end", b.idle)
	}
}

// The time in which a person signs in is not the test's.
func TestSigningInDoesNotCount(t *testing.T) {
	began := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	run := &trial{began: began, plan: engine.Plan{TokenPatience: time.Minute}}
	run.report.Steps = []engine.Step{{ID: engine.DNS, Status: engine.Passed, Took: time.Second}, {ID: engine.Token, Status: engine.Running}}
	if _, signingIn := run.spent(began.Add(20 * time.Second)); !signingIn {
		t.Error("nobody is said to be signing in")
	}
	run.report.Steps[1].Status, run.report.Steps[1].Took = engine.Passed, 30*time.Second
	if spent, signingIn := run.spent(began.Add(32 * time.Second)); signingIn || spent != 2*time.Second {
		t.Errorf("%v are spent, signing in: %v; want 2s", spent, signingIn)
	}
}

// What the row above explains in the same words stays closed.
func TestSameFailureIsExplainedOnce(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := &relayclient.Config{
		Namespace: r.Namespace(), HybridConnection: "hyco", RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()},
	}
	b := newBench(t)
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{Listen: cfg, Send: cfg, OneCredential: true}, nil
	}
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("end", b.idle)
	send, listen := b.page.shown.rows[engine.SendRight], b.page.shown.rows[engine.ListenRight]
	if !send.open || listen.open || !listen.fold.Visible() || listen.line.Text != send.line.Text {
		t.Errorf("open: %v and %v; the second says %q", send.open, listen.open, listen.line.Text)
	}
}
