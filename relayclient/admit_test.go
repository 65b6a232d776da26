package relayclient_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestAdmit(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
		switch {
		case info.Path == "/forbidden":
			return relayclient.Verdict{Status: 403, Description: "not today"}
		case info.Header.Get("X-Tenant") == "green":
			return relayclient.Verdict{}
		case info.Query == "liar=1":
			return relayclient.Verdict{Accept: true, Subprotocol: "never offered"}
		case len(info.Subprotocols()) == 2:
			return relayclient.Verdict{Accept: true, Subprotocol: info.Subprotocols()[1]}
		}
		return relayclient.Verdict{Accept: true}
	}
	events := watch(&cfg)
	l := listen(t, cfg)
	for name, tt := range map[string]struct {
		opt    relayclient.DialOptions
		status int
		reason string
	}{
		"by path":                   {relayclient.DialOptions{Path: "/forbidden"}, 403, "not today"},
		"by header, zero verdict":   {relayclient.DialOptions{Header: http.Header{"X-Tenant": {"green"}}}, 400, "Rejected by user code"},
		"subprotocol never offered": {relayclient.DialOptions{Query: "liar=1"}, 500, "the listener chose a subprotocol that was not offered"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), tt.opt)
			var he *relayclient.HandshakeError
			if !errors.As(err, &he) || he.StatusCode != tt.status || he.Reason != tt.reason {
				t.Errorf("error = %v, want %d %s", err, tt.status, tt.reason)
			}
			// 410 from the relay is how it confirms, and no failure.
			if ev := await(t, events, "rejected", kind(relayclient.Rejected)); ev.Code != tt.status || ev.Reason != tt.reason {
				t.Errorf("event = %d %s", ev.Code, ev.Reason)
			}
		})
	}
	for offered, want := range map[string]string{"": "", "v2,v1": "v1"} {
		opt := relayclient.DialOptions{}
		if offered != "" {
			opt.Subprotocols = []string{"v2", "v1"}
		}
		c, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), opt)
		if err != nil {
			t.Fatal(err)
		}
		other, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.Subprotocol() != want || other.Subprotocol() != want {
			t.Errorf("offered %q: subprotocols %q and %q, want %q", offered, c.Subprotocol(), other.Subprotocol(), want)
		}
		c.CloseNow()
		other.CloseNow()
	}
}

func TestSlowDecisionIsBounded(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Timing.Decide = 50 * time.Millisecond
	told := make(chan struct{})
	cfg.Admit = func(ctx context.Context, _ relayclient.ConnInfo) relayclient.Verdict {
		<-ctx.Done()
		close(told)
		return relayclient.Verdict{Accept: true} // too late
	}
	listen(t, cfg)
	_, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.StatusCode != 503 {
		t.Errorf("error = %v, want 503", err)
	}
	<-told
}
