package live

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/tunnel"
)

// TunnelOptions are how a person wants a tunnel.
type TunnelOptions struct {
	Port       int    // local TCP port; 0 is a free one
	BridgePort string // the port name that an azbridge listener asks for; "" for other listeners
}

// TunnelStatus is where the tunnel stands. The zero value is one that was not
// opened.
type TunnelStatus struct {
	Running  bool // opened, or about to be
	Stopping bool
	Address  string    // local, once it is open
	Since    time.Time // when it was opened, or closed
	Err      error     // why it could not be opened
	tunnel.Status
}

// tunnelling is one run of the tunnel. The session's mutex guards its fields.
type tunnelling struct {
	options  TunnelOptions
	used     profiles.Profile
	cancel   context.CancelCauseFunc
	done     chan struct{} // closed when the run has ended
	open     *tunnel.Tunnel
	stopping bool
}

// Tunnel returns where the tunnel stands.
func (s *Session) Tunnel() TunnelStatus {
	s.mu.Lock()
	st, run := s.tunnelled, s.tunnel
	var open *tunnel.Tunnel
	if run != nil {
		st.Running, st.Stopping, open = true, run.stopping, run.open
	}
	s.mu.Unlock()
	if open != nil {
		st.Address, st.Status = open.Addr(), open.Status()
	}
	return st
}

// StartTunnel opens a local port that leads into the hybrid connection, unless
// one is open.
func (s *Session) StartTunnel(o TunnelOptions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tunnel != nil || s.life.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancelCause(s.life)
	run := &tunnelling{options: o, used: s.profile, cancel: cancel, done: make(chan struct{})}
	s.tunnel, s.tunnelled = run, TunnelStatus{Since: time.Now()}
	s.work.Go(func() {
		defer close(run.done)
		err := stopCause(ctx, s.carry(ctx, run))
		cancel(nil)
		s.mu.Lock()
		last := TunnelStatus{Since: time.Now(), Err: err}
		if run.open != nil {
			last.Status = run.open.Status()
		}
		s.tunnel, s.tunnelled = nil, last
		s.mu.Unlock()
		s.notify()
	})
}

// StopTunnel closes the local port and the connections through it.
func (s *Session) StopTunnel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tunnel != nil {
		s.tunnel.stopping = true
		s.tunnel.cancel(errStopped)
	}
}

// tunnelAgain opens the tunnel anew when run has ended.
func (s *Session) tunnelAgain(run *tunnelling) {
	select {
	case <-run.done:
		s.StartTunnel(run.options)
	case <-s.life.Done():
	}
}

// carry keeps one tunnel open until ctx ends.
func (s *Session) carry(ctx context.Context, run *tunnelling) error {
	cfg, err := s.resolve(ctx, run.used, relayclient.Sending)
	if err == nil {
		err = s.openTunnel(run, cfg)
	}
	if err != nil {
		if ctx.Err() == nil {
			m := tunnel.Explain(err)
			s.journal.Append(journal.Row{Time: time.Now(), Lane: journal.Sender, Kind: journal.Problem, Type: "tunnel", Text: m.Title, Detail: m.Text()})
		}
		return err
	}
	open := run.open
	s.journal.Append(journal.Row{Time: time.Now(), Lane: journal.Sender, Kind: journal.State, Type: "tunnel", Text: "open on " + open.Addr()})
	s.notify()
	<-ctx.Done()
	open.Close()
	s.journal.Append(journal.Row{Time: time.Now(), Lane: journal.Sender, Kind: journal.State, Type: "tunnel", Text: "closed"})
	return nil
}

func (s *Session) openTunnel(run *tunnelling, cfg relayclient.Config) error {
	open, err := tunnel.Open(tunnel.Config{
		Relay: cfg, Port: run.options.BridgePort, OnEvent: s.observeTunnel,
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(run.options.Port)),
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	run.open = open
	s.mu.Unlock()
	return nil
}

// observeTunnel takes what happened to a connection of the tunnel. What goes
// through it is not in the message log: that may be a great deal.
func (s *Session) observeTunnel(ev tunnel.Event) {
	c := ev.Connection
	row := journal.Row{Time: time.Now(), Lane: journal.Sender, Kind: journal.State, Type: "tunnel", TrackingID: c.ID}
	if c.ID != "" {
		s.mu.Lock()
		row.Connection = fmt.Sprintf("#%d", s.number(c.ID))
		s.mu.Unlock()
	}
	amount := byteCount(c.Sent) + " sent, " + byteCount(c.Received) + " received"
	switch {
	case ev.Kind == tunnel.Opened:
		row.Text = fmt.Sprintf("%s connected in %s", c.Local, milliseconds(c.Took))
	case c.Err == nil, tunnel.Explain(c.Err).Title == "Stopped":
		row.Text = fmt.Sprintf("%s closed, %s", c.Local, amount)
	default:
		m := tunnel.Explain(c.Err)
		row.Kind, row.Text, row.Detail = journal.Problem, m.Title, m.Text()+"\n\nfrom  "+c.Local+"\n"+amount
		if m.TrackingID != "" {
			row.TrackingID = m.TrackingID
		}
	}
	s.journal.Append(row)
	s.notify()
}
