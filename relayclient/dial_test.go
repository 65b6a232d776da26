package relayclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const oddPassword = "p@ss/:w%rd?" // needs escapes in a URL

// socksOne is one conversation of a SOCKS5 proxy that wants a password and
// takes names only.
func socksOne(conn net.Conn, user, password string, connected *atomic.Int64) {
	read := func(n byte) string {
		b := make([]byte, n)
		io.ReadFull(conn, b)
		return string(b)
	}
	conn.Write([]byte{5, 2})
	if n := read(2)[1]; !strings.Contains(read(n), "\x02") {
		return
	}
	gotUser := read(read(2)[1])
	if gotPassword := read(read(1)[0]); gotUser != user || gotPassword != password {
		conn.Write([]byte{1, 1})
		return
	}
	conn.Write([]byte{1, 0})
	if head := read(4); head[3] != 3 {
		conn.Write([]byte{5, 8, 0, 1, 0, 0, 0, 0, 0, 0}) // no such type of address
		return
	}
	host := read(read(1)[0])
	port := read(2)
	far, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1]))))
	if err != nil {
		conn.Write([]byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0}) // refused
		return
	}
	connected.Add(1)
	conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	splice(conn, conn, far)
}

func newSOCKS(t *testing.T, user, password string) (address string, connected *atomic.Int64) {
	t.Helper()
	connected = new(atomic.Int64)
	return serveTCP(t, nil, func(conn net.Conn) { socksOne(conn, user, password, connected) }), connected
}

// authority makes roots trust the certificate, for 127.0.0.1, of the server
// configuration that it returns.
func authority(roots *x509.CertPool) *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	roots.AddCert(server.Certificate())
	return &tls.Config{Certificates: server.TLS.Certificates}
}

// WebSockets, HTTP requests and questions about the hybrid connection all go
// through every kind of proxy, with credentials.
func TestEveryKindOfProxy(t *testing.T) {
	r := localrelaytest.New(t)
	roots := r.RootCAs()
	secure := authority(roots)

	httpAddress, throughHTTP := newProxy(t, "eve", oddPassword)
	socksAddress, throughSOCKS := newSOCKS(t, "eve", oddPassword)
	httpsAddress := serveTCP(t, secure, func(conn net.Conn) {
		far, err := net.Dial("tcp", httpAddress)
		if err == nil {
			splice(conn, conn, far)
		}
	})
	for name, tt := range map[string]struct {
		address   string
		connected *atomic.Int64
	}{
		"http": {httpAddress, throughHTTP}, "https": {httpsAddress, throughHTTP},
		"socks5": {socksAddress, throughSOCKS}, "socks5h": {socksAddress, throughSOCKS},
	} {
		t.Run(name, func(t *testing.T) {
			proxy, err := url.Parse(name + "://eve:" + url.QueryEscape(oddPassword) + "@" + tt.address)
			if err != nil {
				t.Fatal(err)
			}
			before := tt.connected.Load()
			cfg := config(t, r, "hyco", "root")
			cfg.Proxy, cfg.RootCAs = through(proxy), roots
			events := watch(&cfg)
			l := listen(t, cfg)
			listening, sending := pair(t, l, cfg)
			mustWrite(t, sending, text("by a detour"))
			mustRead(t, listening, text("by a detour"))
			p := await(t, events, "online", state(relayclient.Online)).Phases
			if p.TCP <= 0 || p.Proxy <= 0 || p.TLS <= 0 || p.Upgrade <= 0 || p.Address != tt.address {
				t.Errorf("phases = %v to %s, want all of them, and the proxy at %s", p, p.Address, tt.address)
			}
			if info, err := relayclient.GetRuntimeInfo(t.Context(), cfg); err != nil || info.ListenerCount != 1 {
				t.Errorf("runtime info = %+v, %v", info, err)
			}
			if n := tt.connected.Load() - before; n != 4 {
				t.Errorf("the proxy connected %d times, want 4", n)
			}
		})
	}
}

