package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"relayscope/relayclient"
)

type sendCommand struct {
	clientSettings
	Text        []string      `help:"A text message to send; may be repeated." placeholder:"TEXT" sep:"none"`
	Hex         []string      `help:"A binary message to send, in hex digits; may be repeated. Binary messages follow the text ones." placeholder:"HEX" sep:"none"`
	ExpectReply bool          `help:"Wait for one reply to each message, and print it."`
	Timeout     time.Duration `help:"How long all of it may take." default:"30s"`
}

// Run connects, sends every message and, if asked, waits for a reply to each.
func (c *sendCommand) Run(t *terminal) error {
	messages, err := c.messages()
	if err != nil {
		return err
	}
	cfg, err := c.config(t)
	if err != nil {
		return explainedSetting(err, relayclient.Sending)
	}
	cfg.OnEvent = newReporter(t.out, c.JSON).report
	ctx, cancel := context.WithTimeoutCause(t, c.Timeout, errTimeout)
	defer cancel()
	conn, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{})
	if err != nil {
		return c.failed(t, ctx, "connecting", err)
	}
	for i, m := range messages {
		if err := conn.Write(ctx, m); err != nil {
			conn.CloseNow()
			return c.failed(t, ctx, fmt.Sprintf("sending message %d", i+1), err)
		}
		if !c.ExpectReply {
			continue
		}
		if _, err := conn.Read(ctx); err != nil {
			conn.CloseNow()
			return c.failed(t, ctx, fmt.Sprintf("waiting for the reply to message %d", i+1), err)
		}
	}
	if err := conn.Close(1000, ""); err != nil {
		return explained(err, relayclient.Sending)
	}
	return nil
}

var errTimeout = errors.New("the time given with --timeout is over")

// failed says what was going on when the time was over, or explains err.
func (c *sendCommand) failed(t *terminal, ctx context.Context, doing string, err error) error {
	switch {
	case t.Err() != nil:
		return errors.New("stopped while " + doing)
	case ctx.Err() != nil:
		return fmt.Errorf("no success within %v: time ran out while %s", c.Timeout, doing)
	}
	return explained(err, relayclient.Sending)
}

func (c *sendCommand) messages() ([]relayclient.Message, error) {
	var list []relayclient.Message
	for _, text := range c.Text {
		list = append(list, relayclient.Message{Data: []byte(text)})
	}
	for _, digits := range c.Hex {
		data, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
		if err != nil {
			return nil, fmt.Errorf("--hex %q: %w", digits, err)
		}
		list = append(list, relayclient.Message{Binary: true, Data: data})
	}
	if len(list) == 0 && c.ExpectReply {
		return nil, errors.New("--expect-reply needs a message to reply to: give --text or --hex")
	}
	return list, nil
}
