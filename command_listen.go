package main

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"relayscope/relayclient"
	"relayscope/relayclient/responder"
)

type listenCommand struct {
	clientSettings
	inboundSettings
	Echo       bool `help:"Send every message back."`
	KeepTrying bool `help:"Go on after a first attempt that failed, too."`
}

// Validate makes a wrong option a wrong command line.
func (c *listenCommand) Validate() error {
	return cmp.Or(c.clientSettings.check(), c.inboundSettings.check())
}

// Run listens until it is interrupted. The error says why it could not.
func (c *listenCommand) Run(t *terminal) error {
	cfg, err := c.config(t, relayclient.Listening)
	if err != nil {
		return err
	}
	cfg.KeepTrying = c.KeepTrying
	report := newReporter(t.out, c.JSON)
	serial := &serialReporter{to: report}
	cfg.OnEvent = serial.event
	if c.CheckTokens {
		cfg.Handler = c.handler(cfg, serial.checked)
	}
	if err := signIn(t, cfg, report, relayclient.Listening); err != nil {
		switch {
		case t.Err() != nil:
			return errors.New("stopped while signing in")
		case !c.KeepTrying: // otherwise the listener's events tell
			return explainedFor(cfg, err, relayclient.Listening)
		}
	}
	l, err := relayclient.Listen(t, cfg)
	if err != nil {
		if t.Err() != nil {
			return errors.New("stopped before the listener was online")
		}
		return explainedFor(cfg, err, relayclient.Listening)
	}
	policy := responder.Manual
	if c.Echo {
		policy = responder.Echo
	}
	var connections sync.WaitGroup
	for {
		conn, acceptErr := l.Accept(t)
		if acceptErr != nil {
			err = acceptErr
			break
		}
		connections.Go(func() {
			// The same words as for a connection that came too late to be accepted.
			stop := context.AfterFunc(t, func() { _ = conn.Close(1001, "listener closed") })
			defer stop()
			// How it ended is an event of its own.
			_ = responder.Serve(context.WithoutCancel(t), conn, func() responder.Policy { return policy })
		})
	}
	// Asked now: an interrupt while connections end is no excuse for a
	// listener that had ended by itself.
	interrupted := t.Err() != nil
	l.Close()
	connections.Wait()
	if interrupted {
		return nil
	}
	return explainedFor(cfg, err, relayclient.Listening)
}
