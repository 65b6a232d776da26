package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
)

type sendCommand struct {
	clientSettings
	Text        []string      `help:"A text message to send; may be repeated." placeholder:"TEXT" sep:"none"`
	Hex         []string      `help:"A binary message to send, in hex digits; may be repeated. Binary messages follow the text ones." placeholder:"HEX" sep:"none"`
	File        []string      `help:"A file that holds one message, text if it is UTF-8 and binary if not; - is the standard input. May be repeated; files come last." placeholder:"FILE" type:"path" sep:"none"`
	Wait        bool          `help:"Wait for a listener to come online, if there is none."`
	ExpectReply bool          `help:"Wait for one reply to each message, and print it."`
	Timeout     time.Duration `help:"How long all of it may take, except for a person who signs in. The relay itself gives a listener 30 seconds to accept." default:"75s"`
}

// Validate makes a wrong option a wrong command line.
func (c *sendCommand) Validate() error {
	if c.Timeout <= 0 {
		return fmt.Errorf("--timeout %v: give a time longer than nothing, such as 10s", c.Timeout)
	}
	messages, err := c.messages()
	if err != nil {
		return err
	}
	if len(messages)+len(c.File) == 0 && c.ExpectReply {
		return errors.New("--expect-reply needs a message to reply to: give --text, --hex or --file")
	}
	return c.check()
}

// Run connects, sends every message and, if asked, waits for a reply to each.
// It succeeds only if the other side then closes in an orderly way: until that
// is seen, messages may have been lost on the way.
func (c *sendCommand) Run(t *terminal) error {
	messages, err := c.messages()
	if err == nil {
		messages, err = c.files(messages)
	}
	if err != nil {
		return err
	}
	cfg, err := c.config(t, relayclient.Sending)
	if err != nil {
		return err
	}
	report := newReporter(t.out, c.JSON)
	cfg.OnEvent = report.report
	if interactive(cfg) { // a person takes the time it takes
		if err := signIn(t, cfg, report, relayclient.Sending); err != nil {
			return c.failed(t, t, "signing in", err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(t, c.Timeout, errTimeout)
	defer cancel()
	if !interactive(cfg) {
		if err := signIn(ctx, cfg, report, relayclient.Sending); err != nil {
			return c.failed(t, ctx, "signing in", err)
		}
	}
	conn, err := c.dial(ctx, cfg)
	if err != nil {
		if _, lacks := explain.LacksRole(err, relayclient.Sending); lacks {
			return explainedFor(cfg, err, relayclient.Sending)
		}
		return c.failed(t, ctx, "connecting", err)
	}
	defer conn.CloseNow()
	for i, m := range messages {
		if err := conn.Write(ctx, m); err != nil {
			return c.failed(t, ctx, fmt.Sprintf("sending message %d", i+1), err)
		}
		if !c.ExpectReply {
			continue
		}
		if err := awaitReply(ctx, conn); err != nil {
			return c.failed(t, ctx, fmt.Sprintf("waiting for the reply to message %d", i+1), err)
		}
	}
	if err := closeOrderly(ctx, conn); err != nil {
		return c.failed(t, ctx, "waiting for the other side to close", err)
	}
	return nil
}

// dial connects, with --wait as often as it takes until a listener is online.
func (c *sendCommand) dial(ctx context.Context, cfg relayclient.Config) (*relayclient.Conn, error) {
	var nobody error // the last answer that nobody listens
	for delay := 200 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		conn, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{})
		switch {
		case !c.Wait:
			return conn, err
		case errors.Is(err, relayclient.ErrNoListener):
			nobody = err
		case err != nil && ctx.Err() != nil && nobody != nil:
			return nil, nobody
		default:
			return conn, err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return nil, err
		}
	}
}

// goodbyePatience is how long the other side has to answer a Close when the
// time was over.
const goodbyePatience = time.Second

// awaitReply reads one message. When the time is over it closes conn in an
// orderly way, so that the other side need not suspect the network.
func awaitReply(ctx context.Context, conn *relayclient.Conn) error {
	replied := make(chan error, 1)
	go func() {
		_, err := conn.Read(context.WithoutCancel(ctx))
		replied <- err
	}()
	select {
	case err := <-replied:
		return err
	case <-ctx.Done():
		late := time.AfterFunc(goodbyePatience, conn.CloseNow)
		defer late.Stop()
		_ = conn.Close(1000, "the sender gave up waiting") // the reason to report is the time
		<-replied
		return context.Cause(ctx)
	}
}

// closeOrderly closes conn and returns nil if the other side closed it too,
// in an ordinary way.
func closeOrderly(ctx context.Context, conn *relayclient.Conn) error {
	stop := context.AfterFunc(ctx, conn.CloseNow)
	defer stop()
	if err := conn.Close(1000, ""); err != nil {
		return err
	}
	_, err := conn.Read(context.WithoutCancel(ctx)) // what ended it
	var ce *relayclient.CloseError
	if errors.As(err, &ce) && ce.Ordinary() {
		return nil
	}
	return err
}

// errTimeout ends everything when the time is over. It counts as a deadline.
var errTimeout = fmt.Errorf("the time given with --timeout is over: %w", context.DeadlineExceeded)

// failed says what was going on when the time was over, or explains err.
func (c *sendCommand) failed(t *terminal, ctx context.Context, doing string, err error) error {
	var he *relayclient.HandshakeError
	var te *relayclient.TimeoutError
	var ie *entra.Error
	answered := errors.As(err, &he)
	switch {
	case t.Err() != nil:
		return errors.New("stopped while " + doing)
	case errors.As(err, &ie):
		return explained(err, relayclient.Sending) // its words tell of the time, too
	case ctx.Err() != nil && (errors.As(err, &te) || answered && c.Wait):
		m := explain.Error(err, relayclient.Sending) // the words of the event, too
		m.Title, m.Cause = fmt.Sprintf("Time ran out after %v while %s", c.Timeout, doing), m.Title+". "+m.Cause
		return problem(m)
	case ctx.Err() != nil && !answered:
		return problem{
			Title: fmt.Sprintf("Time ran out after %v while %s", c.Timeout, doing),
			Next:  "Look at what the listener does, or allow more time with --timeout.",
		}
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
			return nil, errors.New("--hex takes two hex digits for each byte, such as 00ff")
		}
		list = append(list, relayclient.Message{Binary: true, Data: data})
	}
	return list, nil
}

// files adds the messages that are in files.
func (c *sendCommand) files(list []relayclient.Message) ([]relayclient.Message, error) {
	for _, name := range c.File {
		read := func() ([]byte, error) { return os.ReadFile(name) }
		if name == "-" {
			read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
		}
		data, err := read()
		if err != nil {
			return nil, problem{Title: "The file to send cannot be read", Cause: err.Error(), Next: "Check the name given with --file."}
		}
		list = append(list, relayclient.Message{Binary: !utf8.Valid(data), Data: data})
	}
	return list, nil
}
