package relayclient

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/proxy"
)

// maxProxyAnswer bounds the header of an answer to CONNECT, and maxProxyWords
// what an error repeats of it.
const (
	maxProxyAnswer = 64 << 10
	maxProxyWords  = 256
)

// proxyPorts holds the schemes of a proxy's URL and the port that each stands
// for. A SOCKS proxy looks names up itself under either of its two.
var proxyPorts = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}

// proxyFor returns the proxy for a connection to address, or nil. Only host
// and port are shown to Config.Proxy: the rest may be a rendezvous address.
func (cfg *Config) proxyFor(address string) (*url.URL, error) {
	target := &url.URL{Scheme: "https", Host: strings.TrimSuffix(address, ":443")}
	proxy, err := cfg.Proxy(&http.Request{Method: http.MethodGet, URL: target, Host: target.Host, Header: http.Header{}})
	if err != nil || proxy == nil {
		return nil, err
	}
	if proxyPorts[proxy.Scheme] == "" || proxy.Hostname() == "" {
		return nil, fmt.Errorf("%w: its URL must begin with http://, https:// or socks5:// and name a host", ErrProxyUnreachable)
	}
	return proxy, nil
}

// dialProxy connects to address through a proxy. What fails before the proxy
// can answer is an ErrProxyUnreachable, the rest an ErrProxy.
func (cfg *Config) dialProxy(ctx context.Context, via *url.URL, address string, watch *stopwatch) (net.Conn, error) {
	conn, err := cfg.dialHost(ctx, hostPort(via), watch)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProxyUnreachable, nameless(err))
	}
	watch.enter(&watch.phases.Proxy)
	if via.Scheme == "https" {
		secure := tls.Client(conn, cfg.tls(via.Hostname(), nil))
		if err := secure.HandshakeContext(ctx); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%w: TLS to it: %w", ErrProxyUnreachable, nameless(err))
		}
		conn = secure
	}
	if strings.HasPrefix(via.Scheme, "socks5") {
		err = socksConnect(ctx, conn, via.User, address)
	} else {
		err = httpConnect(ctx, conn, via.User, address)
	}
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("%w: %w", ErrProxy, err)
	}
	return conn, nil
}

// hostPort is where a proxy stands.
func hostPort(proxy *url.URL) string {
	port := proxy.Port()
	if port == "" {
		port = proxyPorts[proxy.Scheme]
	}
	return net.JoinHostPort(proxy.Hostname(), port)
}

// via names a proxy without its credentials, and where it is set.
func (cfg *Config) via(proxy *url.URL) string {
	if cfg.ProxySource == "" {
		return printable(hostPort(proxy))
	}
	return printable(hostPort(proxy)) + " (" + cfg.ProxySource + ")"
}

// httpConnect asks an HTTP proxy for a tunnel to address.
func httpConnect(ctx context.Context, conn net.Conn, user *url.Userinfo, address string) error {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{"User-Agent": {"relayscope"}}}
	if user != nil {
		password, _ := user.Password()
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(user.Username(), password)
		req.Header["Proxy-Authorization"] = r.Header["Authorization"]
	}
	if err := req.Write(conn); err != nil {
		return nameless(err)
	}
	limited := &io.LimitedReader{R: conn, N: maxProxyAnswer}
	in := bufio.NewReader(limited)
	resp, err := http.ReadResponse(in, req)
	switch {
	case err != nil && limited.N <= 0:
		return errors.New("its answer has no end")
	case err != nil:
		return unanswered(err)
	case resp.StatusCode != http.StatusOK:
		return errors.New(proxyWords(resp))
	case in.Buffered() > 0:
		return errors.New("it went on talking after its answer") // TLS begins with the client
	case !stop():
		return context.Cause(ctx)
	}
	return nil
}

// unanswered tells a proxy that breaks off from one that does not speak HTTP.
func unanswered(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("it hung up instead of answering")
	case errors.As(err, &op):
		return nameless(err)
	}
	return errors.New("its answer is not HTTP")
}

// proxyWords repeats a refusal, and which credentials the proxy wants.
func proxyWords(resp *http.Response) string {
	words := printable(resp.Status)
	if _, reason, _ := strings.Cut(resp.Status, " "); reason == "" {
		words += " without a reason"
	}
	var schemes []string
	for _, challenge := range resp.Header.Values("Proxy-Authenticate") {
		scheme, _, _ := strings.Cut(printable(challenge), " ")
		schemes = append(schemes, scheme)
	}
	if len(schemes) > 0 {
		words += " (it wants " + strings.Join(schemes, " or ") + ")"
	}
	return strings.ToValidUTF8(words[:min(len(words), maxProxyWords)], "")
}

// socksConnect asks a SOCKS proxy for a tunnel to address, whose name the
// proxy looks up.
func socksConnect(ctx context.Context, conn net.Conn, user *url.Userinfo, address string) error {
	var auth *proxy.Auth
	if user != nil {
		password, _ := user.Password()
		auth = &proxy.Auth{User: user.Username(), Password: password}
	}
	dialer, err := proxy.SOCKS5("tcp", "proxy:1080", auth, connected{conn})
	if err != nil {
		return err
	}
	if _, err = dialer.(proxy.ContextDialer).DialContext(ctx, "tcp", address); err != nil {
		return nameless(err)
	}
	return nil
}

// connected is a dialer that has dialled already.
type connected struct{ net.Conn }

func (c connected) Dial(string, string) (net.Conn, error) { return c.Conn, nil }

func (c connected) DialContext(context.Context, string, string) (net.Conn, error) { return c.Conn, nil }

// nameless takes the addresses out of an error about the proxy: where it
// stands is nobody's business who reads a report.
func nameless(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var host x509.HostnameError
	switch {
	case errors.As(err, &dns):
		return errors.New("its name could not be looked up")
	case errors.As(err, &host):
		return errors.New("its certificate is for another name")
	case errors.As(err, &op):
		return nameless(op.Err)
	}
	return err
}
