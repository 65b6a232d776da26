package doctor_test

import (
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/signin"
)

const (
	app    = "0a1b2c3d-0000-4000-8000-000000000001"
	object = "0a1b2c3d-0000-4000-8000-000000000002"
)

// principal has a relay and the settings of a service principal with these
// rights there.
func principal(t *testing.T, rights localrelay.Rights, secret string) (*relayclient.Config, *localrelay.Relay) {
	t.Helper()
	a := entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: app, ObjectID: object, Name: "Relay tester", Secret: "right s3cret"})
	a.Allow(object, rights)
	relay := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) })
	s := signin.Settings{Way: signin.ClientSecret, Tenant: entratest.Tenant, ClientID: app, Secret: relayclient.NewSecret(secret), Authority: a.URL}
	p, err := signin.New(s, signin.Options{Namespace: relay.Namespace(), RootCAs: a.Roots()})
	if err != nil {
		t.Fatal(err)
	}
	return &relayclient.Config{Namespace: relay.Namespace(), HybridConnection: "hyco", RootCAs: relay.RootCAs(), Token: p}, relay
}

func TestIdentityIsNamed(t *testing.T) {
	cfg, _ := principal(t, localrelay.Listen|localrelay.Send, "right s3cret")
	report := test(t, t.Context(), doctor.Plan{Listen: cfg, Send: cfg, OneCredential: true})
	if report.Status != doctor.Passed {
		t.Errorf("verdict is %v, %q", report.Status, report.Headline)
	}
	if got := report.Step(doctor.Token).Detail; !strings.HasPrefix(got, "client secret, as Relay tester (object "+object+"), tenant "+entratest.Tenant+", good for ") {
		t.Errorf("token: %s", got)
	}
}

// A role that is missing comes with the command that gives it, and with the
// hint that it may take a while.
func TestRoleIsMissing(t *testing.T) {
	cfg, _ := principal(t, localrelay.Send, "right s3cret")
	report := test(t, t.Context(), doctor.Plan{Listen: cfg, Send: cfg})
	wantSteps(t, report, map[doctor.ID]doctor.Status{doctor.SendRight: doctor.Passed, doctor.ListenRight: doctor.Failed, doctor.WebSocketTrip: doctor.Skipped})
	if want := "The network is fine, but listening fails: the identity lacks the role Azure Relay Listener"; report.Headline != want {
		t.Errorf("headline is %q, want %q", report.Headline, want)
	}
	step := report.Step(doctor.ListenRight)
	if !step.MayCome || !strings.Contains(step.Command, `az role assignment create --assignee-object-id "`+object+`"`) || !strings.Contains(step.Command, `"Azure Relay Listener"`) {
		t.Errorf("may come: %v, command: %s", step.MayCome, step.Command)
	}
	if !strings.Contains(report.Text(), "Command: "+step.Command) {
		t.Errorf("the text has no command:\n%s", report.Text())
	}
}

func TestWrongClientSecret(t *testing.T) {
	cfg, _ := principal(t, localrelay.Send, "wrong s3cret")
	report := test(t, t.Context(), doctor.Plan{Send: cfg})
	wantSteps(t, report, map[doctor.ID]doctor.Status{doctor.TLS: doctor.Passed, doctor.TokenSend: doctor.Failed, doctor.SendRight: doctor.Skipped})
	if !strings.HasPrefix(report.Headline, "The network is fine, but no token could be got: ") || strings.Contains(report.Text(), "s3cret") ||
		strings.Contains(report.Text(), "get a token: get a token") {
		t.Errorf("the text is\n%s", report.Text())
	}
}