// Whatever is wrong with a proxy is told in words that name neither its
// address nor its password.
func TestProxyTroubleIsToldWithoutItsAddress(t *testing.T) {
	r := localrelaytest.New(t)
	stranger := serveTCP(t, authority(x509.NewCertPool()), func(conn net.Conn) { io.Copy(io.Discard, conn) })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	socksAddress, _ := newSOCKS(t, "eve", "other")
	answering := func(answer string) string {
		return serveTCP(t, nil, func(conn net.Conn) {
			buf := make([]byte, 4096)
			conn.Read(buf)
			io.WriteString(conn, answer)
			io.Copy(io.Discard, conn)
		})
	}
	endless := serveTCP(t, nil, func(conn net.Conn) {
		_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		for line := "X-Filler: " + strings.Repeat("f", 1000) + "\r\n"; err == nil; {
			_, err = io.WriteString(conn, line)
		}
	})
	for name, tt := range map[string]struct {
		scheme, address string
		want            error
		words           string
	}{
		"nobody there":          {"http", closed.Addr().String(), relayclient.ErrProxyUnreachable, "refused"},
		"unknown name":          {"http", "proxy.invalid:3128", relayclient.ErrProxyUnreachable, "looked up"},
		"unknown scheme":        {"gopher", "127.0.0.1:70", relayclient.ErrProxyUnreachable, "socks5://"},
		"stranger":              {"https", stranger, relayclient.ErrProxyUnreachable, "unknown authority"},
		"no TLS":                {"https", socksAddress, relayclient.ErrProxyUnreachable, "TLS"},
		"SOCKS, wrong password": {"socks5", socksAddress, relayclient.ErrProxy, "authentication failed"},
		"SOCKS, not spoken":     {"socks5", answering("HTTP/1.1 400 Bad Request\r\n\r\n"), relayclient.ErrProxy, "unexpected protocol version"},
		"wants more": {"http", answering("HTTP/1.1 407 Who are you\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM abc\r\n\r\n"),
			relayclient.ErrProxy, "407 Who are you (it wants Negotiate or NTLM)"},
		"not HTTP":      {"http", answering("SSH-2.0-server\r\n\r\n"), relayclient.ErrProxy, "not HTTP"},
		"hangs up":      {"http", serveTCP(t, nil, func(conn net.Conn) { conn.Read(make([]byte, 4096)) }), relayclient.ErrProxy, "hung up"},
		"goes on":       {"http", answering("HTTP/1.1 200 OK\r\n\r\nand then"), relayclient.ErrProxy, "went on talking"},
		"no end":        {"http", endless, relayclient.ErrProxy, "no end"},
		"long words":    {"http", answering("HTTP/1.1 403 " + strings.Repeat("ü", 5000) + "\r\n\r\n"), relayclient.ErrProxy, "403 üüü"},
		"terminal code": {"http", answering("HTTP/1.1 403 \x1b[2J\r\n\r\n"), relayclient.ErrProxy, "403 \ufffd[2J"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, r, "hyco", "listen")
			cfg.Proxy = through(&url.URL{Scheme: tt.scheme, Host: tt.address, User: url.UserPassword("eve", "s3cret")})
			_, err := relayclient.Listen(t.Context(), cfg)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.words) {
				t.Fatalf("error = %v, want %q with %q", err, tt.want, tt.words)
			}
			host, port, _ := net.SplitHostPort(tt.address)
			for _, secret := range []string{"s3cret", "eve", host, port} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error shows %q: %v", secret, err)
				}
			}
			if len(err.Error()) > 500 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// soon returns what comes on a channel, if it comes in time.
func soon[T any](t *testing.T, ch <-chan T, what string) (got T) {
	t.Helper()
	timeout := time.NewTimer(20 * time.Second)
	defer timeout.Stop()
	select {
	case got = <-ch:
	case <-timeout.C:
		t.Fatalf("did not come: %s", what)
	}
	return got
}

// Whoever is not answered, at any phase, can stop at once, and otherwise the
// attempt ends at its deadline.
func TestSilenceAtEveryPhase(t *testing.T) {
	r := localrelaytest.New(t)
	roots := r.RootCAs()
	secure := authority(roots)
	reached := make(chan struct{}, 1)
	silent := func(conn net.Conn) {
		select {
		case reached <- struct{}{}:
		default: // nobody waits for it
		}
		io.Copy(io.Discard, conn)
	}
	shaking := func(conn net.Conn) {
		if conn.(*tls.Conn).Handshake() == nil {
			silent(conn)
		}
	}
	mute, secret := serveTCP(t, nil, silent), serveTCP(t, secure, shaking)
	for name, tt := range map[string]struct{ namespace, proxy string }{
		"TLS":            {mute, ""},
		"upgrade":        {secret, ""},
		"HTTP proxy":     {r.Namespace(), "http://" + mute},
		"TLS to a proxy": {r.Namespace(), "https://" + mute},
		"HTTPS proxy":    {r.Namespace(), "https://" + secret},
		"SOCKS proxy":    {r.Namespace(), "socks5://" + mute},
	} {
		cfg := config(t, r, "hyco", "listen")
		cfg.Namespace, cfg.RootCAs = tt.namespace, roots
		if tt.proxy != "" {
			proxy, err := url.Parse(tt.proxy)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Proxy = through(proxy)
		}
		t.Run(name+", stopped", func(t *testing.T) {
			stop := errors.New("stop")
			ctx, cancel := context.WithCancelCause(t.Context())
			done := make(chan error, 1)
			go func() {
				_, err := relayclient.Listen(ctx, cfg)
				done <- err
			}()
			soon(t, reached, "silence")
			start := time.Now()
			cancel(stop)
			if err := soon(t, done, "the end"); !errors.Is(err, stop) {
				t.Errorf("error = %v, want the cause", err)
			}
			if took := time.Since(start); took > time.Second { // a few milliseconds on a machine at rest
				t.Errorf("stopping took %v", took)
			}
		})
		t.Run(name+", deadline", func(t *testing.T) {
			cfg.Timing.Handshake = 100 * time.Millisecond
			_, err := relayclient.Listen(t.Context(), cfg)
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "100ms") {
				t.Errorf("error = %v, want the deadline", err)
			}
		})
		t.Run(name+", runtime info", func(t *testing.T) {
			cfg.Timing.Handshake = 100 * time.Millisecond
			_, err := relayclient.GetRuntimeInfo(t.Context(), cfg)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v, want the deadline", err)
			}
		})
	}
}
