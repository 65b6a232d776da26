package doctor

import (
	"context"
	"fmt"
	"strings"

	"relayscope/relayclient"
)

// proxy lets the proxy, if there is one, connect further.
func (r *run) proxy(ctx context.Context, s *Step) {
	if r.route.Proxy == "" {
		s.Status, s.Detail = Passed, "none, the connection is direct"
		if r.route.Source != "" {
			s.Detail += "; " + r.route.Source + " is not set, or an exception leaves this host out"
		}
		return
	}
	r.conn.Close() // the client makes its own, and asks on it
	r.conn = nil
	conn, phases, err := relayclient.Reach(ctx, r.cfg)
	s.Phases = phases
	if err != nil {
		s.Detail = kindOfProxy(r.route.Proxy) + " " + r.route.Via
		s.fail(err, relayclient.Sending)
		return
	}
	r.conn = conn
	s.Status = Passed
	s.Detail = fmt.Sprintf("%s %s connects to %s in %s", kindOfProxy(r.route.Proxy), r.route.Via, r.route.Namespace, ms(phases.Proxy))
}

func kindOfProxy(scheme string) string {
	if strings.HasPrefix(scheme, "socks5") {
		return "SOCKS proxy"
	}
	return strings.ToUpper(scheme) + " proxy"
}
