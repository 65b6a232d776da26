package relayclient

import (
	"context"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"
)

// Phases says how long each part of opening a WebSocket took. A phase that did
// not happen is zero; the one that an attempt failed in counts up to the
// failure.
type Phases struct {
	Token   time.Duration // getting a token
	DNS     time.Duration // looking up the host, or the proxy's
	TCP     time.Duration // connecting, to the address that won
	Proxy   time.Duration // until the proxy had connected further
	TLS     time.Duration // the handshake
	Upgrade time.Duration // from the request to the answer; for a sender this includes the listener's accepting
	Address string        // IP address and port that the connection goes to; "" before TCP
	Via     string        // host and port of the proxy and where it is set, such as "proxy.example:3128 (HTTPS_PROXY)"; "" without one
}

// A Stage is a part of opening a WebSocket.
type Stage int

// The stages, in their order. The zero Stage is none of them. With a proxy,
// the first two are about reaching it.
const (
	LookingUp Stage = 1 + iota
	ConnectingTCP
	AskingProxy
	SecuringTLS
	Upgrading // the request is sent; for a sender this includes the listener's accepting

	GettingToken // before all of them
)

func (s Stage) String() string {
	return name(int(s), "", "looking up the name", "connecting", "waiting for the proxy", "the TLS handshake", "waiting for the answer", "getting a token")
}

// String lists the phases that happened, such as "DNS 2 ms, TCP 14 ms".
func (p Phases) String() string {
	var parts []string
	for _, part := range []struct {
		name string
		took time.Duration
	}{{"token", p.Token}, {"DNS", p.DNS}, {"TCP", p.TCP}, {"proxy", p.Proxy}, {"TLS", p.TLS}, {"upgrade", p.Upgrade}} {
		if part.took > 0 {
			parts = append(parts, part.name+" "+max(part.took.Round(10*time.Microsecond), 10*time.Microsecond).String())
		}
	}
	return strings.Join(parts, ", ")
}

// A stopwatch measures the phases of one attempt. Several addresses may be
// tried at once, so what it is told comes from several goroutines.
type stopwatch struct {
	mu      sync.Mutex
	phases  Phases
	running *time.Duration // the phase under way
	last    *time.Duration // the one entered last, which an attempt fails in
	since   time.Time
	tell    func(Stage) // nil: nobody wants to know
}

// enter ends the phase under way and begins another; nil begins none.
func (s *stopwatch) enter(phase *time.Duration) {
	s.mu.Lock()
	s.stop()
	s.running, s.since = phase, time.Now()
	if phase != nil {
		s.last = phase
	}
	s.mu.Unlock()
	if phase != nil {
		s.progress()
	}
}

// progress tells which stage has begun.
func (s *stopwatch) progress() {
	if s.tell != nil {
		s.tell(s.stage())
	}
}

// stage is the phase that was entered last.
func (s *stopwatch) stage() Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch p := &s.phases; s.last {
	case &p.DNS:
		return LookingUp
	case &p.TCP:
		return ConnectingTCP
	case &p.Proxy:
		return AskingProxy
	case &p.TLS:
		return SecuringTLS
	case &p.Upgrade:
		return Upgrading
	}
	return 0
}

// through notes which proxy is used.
func (s *stopwatch) through(proxy string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phases.Via = proxy
}

func (s *stopwatch) stop() {
	if s.running != nil {
		*s.running += time.Since(s.since)
		s.running = nil
	}
}

// watch returns a context that tells s of a lookup and of the connecting that
// follows it, until connected is called.
func (s *stopwatch) watch(ctx context.Context) context.Context {
	p := &s.phases
	s.mu.Lock()
	p.Address = "" // of an earlier try
	s.mu.Unlock()
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { s.enter(&p.DNS) },
		DNSDone:      func(httptrace.DNSDoneInfo) { s.enter(nil) },
		ConnectStart: func(string, string) { s.connecting() },
	})
}

// connecting begins the TCP phase with the first of the addresses tried. An
// address that is tried after another has won is of no interest.
func (s *stopwatch) connecting() {
	s.mu.Lock()
	begins := s.phases.Address == "" && s.running != &s.phases.TCP
	if begins {
		s.stop()
		s.running, s.since = &s.phases.TCP, time.Now()
		s.last = s.running
	}
	s.mu.Unlock()
	if begins {
		s.progress()
	}
}

// connected ends the TCP phase with the address that won.
func (s *stopwatch) connected(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	s.phases.Address = address
}

// done ends the measuring and returns the phases.
func (s *stopwatch) done() Phases {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
	return s.phases
}
