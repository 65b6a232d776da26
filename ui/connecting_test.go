package ui

import (
	"errors"
	"log/slog"
	"testing"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/signin"
)

// A sender without a token learns before it connects that it needs one, where
// the listener's policy may read that.
func TestAnonymousSenderIsToldBeforehand(t *testing.T) {
	r := localrelaytest.New(t)
	h := &relayHost{log: slog.New(slog.DiscardHandler)}
	defer h.close()
	for name, tt := range map[string]struct {
		entity, rule string
		want         error
	}{
		"needs one, the listener may read it": {"hyco", "root", signin.ErrAuthorizationRequired},
		"needs one, nobody may read it":       {"hyco", "listen", nil},
		"needs none":                          {"open", "root", nil},
	} {
		cs, err := r.ConnectionString(tt.entity, tt.rule)
		if err != nil {
			t.Fatal(err)
		}
		p := profiles.Profile{
			ID: profiles.NewID(), Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, CACertificates: string(r.CertificatePEM()),
			SignIn:     signin.Settings{Way: signin.SharedAccessKey, KeyName: cs.KeyName, Key: cs.Key},
			SendSignIn: &signin.Settings{Way: signin.Anonymous},
		}
		for range 2 { // what was learnt is remembered only if it is good
			if cfg, err := h.connectable(t.Context(), p, relayclient.Sending); !errors.Is(err, tt.want) || cfg.Token != nil {
				t.Errorf("%s: error is %v, want %v", name, err, tt.want)
			}
		}
		if cfg, err := h.connectable(t.Context(), p, relayclient.Listening); err != nil || cfg.Token == nil {
			t.Errorf("%s: the listener gets %v, %v", name, cfg.Token, err)
		}
	}
}
