// Package responder is what a listener answers on a data connection.
package responder

import (
	"context"
	"errors"

	"relayscope/relayclient"
)

// A Policy says what happens to a message that a listener has received.
type Policy int

// The policies.
const (
	Echo   Policy = 1 + iota // the same message goes back
	Manual                   // nothing goes back by itself
)

func (p Policy) String() string {
	switch p {
	case Echo:
		return "Echo"
	case Manual:
		return "Manual reply"
	}
	return "unknown"
}

// Serve reads from c until the other side closes or ctx ends, answers every
// message by the policy of that moment, and closes c. policy is asked for each
// message, so it may change while Serve runs. The result is nil if the other
// side ended the connection in an ordinary way.
func Serve(ctx context.Context, c *relayclient.Conn, policy func() Policy) error {
	for {
		m, err := c.Read(ctx)
		if err != nil {
			return finish(c, err)
		}
		if policy() != Echo {
			continue
		}
		// After our own Close there is nothing to answer, but the other side's
		// Close is still to come.
		if err := c.Write(ctx, m); err != nil && !errors.Is(err, relayclient.ErrAlreadyClosing) {
			return finish(c, err)
		}
	}
}

// finish answers the other side's Close, or drops what is broken.
func finish(c *relayclient.Conn, err error) error {
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) {
		c.CloseNow()
		return err
	}
	closeErr := c.Close(1000, "")
	if ce.Ordinary() {
		return closeErr
	}
	return err
}
