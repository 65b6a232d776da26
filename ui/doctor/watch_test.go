package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient"
	engine "relayscope/relayclient/doctor"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/signin"
)

func TestWatchUntilTheRoleIsGranted(t *testing.T) {
	cfg, r := principal(t, localrelay.Send|localrelay.Listen)
	// The role arrives after the test and one attempt of the watch.
	late := localrelay.Fault{Kind: localrelay.FaultRefuse, On: localrelay.OnListen, Status: 401, Times: 2, Reason: "Authorization failed for specified action: Listen"}
	if _, err := r.Inject(late); err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{Listen: cfg, Send: cfg}, nil
	}
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("end", b.idle)
	verdict := b.page.headline.Text
	row := b.page.shown.rows[engine.ListenRight]
	if !strings.Contains(verdict, "lacks the role Azure Relay Listener") || !row.copyIt.Visible() || !b.page.watch.Visible() {
		t.Fatalf("the verdict is %q; a command to copy: %v, a way to wait: %v", verdict, row.copyIt.Visible(), b.page.watch.Visible())
	}
	test.Tap(row.copyIt)
	if !strings.HasPrefix(b.copy, "az role assignment create ") {
		t.Errorf("copied %q, want the command", b.copy)
	}

	// Whoever stops waiting is told again what is missing.
	test.Tap(b.page.watch)
	b.until("refusal", func() bool { return strings.HasPrefix(b.page.about.Text, "Not granted at attempt 1, the next one in ") })
	if b.page.status.Text() != "Waiting" || b.page.watch.Visible() || !b.page.stop.Visible() {
		t.Errorf("while waiting the status is %q", b.page.status.Text())
	}
	test.Tap(b.page.stop)
	b.until("stop", b.idle)
	if b.page.headline.Text != verdict || !b.page.watch.Visible() || len(b.ended) != 1 {
		t.Errorf("stopped, the headline is %q, want %q; told of %d tests, want 1", b.page.headline.Text, verdict, len(b.ended))
	}

	// The hour of waiting does not count as an hour of testing.
	test.Tap(b.page.watch)
	b.until("wait", func() bool { return b.page.shown.waiting != nil })
	b.page.shown.began = time.Now().Add(-time.Hour)
	b.until("success", func() bool {
		if strings.HasPrefix(b.page.about.Text, "36") {
			t.Fatalf("the time is said to be %q", b.page.about.Text)
		}
		return b.idle()
	})
	if b.page.status.Text() != "Passed" || b.page.watch.Visible() || len(b.ended) != 2 {
		t.Errorf("the verdict is %q, %q; told of %d tests, want 2", b.page.status.Text(), b.page.headline.Text, len(b.ended))
	}
}

// A role that is missing beside one that is there is not waited for: most
// identities need one alone.
func TestNothingToWatchForBesideAnotherRole(t *testing.T) {
	cfg, _ := principal(t, localrelay.Send)
	b := newBench(t)
	b.plan = func(context.Context, profiles.Profile) (engine.Plan, error) {
		return engine.Plan{Listen: cfg, Send: cfg, OneCredential: true}, nil
	}
	b.page.Show(profiles.Profile{ID: "a"})
	b.page.Run()
	b.until("end", b.idle)
	row := b.page.shown.rows[engine.ListenRight]
	if b.page.status.Text() != "Warning" || !row.copyIt.Visible() || b.page.watch.Visible() {
		t.Errorf("the verdict is %q, the command to copy: %v, a way to wait: %v", b.page.status.Text(), row.copyIt.Visible(), b.page.watch.Visible())
	}
}

// principal has the settings of a service principal with these rights.
func principal(t *testing.T, rights localrelay.Rights) (*relayclient.Config, *localrelay.Relay) {
	t.Helper()
	const (
		app    = "0a1b2c3d-0000-4000-8000-000000000001"
		object = "0a1b2c3d-0000-4000-8000-000000000002"
	)
	a := entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: app, ObjectID: object, Name: "Relay tester", Secret: "right s3cret"})
	a.Allow(object, rights)
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) })
	s := signin.Settings{Way: signin.ClientSecret, Tenant: entratest.Tenant, ClientID: app, Secret: relayclient.NewSecret("right s3cret"), Authority: a.URL}
	provider, err := signin.New(s, signin.Options{Namespace: r.Namespace(), RootCAs: a.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	return &relayclient.Config{Namespace: r.Namespace(), HybridConnection: "hyco", RootCAs: r.RootCAs(), Token: provider}, r
}
