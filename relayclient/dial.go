package relayclient

import (
	"context"
	"crypto/tls"
	"net"

	"relayscope/relayclient/gather"
)

// dialTLS opens a TLS connection to address ("host:port"), through the proxy
// if there is one. ctx bounds every phase of it and nothing after it. watch is
// told of each phase, and is left with the upgrade under way.
func (cfg *Config) dialTLS(ctx context.Context, address string, watch *stopwatch) (net.Conn, error) {
	relay := relayKey(address)
	offer := curves.offer(relay)
	conn, err := cfg.shakeHands(ctx, address, offer, watch)
	if err != nil && offer != nil && ctx.Err() == nil {
		curves.forget(relay)
		if isAlert(err) {
			conn, err = cfg.shakeHands(ctx, address, nil, watch)
		}
	}
	if err != nil {
		return nil, err
	}
	curves.learn(relay, conn.ConnectionState())
	watch.enter(&watch.phases.Upgrade)
	return conn, nil
}

// shakeHands connects to address and makes a TLS handshake that offers these
// curves.
func (cfg *Config) shakeHands(ctx context.Context, address string, offer []tls.CurveID, watch *stopwatch) (*tls.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	tunnel, err := cfg.dialTCP(ctx, address, watch)
	if err != nil {
		return nil, err
	}
	watch.enter(&watch.phases.TLS)
	conn := tls.Client(gather.ReadAhead(tunnel), cfg.tls(host, offer))
	if err := conn.HandshakeContext(ctx); err != nil {
		tunnel.Close()
		return nil, err
	}
	return conn, nil
}

// dialTCP reaches address directly or through the proxy.
func (cfg *Config) dialTCP(ctx context.Context, address string, watch *stopwatch) (net.Conn, error) {
	proxy, err := cfg.proxyFor(address)
	if err != nil {
		return nil, err
	}
	if proxy != nil {
		via := cfg.via(proxy)
		watch.through(via)
		cfg.Logger.Debug("through a proxy", "proxy", via)
		return cfg.dialProxy(ctx, proxy, address, watch)
	}
	return cfg.dialHost(ctx, address, watch)
}

// dialHost connects to the first of a host's addresses, old and new, that
// answers.
func (cfg *Config) dialHost(ctx context.Context, address string, watch *stopwatch) (net.Conn, error) {
	conn, err := (&net.Dialer{Resolver: cfg.resolver}).DialContext(watch.watch(ctx), "tcp", address)
	if err != nil {
		return nil, err
	}
	watch.connected(conn.RemoteAddr().String())
	return &stallConn{Conn: conn, patience: cfg.Timing.Stall}, nil
}
