package ui

import (
	"context"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/identity"
	"relayscope/ui/live"
)

// tokenPatience is how long a token may take that no person has to sign in
// for.
const tokenPatience = 30 * time.Second

// newIdentityPage returns the page that says what is in tokens.
func (u *Window) newIdentityPage() *identity.Page {
	return identity.New(identity.Options{
		Do: u.onMain, Work: u.background, Copy: u.copyText, Get: u.token,
		Namespace: func(profiles.Profile) string { return u.host.namespace() },
		Inbound:   u.inbound, SetInbound: u.setInbound,
	})
}

// token gets the token that a role of p would use, and says whose it is.
func (u *Window) token(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Token, string, error) {
	cfg, err := u.host.resolve(ctx, p, role)
	if err != nil || cfg.Token == nil {
		return relayclient.Token{}, "", err
	}
	patience := tokenPatience
	if p.SignInFor(role).Way.Interactive() {
		patience = personPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	token, err := cfg.Token.Token(ctx, relayclient.Audience(cfg.Namespace, cfg.HybridConnection))
	if err != nil {
		return relayclient.Token{}, "", err
	}
	who := ""
	if provider, ok := cfg.Token.(signin.Provider); ok {
		who = provider.Who().String()
	}
	return token, who, nil
}

// inbound returns what the listener on screen expects of requests' tokens, and
// its latest checks.
func (u *Window) inbound() (identity.Inbound, []identity.Checked) {
	s := u.sessions[u.current]
	if s == nil {
		return identity.Inbound{}, nil
	}
	var checks []identity.Checked
	for _, c := range s.CheckedRequests() {
		checks = append(checks, identity.Checked{Method: c.Method, Path: c.Path, Result: c.Result})
	}
	c := s.TokenChecks()
	return identity.Inbound{On: c.On, Rules: c.Rules, Refuse: c.Refuse}, checks
}

func (u *Window) setInbound(in identity.Inbound) {
	if s := u.sessions[u.current]; s != nil {
		s.SetTokenChecks(live.TokenChecks{On: in.On, Rules: in.Rules, Refuse: in.Refuse})
	}
}
