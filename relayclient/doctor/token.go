package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/signin"
)

// token fetches the token of a role once and returns a provider that hands it out,
// so that no later step can hang in signing in.
func (r *run) token(ctx context.Context, s *Step, cfg *relayclient.Config, role relayclient.Role) relayclient.TokenProvider {
	provider := cfg.Token
	if provider == nil {
		s.Status, s.Detail = Passed, "none, the sender is anonymous"
		return nil
	}
	token, err := fetch(ctx, provider, relayclient.Audience(r.cfg.Namespace, r.cfg.HybridConnection))
	if err != nil {
		s.Detail = signedIn(provider, false)
		s.fail(err, role)
		return nil
	}
	s.Status, s.Detail = Passed, signedIn(provider, true)
	left := time.Until(token.Expires).Round(time.Second)
	switch {
	case token.Expires.IsZero():
	case left <= 0:
		s.warn(explain.TokenOver(-left))
		s.Detail += fmt.Sprintf(", expired %v ago", -left)
	default:
		s.Detail += fmt.Sprintf(", good for %v", left)
	}
	return relayclient.StaticToken(token)
}

// fetch asks for a token. A provider that does not listen to ctx is left
// behind: whoever waits for the test does not wait for it.
func fetch(ctx context.Context, provider relayclient.TokenProvider, audience string) (relayclient.Token, error) {
	type outcome struct {
		token relayclient.Token
		err   error
	}
	fetched := make(chan outcome, 1)
	go func() {
		token, err := provider.Token(ctx, audience)
		fetched <- outcome{token, err}
	}()
	select {
	case o := <-fetched:
		return o.token, wrapped(o.err)
	case <-ctx.Done():
	}
	// One that does listen says more than ctx does, and needs a moment for it.
	grace := time.NewTimer(tokenGrace)
	defer grace.Stop()
	select {
	case o := <-fetched:
		return o.token, wrapped(o.err)
	case <-grace.C:
		return relayclient.Token{}, wrapped(context.Cause(ctx))
	}
}

// tokenGrace is how long a provider has to notice that it is not waited for.
const tokenGrace = 50 * time.Millisecond

func wrapped(err error) error {
	var ie *entra.Error
	if err == nil || errors.As(err, &ie) { // which says so itself
		return err
	}
	return fmt.Errorf("get a token: %w", err)
}

// whoIs returns what is known of whom a provider gets tokens for.
func whoIs(provider relayclient.TokenProvider) (signin.Who, bool) {
	switch p := provider.(type) {
	case signin.Provider:
		return p.Who(), true
	case relayclient.SharedAccessKey:
		return signin.Who{Way: signin.SharedAccessKey, KeyName: p.KeyName}, true
	}
	return signin.Who{}, false
}

// signedIn says how a token is got and, once there is one, for whom.
func signedIn(provider relayclient.TokenProvider, got bool) string {
	who, known := whoIs(provider)
	if !known {
		return "from elsewhere"
	}
	text := who.Way.String()
	switch {
	case got, !who.Way.Entra():
		text += ", as " + plain(who.String(), 200)
	}
	if who.Resource != "" {
		text += ", for " + plain(who.Resource, 300)
	}
	if got && who.Way.Entra() && who.Identity.Tenant != "" {
		text += ", tenant " + plain(who.Identity.Tenant, 80)
	}
	return text
}
