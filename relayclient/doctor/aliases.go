package doctor

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// aliasPatience is how much longer than the addresses the names on the way to
// them may take. They are good to know, not worth waiting for.
const aliasPatience = 500 * time.Millisecond

// A trail is what DNS servers said about a name.
type trail struct {
	names  []string // the aliases that lead from the name to its addresses
	server string   // who answered
}

// follow looks a name up once more, for the aliases, which the system's
// resolver keeps to itself. It listens to what the DNS servers answer. A name
// that DNS is not asked for, as in the hosts file, has an empty trail.
func follow(ctx context.Context, resolver *net.Resolver, host string) trail {
	var w wiretap
	dial := new(net.Dialer).DialContext
	if resolver.Dial != nil {
		dial = resolver.Dial
	}
	own := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return w.tap(conn), nil
	}}
	if _, err := own.LookupNetIP(ctx, "ip", host); err != nil && ctx.Err() != nil {
		return trail{}
	}
	return w.trail(host)
}

// A wiretap keeps what DNS servers answer.
type wiretap struct {
	mu      sync.Mutex
	servers []string // who sent each of the answers
	answers []*[]byte
}

// tap returns conn with an ear to it. The resolver tells datagrams from a
// stream by the type.
func (w *wiretap) tap(conn net.Conn) net.Conn {
	heard := new([]byte)
	w.mu.Lock()
	w.answers = append(w.answers, heard)
	w.servers = append(w.servers, conn.RemoteAddr().String())
	w.mu.Unlock()
	tapped := tappedConn{conn, w, heard}
	if packets, ok := conn.(net.PacketConn); ok {
		return tappedPackets{tappedConn: tapped, PacketConn: packets}
	}
	return tapped
}

// maxHeard bounds what is kept of one connection.
const maxHeard = 64 << 10

type tappedConn struct {
	net.Conn
	tap   *wiretap
	heard *[]byte
}

func (c tappedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.tap.mu.Lock()
	defer c.tap.mu.Unlock()
	if len(*c.heard)+n <= maxHeard {
		*c.heard = append(*c.heard, p[:n]...)
	}
	return n, err
}

// tappedPackets has the methods of both kinds; those in common are the
// connection's.
type tappedPackets struct {
	tappedConn
	net.PacketConn
}

func (c tappedPackets) Close() error                       { return c.tappedConn.Close() }
func (c tappedPackets) LocalAddr() net.Addr                { return c.tappedConn.LocalAddr() }
func (c tappedPackets) SetDeadline(t time.Time) error      { return c.tappedConn.SetDeadline(t) }
func (c tappedPackets) SetReadDeadline(t time.Time) error  { return c.tappedConn.SetReadDeadline(t) }
func (c tappedPackets) SetWriteDeadline(t time.Time) error { return c.tappedConn.SetWriteDeadline(t) }

// trail reads the aliases out of what was heard.
func (w *wiretap) trail(host string) trail {
	w.mu.Lock()
	defer w.mu.Unlock()
	var t trail
	next := map[string]string{}
	for i, heard := range w.answers {
		message := *heard
		if readAliases(message, next) || len(message) > 2 && readAliases(message[2:], next) { // a stream has the length before
			t.server = w.servers[i]
		}
	}
	for name := fold(host); next[name] != "" && len(t.names) < maxAliases; name = next[name] {
		if slices.Contains(t.names, next[name]) {
			break
		}
		t.names = append(t.names, next[name])
	}
	return t
}

// maxAliases bounds a trail. Resolvers give up earlier.
const maxAliases = 16

// readAliases adds the aliases in one answer, and reports whether it is one.
func readAliases(message []byte, next map[string]string) bool {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil || !header.Response || p.SkipAllQuestions() != nil {
		return false
	}
	for {
		h, err := p.AnswerHeader()
		if err != nil {
			return err == dnsmessage.ErrSectionDone
		}
		if h.Type != dnsmessage.TypeCNAME {
			if p.SkipAnswer() != nil {
				return false
			}
			continue
		}
		alias, err := p.CNAMEResource()
		if err != nil {
			return false
		}
		next[fold(h.Name.String())] = fold(alias.CNAME.String())
	}
}

// fold gives a name the form in which names are compared.
func fold(name string) string { return plain(strings.ToLower(strings.TrimSuffix(name, ".")), 255) }
