package relayclient

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// resolverOf answers every question for a name with these addresses.
func resolverOf(t *testing.T, v4, v6 string) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan struct{})
	t.Cleanup(func() { server.Close(); <-answered })
	go func() {
		defer close(answered)
		buf := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Response, m.Additionals = true, nil
			head := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}
			switch {
			case q.Type == dnsmessage.TypeA && v4 != "":
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: [4]byte(net.ParseIP(v4).To4())}}}
			case q.Type == dnsmessage.TypeAAAA && v6 != "":
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(net.ParseIP(v6))}}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = server.WriteTo(answer, from) // a lost answer is asked for again
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

// A host may have addresses of both families of which only one leads to the
// relay. Whichever answers is taken, and told.
func TestWhicheverAddressAnswers(t *testing.T) {
	type host struct{ v4, v6, listen string }
	hosts := map[string]host{
		"both, IPv4 answers": {"127.0.0.1", "::1", "127.0.0.1"},
		"IPv4 alone":         {"127.0.0.1", "", "127.0.0.1"},
	}
	if l, err := net.Listen("tcp6", "[::1]:0"); err == nil { // containers often have no IPv6
		l.Close()
		hosts["both, IPv6 answers"] = host{"127.0.0.1", "::1", "::1"}
		hosts["IPv6 alone"] = host{"", "::1", "::1"}
	}
	for name, tt := range hosts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := listenAlone(t, tt.listen)
			port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
			cfg := &Config{Timing: Timing{}.withDefaults(), resolver: resolverOf(t, tt.v4, tt.v6)}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			var watch stopwatch
			conn, err := cfg.dialHost(ctx, net.JoinHostPort("fabrikam.servicebus.windows.net", port), &watch)
			if err != nil {
				t.Fatal(err)
			}
			conn.Close()
			if p := watch.done(); p.Address != net.JoinHostPort(tt.listen, port) || p.DNS <= 0 || p.TCP <= 0 {
				t.Errorf("%v to %q, want a look-up and a connection to %s", p, p.Address, tt.listen)
			}
		})
	}
}

// listenAlone listens on a port of host that nobody listens on at the other
// family's loopback address.
func listenAlone(t *testing.T, host string) net.Listener {
	t.Helper()
	other := "::1"
	if host == other {
		other = "127.0.0.1"
	}
	for range 20 {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", net.JoinHostPort(other, strconv.Itoa(l.Addr().(*net.TCPAddr).Port)))
		if err != nil { // refused, or there is no such family here
			t.Cleanup(func() { l.Close() })
			return l
		}
		conn.Close()
		l.Close()
	}
	t.Fatal("every port is taken")
	return nil
}
