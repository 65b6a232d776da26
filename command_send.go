package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/dialtext"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/placeholder"
)

type sendCommand struct {
	clientSettings
	Text        []string      `help:"A text message to send; may be repeated." placeholder:"TEXT" sep:"none"`
	Hex         []string      `help:"A binary message to send, in hex digits; may be repeated. Binary messages follow the text ones." placeholder:"HEX" sep:"none"`
	File        []string      `help:"A file that holds one message, text if it is UTF-8 and binary if not; - is the standard input. May be repeated; files come last." placeholder:"FILE" type:"path" sep:"none"`
	Path        string        `help:"What follows the hybrid connection's name, such as /chat/7." placeholder:"PATH"`
	Query       string        `help:"A query for the listener, such as room=1." placeholder:"QUERY"`
	Header      []string      `help:"A header for the listener, such as 'X-Order: 7'; may be repeated." placeholder:"NAME:VALUE" sep:"none"`
	HeaderEnv   []string      `name:"header-env" help:"Name of the environment variable that holds a header with a secret value, written as for --header; may be repeated." placeholder:"VAR" sep:"none"`
	Subprotocol []string      `help:"A subprotocol to offer, the one liked best first; may be repeated." placeholder:"NAME" sep:"none"`
	Repeat      int           `help:"How many times to send the messages." default:"1" placeholder:"N"`
	Interval    time.Duration `help:"From one message to the next, when there are several." placeholder:"TIME"`
	Jitter      time.Duration `help:"Makes each of these waits longer by up to that much, at random." placeholder:"TIME"`
	Fill        bool          `help:"Fill in placeholders in the texts, such as {{counter}}, {{time}}, {{uuid}} and {{random:1-100}}."`
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
	switch {
	case c.Repeat < 1:
		return fmt.Errorf("--repeat %d: give a number from 1", c.Repeat)
	case c.Interval < 0 || c.Jitter < 0:
		return errors.New("--interval and --jitter cannot be less than nothing")
	}
	if _, err := c.dialTexts(os.Getenv); err != nil {
		return err
	}
	if _, err := c.filler(1); err != nil {
		return err
	}
	return c.check()
}

// dialTexts returns what the connection asks for. A value that looks secret
// may not stand on the command line, which others can see.
func (c *sendCommand) dialTexts(getenv func(string) string) (relayclient.DialOptions, error) {
	texts := dialtext.Texts{Path: c.Path, Query: c.Query, Subprotocols: strings.Join(c.Subprotocol, ",")}
	for _, line := range c.Header {
		h, err := dialtext.ParseHeader(line)
		if err != nil {
			return relayclient.DialOptions{}, fmt.Errorf("--header: %w", err)
		}
		if h.Secret() {
			return relayclient.DialOptions{}, fmt.Errorf("--header %s: its value looks secret, and others can see a command line: put the header into an environment variable and give its name with --header-env", h.Name)
		}
		texts.Headers = append(texts.Headers, h)
	}
	for _, name := range c.HeaderEnv {
		if !variableName.MatchString(name) {
			return relayclient.DialOptions{}, errors.New("--header-env takes the name of an environment variable: letters, digits and underscores")
		}
		h, err := dialtext.ParseHeader(getenv(name))
		if err != nil {
			return relayclient.DialOptions{}, fmt.Errorf("--header-env %s: %w", name, err)
		}
		texts.Headers = append(texts.Headers, h)
	}
	return texts.Parse()
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
	if err := c.sendAll(t, ctx, conn, messages); err != nil {
		return err
	}
	if err := closeOrderly(ctx, conn); err != nil {
		return c.failed(t, ctx, "waiting for the other side to close", err)
	}
	return nil
}

// sendAll sends every message as often as was asked for.
func (c *sendCommand) sendAll(t *terminal, ctx context.Context, conn *relayclient.Conn, messages []relayclient.Message) error {
	fill, err := c.filler(len(messages))
	if err != nil {
		return err
	}
	due, total := time.Now(), c.Repeat*len(messages)
	for i := range total {
		if err := pause(ctx, time.Until(due)); err != nil {
			return c.failed(t, ctx, fmt.Sprintf("waiting to send message %d of %d", i+1, total), err)
		}
		m, err := fill(messages[i%len(messages)], i)
		if err == nil {
			err = conn.Write(ctx, m)
		}
		if err != nil {
			return c.failed(t, ctx, fmt.Sprintf("sending message %d", i+1), err)
		}
		if c.ExpectReply {
			if err := awaitReply(ctx, conn); err != nil {
				return c.failed(t, ctx, fmt.Sprintf("waiting for the reply to message %d", i+1), err)
			}
		}
		due = due.Add(c.Interval)
		if c.Jitter > 0 {
			due = due.Add(rand.N(c.Jitter))
		}
	}
	return nil
}

// filler returns what fills in the placeholders of the i-th message that is
// sent, of so many different ones.
func (c *sendCommand) filler(different int) (func(m relayclient.Message, i int) (relayclient.Message, error), error) {
	templates := make([]*placeholder.Text, len(c.Text))
	for i, text := range c.Text {
		if !c.Fill {
			break
		}
		template, err := placeholder.Parse(text, placeholder.Sending)
		if err != nil {
			return nil, fmt.Errorf("--fill: %w", err)
		}
		templates[i] = template
	}
	return func(m relayclient.Message, i int) (relayclient.Message, error) {
		which := i % different // texts come first
		if which >= len(templates) || templates[which] == nil {
			return m, nil
		}
		data, err := templates[which].Fill(placeholder.Values{Now: time.Now(), Count: int64(i/different) + 1})
		return relayclient.Message{Data: data}, err
	}, nil
}

// pause waits for d, if that is anything, and returns an error if ctx has
// ended.
func pause(ctx context.Context, d time.Duration) error {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// dial connects, with --wait as often as it takes until a listener is online.
func (c *sendCommand) dial(ctx context.Context, cfg relayclient.Config) (*relayclient.Conn, error) {
	opt, err := c.dialTexts(os.Getenv)
	if err != nil {
		return nil, err
	}
	var nobody error // the last answer that nobody listens
	for delay := 200 * time.Millisecond; ; delay = min(2*delay, 5*time.Second) {
		conn, err := relayclient.Dial(ctx, cfg, opt)
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
