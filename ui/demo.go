package ui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relayscope/relayclient"
	"relayscope/ui/live"
)

// demoPause is the time between two messages of the demo, so that eyes can
// follow.
const demoPause = 60 * time.Millisecond

// PlayDemo does what a person would do with the local relay: it starts both
// sides, sends messages and waits for their echoes. done is called on the main
// goroutine. PlayDemo may be called from the main goroutine only.
func (u *Window) PlayDemo(messages int, patience time.Duration, done func(sent, received int, err error)) {
	if !u.ready {
		u.onReady = func() { u.PlayDemo(messages, patience, done) }
		return
	}
	u.TryLocalRelay()
	s := u.sessions[u.current]
	u.background(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err := demo(ctx, s, messages)
		st := s.Sender()
		u.onMain(func() {
			u.page.Refresh()
			done(st.Sent, st.Received, err)
		})
	})
}

func demo(ctx context.Context, s *live.Session, messages int) error {
	if err := until(ctx, func() bool { return s.Sender().State == live.SenderConnected }); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	for i := range messages {
		if err := s.Send(demoMessage(i)); err != nil {
			return fmt.Errorf("send message %d: %w", i+1, err)
		}
		if err := until(ctx, func() bool { return s.Sender().Received > i }); err != nil {
			return fmt.Errorf("wait for the echo of message %d: %w", i+1, err)
		}
		select {
		case <-time.After(demoPause):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// until looks now and then whether something has happened.
func until(ctx context.Context, happened func() bool) error {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return errors.Join(errors.New("it did not happen in time"), context.Cause(ctx))
		}
	}
	return nil
}

// demoMessage returns something worth looking at: mostly JSON, now and then
// other text or bytes.
func demoMessage(i int) relayclient.Message {
	switch i % 5 {
	case 3:
		return relayclient.Message{Data: fmt.Appendf(nil, "Grüße, привет, hello: message %d", i+1)}
	case 4:
		return relayclient.Message{Binary: true, Data: []byte{0xca, 0xfe, byte(i), 0x00, 0xff, 0x10, 0x20, 0x30}}
	}
	return relayclient.Message{Data: fmt.Appendf(nil, `{"order":%d,"item":"relay","quantity":%d}`, 1000+i, i+1)}
}
