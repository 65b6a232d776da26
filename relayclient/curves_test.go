package relayclient_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"

	"relayscope/relayclient"
)

// A pickyServer refuses every upgrade, after a TLS handshake with the curves
// that it likes at the time.
type pickyServer struct {
	mu     sync.Mutex
	likes  []tls.CurveID
	hellos []hello
}

// A hello is what came first in one connection.
type hello struct {
	curve tls.CurveID
	again bool // the server had to ask for another curve
}

func (s *pickyServer) config(base *tls.Config) *tls.Config {
	base.GetConfigForClient = func(info *tls.ClientHelloInfo) (*tls.Config, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hellos = append(s.hellos, hello{curve: info.SupportedCurves[0]})
		c := base.Clone()
		c.GetConfigForClient, c.CurvePreferences = nil, s.likes
		return c, nil
	}
	return base
}

func (s *pickyServer) like(curves ...tls.CurveID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.likes = curves
}

// seen returns the hellos since the last call.
func (s *pickyServer) seen() []hello {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.hellos = nil }()
	return s.hellos
}

func newPicky(t *testing.T, likes ...tls.CurveID) (*pickyServer, relayclient.Config) {
	t.Helper()
	roots := x509.NewCertPool()
	s := &pickyServer{likes: likes}
	address := serveTCP(t, s.config(authority(roots)), func(conn net.Conn) {
		conn.Read(make([]byte, 4096))
		if conn.(*tls.Conn).ConnectionState().HelloRetryRequest {
			s.mu.Lock()
			s.hellos[len(s.hellos)-1].again = true
			s.mu.Unlock()
		}
		conn.Write([]byte("HTTP/1.1 403 No. TrackingId:x\r\nContent-Length: 0\r\n\r\n"))
		conn.Close()
	})
	return s, relayclient.Config{Namespace: address, HybridConnection: "hyco", RootCAs: roots}
}

func mustBeRefused(t *testing.T, cfg relayclient.Config) {
	t.Helper()
	_, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.StatusCode != http.StatusForbidden {
		t.Fatalf("error = %v, want the server's 403", err)
	}
}

// A relay that wants P-384 pays for asking once. When it changes its mind, the
// client does, too.
func TestCurveThatARelayAsksForGoesFirst(t *testing.T) {
	s, cfg := newPicky(t, tls.CurveP384)
	first := tls.X25519MLKEM768 // Go's own
	for i, step := range []struct {
		likes []tls.CurveID
		want  []hello
	}{
		{[]tls.CurveID{tls.CurveP384}, []hello{{first, true}}},
		{[]tls.CurveID{tls.CurveP384}, []hello{{tls.CurveP384, false}}},
		{[]tls.CurveID{tls.CurveP384, tls.X25519}, []hello{{tls.CurveP384, false}}},
		{[]tls.CurveID{tls.X25519}, []hello{{tls.CurveP384, false}, {first, false}}}, // an alert, then as if nothing had been
		{[]tls.CurveID{tls.X25519}, []hello{{first, false}}},
		{[]tls.CurveID{tls.CurveP256}, []hello{{first, true}}},
		{[]tls.CurveID{tls.CurveP256}, []hello{{tls.CurveP256, false}}},
		{[]tls.CurveID{tls.CurveP384}, []hello{{tls.CurveP256, true}}},
		{[]tls.CurveID{tls.CurveP384}, []hello{{tls.CurveP384, false}}},
	} {
		s.like(step.likes...)
		mustBeRefused(t, cfg)
		if got := s.seen(); !slices.Equal(got, step.want) {
			t.Errorf("step %d, server likes %v: hellos %v, want %v", i, step.likes, got, step.want)
		}
	}
}

// Who is happy with what Go sends first is never asked for anything else.
func TestCurveThatGoPrefersStaysFirst(t *testing.T) {
	for name, likes := range map[string][]tls.CurveID{
		"all of Go's": nil,
		"X25519":      {tls.X25519, tls.CurveP384},
	} {
		t.Run(name, func(t *testing.T) {
			s, cfg := newPicky(t, likes...)
			for range 3 {
				mustBeRefused(t, cfg)
			}
			if got, want := s.seen(), slices.Repeat([]hello{{tls.X25519MLKEM768, false}}, 3); !slices.Equal(got, want) {
				t.Errorf("hellos %v, want %v", got, want)
			}
		})
	}
}
