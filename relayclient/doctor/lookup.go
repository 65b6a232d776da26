package doctor

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

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
	addresses, aliases, err := resolve(ctx, resolver, host)
	if err != nil {
		err = timeout(ctx, relayclient.LookingUp, r.route.Proxy != "", err)
		if r.route.Proxy != "" {
			err = fmt.Errorf("%w: its name could not be looked up: %w", relayclient.ErrProxyUnreachable, err)
		}
		s.fail(err, relayclient.Sending)
		return
	}
	if aliases.server != "" {
		s.Seen = append(s.Seen, Observation{Name: aliases.server, Status: Passed, Detail: "DNS server that answered"})
	}
	for _, name := range aliases.names {
		s.Seen = append(s.Seen, Observation{Name: name, Status: Passed, Detail: "alias"})
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
	if n := len(aliases.names); n > 0 {
		s.Detail += ", by the name " + aliases.names[n-1]
	}
	if r.deployment = deployment(aliases.names); r.deployment != "" {
		s.Detail += ", on the deployment " + r.deployment
	}
	aliased := slices.ContainsFunc(aliases.names, func(name string) bool { return strings.Contains(name, ".privatelink.") })
	switch {
	case private > 0 && aliased:
		s.Detail += "; a private endpoint, so a listener also needs ports 9400 to 9599"
	case private > 0:
		s.Detail += "; a private address"
	case aliased:
		s.warn(explain.PrivateLinkUnused(host))
	}
}

// resolve looks up the addresses of a host, and meanwhile its aliases.
func resolve(ctx context.Context, resolver *net.Resolver, host string) ([]netip.Addr, trail, error) {
	following, stop := context.WithCancel(ctx)
	defer stop()
	found := make(chan trail, 1)
	go func() { found <- follow(following, resolver, host) }()
	addresses, err := resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		stop()
		<-found
		return nil, trail{}, err
	}
	late := time.AfterFunc(aliasPatience, stop)
	defer late.Stop()
	return addresses, <-found, nil
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
