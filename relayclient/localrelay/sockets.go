package localrelay

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync"

	"relayscope/relayclient/gather"
)

// sockets knows every TCP connection from accept to close, whatever protocol
// layer has it. The zero value is ready to use.
type sockets struct {
	mu    sync.Mutex
	open  map[*socket]struct{}
	empty chan struct{} // closed while nothing is open
}

// A socket is one TCP connection. Closing it says goodbye on no layer above.
type socket struct {
	net.Conn
	all  *sockets
	once sync.Once
}

// Close closes the TCP connection.
func (s *socket) Close() error {
	err := s.Conn.Close()
	s.once.Do(func() { s.all.remove(s) })
	return err
}

func (all *sockets) add(conn net.Conn) *socket {
	s := &socket{Conn: gather.ReadAhead(conn), all: all}
	all.mu.Lock()
	defer all.mu.Unlock()
	if len(all.open) == 0 {
		all.open = map[*socket]struct{}{}
		all.empty = make(chan struct{})
	}
	all.open[s] = struct{}{}
	return s
}

func (all *sockets) remove(s *socket) {
	all.mu.Lock()
	defer all.mu.Unlock()
	delete(all.open, s)
	if len(all.open) == 0 {
		close(all.empty)
	}
}

// idle returns a channel that is closed once nothing is open.
func (all *sockets) idle() <-chan struct{} {
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.empty == nil {
		all.empty = make(chan struct{})
		close(all.empty)
	}
	return all.empty
}

func (all *sockets) count() int {
	all.mu.Lock()
	defer all.mu.Unlock()
	return len(all.open)
}

// cut closes every socket.
func (all *sockets) cut() {
	all.mu.Lock()
	var open []*socket
	for s := range all.open {
		open = append(open, s)
	}
	all.mu.Unlock()
	for _, s := range open {
		s.Close()
	}
}

// listener wraps l so that all knows the sockets it accepts.
func (all *sockets) listener(l net.Listener) *trackingListener {
	return &trackingListener{l, all}
}

type trackingListener struct {
	net.Listener
	all *sockets
}

// Accept waits for the next connection.
func (l *trackingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.all.add(conn), nil
}

type socketKey struct{}

// withSocket lets handlers find the socket under their request.
func withSocket(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, socketKey{}, conn.(*tls.Conn).NetConn())
}

func socketOf(req *http.Request) *socket { return req.Context().Value(socketKey{}).(*socket) }
