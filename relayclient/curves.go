package relayclient

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"sync"
)

// curves remembers, for the whole process, which relays asked for another
// curve than the one that came first. The service does: it wants P-384, and
// asking costs every handshake a round trip. Go offers curves in an order of
// its own, so the only way to have P-384 go first is to leave out what would.
var curves = curveMemory{wanted: map[string]tls.CurveID{}}

// maxRemembered bounds the memory. Nobody uses that many relays at once; who
// does only pays the round trip again.
const maxRemembered = 64

// ascending is the order in which Go offers the curves that a relay may ask
// for. X25519 is not among them, because Go always sends it unasked.
var ascending = []tls.CurveID{tls.CurveP256, tls.CurveP384, tls.CurveP521}

// A curveMemory is safe for concurrent use.
type curveMemory struct {
	mu     sync.Mutex
	wanted map[string]tls.CurveID // by the key of relayKey
}

// relayKey names the relay that address belongs to. A namespace and its
// gateways are one: they differ in the first label of the host only.
func relayKey(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	if suffix := dnsSuffix(host); suffix != "" {
		host = suffix
	}
	return net.JoinHostPort(host, port)
}

// offer returns the curves to offer the relay, or nil for Go's own.
func (m *curveMemory) offer(key string) []tls.CurveID {
	m.mu.Lock()
	defer m.mu.Unlock()
	curve, ok := m.wanted[key]
	if !ok {
		return nil
	}
	return ascending[slices.Index(ascending, curve):]
}

// learn takes in a handshake that succeeded.
func (m *curveMemory) learn(key string, state tls.ConnectionState) {
	if !state.HelloRetryRequest || !slices.Contains(ascending, state.CurveID) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.wanted) >= maxRemembered {
		clear(m.wanted)
	}
	m.wanted[key] = state.CurveID
}

// forget makes the next handshake begin with Go's own curves.
func (m *curveMemory) forget(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.wanted, key)
}

// isAlert reports whether the other side turned a handshake down in TLS.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}
