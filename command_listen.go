package main

import (
	"context"
	"errors"
	"sync"

	"relayscope/relayclient"
	"relayscope/relayclient/responder"
)

type listenCommand struct {
	clientSettings
	Echo       bool `help:"Send every message back."`
	KeepTrying bool `help:"Go on after a first attempt that failed, too."`
}

// Run listens until it is interrupted. The error says why it could not.
func (c *listenCommand) Run(t *terminal) error {
	cfg, err := c.config(t)
	if err != nil {
		return explainedSetting(err, relayclient.Listening)
	}
	cfg.KeepTrying = c.KeepTrying
	cfg.OnEvent = newReporter(t.out, c.JSON).report
	l, err := relayclient.Listen(t, cfg)
	if err != nil {
		if t.Err() != nil {
			return errors.New("stopped before the listener was online")
		}
		return explained(err, relayclient.Listening)
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
			stop := context.AfterFunc(t, func() { _ = conn.Close(1001, "listener stopped") })
			defer stop()
			// How it ended is an event of its own.
			_ = responder.Serve(context.WithoutCancel(t), conn, func() responder.Policy { return policy })
		})
	}
	l.Close()
	connections.Wait()
	if t.Err() == nil {
		return explained(err, relayclient.Listening)
	}
	return nil
}

// explainedSetting explains errors that have an explanation, and leaves
// sentences alone.
func explainedSetting(err error, role relayclient.Role) error {
	var cs *relayclient.ConnectionStringError
	if errors.As(err, &cs) {
		return explained(err, role)
	}
	return err
}
