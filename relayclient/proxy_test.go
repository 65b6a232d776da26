package relayclient_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// newProxy starts an HTTP proxy that connects further for one user, and counts
// for how many connections it did.
func newProxy(t *testing.T, user, password string) (address string, connected *atomic.Int64) {
	t.Helper()
	connected = new(atomic.Int64)
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	return serveTCP(t, nil, func(conn net.Conn) { proxyOne(conn, want, connected) }), connected
}

// serveTCP calls serve for every connection to the address that it returns,
// with TLS if a configuration is given, and closes what is open in the end.
func serveTCP(t *testing.T, secure *tls.Config, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			work.Go(func() {
				defer conn.Close()
				if secure != nil {
					conn = tls.Server(conn, secure)
				}
				serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	return l.Addr().String()
}

// curt is who gets a refusal without a reason.
var curt = "Basic " + base64.StdEncoding.EncodeToString([]byte("eve:curt"))

func proxyOne(conn net.Conn, want string, connected *atomic.Int64) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	req, err := http.ReadRequest(in)
	if err != nil {
		return
	}
	if req.Header.Get("Proxy-Authorization") == curt {
		io.WriteString(conn, "HTTP/1.1 407\r\nContent-Length: 0\r\n\r\n")
		return
	}
	if req.Method != http.MethodConnect || req.Header.Get("Proxy-Authorization") != want {
		io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
		return
	}
	far, err := net.Dial("tcp", req.Host)
	if err != nil {
		io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	connected.Add(1)
	io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	splice(conn, in, far)
}

// splice carries bytes both ways until one end is done.
func splice(conn net.Conn, in io.Reader, far net.Conn) {
	var back sync.WaitGroup
	back.Go(func() { io.Copy(conn, far); conn.Close() })
	io.Copy(far, in)
	far.Close()
	back.Wait()
}

func through(proxy *url.URL) func(*http.Request) (*url.URL, error) {
	return func(*http.Request) (*url.URL, error) { return proxy, nil }
}

// Control channel, rendezvous and sender all take the same way.
func TestThroughAProxy(t *testing.T) {
	address, connected := newProxy(t, "eve", "s3cret")
	r := localrelaytest.New(t)
	way := through(&url.URL{Scheme: "http", Host: address, User: url.UserPassword("eve", "s3cret")})
	listener, sender := config(t, r, "hyco", "listen"), config(t, r, "hyco", "send")
	listener.Proxy, sender.Proxy = way, way
	events := watch(&sender)
	l := listen(t, listener)
	listening, sending := pair(t, l, sender)
	mustWrite(t, sending, text("by a detour"))
	mustRead(t, listening, text("by a detour"))
	if n := connected.Load(); n != 3 {
		t.Errorf("the proxy connected %d times, want 3", n)
	}
	if p := await(t, events, "connected", kind(relayclient.Connected)).Phases; p.Proxy <= 0 || p.TLS <= 0 || p.Address != address {
		t.Errorf("phases = %v to %s, want a proxy at %s", p, p.Address, address)
	}
}

func TestProxyRefuses(t *testing.T) {
	address, _ := newProxy(t, "eve", "s3cret")
	r := localrelaytest.New(t)
	for name, tt := range map[string]struct {
		password  string
		namespace string
		words     string
	}{
		"wrong password":   {"wr0ng", r.Namespace(), "Proxy Authentication Required"},
		"without a reason": {"curt", r.Namespace(), "without a reason"},
		"nothing further":  {"s3cret", "localhost:1", "Bad Gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, r, "hyco", "listen")
			cfg.Namespace = tt.namespace
			cfg.Proxy = through(&url.URL{Scheme: "http", Host: address, User: url.UserPassword("eve", tt.password)})
			_, err := relayclient.Listen(t.Context(), cfg)
			if !errors.Is(err, relayclient.ErrProxy) || !strings.Contains(err.Error(), tt.words) {
				t.Fatalf("error = %v, want the proxy's words %q", err, tt.words)
			}
			if strings.Contains(err.Error(), tt.password) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}
