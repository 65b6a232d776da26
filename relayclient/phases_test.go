package relayclient_test

import (
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestPhasesOfEveryOpening(t *testing.T) {
	r := localrelaytest.New(t)
	listener, sender := config(t, r, "hyco", "listen"), config(t, r, "hyco", "send")
	listening, sending := watch(&listener), watch(&sender)
	l := listen(t, listener)
	pair(t, l, sender)
	for name, ev := range map[string]relayclient.Event{
		"online":   await(t, listening, "online", state(relayclient.Online)),
		"accepted": await(t, listening, "accepted", kind(relayclient.Connected)),
		"sender":   await(t, sending, "connected", kind(relayclient.Connected)),
	} {
		p := ev.Phases
		sum := p.Token + p.DNS + p.TCP + p.Proxy + p.TLS + p.Upgrade
		if p.TCP <= 0 || p.TLS <= 0 || p.Upgrade <= 0 || p.Proxy != 0 || p.Address == "" || sum > ev.Took {
			t.Errorf("%s: %v of %v to %q; want TCP, TLS and upgrade, no proxy, and no more than all of it", name, p, ev.Took, p.Address)
		}
		if (p.Token > 0) != (name != "accepted") {
			t.Errorf("%s: token took %v; only a rendezvous needs none", name, p.Token)
		}
	}
}

func TestPhasesShowWhereItFailed(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "send")
	cfg.RootCAs = nil // fails in the TLS handshake
	events := watch(&cfg)
	if _, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{}); err == nil {
		t.Fatal("connected without trust")
	}
	if p := await(t, events, "failure", kind(relayclient.ConnectFailed)).Phases; p.TCP <= 0 || p.TLS <= 0 || p.Upgrade != 0 {
		t.Errorf("phases = %v, want TCP and TLS, and no upgrade", p)
	}
}

func TestPhasesInWords(t *testing.T) {
	p := relayclient.Phases{DNS: 2 * time.Millisecond, TCP: 14400 * time.Microsecond, Upgrade: 1230 * time.Millisecond}
	if got, want := p.String(), "DNS 2ms, TCP 14.4ms, upgrade 1.23s"; got != want {
		t.Errorf("String() = %q, want %q", got, want)
	}
}
