package ui

import (
	"log/slog"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/signin"
)

// A profile whose roles have keys of their own works on the local relay: the
// listener signs in with one, the sender with the other.
func TestEachRoleSignsInItsOwnWay(t *testing.T) {
	h := &relayHost{log: slog.New(slog.DiscardHandler)}
	defer h.close()
	p := demoProfile()
	send := signin.Settings{Way: signin.SharedAccessKey, KeyName: "send", Key: localrelay.NewKey()}
	for name, sender := range map[string]*signin.Settings{"the same": nil, "of its own": &send} {
		p.SendSignIn = sender
		listen, err := h.resolve(t.Context(), p, relayclient.Listening)
		if err != nil {
			t.Fatal(err)
		}
		dial, err := h.resolve(t.Context(), p, relayclient.Sending)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.SignInFor(relayclient.Sending).KeyName; sender != nil && got != "send" || sender == nil && got != "listen-send" {
			t.Errorf("%s: the sender's policy is %q", name, got)
		}
		l, err := relayclient.Listen(t.Context(), listen)
		if err != nil {
			t.Fatalf("%s: listen: %v", name, err)
		}
		c, err := relayclient.Dial(t.Context(), dial, relayclient.DialOptions{})
		if err != nil {
			t.Errorf("%s: send: %v", name, err)
		} else if err := c.Close(1000, ""); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("%s: close: %v", name, err)
		}
	}
	p.SignIn, p.SendSignIn = signin.Settings{}, &signin.Settings{Way: signin.Anonymous}
	if _, err := h.resolve(t.Context(), p, relayclient.Listening); err == nil {
		t.Error("a profile that only sends listens")
	}
	if cfg, err := h.resolve(t.Context(), p, relayclient.Sending); err != nil || cfg.Token != nil {
		t.Errorf("anonymous sender: token %v, %v; want none", cfg.Token, err)
	}
}
