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
	answerSettings
	inboundSettings
	KeepTrying bool `help:"Go on after a first attempt that failed, too."`
}

// Validate makes a wrong option a wrong command line.
func (c *listenCommand) Validate() error {
	return cmp.Or(c.clientSettings.check(), c.inboundSettings.check(), c.answerSettings.check())
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
	settings, err := c.settings()
	if err != nil {
		return err // check has seen to it
	}
	answers, err := responder.New(settings, serial.answerFailed)
	if err != nil {
		return err
	}
	cfg.Admit, cfg.Timing.Decide = answers.Admit, responder.AdmitTime
	if c.CheckTokens || c.HTTPAnswer != "" { // otherwise the client itself says 501, and why
		cfg.Handler = answers.Handler(t)
	}
	if c.CheckTokens {
		cfg.Handler = c.handler(cfg, cfg.Handler, serial.checked)
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
			_ = answers.Serve(context.WithoutCancel(t), conn)
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
