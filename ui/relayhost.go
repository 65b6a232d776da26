package ui

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/signin"
)

// A relayHost runs the built-in local relay from the first time a profile
// needs it. Its methods are safe for concurrent use.
type relayHost struct {
	log        *slog.Logger
	identities identities

	mu     sync.Mutex
	relay  *localrelay.Relay
	rules  map[string][]localrelay.Rule // by hybrid connection, in lower case
	closed bool

	admitted map[profiles.ID]admission // senders without a token that may go ahead
}

// goodbye is how long a client of the window waits for the other side's
// Close; nobody likes a window that takes longer to go.
const goodbye = 3 * time.Second

// resolve turns a profile into the settings of a client that plays role. A
// profile on the local relay makes the relay start.
func (h *relayHost) resolve(ctx context.Context, p profiles.Profile, role relayclient.Role) (relayclient.Config, error) {
	cfg := relayclient.Config{
		Namespace:        p.Namespace,
		HybridConnection: p.HybridConnection,
		Logger:           h.log,
		Timing:           relayclient.Timing{Close: goodbye},
	}
	if p.LocalRelay {
		relay, err := h.serve(p)
		if err != nil {
			return cfg, err
		}
		cfg.Namespace = relay.Namespace()
		if cfg.Token, err = h.identities.provider(p, role, cfg); err != nil {
			return cfg, err
		}
		cfg.RootCAs = relay.RootCAs() // which lead to no authority
		return cfg, ctx.Err()
	}
	roots, err := relayclient.Roots([]byte(p.CACertificates))
	if err != nil {
		return cfg, fmt.Errorf("read the profile's CA certificates: %w", err)
	}
	cfg.RootCAs = roots
	if !p.Proxy.Empty() {
		proxy, err := relayclient.ParseProxy(p.Proxy.Reveal())
		if err != nil {
			return cfg, fmt.Errorf("the profile's proxy %w", err)
		}
		cfg.Proxy, cfg.ProxySource = http.ProxyURL(proxy), "this profile"
	}
	cfg.Token, err = h.identities.provider(p, role, cfg)
	return cfg, err
}

// serve makes sure that the relay runs and knows the profile's hybrid
// connection and the keys of both roles.
func (h *relayHost) serve(p profiles.Profile) (*localrelay.Relay, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, relayclient.ErrClosed
	}
	if h.relay == nil {
		relay, err := localrelay.Start(localrelay.Config{Logger: h.log})
		if err != nil {
			return nil, fmt.Errorf("start the local relay: %w", err)
		}
		h.relay, h.rules = relay, map[string][]localrelay.Rule{}
	}
	name := strings.ToLower(p.HybridConnection)
	known, rules := len(h.rules[name]) > 0, h.rules[name]
	for _, s := range []signin.Settings{p.SignInFor(relayclient.Listening), p.SignInFor(relayclient.Sending)} {
		if s.Way != signin.SharedAccessKey || hasRule(rules, s) {
			continue
		}
		rule := localrelay.Rule{Name: s.KeyName, PrimaryKey: s.Key, Rights: localrelay.Listen | localrelay.Send | localrelay.Manage}
		known, rules = false, append([]localrelay.Rule{rule}, otherRules(rules, rule.Name)...)
	}
	if known {
		return h.relay, nil
	}
	h.relay.RemoveEntity(p.HybridConnection)
	if err := h.relay.AddEntity(localrelay.Entity{Name: p.HybridConnection, Rules: rules}); err != nil {
		return nil, fmt.Errorf("add the hybrid connection to the local relay: %w", err)
	}
	h.rules[name] = rules
	return h.relay, nil
}

// hasRule reports whether the key of s is among rules.
func hasRule(rules []localrelay.Rule, s signin.Settings) bool {
	return slices.ContainsFunc(rules, func(r localrelay.Rule) bool {
		return strings.EqualFold(r.Name, s.KeyName) && r.PrimaryKey.Reveal() == s.Key.Reveal()
	})
}

// otherRules returns the rules that are not called name.
func otherRules(rules []localrelay.Rule, name string) []localrelay.Rule {
	var kept []localrelay.Rule
	for _, r := range rules {
		if !strings.EqualFold(r.Name, name) {
			kept = append(kept, r)
		}
	}
	return kept
}

// namespace returns where the relay listens, or "" while it does not run.
func (h *relayHost) namespace() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.relay == nil {
		return ""
	}
	return h.relay.Namespace()
}

func (h *relayHost) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	if h.relay != nil {
		h.relay.Close()
		h.relay = nil
	}
}

// demoProfile returns a new profile on the local relay.
func demoProfile() profiles.Profile {
	return profiles.Profile{
		ID: profiles.NewID(), Name: "Local relay", HybridConnection: "demo",
		SignIn:     signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen-send", Key: localrelay.NewKey()},
		LocalRelay: true,
	}
}
