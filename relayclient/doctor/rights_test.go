package doctor_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func inject(t testing.TB, r *localrelay.Relay, text string) {
	t.Helper()
	f, err := localrelay.ParseFault(text)
	if err == nil {
		_, err = r.Inject(f)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatACredentialCanDo(t *testing.T) {
	relay := localrelaytest.New(t)
	rule := func(name string) *relayclient.Config { return role(t, relay, "hyco", name) }
	wrong := rule("both")
	wrong.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	missing := rule("root")
	missing.HybridConnection = "missing"
	anonymous := rule("send")
	anonymous.Token = nil
	open := role(t, relay, "open", "listen")
	nobody := *open
	nobody.Token = nil
	expired := rule("send")
	expired.Token = relayclient.SharedAccessKey{KeyName: "send", Key: expired.Token.(relayclient.SharedAccessKey).Key, Lifetime: -time.Hour}

	const (
		passed, warned, failed, skipped = doctor.Passed, doctor.Warned, doctor.Failed, doctor.Skipped
	)
	for name, tt := range map[string]struct {
		plan                     doctor.Plan
		send, listen, trip, http doctor.Status
		verdict                  doctor.Status
		headline                 string // the beginning
	}{
		"listen-only policy for both": {
			doctor.Plan{Listen: rule("listen"), Send: rule("listen"), OneCredential: true}, warned, passed, skipped, skipped,
			warned, "Listening works, but: the policy lacks the Send right",
		},
		"send-only policy for both": {
			doctor.Plan{Listen: rule("send"), Send: rule("send"), OneCredential: true}, passed, warned, skipped, skipped,
			warned, "Sending works, but: the policy lacks the Listen right",
		},
		"one policy for each role": {
			doctor.Plan{Listen: rule("listen"), Send: rule("send")}, passed, passed, passed, passed,
			passed, "Everything works: ",
		},
		"the two policies mixed up": {
			doctor.Plan{Listen: rule("send"), Send: rule("listen")}, failed, failed, skipped, skipped,
			failed, "The network is fine, but neither sending nor listening works: the policy lacks the Send right, and the policy lacks the Listen right",
		},
		"a listener alone": {
			doctor.Plan{Listen: rule("listen")}, skipped, passed, skipped, skipped,
			passed, "Listening works; sending was not tested",
		},
		"a sender alone": {
			doctor.Plan{Send: rule("send")}, passed, skipped, skipped, skipped,
			passed, "Sending works; listening was not tested",
		},
		"wrong key": {
			doctor.Plan{Listen: wrong, Send: wrong, OneCredential: true}, failed, failed, skipped, skipped,
			failed, "The network is fine, but neither sending nor listening works: the relay does not accept the key",
		},
		"unknown hybrid connection": {
			doctor.Plan{Listen: missing, Send: missing, OneCredential: true}, failed, failed, skipped, skipped,
			failed, "The network is fine, but neither sending nor listening works: there is no such hybrid connection",
		},
		"anonymous where a token is needed": {
			doctor.Plan{Listen: rule("listen"), Send: anonymous}, failed, passed, skipped, skipped,
			failed, "The network is fine, but sending fails: the relay wants a token",
		},
		"anonymous where none is needed": {
			doctor.Plan{Listen: open, Send: &nobody}, passed, passed, passed, passed,
			passed, "Everything works: ",
		},
		"anonymous where the listener can tell that a token is needed": {
			doctor.Plan{Listen: rule("root"), Send: anonymous}, failed, passed, skipped, skipped,
			failed, "The network is fine, but sending fails: this hybrid connection requires authorization",
		},
		"anonymous alone, where somebody can tell": {
			doctor.Plan{Send: anonymous, Reader: rule("root")}, failed, skipped, skipped, skipped,
			failed, "The network is fine, but sending fails: this hybrid connection requires authorization",
		},
		"expired token": {
			doctor.Plan{Send: expired}, failed, skipped, skipped, skipped,
			failed, "The network is fine, but sending fails: the token has expired",
		},
		"two hybrid connections": {
			doctor.Plan{Listen: open, Send: rule("send")}, skipped, skipped, skipped, skipped,
			failed, "Listener and sender are about different hybrid connections",
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := test(t, t.Context(), tt.plan)
			wantSteps(t, report, map[doctor.ID]doctor.Status{
				doctor.SendRight: tt.send, doctor.ListenRight: tt.listen, doctor.WebSocketTrip: tt.trip, doctor.HTTPTrip: tt.http,
			})
			if report.Status != tt.verdict || !strings.HasPrefix(report.Headline, tt.headline) {
				t.Errorf("verdict is %v, %q, want %v, %q", report.Status, report.Headline, tt.verdict, tt.headline)
			}
		})
	}
}

// Runtime information that can be read says beforehand that nobody needs a
// token.
func TestAnonymousIsAdmittedByTheRuntimeInformation(t *testing.T) {
	relay := localrelaytest.New(t)
	nobody := role(t, relay, "open", "listen")
	nobody.Token = nil
	for rule, want := range map[string]string{
		"root":   "granted to everybody, as the runtime information says; nobody listens",
		"listen": "granted; nobody listens",
	} {
		report := test(t, t.Context(), doctor.Plan{Listen: role(t, relay, "open", rule), Send: nobody})
		if got := report.Step(doctor.SendRight).Detail; got != want {
			t.Errorf("with the policy %s: %q, want %q", rule, got, want)
		}
	}
}

// A refusal has what Azure support asks for.
func TestRefusalHasTrackingID(t *testing.T) {
	relay := localrelaytest.New(t)
	inject(t, relay, "refuse:on=connect,status=500,reason=no luck")
	report := test(t, t.Context(), doctor.Plan{Send: role(t, relay, "hyco", "send")})
	step := report.Step(doctor.SendRight)
	var he *relayclient.HandshakeError
	if !errors.As(step.Err, &he) || he.StatusCode != 500 || he.TrackingID == "" {
		t.Fatalf("error is %v", step.Err)
	}
	if len(step.TrackingIDs) != 1 || step.TrackingIDs[0] != he.TrackingID {
		t.Errorf("tracking IDs are %q, want %s alone", step.TrackingIDs, he.TrackingID)
	}
	if step.Finding.TrackingID != he.TrackingID || !strings.Contains(report.Text(), "Tracking ID: "+he.TrackingID) || !strings.Contains(report.Text(), " UTC") {
		t.Errorf("the text lacks the tracking ID %s or the time:\n%s", he.TrackingID, report.Text())
	}
}

// bystander is somebody else's listener. It counts whom it met.
func bystander(t *testing.T, cfg *relayclient.Config) (met <-chan string) {
	t.Helper()
	seen := make(chan string, 100)
	other := *cfg
	other.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
		seen <- "sender"
		return relayclient.Verdict{}
	}
	other.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen <- "request" })
	l, err := relayclient.Listen(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return seen
}

