package relayclient

import (
	"cmp"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// rendezvousURL checks the address of an invitation: it must lead to the
// namespace or to one of its gateways, with wss, and be one of the two kinds
// that a relay hands out. Otherwise a relay, or who poses as one, could make
// this computer knock on any door of its network. Its errors do not quote the
// address, because it is a one-time credential.
func (cfg *Config) rendezvousURL(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "wss" {
		return "", fmt.Errorf("%w: it is not a wss URL", ErrForeignRendezvous)
	}
	switch action := relayParameter(u.RawQuery, "sb-hc-action"); {
	case u.User != nil || strings.Contains(address, "#"):
		return "", fmt.Errorf("%w: it has a user or a fragment", ErrForeignRendezvous)
	case !strings.HasPrefix(u.Path, "/$hc/"):
		return "", fmt.Errorf("%w: its path does not begin with /$hc/", ErrForeignRendezvous)
	case action != "accept" && action != "request":
		return "", fmt.Errorf("%w: it is neither for a connection nor for a request", ErrForeignRendezvous)
	case !cfg.ownHost(u):
		return "", fmt.Errorf("%w: it leads to another host", ErrForeignRendezvous)
	}
	return address, nil
}

// ownHost reports whether u leads to the namespace itself or to a gateway,
// which has another first label under the same suffix. The port is the
// namespace's: the service uses one for all, and other ports of a host that is
// allowed, such as localhost, are other programs.
func (cfg *Config) ownHost(u *url.URL) bool {
	own := &url.URL{Host: cfg.Namespace}
	port := func(u *url.URL) string { return cmp.Or(u.Port(), "443") }
	host, ownName := strings.ToLower(u.Hostname()), strings.ToLower(own.Hostname())
	if port(u) != port(own) {
		return false
	}
	suffix := dnsSuffix(ownName)
	return host == ownName || loopback(host) && loopback(ownName) || suffix != "" && strings.HasSuffix(host, "."+suffix)
}

// loopback reports whether host is this computer, which has several names for
// itself.
func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// dnsSuffix returns the part of a host's name that a namespace shares with its
// gateways, all but the first label. It is "" for an address, and for a name so
// short that the rest could be a whole top-level domain.
func dnsSuffix(host string) string {
	_, suffix, _ := strings.Cut(strings.ToLower(strings.TrimSuffix(host, ".")), ".")
	if net.ParseIP(host) != nil || !strings.Contains(suffix, ".") {
		return ""
	}
	return suffix
}

// relayParameter returns a parameter of the relay's out of a query. Their
// names are compared without regard to case; the last one is the relay's own.
func relayParameter(query, name string) (value string) {
	for pair := range strings.SplitSeq(query, "&") {
		if n, v, ok := strings.Cut(pair, "="); ok && strings.EqualFold(n, name) {
			value = v
		}
	}
	return value
}
