package relayclient_test

import (
	be "encoding/binary"
	"errors"
	"sync"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// Write may return before a message has left, but an orderly end loses and
// reorders nothing, whichever side makes it and however.
func TestBurstBeforeAnOrderlyEndArrives(t *testing.T) {
	const messages = 10_000
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	for name, end := range map[string]func(*relayclient.Conn) error{
		"Close":      func(c *relayclient.Conn) error { return c.Close(1000, "done") },
		"CloseWrite": func(c *relayclient.Conn) error { return c.CloseWrite(1000, "done") },
	} {
		t.Run(name, func(t *testing.T) {
			listening, sending := pair(t, l, config(t, r, "hyco", "send"))
			for _, way := range []struct{ from, to *relayclient.Conn }{{sending, listening}, {listening, sending}} {
				if name == "Close" && way.from == listening {
					listening, sending = pair(t, l, config(t, r, "hyco", "send"))
					way.from, way.to = listening, sending
				}
				var writer sync.WaitGroup
				writer.Go(func() {
					data := make([]byte, 8)
					for i := range messages {
						be.BigEndian.PutUint64(data, uint64(i))
						if err := way.from.Write(t.Context(), relayclient.Message{Binary: true, Data: data}); err != nil {
							t.Errorf("message %d: %v", i, err)
							return
						}
					}
					if err := end(way.from); err != nil {
						t.Errorf("end: %v", err)
					}
				})
				for i := 0; ; i++ {
					m, err := way.to.Read(t.Context())
					var ce *relayclient.CloseError
					if errors.As(err, &ce) && i == messages {
						break
					}
					if err != nil {
						t.Fatalf("after %d of %d messages: %v", i, messages, err)
					}
					if got := be.BigEndian.Uint64(m.Data); got != uint64(i) {
						t.Fatalf("message %d came in place of %d", got, i)
					}
				}
				if name == "Close" {
					if err := way.to.Close(1000, ""); err != nil {
						t.Errorf("close: %v", err)
					}
				}
				writer.Wait()
			}
		})
	}
}
