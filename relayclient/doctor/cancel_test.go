package doctor_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A deafProvider never gives a token and does not listen to its context.
type deafProvider struct{ stop <-chan struct{} }

func (d deafProvider) Token(context.Context, string) (relayclient.Token, error) {
	<-d.stop
	return relayclient.Token{}, context.Canceled
}

func deaf(t testing.TB) deafProvider {
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	return deafProvider{stop}
}

// hangs has a plan for every step that can hang, in which that step does.
var hangs = map[doctor.ID]func(t *testing.T) doctor.Plan{
	doctor.DNS: func(t *testing.T) doctor.Plan {
		return doctor.Plan{Send: sender("ns.example"), Resolver: nameServer(mute(t))}
	},
	doctor.Proxy: func(t *testing.T) doctor.Plan { return doctor.Plan{Send: through(sender("ns.example"), mute(t))} },
	doctor.TLS:   func(t *testing.T) doctor.Plan { return doctor.Plan{Send: sender(mute(t))} },
	doctor.Clock: func(t *testing.T) doctor.Plan {
		address, roots := webServer(t, func(_ http.ResponseWriter, req *http.Request) { <-req.Context().Done() })
		cfg := sender(address)
		cfg.RootCAs = roots
		return doctor.Plan{Send: cfg}
	},
	doctor.TokenSend: func(t *testing.T) doctor.Plan {
		cfg := sender(closedPort(t))
		cfg.Token = deaf(t)
		return doctor.Plan{Send: cfg}
	},
	doctor.Token: func(t *testing.T) doctor.Plan {
		cfg := sender(closedPort(t))
		cfg.Token = deaf(t)
		return doctor.Plan{Send: cfg, Listen: cfg, OneCredential: true}
	},
	doctor.SendRight:     faulty("delay:on=connect,by=1m"),
	doctor.ListenRight:   faulty("delay:on=listen,by=1m"),
	doctor.WebSocketTrip: faulty("delay:on=accept-command,by=1m"),
	doctor.HTTPTrip:      faulty("delay:on=http,by=1m,entity=hyco"),
}

func faulty(fault string) func(t *testing.T) doctor.Plan {
	return func(t *testing.T) doctor.Plan {
		relay := localrelaytest.New(t)
		inject(t, relay, fault)
		t.Cleanup(relay.ClearFaults)
		both := role(t, relay, "hyco", "both")
		return doctor.Plan{Send: both, Listen: both, OneCredential: true}
	}
}

// Whatever hangs, the test ends as soon as it is cancelled, and what it has
// not seen is not healthy.
func TestCancel(t *testing.T) {
	for id, plan := range hangs {
		t.Run(string(id), func(t *testing.T) {
			p := plan(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var stopped time.Time
			var timer *time.Timer
			report := doctor.Run(ctx, p, func(s doctor.Step) {
				if s.ID == id && s.Status == doctor.Running {
					timer = time.AfterFunc(30*time.Millisecond, func() { stopped = time.Now(); cancel() })
				}
			})
			if timer == nil || ctx.Err() == nil {
				t.Fatalf("step %s did not hang:\n%s", id, report.Text())
			}
			if took := time.Since(stopped); took > 2*time.Second {
				t.Errorf("the test went on for %v after it was cancelled", took)
			} else {
				t.Logf("ended %v later", took)
			}
			if got := report.Step(id); got.Status != doctor.NotRun || got.Detail != "stopped" {
				t.Errorf("step %s is %v: %s, %v", id, got.Status, got.Detail, got.Err)
			}
			if !report.Stopped || report.Status == doctor.Passed || report.Status == doctor.Warned || report.Headline == "" {
				t.Errorf("verdict is %v, %q", report.Status, report.Headline)
			}
		})
	}
}

// Whatever hangs, the budget is kept, the step that ran out of time is named,
// and those that need it are skipped.
func TestBudget(t *testing.T) {
	for id, plan := range hangs {
		t.Run(string(id), func(t *testing.T) {
			t.Parallel()
			p := plan(t)
			p.Budget = 1500 * time.Millisecond
			report := test(t, t.Context(), p)
			if report.Took > p.Budget+time.Second {
				t.Errorf("the test took %v of %v", report.Took, p.Budget)
			}
			if got := report.Step(id); got.Status != doctor.Failed || !got.OutOfTime {
				t.Errorf("step %s is %v, out of time %v: %v", id, got.Status, got.OutOfTime, got.Err)
			}
			if report.Status != doctor.Failed {
				t.Errorf("verdict is %v, %q", report.Status, report.Headline)
			}
			if t.Failed() {
				t.Log(report.Text())
			}
		})
	}
}

func TestCancelledBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report := test(t, ctx, doctor.Plan{Send: sender("ns.example")})
	for _, s := range report.Steps {
		if s.Status != doctor.NotRun {
			t.Errorf("step %s is %v", s.ID, s.Status)
		}
	}
	if report.Status != doctor.NotRun || !report.Stopped {
		t.Errorf("verdict is %v, %q", report.Status, report.Headline)
	}
}

// The longest that a test can take: nothing answers, neither the network nor
// whoever makes tokens.
func TestNothingAnswers(t *testing.T) {
	t.Parallel()
	plan := hangs[doctor.DNS](t)
	plan.Send.Token = deaf(t)
	report := test(t, t.Context(), plan)
	if report.Took > doctor.DefaultBudget {
		t.Errorf("the test took %v", report.Took)
	}
	wantSteps(t, report, map[doctor.ID]doctor.Status{doctor.DNS: doctor.Failed, doctor.TokenSend: doctor.Failed, doctor.SendRight: doctor.Skipped})
}

// A person may take longer to sign in than the test has time.
func TestPersonHasTime(t *testing.T) {
	cfg := sender(closedPort(t))
	slow := make(chan struct{})
	cfg.Token = deafProvider{slow}
	time.AfterFunc(300*time.Millisecond, func() { close(slow) })
	report := test(t, t.Context(), doctor.Plan{Send: cfg, Budget: 100 * time.Millisecond, TokenPatience: time.Minute})
	if step := report.Step(doctor.TokenSend); step.OutOfTime || step.Took < 200*time.Millisecond {
		t.Errorf("the token step ended with %v after %v, out of time %v", step.Err, step.Took, step.OutOfTime)
	}
}
