package entra

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"relayscope/relayclient"
)

// A Provider is a relayclient.TokenProvider. It keeps its token and renews it
// ahead of time; callers at the same time share one request. Its methods are
// safe for concurrent use.
type Provider struct {
	cfg     Config
	source  Source
	secrets []relayclient.Secret // never to be repeated in an error
	acquire func(ctx context.Context) (azcore.AccessToken, error)
	check   func(Identity) *Error // nil: every identity is right

	mu       sync.Mutex
	token    relayclient.Token
	issued   time.Time
	identity Identity
	flight   *flight
}

// A flight is one request that several callers may wait for.
type flight struct {
	done    chan struct{}
	over    <-chan struct{} // closed once its time is up
	cancel  context.CancelCauseFunc
	waiting int
	token   relayclient.Token // like err, read only after done is closed
	err     error
}

var (
	errTimeout   = fmt.Errorf("no token in time: %w", context.DeadlineExceeded)
	errAbandoned = errors.New("nobody waits for the token any more")
)

// Token returns a token for the Config's audience, whatever it is asked for.
// The wait ends with ctx, at once, or when Config.Timeout is over. Its error is
// an *Error, or the reason of ctx.
func (p *Provider) Token(ctx context.Context, _ string) (relayclient.Token, error) {
	if ctx.Err() != nil {
		return relayclient.Token{}, context.Cause(ctx)
	}
	p.mu.Lock()
	if p.fresh(time.Now()) {
		defer p.mu.Unlock()
		return p.token, nil
	}
	f := p.flight
	if f == nil {
		f = p.takeOff(ctx)
	}
	f.waiting++
	p.mu.Unlock()

	select {
	case <-f.done:
		return f.token, f.err
	case <-f.over:
		return p.late(f)
	case <-ctx.Done():
		p.leave(f)
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return relayclient.Token{}, &Error{Kind: TimedOut, Source: p.source, Err: context.Cause(ctx)}
		}
		return relayclient.Token{}, context.Cause(ctx)
	}
}

// grace is how long azidentity has to notice that the time is up.
const grace = 150 * time.Millisecond

// late gets the result of a request whose time is up, or gives it up.
func (p *Provider) late(f *flight) (relayclient.Token, error) {
	t := time.NewTimer(grace)
	defer t.Stop()
	select {
	case <-f.done:
		return f.token, f.err
	case <-t.C:
		p.leave(f)
		return relayclient.Token{}, &Error{Kind: TimedOut, Source: p.source, Err: errTimeout}
	}
}

// takeOff begins a request. It belongs to nobody's context alone: the last one
// to leave cancels it.
func (p *Provider) takeOff(ctx context.Context) *flight {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ctx, stop := context.WithTimeoutCause(ctx, p.cfg.Timeout, errTimeout)
	f := &flight{done: make(chan struct{}), over: ctx.Done(), cancel: cancel}
	p.flight = f
	go func() {
		defer stop()
		began := time.Now()
		token, identity, err := p.fetch(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		f.token, f.err = token, err
		if err == nil {
			p.token, p.issued, p.identity = token, began, identity
		}
		if p.flight == f {
			p.flight = nil
		}
		close(f.done)
		cancel(nil) // after that, or those who wait would take it for late
	}()
	return f
}

// leave takes a caller off a request that it does not wait for any more.
func (p *Provider) leave(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.waiting--; f.waiting > 0 {
		return
	}
	f.cancel(errAbandoned)
	if p.flight == f {
		p.flight = nil // whoever comes now begins anew
	}
}

func (p *Provider) fetch(ctx context.Context) (relayclient.Token, Identity, error) {
	ctx, seen := watched(ctx)
	got, err := p.acquire(ctx)
	if err != nil {
		return relayclient.Token{}, Identity{}, p.failure(ctx, err, seen.last())
	}
	token := relayclient.Token{Value: relayclient.NewSecret(got.Token), Expires: got.ExpiresOn}
	identity := identify(got.Token)
	identity.Source = p.source
	if p.check != nil {
		if wrong := p.check(identity); wrong != nil {
			return relayclient.Token{}, Identity{}, wrong
		}
	}
	return token, identity, nil
}

// spare is how much longer than a listener's own five minutes a token must
// last to be handed out once more.
const spare = 5*time.Minute + 30*time.Second

// fresh reports whether the token that is kept need not be renewed yet. It is
// due before a listener asks for the next one, which is when a quarter of its
// life is left, or five minutes if it lives long enough for them to matter.
func (p *Provider) fresh(now time.Time) bool {
	if p.token.Expires.IsZero() {
		return false
	}
	life := p.token.Expires.Sub(p.issued)
	early := life / 3
	if life > 10*time.Minute {
		early = max(early, spare)
	}
	return p.token.Expires.Sub(now) > early
}

// Identity returns who the last token was issued to. Before there is one, only
// what the Config says is known.
func (p *Provider) Identity() Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.identity == (Identity{}) {
		return Identity{AppID: p.cfg.ClientID, Tenant: p.cfg.Tenant, Source: p.source}
	}
	return p.identity
}

// Audience returns what the tokens are for.
func (p *Provider) Audience() string { return p.cfg.Audience }

// scopes is what every token is asked for.
func (p *Provider) scopes() []string { return []string{Scope(p.cfg.Audience)} }
