package importing

import (
	"strings"

	"relayscope/profiles"
	"relayscope/relayclient"
)

func secret(text string) relayclient.Secret { return relayclient.NewSecret(text) }

// named gives p a name after its place, as pasting a connection string does.
func named(p profiles.Profile) profiles.Profile {
	p = p.Normalize()
	host, _, _ := strings.Cut(p.Namespace, ".")
	switch {
	case p.HybridConnection == "":
		p.Name = host
	case host == "":
		p.Name = p.HybridConnection
	default:
		p.Name = p.HybridConnection + " @ " + host
	}
	const longest = 100
	if r := []rune(p.Name); len(r) > longest {
		p.Name = string(r[:longest-1]) + "…"
	}
	if p.Name == "" {
		p.Name = "imported"
	}
	return p
}

// isHost reports whether a normalized namespace is one, or is missing.
func isHost(namespace string) bool {
	_, err := relayclient.CleanNamespace(namespace)
	return namespace == "" || err == nil
}
