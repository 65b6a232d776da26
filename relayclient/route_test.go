package relayclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestRoute(t *testing.T) {
	direct := through(nil)
	for name, tt := range map[string]struct {
		namespace string
		proxy     func(*http.Request) (*url.URL, error)
		want      relayclient.Route
	}{
		"direct":    {"contoso.example", direct, relayclient.Route{Namespace: "contoso.example:443", Address: "contoso.example:443", Source: "profile"}},
		"with port": {"contoso.example:8443", direct, relayclient.Route{Namespace: "contoso.example:8443", Address: "contoso.example:8443", Source: "profile"}},
		"IPv6":      {"[::1]", direct, relayclient.Route{Namespace: "[::1]:443", Address: "[::1]:443", Source: "profile"}},
		"through a proxy": {"contoso.example", through(&url.URL{Scheme: "socks5", Host: "proxy.example", User: url.UserPassword("eve", "s3cret")}),
			relayclient.Route{Namespace: "contoso.example:443", Address: "proxy.example:1080", Proxy: "socks5", Via: "proxy.example:1080 (profile)", Source: "profile"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := relayclient.RouteOf(relayclient.Config{Namespace: tt.namespace, HybridConnection: "hyco", Proxy: tt.proxy, ProxySource: "profile"})
			if err != nil || got != tt.want {
				t.Errorf("route is %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
	if _, err := relayclient.RouteOf(relayclient.Config{Namespace: "contoso.example"}); err == nil {
		t.Error("a route without a hybrid connection was found")
	}
}

func TestReach(t *testing.T) {
	r := localrelaytest.New(t)
	proxy, connected := newProxy(t, "eve", "s3cret")
	cfg := config(t, r, "hyco", "send")
	cfg.Proxy = through(&url.URL{Scheme: "http", Host: proxy, User: url.UserPassword("eve", "s3cret")})
	conn, phases, err := relayclient.Reach(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if connected.Load() != 1 || phases.Via != proxy || phases.Proxy <= 0 || phases.TLS != 0 {
		t.Errorf("the proxy connected %d times; phases are %+v", connected.Load(), phases)
	}
}

func TestReachEnds(t *testing.T) {
	mute := serveTCP(t, nil, func(conn net.Conn) { io.Copy(io.Discard, conn) })
	cfg := relayclient.Config{Namespace: "contoso.example", HybridConnection: "hyco", Proxy: through(&url.URL{Scheme: "http", Host: mute})}
	cfg.Timing.Handshake = 200 * time.Millisecond
	var late *relayclient.TimeoutError
	if _, _, err := relayclient.Reach(t.Context(), cfg); !errors.As(err, &late) || late.Stage != relayclient.AskingProxy || !late.Proxied {
		t.Errorf("after its time, error is %v", err)
	}
	cfg.Timing.Handshake = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, _, err := relayclient.Reach(ctx, cfg); !errors.Is(err, context.Canceled) {
		t.Errorf("after it was cancelled, error is %v", err)
	}
}

// A sender can ask the relay for one listener by its ID.
func TestListenerID(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "both")
	wanted, other := listen(t, cfg), listen(t, cfg)
	if wanted.ID() == other.ID() {
		t.Fatal("two listeners have the same ID")
	}
	for range 5 {
		sending, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{Header: http.Header{"Microsoft-Relay-AllowedListeners": {wanted.ID()}}})
		if err != nil {
			t.Fatal(err)
		}
		defer sending.CloseNow()
		listening, err := wanted.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		listening.CloseNow()
	}
}
