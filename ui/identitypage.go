package ui

import (
	"context"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/identity"
)

// tokenPatience is how long a token may take that no person has to sign in
// for.
const tokenPatience = 30 * time.Second

// newIdentityPage returns the page that says what is in tokens.
func (u *Window) newIdentityPage() *identity.Page {
	return identity.New(identity.Options{
		Do: u.onMain, Work: u.background, Copy: u.copyText, Get: u.token,
		Namespace: func(profiles.Profile) string { return u.host.namespace() },
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
