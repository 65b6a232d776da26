package relayclient

import (
	"context"
	"fmt"
	"net"
	"strings"
)

// A Route says how a client's connections leave this computer.
type Route struct {
	Namespace string // host:port that the relay is at
	Address   string // host:port that is dialled: Namespace, or the proxy
	Proxy     string // "http", "https" or "socks5" if a proxy is at Address; "" without one
	Via       string // the proxy and where it is set, as in Phases; "" without one
	Source    string // where a proxy would be set, such as HTTPS_PROXY; "" if nobody said
}

// RouteOf finds out whether a client goes through a proxy, without connecting
// anywhere. It fails for settings that Listen and Dial would not take either.
func RouteOf(cfg Config) (Route, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return Route{}, err
	}
	address := cfg.address()
	proxy, err := cfg.proxyFor(address)
	if err != nil {
		return Route{}, err
	}
	route := Route{Namespace: address, Address: address, Source: cfg.ProxySource}
	if proxy != nil {
		route.Address, route.Proxy, route.Via = hostPort(proxy), proxy.Scheme, cfg.via(proxy)
	}
	return route, nil
}

// Reach opens a TCP connection to the namespace the way that Listen and Dial
// do, through the proxy if there is one, and leaves TLS to the caller. ctx
// bounds opening only. The Phases are those of a failure, too.
func Reach(ctx context.Context, cfg Config) (net.Conn, Phases, error) {
	cfg, err := cfg.prepare()
	if err != nil {
		return nil, Phases{}, err
	}
	ctx, cancel := withTimeout(ctx, cfg.Timing.Handshake)
	defer cancel()
	watch := &stopwatch{}
	conn, err := cfg.dialTCP(ctx, cfg.address(), watch)
	phases := watch.done()
	switch {
	case err == nil:
		return conn, phases, nil
	case over(ctx, err) && isTimeout(context.Cause(ctx)):
		err = &TimeoutError{Op: "reach", Stage: watch.stage(), Proxied: phases.Via != "", Err: context.Cause(ctx)}
	case ctx.Err() != nil:
		err = fmt.Errorf("reach: %w", context.Cause(ctx))
	default:
		err = fmt.Errorf("reach: %w", err)
	}
	return nil, phases, err
}

// address is where the namespace is dialled.
func (cfg *Config) address() string {
	if _, _, err := net.SplitHostPort(cfg.Namespace); err == nil {
		return cfg.Namespace
	}
	return net.JoinHostPort(strings.Trim(cfg.Namespace, "[]"), "443")
}
