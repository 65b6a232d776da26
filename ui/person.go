package ui

import (
	"context"
	"sync"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

// A person is a provider that may have to wait for somebody to sign in. It
// knows whether anything waits, and lets a person call that off for all.
type person struct {
	signin.Provider

	mu      sync.Mutex
	waiting map[*context.CancelCauseFunc]struct{}
}

// errDeclined is what everything gets that waits when a person calls it off.
var errDeclined = &entra.Error{Kind: entra.LoginDeclined, Source: entra.FromAuthority}

// Token returns a token, once somebody has signed in.
func (p *person) Token(ctx context.Context, audience string) (relayclient.Token, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.mu.Lock()
	if p.waiting == nil {
		p.waiting = map[*context.CancelCauseFunc]struct{}{}
	}
	p.waiting[&cancel] = struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.waiting, &cancel)
		p.mu.Unlock()
	}()
	return p.Provider.Token(ctx, audience)
}

// awaited reports whether anything waits for a token.
func (p *person) awaited() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.waiting) > 0
}

// decline ends every wait with errDeclined.
func (p *person) decline() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for cancel := range p.waiting {
		(*cancel)(errDeclined)
	}
}
