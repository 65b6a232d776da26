package doctor

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"relayscope/relayclient/explain"
)

// deployment finds the part of Azure that a namespace is on, by the last of its
// aliases that names one: ns-prod-sn3-010.… is prod-sn3-010.
func deployment(aliases []string) string {
	found := ""
	for _, name := range aliases {
		label, _, _ := strings.Cut(name, ".")
		for _, prefix := range []string{"ns-sb2-", "ns-sbeh-", "ns-eh2-", "ns-"} {
			if rest, ok := strings.CutPrefix(label, prefix); ok && rest != "" {
				found = rest
				break
			}
		}
	}
	return found
}

// gateway tries one of the hosts that a listener is sent to when it accepts.
// There are 256 of them, of which the first stands for all.
func (r *run) gateway(ctx context.Context) (Observation, bool) {
	host, port, err := net.SplitHostPort(r.route.Namespace)
	_, suffix, dotted := strings.Cut(host, ".")
	if err != nil || !dotted || r.deployment == "" {
		return Observation{}, false
	}
	address := net.JoinHostPort("g0-"+r.deployment+"-sb."+suffix, port)
	began := time.Now()
	conn, err := (&net.Dialer{Resolver: r.plan.Resolver}).DialContext(ctx, "tcp", address)
	if conn != nil {
		conn.Close()
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound { // the name is a guess
		return Observation{Name: address, Status: Skipped, Detail: "gateway, no such name"}, true
	}
	o := reached(ctx, Observation{Name: address, Took: time.Since(began), Err: err})
	o.Detail = "gateway, " + o.Detail
	return o, true
}

// gatewayBlocked warns of what a listener will run into.
func (s *Step) gatewayBlocked(o Observation) {
	if o.Status == Failed && s.Finding.Title == "" {
		s.warn(explain.GatewayBlocked(o.Name))
		s.Err = o.Err
	}
}
