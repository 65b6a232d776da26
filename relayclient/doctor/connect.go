package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// restPatience is how much longer than the first address the others may take.
const restPatience = 1500 * time.Millisecond

// maxAddresses bounds how many of a name's addresses are tried.
const maxAddresses = 16

// connect tries every address at the same time and keeps the connection that
// was made first.
func (r *run) connect(ctx context.Context, s *Step) {
	_, port, err := net.SplitHostPort(r.route.Address)
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	addresses := r.addresses[:min(len(r.addresses), maxAddresses)]
	s.Seen = make([]Observation, len(addresses))
	conns := make([]net.Conn, len(addresses))
	dial, giveUp := context.WithCancel(ctx)
	defer giveUp()
	rest := time.AfterFunc(tcpLimit, giveUp)
	defer rest.Stop()
	var first sync.Once
	var dialling sync.WaitGroup
	for i, a := range addresses {
		dialling.Go(func() {
			began := time.Now()
			conn, err := (&net.Dialer{}).DialContext(dial, "tcp", net.JoinHostPort(a.String(), port))
			conns[i] = conn
			if err == nil {
				first.Do(func() { rest.Reset(restPatience) })
			}
			s.Seen[i] = reached(dial, Observation{Name: net.JoinHostPort(a.String(), port), Took: time.Since(began), Err: err})
		})
	}
	var gateway Observation
	known := false
	if r.plan.Listen != nil && r.route.Proxy == "" {
		dialling.Go(func() { gateway, known = r.gateway(dial) })
	}
	dialling.Wait()
	best, good, unreachable := -1, 0, 0
	for i, o := range s.Seen {
		switch {
		case o.Status == Passed:
			good++
			if best < 0 || o.Took < s.Seen[best].Took {
				best = i
			}
		case noRoute(o.Err) && addresses[i].Is6():
			unreachable++ // a computer without IPv6, as most are
		}
	}
	if best < 0 {
		r.notConnected(ctx, s)
		return
	}
	for i, conn := range conns {
		if conn != nil && i != best {
			conn.Close()
		}
	}
	r.conn = conns[best]
	s.Status, s.Detail = Passed, fmt.Sprintf("%s answers in %s", s.Seen[best].Name, ms(s.Seen[best].Took))
	if len(s.Seen) > 1 {
		s.Detail = fmt.Sprintf("%d of %d addresses answer, %s in %s", good, len(s.Seen), s.Seen[best].Name, ms(s.Seen[best].Took))
	}
	if good+unreachable < len(s.Seen) {
		s.warn(explain.SomeAddressesSilent(good, len(s.Seen)))
	}
	if known {
		s.Seen = append(s.Seen, gateway)
		s.gatewayBlocked(gateway)
	}
}

// notConnected says why no address was reached, by the one that says most.
func (r *run) notConnected(ctx context.Context, s *Step) {
	err := s.Seen[0].Err
	for _, o := range s.Seen {
		if refused(o.Err) { // somebody was there
			err = o.Err
			break
		}
	}
	s.Detail = fmt.Sprintf("%s: %s", s.Seen[0].Name, s.Seen[0].Detail)
	if n := len(s.Seen); n > 1 {
		s.Detail = fmt.Sprintf("none of %d addresses can be reached", n)
	}
	err = timeout(ctx, relayclient.ConnectingTCP, r.route.Proxy != "", err)
	if r.route.Proxy != "" && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", relayclient.ErrProxyUnreachable, err)
	}
	s.fail(err, relayclient.Sending)
}

// reached puts the outcome of one attempt into a word.
func reached(ctx context.Context, o Observation) Observation {
	switch {
	case o.Err == nil:
		o.Status, o.Detail = Passed, "connected"
		return o
	case refused(o.Err):
		o.Detail = "refused"
	case noRoute(o.Err):
		o.Detail = "no route"
	case over(ctx, o.Err), isTimeout(o.Err):
		o.Detail = "silent"
	default:
		o.Detail = "failed"
	}
	o.Status = Failed
	return o
}

// Windows has its own numbers; elsewhere they match nothing.
const (
	wsaeNetUnreach  = syscall.Errno(10051)
	wsaeConnRefused = syscall.Errno(10061)
	wsaeHostUnreach = syscall.Errno(10065)
)

func refused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, wsaeConnRefused)
}

func noRoute(err error) bool {
	return errors.Is(err, syscall.ENETUNREACH) || errors.Is(err, syscall.EHOSTUNREACH) ||
		errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, wsaeNetUnreach) || errors.Is(err, wsaeHostUnreach)
}

// ms rounds for people.
func ms(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "less than 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