func TestOtherListenersAreNotDisturbed(t *testing.T) {
	relay := localrelaytest.New(t)
	both := role(t, relay, "hyco", "both")
	met := bystander(t, both)
	for range 10 { // the relay chooses at random unless it is asked
		report := test(t, t.Context(), doctor.Plan{Listen: both, Send: both, OneCredential: true})
		if report.Status != doctor.Passed {
			t.Errorf("verdict is %v, %q", report.Status, report.Headline)
		}
		if detail := report.Step(doctor.SendRight).Detail; detail != "granted; a listener is online" {
			t.Errorf("sending: %s", detail)
		}
	}
	select {
	case who := <-met:
		t.Errorf("the other listener met a %s of the test", who)
	default:
	}
}

// Other people's senders that reach the test's listener are told to come
// again, and counted.
func TestOtherSendersAreTurnedAway(t *testing.T) {
	relay := localrelaytest.New(t)
	both := role(t, relay, "hyco", "both")
	client, err := relayclient.NewTransport(*both)
	if err != nil {
		t.Fatal(err)
	}
	defer client.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	var visited bool
	report := doctor.Run(t.Context(), doctor.Plan{Listen: both, Send: both, OneCredential: true}, func(s doctor.Step) {
		if s.ID != doctor.WebSocketTrip || s.Status != doctor.Running {
			return
		}
		visited = true
		_, err := relayclient.Dial(t.Context(), *both, relayclient.DialOptions{})
		var he *relayclient.HandshakeError
		if !errors.As(err, &he) || he.StatusCode != http.StatusServiceUnavailable || !strings.Contains(he.Reason, "please connect again") {
			t.Errorf("a stranger's sender got %v", err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://any/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("a stranger's request got %s", resp.Status)
		}
	})
	if !visited || report.Status != doctor.Passed || report.TurnedAway != 2 {
		t.Errorf("verdict %v, %q; turned away %d, want 2", report.Status, report.Headline, report.TurnedAway)
	}
	if !strings.Contains(report.Text(), "2 senders of others") {
		t.Errorf("the text does not say so:\n%s", report.Text())
	}
}
