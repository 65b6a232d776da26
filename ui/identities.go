package ui

import (
	"errors"
	"strings"
	"sync"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
)

// identities holds what signs in for each profile, so that listener and sender
// share their tokens, and a person signs in once. Its methods are safe for
// concurrent use.
type identities struct {
	// prompt tells the person what to do to sign in. It must return quickly.
	prompt func(id profiles.ID, p entra.Prompt)

	mu    sync.Mutex
	known map[identityKey]signer
}

type identityKey struct {
	id     profiles.ID
	sender bool // and signs in differently
}

type signer struct {
	profile  profiles.Profile // that it was made for
	provider signin.Provider  // nil needs no token
}

var errNoListener = errors.New("this profile only sends: it has no way to sign in for a listener")

// provider returns what signs in for a role of p; cfg has the proxy and the
// roots that lead there. Nothing is asked for yet.
func (i *identities) provider(p profiles.Profile, role relayclient.Role, cfg relayclient.Config) (relayclient.TokenProvider, error) {
	s := p.SignInFor(role)
	if s.Way == 0 {
		return nil, errNoListener
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	key := identityKey{p.ID, role == relayclient.Sending && p.SendSignIn != nil}
	of, ok := i.known[key]
	if !ok || !of.profile.SameConnection(p) {
		provider, err := signin.New(s, signin.Options{
			Namespace: cfg.Namespace, HybridConnection: cfg.HybridConnection, RootCAs: cfg.RootCAs, Proxy: cfg.Proxy,
			Prompt: func(prompt entra.Prompt) { i.prompt(p.ID, prompt) },
		})
		if err != nil {
			return nil, err
		}
		if s.Way.Interactive() {
			provider = &person{Provider: provider}
		}
		of = signer{p, provider}
		if i.known == nil {
			i.known = map[identityKey]signer{}
		}
		i.known[key] = of
	}
	if of.provider == nil {
		return nil, nil // and no interface that holds nothing
	}
	return of.provider, nil
}

// signedIn reports whether somebody has signed in for a profile's roles.
func (i *identities) signedIn(id profiles.ID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for key, of := range i.known {
		if key.id == id && of.provider != nil && of.provider.Who().Identity.ObjectID != "" {
			return true
		}
	}
	return false
}

// awaited reports whether anything waits for somebody to sign in for a profile.
func (i *identities) awaited(id profiles.ID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for key, of := range i.known {
		if p, ok := of.provider.(*person); ok && key.id == id && p.awaited() {
			return true
		}
	}
	return false
}

// decline calls off what waits for somebody to sign in for a profile.
func (i *identities) decline(id profiles.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for key, of := range i.known {
		if p, ok := of.provider.(*person); ok && key.id == id {
			p.decline()
		}
	}
}

// whom says as whom the relay knows a profile that signs in with Microsoft
// Entra ID, the sender after the listener if they differ; "" before that is
// known, which for people is with the first token.
func (i *identities) whom(id profiles.ID) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	var names []string
	for _, sender := range []bool{false, true} {
		of := i.known[identityKey{id, sender}]
		if of.provider == nil {
			continue
		}
		who := of.provider.Who()
		person := who.Way.Interactive() || who.Way == signin.AzureCLI
		if who.Way.Entra() && who.Identity != (entra.Identity{}) && (!person || who.Identity.ObjectID != "") {
			names = append(names, who.String())
		}
	}
	return strings.Join(names, " / ")
}

// forget drops a profile's tokens.
func (i *identities) forget(id profiles.ID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.known, identityKey{id, false})
	delete(i.known, identityKey{id, true})
}
