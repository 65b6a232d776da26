package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// lookUp resolves the host that is dialled: the namespace's or the proxy's.
func (r *run) lookUp(ctx context.Context, s *Step) {
	host, _, err := net.SplitHostPort(r.route.Address)
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		r.addresses = []netip.Addr{ip}
		s.Status, s.Detail = Passed, host+" is an address, there is nothing to look up"
		return
	}
	resolver := r.plan.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addresses, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		err = timeout(ctx, relayclient.LookingUp, r.route.Proxy != "", err)
		if r.route.Proxy != "" {
			err = fmt.Errorf("%w: its name could not be looked up: %w", relayclient.ErrProxyUnreachable, err)
		}
		s.fail(err, relayclient.Sending)
		return
	}
	private := 0
	for _, a := range addresses {
		a = a.Unmap()
		r.addresses = append(r.addresses, a)
		what := kindOf(a)
		if what == "private" {
			private++
		}
		s.Seen = append(s.Seen, Observation{Name: a.String(), Status: Passed, Detail: what})
	}
	s.Status, s.Detail = Passed, host+" is "+listed(r.addresses)
	if r.route.Proxy != "" {
		s.Detail = "the proxy " + s.Detail + "; it looks up the namespace itself"
		return
	}
	canonical := r.canonical(ctx, resolver, host)
	if canonical != "" {
		s.Detail += ", by the name " + canonical
	}
	aliased := strings.Contains(canonical, ".privatelink.")
	switch {
	case private > 0 && aliased:
		s.Detail += "; a private endpoint, so a listener also needs ports 9400 to 9599"
	case private > 0:
		s.Detail += "; a private address"
	case aliased:
		s.warn(explain.PrivateLinkUnused(host))
	}
}

// canonical returns the name that host is an alias of, or "".
func (r *run) canonical(ctx context.Context, resolver *net.Resolver, host string) string {
	name, err := resolver.LookupCNAME(ctx, host)
	name = strings.TrimSuffix(name, ".")
	if err != nil || strings.EqualFold(name, host) {
		return ""
	}
	return name
}

// kindOf names what an address is if it is not one of the Internet's.
func kindOf(a netip.Addr) string {
	switch {
	case a.IsLoopback():
		return "this computer"
	case a.IsPrivate():
		return "private"
	case a.IsLinkLocalUnicast():
		return "link-local"
	}
	return "public"
}

// listed names the first few of the addresses.
func listed(addresses []netip.Addr) string {
	const few = 3
	var names []string
	for _, a := range addresses[:min(few, len(addresses))] {
		names = append(names, a.String())
	}
	text := strings.Join(names, ", ")
	if more := len(addresses) - few; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
