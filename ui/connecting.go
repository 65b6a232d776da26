package ui

import (
	"context"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

// admittedFor is how long it is believed that a profile's sender need not sign
// in, or that nobody can tell. It is settled when a hybrid connection is made,
// and one may be made anew.
const admittedFor = time.Minute

// An admission is what was found out about a profile's sender.
type admission struct {
	profile profiles.Profile // as it was then
	at      time.Time
}

// connectable is resolve for whoever connects next. A person signs in now, for
// which a client has no patience, and whoever the Azure CLI stands for is looked
// up, so that it is known as whom before anything connects. A sender without a token is told beforehand if
// the hybrid connection requires one, as far as the listener's credential may
// read that.
func (h *relayHost) connectable(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Config, error) {
	cfg, err := h.resolve(ctx, p, role)
	switch {
	case err != nil:
		return cfg, err
	case p.SignInFor(role).Way.Interactive(), p.SignInFor(role).Way == signin.AzureCLI:
		_, err := cfg.Token.Token(ctx, relayclient.Audience(cfg.Namespace, cfg.HybridConnection))
		return cfg, err
	case role == relayclient.Sending && cfg.Token == nil:
		return cfg, h.admits(ctx, p)
	}
	return cfg, nil
}

// admits returns an error if a sender without a token will be refused.
func (h *relayHost) admits(ctx context.Context, p profiles.Profile) error {
	listener := p.SignInFor(relayclient.Listening).Way
	switch {
	case listener == 0:
		return nil
	case listener.Interactive() && !h.identities.signedIn(p.ID):
		return nil // nobody has to sign in for this alone
	}
	h.mu.Lock()
	known := h.admitted[p.ID]
	h.mu.Unlock()
	if time.Since(known.at) < admittedFor && known.profile.SameConnection(p) {
		return nil
	}
	reader, err := h.resolve(ctx, p, relayclient.Listening)
	if err != nil {
		return nil // the listener will say it
	}
	if _, err := signin.CheckAnonymous(ctx, reader); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.admitted == nil {
		h.admitted = map[profiles.ID]admission{}
	}
	h.admitted[p.ID] = admission{p, time.Now()}
	return nil
}
