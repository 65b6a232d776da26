package ui

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"relayscope/profiles"
	"relayscope/relayclient"
	engine "relayscope/relayclient/doctor"
	"relayscope/relayclient/signin"
	"relayscope/ui/doctor"
	"relayscope/ui/widgets"
)

// personPatience is how long a person may take to sign in.
const personPatience = 5 * time.Minute

// newTestPage returns a page that tests connections.
func (u *Window) newTestPage() *doctor.Page {
	return doctor.NewPage(doctor.Options{OnMain: u.onMain, Work: u.background, Copy: u.copyText, Plan: u.planTest, Tested: u.tested})
}

// planTest says what there is to test of a profile.
func (u *Window) planTest(ctx context.Context, p profiles.Profile) (engine.Plan, error) {
	plan := engine.Plan{OneCredential: p.SendSignIn == nil}
	for _, r := range []struct {
		role relayclient.Role
		into **relayclient.Config
	}{{relayclient.Listening, &plan.Listen}, {relayclient.Sending, &plan.Send}} {
		way := p.SignInFor(r.role).Way
		if way == 0 || way == signin.Anonymous && r.role == relayclient.Listening {
			continue // the profile only sends
		}
		cfg, err := u.host.resolve(ctx, p, r.role)
		if err != nil {
			return plan, err
		}
		*r.into = &cfg
		if way.Interactive() {
			plan.TokenPatience = personPatience
		}
	}
	return plan, nil
}

// tested notes how a test ended. What is not stored yet gets its result once
// it is.
func (u *Window) tested(p profiles.Profile, report engine.Report) {
	result := profiles.Result{At: report.Started, OK: report.Status == engine.Passed || report.Status == engine.Warned, Headline: report.Headline}
	if e, ok := u.entry(p.ID); ok && e.Fault == nil && e.Profile.SameConnection(p) {
		u.keeper.note(p.ID, result, u.noted)
		return
	}
	u.early = map[profiles.ID]earlyResult{p.ID: {p, result}}
}

// An earlyResult is of a profile that was tested before it was stored.
type earlyResult struct {
	profile profiles.Profile
	result  profiles.Result
}

// noteEarly notes what a profile that has just been stored did in its test.
func (u *Window) noteEarly(p profiles.Profile) {
	if e, ok := u.early[p.ID]; ok && e.profile.SameConnection(p) {
		u.keeper.note(p.ID, e.result, u.noted)
	}
	delete(u.early, p.ID)
}

// noted shows the list with a result in it. One that could not be kept is
// still on screen, where the test is.
func (u *Window) noted(entries []profiles.Entry, err error) {
	if err != nil {
		u.log.Warn("result of a test not kept", "err", err)
		return
	}
	u.list(entries)
}

// testTyped tests what the form holds, over the form: nothing typed is lost.
func (u *Window) testTyped(p profiles.Profile) {
	page := u.newTestPage()
	u.trying = page
	page.Show(p)
	d := dialog.NewCustom(widgets.ShownLine("Test of "+p.Name), "Close", page.Content(), u.win)
	d.SetOnClosed(func() {
		page.Cancel()
		u.trying = nil
	})
	size := u.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-60, 960), min(size.Height-60, 640)))
	u.showDialog(d)
	page.Run()
}
