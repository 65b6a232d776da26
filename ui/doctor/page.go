// Package doctor is the page that tests a connection step by step: it draws
// what the engine of the same name finds.
package doctor

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	engine "relayscope/relayclient/doctor"
	"relayscope/relayclient/explain"
	"relayscope/ui/widgets"
)

// Options are what a page needs of the window.
type Options struct {
	OnMain func(func())                    // runs a function on the main goroutine without waiting
	Work   func(func(ctx context.Context)) // runs a function beside it, until the window closes
	Copy   func(text string)               // puts a text on the clipboard
	Plan   func(context.Context, profiles.Profile) (engine.Plan, error)
	Tested func(profiles.Profile, engine.Report) // is told how a test ended that was not stopped; may be nil
}

// A Page shows the test of one profile at a time; those of others go on. All
// of it belongs to the main goroutine.
type Page struct {
	opt     Options
	trials  map[profiles.ID]*trial
	profile profiles.Profile
	shown   *trial

	headline *widget.Label
	status   *widgets.Status
	chip     *fyne.Container // status, in the middle of its line
	about    *widget.Label
	again    *widgets.Button
	stop     *widgets.Button
	watch    *widgets.Button
	copyIt   *widgets.Button
	problem  *widgets.Problem
	rows     *fyne.Container
	intro    fyne.CanvasObject
	scroll   *container.Scroll
	content  fyne.CanvasObject
}

// A trial is one run of the engine, or what is left of it.
type trial struct {
	profile profiles.Profile
	plan    engine.Plan
	report  engine.Report // as far as it came while running
	failed  error         // why there is no plan
	running bool
	waiting *engine.Tick // of a watch; nil if there is none
	cancel  context.CancelFunc
	began   time.Time
	rows    map[engine.ID]*stepRow
}

// NewPage returns a page without a profile.
func NewPage(opt Options) *Page {
	p := &Page{opt: opt, trials: map[profiles.ID]*trial{}}
	p.headline = widget.NewLabel("")
	p.headline.SizeName = theme.SizeNameSubHeadingText
	p.headline.TextStyle.Bold = true
	p.headline.Wrapping = fyne.TextWrapWord
	p.headline.Selectable = true
	p.status = widgets.NewStatus(widgets.StatusIdle, "")
	p.about = widget.NewLabel("")
	p.about.Importance = widget.LowImportance
	p.about.Wrapping = fyne.TextWrapWord
	p.about.Selectable = true
	p.again = widgets.NewButtonWithIcon("Test connection", theme.MediaPlayIcon(), p.Run)
	p.again.Importance = widget.HighImportance
	p.stop = widgets.NewButtonWithIcon("Cancel", theme.MediaStopIcon(), p.Cancel)
	p.watch = widgets.NewButtonWithIcon("Watch until granted", theme.HistoryIcon(), p.watchUntilGranted)
	p.copyIt = widgets.NewButtonWithIcon("Copy as text", theme.ContentCopyIcon(), func() {
		if p.shown != nil {
			opt.Copy(p.shown.report.Text())
		}
	})
	p.problem = widgets.NewProblem()
	p.problem.OnCopy = opt.Copy
	p.problem.OnResize = p.relayout
	p.rows = container.New(widgets.Stacked{})
	p.intro = introduction()
	p.chip = container.NewCenter(p.status)
	verdict := container.NewBorder(nil, nil, p.chip, nil, p.headline)
	buttons := container.NewHBox(p.again, p.stop, p.watch, p.copyIt)
	head := container.New(widgets.Stacked{}, verdict, p.about, container.NewPadded(buttons), p.problem, widget.NewSeparator())
	p.scroll = container.NewVScroll(container.NewStack(p.rows, p.intro))
	p.content = container.NewBorder(widget.NewSeparator(), nil, nil, nil, container.NewPadded(container.NewBorder(head, nil, nil, nil, p.scroll)))
	return p
}

// introduction says what is going to happen.
func introduction() fyne.CanvasObject {
	text := widget.NewLabel("The test goes step by step from looking up the namespace's name to a message and a request there and back, " +
		"through a listener and a sender of its own. It takes ten seconds at most.\n\n" +
		"Every step says what was seen. One that fails says why that is likely, and what to do next; those that need it are skipped.")
	text.Wrapping = fyne.TextWrapWord
	text.Importance = widget.LowImportance
	return text
}

// Content returns what to put into the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show draws the last test of a profile, or invites to make one. A test of
// other settings than it has now does not count.
func (p *Page) Show(profile profiles.Profile) {
	t := p.trials[profile.ID]
	if t != nil && !t.running && !t.profile.SameConnection(profile) {
		delete(p.trials, profile.ID)
		t = nil
	}
	if p.profile.ID != profile.ID || p.shown != t {
		p.scroll.ScrollToTop()
	}
	p.profile, p.shown = profile, t
	p.refresh()
}

// Running reports whether the test on screen is under way.
func (p *Page) Running() bool { return p.shown != nil && p.shown.running }

