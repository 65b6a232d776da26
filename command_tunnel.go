package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/tunnel"
)

type tunnelCommand struct {
	clientSettings
	LocalPort    int    `name:"local-port" help:"The local TCP port to listen on; 0 takes a free one, and the first line says which." placeholder:"PORT" required:""`
	LocalAddress string `name:"local-address" help:"The local address to listen on. Whoever reaches it reaches the target." default:"127.0.0.1" placeholder:"ADDRESS"`
	BridgePort   string `name:"bridge-port" help:"The port name that an azbridge listener asks for; any other listener takes it for data." placeholder:"NAME"`
	Max          int    `help:"How many connections there may be at once." default:"128"`
}

// Validate makes a wrong option a wrong command line.
func (c *tunnelCommand) Validate() error {
	switch {
	case c.LocalPort < 0 || c.LocalPort > 65535:
		return fmt.Errorf("--local-port %d: a port is a number up to 65535", c.LocalPort)
	case net.ParseIP(c.LocalAddress) == nil && c.LocalAddress != "localhost":
		return errors.New("--local-address takes an IP address of this computer")
	case len(c.BridgePort) > 255:
		return errors.New("--bridge-port: the name has at most 255 bytes")
	case c.Max < 1:
		return errors.New("--max takes a number from 1")
	}
	return c.check()
}

// Run carries connections until it is interrupted.
func (c *tunnelCommand) Run(t *terminal) error {
	cfg, err := c.config(t, relayclient.Sending)
	if err != nil {
		return err
	}
	report := newReporter(t.out, c.JSON)
	if err := signIn(t, cfg, report, relayclient.Sending); err != nil {
		if t.Err() != nil {
			return errors.New("stopped while signing in")
		}
		return explainedFor(cfg, err, relayclient.Sending)
	}
	var mu sync.Mutex // events come from several goroutines
	mu.Lock()
	tn, err := tunnel.Open(tunnel.Config{
		Relay: cfg, Address: net.JoinHostPort(c.LocalAddress, strconv.Itoa(c.LocalPort)), Port: c.BridgePort, Max: c.Max,
		OnEvent: func(ev tunnel.Event) {
			mu.Lock()
			defer mu.Unlock()
			report.write(tunnelLine(ev))
		},
	})
	if err != nil {
		return problem(tunnel.Explain(err))
	}
	report.write(reportLine{Event: "tunnel", Time: time.Now(), Role: relayclient.Sending.String(), Local: tn.Addr()})
	mu.Unlock()
	<-t.Done()
	return tn.Close()
}

// tunnelLine is the line about a connection.
func tunnelLine(ev tunnel.Event) reportLine {
	c := ev.Connection
	line := reportLine{Time: time.Now(), Role: relayclient.Sending.String(), Connection: cmp.Or(c.ID, strconv.Itoa(c.Number)), Remote: c.Local, goesOn: true}
	switch ev.Kind {
	case tunnel.Opened:
		line.Event, line.TookMS = "connected", c.Took.Milliseconds()
	case tunnel.Failed:
		line.Event = "failed"
	default:
		line.Event, line.BytesSent, line.BytesReceived = "closed", &c.Sent, &c.Received
	}
	if c.Err != nil && !errors.Is(c.Err, tunnel.ErrClosed) {
		m := tunnel.Explain(c.Err)
		line.Error, line.Why, line.Next, line.Answer, line.TrackingID = m.Title, m.Cause, m.Next, m.Raw, m.TrackingID
	}
	return line
}
