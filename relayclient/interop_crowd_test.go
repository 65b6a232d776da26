package relayclient_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// TestCrowd has a hundred connections open to one listener at once.
func TestCrowd(t *testing.T) {
	m := needMicrosoft(t)
	type crowding interface {
		// echo starts a listener that sends every message back.
		echo(t *testing.T, cfg relayclient.Config)
		// crowd makes connections that each send what crowdMessage returns, and
		// returns what came back.
		crowd(t *testing.T, cfg relayclient.Config, count int) map[int]relayclient.Message
	}
	for name, with := range map[string]func(hycoWS) (listener, senders crowding){
		"hyco-ws listener, our senders": func(h hycoWS) (crowding, crowding) { return h, ours{} },
		"our listener, hyco-ws senders": func(h hycoWS) (crowding, crowding) { return ours{}, h },
		"hyco-ws listener and senders":  func(h hycoWS) (crowding, crowding) { return h, h },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t)
			listener, senders := with(hycoWS{m.trusting(t, r)})
			listener.echo(t, config(t, r, "hyco", "listen"))
			const count = 100
			got := senders.crowd(t, config(t, r, "hyco", "send"), count)
			for i := range count {
				if back, want := got[i], crowdMessage(i); back.Binary != want.Binary || string(back.Data) != string(want.Data) {
					t.Errorf("sender %d got binary=%v %q, want binary=%v %q", i, back.Binary, back.Data, want.Binary, want.Data)
				}
			}
			if len(got) != count {
				t.Errorf("%d senders got something back, want %d", len(got), count)
			}
		})
	}
}

func crowdMessage(i int) relayclient.Message {
	return relayclient.Message{Binary: i%2 == 1, Data: fmt.Append(nil, "message ", i)}
}

func (h hycoWS) echo(t *testing.T, cfg relayclient.Config) {
	h.startListener(t, cfg, "RELAY_ECHO=1").await(t, "listening")
}

func (h hycoWS) crowd(t *testing.T, cfg relayclient.Config, count int) map[int]relayclient.Message {
	p := h.start(t, "hyco-ws/crowd.js", cfg, "RELAY_COUNT="+strconv.Itoa(count))
	for range count {
		p.await(t, "open")
	}
	got := map[int]relayclient.Message{}
	for range count {
		report := p.await(t, "echo")
		got[report.ID] = relayclient.Message{Binary: report.Binary, Data: report.Data}
	}
	return got
}

func (ours) echo(t *testing.T, cfg relayclient.Config) {
	l := listen(t, cfg)
	var conns sync.WaitGroup
	t.Cleanup(func() { // before the listener is closed, after the test's context has ended
		l.Close()
		conns.Wait()
	})
	conns.Go(func() {
		for {
			c, err := l.Accept(t.Context())
			if err != nil {
				return
			}
			conns.Go(func() { sendBack(t.Context(), c) })
		}
	})
}

// sendBack returns every message until the other side closes.
func sendBack(ctx context.Context, c *relayclient.Conn) {
	defer c.CloseNow()
	for {
		m, err := c.Read(ctx)
		if err == nil {
			err = c.Write(ctx, m)
		}
		var ce *relayclient.CloseError
		if errors.As(err, &ce) {
			_ = c.Close(ce.Code, "")
		}
		if err != nil {
			return
		}
	}
}

func (ours) crowd(t *testing.T, cfg relayclient.Config, count int) map[int]relayclient.Message {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var opening, senders sync.WaitGroup
	opening.Add(count)
	var mu sync.Mutex
	got := map[int]relayclient.Message{}
	for i := range count {
		senders.Go(func() {
			c, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{})
			opening.Done()
			if err != nil {
				t.Errorf("sender %d: %v", i, err)
				return
			}
			defer c.CloseNow()
			opening.Wait()
			var m relayclient.Message
			if err = c.Write(ctx, crowdMessage(i)); err == nil {
				m, err = c.Read(ctx)
			}
			if err == nil {
				err = c.Close(1000, "")
			}
			if err != nil {
				t.Errorf("sender %d: %v", i, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			got[i] = m
		})
	}
	senders.Wait()
	return got
}