// Run tests the profile on screen.
func (p *Page) Run() {
	if p.Running() || p.profile.ID == "" {
		return
	}
	p.start(func(ctx context.Context, t *trial, plan engine.Plan) (engine.Report, error) {
		return engine.Run(ctx, plan, func(s engine.Step) { p.opt.OnMain(func() { p.step(t, s) }) }), nil
	})
	p.scroll.ScrollToTop()
}

// start makes a test that goes on beside the main goroutine.
func (p *Page) start(do func(context.Context, *trial, engine.Plan) (engine.Report, error)) {
	ctx, cancel := context.WithCancel(context.Background())
	before := p.shown
	t := &trial{profile: p.profile, running: true, cancel: cancel, began: time.Now()}
	p.trials[t.profile.ID], p.shown = t, t
	p.refresh()
	p.opt.Work(func(life context.Context) {
		defer cancel()
		defer context.AfterFunc(life, cancel)()
		plan, err := p.opt.Plan(ctx, t.profile)
		if err == nil {
			p.opt.OnMain(func() { p.planned(t, plan) })
			var report engine.Report
			if report, err = do(ctx, t, plan); err == nil {
				p.opt.OnMain(func() { p.ended(t, report) })
				return
			}
		}
		if ctx.Err() != nil {
			p.opt.OnMain(func() { p.calledOff(t, before) })
			return
		}
		p.opt.OnMain(func() { p.gaveUp(t, err) })
	})
}

// Cancel stops the test on screen.
func (p *Page) Cancel() {
	if p.shown != nil {
		p.shown.cancel()
	}
}

// planned begins the time that the engine has: finding the settings, or
// waiting for a right, does not count.
func (p *Page) planned(t *trial, plan engine.Plan) {
	t.plan, t.began = plan, time.Now()
	t.report = engine.Report{Started: t.began, Steps: plan.Steps()}
	p.redraw(t)
}

func (p *Page) step(t *trial, s engine.Step) {
	for i := range t.report.Steps {
		if t.report.Steps[i].ID == s.ID {
			t.report.Steps[i] = s
		}
	}
	p.redraw(t)
}

func (p *Page) ended(t *trial, report engine.Report) {
	t.report, t.running, t.waiting = report, false, nil
	if !report.Stopped && p.opt.Tested != nil {
		p.opt.Tested(t.profile, report)
	}
	p.redraw(t)
}

func (p *Page) gaveUp(t *trial, err error) {
	t.failed, t.running, t.waiting = err, false, nil
	p.redraw(t)
}

// calledOff goes back to what there was: a test that was stopped before its
// first step has nothing to say.
func (p *Page) calledOff(t, before *trial) {
	t.running = false
	if p.trials[t.profile.ID] == t {
		delete(p.trials, t.profile.ID)
		if before != nil {
			p.trials[t.profile.ID] = before
		}
	}
	if p.shown == t {
		p.shown = before
		p.refresh()
	}
}

// watchUntilGranted asks for the rights that may still come, and tests again
// once there is one.
func (p *Page) watchUntilGranted() {
	before := p.shown
	if before == nil || before.running {
		return
	}
	p.start(func(ctx context.Context, t *trial, plan engine.Plan) (engine.Report, error) {
		p.opt.OnMain(func() {
			t.report.Steps = before.report.Steps
			t.waiting = &engine.Tick{}
			p.redraw(t)
		})
		// Why it ended, testing again will say.
		_ = engine.WatchUntilGranted(ctx, before.report.Awaited(plan), engine.DefaultWatch, func(tick engine.Tick) {
			p.opt.OnMain(func() { t.waiting = &tick; p.redraw(t) })
		})
		if ctx.Err() != nil {
			report := before.report
			report.Stopped = true
			return report, nil
		}
		p.opt.OnMain(func() { t.waiting = nil; p.planned(t, plan) })
		return engine.Run(ctx, plan, func(s engine.Step) { p.opt.OnMain(func() { p.step(t, s) }) }), nil
	})
}

func (p *Page) redraw(t *trial) {
	if p.shown == t {
		p.refresh()
	}
}

// Tick draws what changes with time alone.
func (p *Page) Tick() {
	if p.Running() {
		p.drawHead()
	}
}

func (p *Page) refresh() {
	p.drawHead()
	t := p.shown
	widgets.SetVisible(p.intro, t == nil)
	widgets.SetVisible(p.rows, t != nil)
	p.rows.Objects = nil
	if t != nil {
		if t.rows == nil {
			t.rows = map[engine.ID]*stepRow{}
		}
		for _, s := range t.report.Steps {
			row := t.rows[s.ID]
			if row == nil {
				row = newStepRow(p.opt.Copy, p.relayout)
				t.rows[s.ID] = row
			}
			row.set(s, t.report)
			p.rows.Add(row.content)
		}
	}
	p.relayout()
}

