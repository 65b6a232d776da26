package live_test

import (
	"io"
	"net"
	"strings"
	"testing"

	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
	"relayscope/ui/live"
)

// A program reaches the target of the session's own listener, and the log has
// both ends under one number.
func TestTunnelToTheOwnListener(t *testing.T) {
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { target.Close() })
	go func() {
		for {
			c, err := target.Accept()
			if err != nil {
				return
			}
			_, _ = io.Copy(c, c)
			c.Close()
		}
	}()
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	answers := responder.Default()
	answers.WebSocket, answers.TCPTarget = responder.ForwardTCP, target.Addr().String()
	if err := s.SetAnswers(answers); err != nil {
		t.Fatal(err)
	}
	s.StartListener()
	s.until(t, "online", s.online)
	s.StartTunnel(live.TunnelOptions{})
	s.StartTunnel(live.TunnelOptions{}) // it is open already
	s.until(t, "open", func() bool { return s.Tunnel().Address != "" })
	if !s.Running() {
		t.Error("a tunnel does not count as running")
	}
	c, err := net.Dial("tcp", s.Tunnel().Address)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "hello"); err != nil {
		t.Error(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	if got, err := io.ReadAll(c); string(got) != "hello" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	c.Close()
	s.until(t, "closed", func() bool { return strings.Contains(s.log(), "5 B sent, 5 B received") })
	st := s.Tunnel()
	if st.Total != 1 || st.Sent != 5 || st.Received != 5 || st.LastErr != nil {
		t.Errorf("status %+v", st)
	}
	s.StopTunnel()
	s.until(t, "stopped", func() bool { return !s.Tunnel().Running })
	if st := s.Tunnel(); st.Err != nil || st.Total != 1 || st.Address != "" {
		t.Errorf("status after the end %+v", st)
	}
	s.wantLog(t, "sender tunnel open on 127.0.0.1:", "sender #1 tunnel 127.0.0.1:", "listener #1 connected", "sender tunnel closed")
}

func TestTunnelFailures(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.StartTunnel(live.TunnelOptions{})
	s.until(t, "open", func() bool { return s.Tunnel().Address != "" })
	if c, err := net.Dial("tcp", s.Tunnel().Address); err == nil {
		_, _ = io.ReadAll(c)
		c.Close()
	}
	s.until(t, "failed", func() bool { return s.Tunnel().Failed == 1 })
	s.wantLog(t, "sender tunnel Nobody is listening")

	taken := s.Tunnel().Address
	_, port, _ := strings.Cut(taken, ":")
	n := 0
	for _, digit := range port {
		n = n*10 + int(digit-'0')
	}
	other := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	other.StartTunnel(live.TunnelOptions{Port: n})
	other.until(t, "refused", func() bool { return other.Tunnel().Err != nil })
	other.wantLog(t, "sender tunnel The port is in use")
}

func TestTunnelIsOpenedAnew(t *testing.T) {
	s := newSession(t, localrelaytest.New(t), "hyco", "both", nil)
	s.StartTunnel(live.TunnelOptions{})
	s.until(t, "open", func() bool { return s.Tunnel().Address != "" })
	s.Restart()
	s.until(t, "open again", func() bool { return strings.Count(s.log(), "sender tunnel open on") == 2 && s.Tunnel().Address != "" })
}
