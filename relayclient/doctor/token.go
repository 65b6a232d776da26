package doctor

import (
	"context"
	"fmt"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// token fetches a role's token once and returns a provider that hands it out,
// so that no later step can hang in signing in.
func (r *run) token(ctx context.Context, s *Step, role *Role, who relayclient.Role) relayclient.TokenProvider {
	provider := role.Config.Token
	if provider == nil {
		s.Status, s.Detail = Passed, "none, the sender is anonymous"
		return nil
	}
	token, err := fetch(ctx, provider, relayclient.Audience(r.cfg.Namespace, r.cfg.HybridConnection))
	if err != nil {
		s.Detail = role.SignIn
		s.fail(err, who)
		return nil
	}
	s.Status, s.Detail = Passed, role.identity()
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
	if err == nil {
		return nil
	}
	return fmt.Errorf("get a token: %w", err)
}

// identity says how a role signs in and as whom.
func (role *Role) identity() string {
	text := role.SignIn
	if text == "" {
		text = wayOf(role.Config.Token)
	}
	if role.Who != nil {
		if who := role.Who(); who != "" {
			text += ", as " + who
		}
	}
	return text
}

func wayOf(provider relayclient.TokenProvider) string {
	switch p := provider.(type) {
	case relayclient.SharedAccessKey:
		return "signed with the policy " + p.KeyName
	case relayclient.StaticToken:
		return "made elsewhere"
	}
	return "fetched"
}