// relayout gives every row the height that it needs now.
func (p *Page) relayout() {
	p.rows.Refresh()
	p.content.Refresh()
	p.scroll.Refresh()
}

// drawHead draws the verdict and the buttons.
func (p *Page) drawHead() {
	t := p.shown
	kind, word, headline, about := widgets.StatusIdle, "", "Not tested yet", "Nothing has been tried with these settings."
	p.problem.Hide()
	switch {
	case t == nil:
	case t.failed != nil:
		kind, word, headline, about = widgets.StatusFailed, "Failed", "The test could not begin", ""
		m := explain.Error(t.failed, 0)
		p.problem.Set(widgets.Failure{Title: m.Title, Cause: m.Cause, Next: m.Next, Raw: m.Raw, TrackingID: m.TrackingID})
		p.problem.Show()
	case t.waiting != nil:
		kind, word, headline, about = widgets.StatusBusy, "Waiting", "Waiting until the role is granted", waitingWords(*t.waiting)
	case t.running:
		kind, word, headline = widgets.StatusBusy, "Testing", t.current()
		spent, signingIn := t.spent(time.Now())
		about = fmt.Sprintf("%d s of at most %d", int(spent.Seconds()), int(engine.DefaultBudget.Seconds()))
		if signingIn {
			about = "Waiting until somebody has signed in. That time does not count."
		}
	default:
		kind, word = kindOf(t.report.Status)
		headline, about = t.report.Headline, t.summary()
	}
	p.status.Set(kind, word)
	widgets.SetVisible(p.chip, word != "")
	widgets.SetText(p.headline, headline)
	widgets.SetText(p.about, about)
	running := p.Running()
	text := "Test again"
	if t == nil {
		text = "Test connection"
	}
	if p.again.Text != text {
		p.again.SetText(text)
	}
	widgets.SetVisible(p.again, !running)
	widgets.SetVisible(p.stop, running)
	widgets.SetVisible(p.watch, !running && t != nil && t.mayCome())
	widgets.SetVisible(p.copyIt, !running && t != nil && t.failed == nil)
}

// spent returns how much of the engine's time is over. Waiting for a person to
// sign in does not count.
func (t *trial) spent(now time.Time) (spent time.Duration, signingIn bool) {
	spent = now.Sub(t.began)
	for _, s := range t.report.Steps {
		if t.plan.TokenPatience == 0 || s.ID != engine.Token && s.ID != engine.TokenListen && s.ID != engine.TokenSend {
			continue
		}
		if s.Status == engine.Running {
			return spent, true
		}
		spent -= s.Took
	}
	return spent, false
}

// mayCome reports whether what failed is a right that may still come. One that
// is not needed, because the other role's is there, is not worth waiting for.
func (t *trial) mayCome() bool {
	for _, s := range t.report.Steps {
		if s.Status == engine.Failed && s.MayCome {
			return true
		}
	}
	return false
}

// current names what is being done.
func (t *trial) current() string {
	for _, s := range t.report.Steps {
		if s.Status == engine.Running {
			return s.Title + "…"
		}
	}
	return "Beginning…"
}

// summary says what the verdict is about.
func (t *trial) summary() string {
	r := t.report
	text := "Tested "
	if r.Namespace != "" {
		text += r.HybridConnection + " at " + r.Namespace + " "
	}
	if r.Via != "" {
		text += "through the proxy " + r.Via + " "
	}
	text += fmt.Sprintf("at %s, in %s.", r.Started.Format("15:04:05"), took(r.Took))
	switch {
	case r.TurnedAway == 1:
		text += " One sender of somebody else reached the test's listener and was told to connect again."
	case r.TurnedAway > 1:
		text += fmt.Sprintf(" %d senders of others reached the test's listener and were told to connect again.", r.TurnedAway)
	}
	return text
}

func waitingWords(tick engine.Tick) string {
	switch {
	case tick.Attempt == 0:
		return "Asking for the first time. A new role assignment takes up to five minutes to arrive."
	case tick.Err == nil:
		return fmt.Sprintf("Granted at attempt %d. Testing again.", tick.Attempt)
	case tick.Next.IsZero():
		return fmt.Sprintf("Attempt %d was the last one.", tick.Attempt)
	}
	return fmt.Sprintf("Not granted at attempt %d, the next one in %d s. A new role assignment takes up to five minutes to arrive.",
		tick.Attempt, max(0, int(time.Until(tick.Next).Seconds())))
}

// Objects names the parts of the page that a test drives.
func (p *Page) Objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"test.again": p.again, "test.stop": p.stop, "test.watch": p.watch, "test.copy": p.copyIt,
		"test.headline": p.headline, "test.about": p.about, "test.status": p.status, "test.problem": p.problem,
	}
	if p.shown != nil {
		for id, row := range p.shown.rows {
			all["test.step."+string(id)], all["test.step."+string(id)+".line"], all["test.step."+string(id)+".body"] = row.status, row.line, row.body
		}
	}
	return all
}
