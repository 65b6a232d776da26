package main

import (
	"errors"
	"fmt"

	"relayscope/relayclient"
)

type signCommand struct{ clientSettings }

// Validate makes a wrong option a wrong command line.
func (c *signCommand) Validate() error { return c.check() }

// Run writes a token and nothing else, so that a shell can put it into a
// variable.
func (c *signCommand) Run(t *terminal) error {
	cfg, err := c.config(t, relayclient.Sending)
	if err != nil {
		return err
	}
	if cfg.Token == nil {
		return problem{Title: "An anonymous sender has no token", Cause: "Nothing says how to sign in.", Next: "Give a connection string with a key, or --sign-in."}
	}
	token, err := cfg.Token.Token(t, relayclient.Audience(cfg.Namespace, cfg.HybridConnection))
	if err != nil {
		if t.Err() != nil {
			return errors.New("stopped while signing in")
		}
		return explainedFor(cfg, err, relayclient.Sending)
	}
	fmt.Fprintln(t.out, token.Value.Reveal())
	return nil
}
