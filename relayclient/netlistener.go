package relayclient

import (
	"context"
	"errors"
	"net"
	"sync"
)

// NetListener returns l as a net.Listener whose connections are those of
// NetConn, so that anything that serves a net.Listener can be reached through
// the relay. Closing it closes l.
func NetListener(l *Listener) net.Listener {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &netListener{l: l, ctx: ctx, cancel: cancel}
}

type netListener struct {
	l      *Listener
	ctx    context.Context // ends at Close: net.Listener's Accept has no context of its own
	cancel context.CancelCauseFunc
	once   sync.Once
}

func (n *netListener) Accept() (net.Conn, error) {
	c, err := n.l.Accept(n.ctx)
	switch {
	case errors.Is(err, ErrClosed):
		return nil, net.ErrClosed
	case err != nil:
		return nil, err
	}
	return NetConn(c), nil
}

func (n *netListener) Close() error {
	err := net.ErrClosed
	n.once.Do(func() {
		n.cancel(ErrClosed)
		err = n.l.Close()
	})
	return err
}

func (n *netListener) Addr() net.Addr {
	return relayAddr("sb://" + n.l.cfg.Namespace + "/" + n.l.cfg.HybridConnection)
}
