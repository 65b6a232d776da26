package relayclient_test

import (
	bits "encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// What breaks a control channel is named, and the listener opens another.
func TestHostileFramesEndTheChannel(t *testing.T) {
	headers := `"X-Filler":"` + strings.Repeat("f", 10<<20) + `"`
	const text, closing, ping = 0x81, 0x88, 0x89
	for name, tt := range map[string]struct {
		bytes []byte
		want  error
	}{
		"oversized JSON":           {frame(text, `{"accept":"`+strings.Repeat("x", 80<<10)+`"}`), relayclient.ErrTooLarge},
		"10 MB of headers":         {frame(text, `{"accept":{"address":"wss://x/","id":"y","connectHeaders":{`+headers+`}}}`), relayclient.ErrTooLarge},
		"length beyond reason":     {bits.BigEndian.AppendUint64([]byte{text, 127}, 1<<62), relayclient.ErrTooLarge},
		"negative length":          {bits.BigEndian.AppendUint64([]byte{text, 127}, 1<<63), relayclient.ErrTooLarge},
		"Close with code 1":        {frame(closing, "\x00\x01"), relayclient.ErrProtocol},
		"Close with code 1006":     {frame(closing, "\x03\xee"), relayclient.ErrProtocol},
		"Close, not UTF-8":         {frame(closing, "\x03\xe8\xff\xfe"), relayclient.ErrProtocol},
		"Close, too long":          {frame(closing, "\x03\xe8"+strings.Repeat("x", 200)), relayclient.ErrProtocol},
		"PING, too long":           {frame(ping, strings.Repeat("x", 126)), relayclient.ErrProtocol},
		"unknown opcode":           {frame(0x83, "x"), relayclient.ErrProtocol},
		"reserved bits":            {frame(0xf1, "x"), relayclient.ErrProtocol},
		"continuation of nothing":  {frame(0x80, "x"), relayclient.ErrProtocol},
		"message within a message": {append(frame(0x01, "x"), frame(text, "y")...), relayclient.ErrProtocol},
		"masked":                   {[]byte{text, 0x81, 1, 2, 3, 4, 'x'}, relayclient.ErrProtocol},
		"fragments without end":    {endlessFragments(), relayclient.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			var channels atomic.Int64
			cfg := handmadeRelay(t, func(ws *websocket.Conn, _ *http.Request) {
				if channels.Add(1) == 1 {
					ws.NetConn().Write(tt.bytes)
				}
				hold(ws)
			})
			check := boundedMemory(t, 32<<20)
			events := watch(&cfg)
			listen(t, cfg)
			lost := await(t, events, "lost", state(relayclient.Waiting))
			if !errors.Is(lost.Err, tt.want) {
				t.Errorf("lost with %v, want %v", lost.Err, tt.want)
			}
			await(t, events, "online again", state(relayclient.Online))
			check()
		})
	}
}

// frame is one frame from the relay, whose first byte says what it is.
func frame(first byte, payload string) []byte {
	head := []byte{first, byte(len(payload))}
	if len(payload) > 125 {
		head = bits.BigEndian.AppendUint64([]byte{first, 127}, uint64(len(payload)))
	}
	return append(head, payload...)
}

// A data connection ends by name, too.
func TestHostileFramesEndADataConnection(t *testing.T) {
	for name, tt := range map[string]struct {
		bytes []byte
		want  error
	}{
		"unknown opcode":       {frame(0x83, "x"), relayclient.ErrProtocol},
		"length beyond reason": {bits.BigEndian.AppendUint64([]byte{0x82, 127}, 1<<63), relayclient.ErrTooLarge},
		"cut off":              {[]byte{0x82, 100, 'x'}, relayclient.ErrLost},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := handmadeRelay(t, func(ws *websocket.Conn, _ *http.Request) {
				ws.NetConn().Write(tt.bytes)
				if tt.want != relayclient.ErrLost {
					hold(ws)
				}
			})
			events := watch(&cfg)
			c, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			if _, err := c.Read(t.Context()); !errors.Is(err, tt.want) {
				t.Errorf("read error = %v, want %v", err, tt.want)
			}
			if ev := await(t, events, "closed", kind(relayclient.Closed)); !errors.Is(ev.Err, tt.want) {
				t.Errorf("closed with %v, want %v", ev.Err, tt.want)
			}
		})
	}
}

// endlessFragments is a text message in fragments of 1 KiB that is longer than
// any command.
func endlessFragments() []byte {
	fragment := append([]byte{0x00, 126, 4, 0}, strings.Repeat("x", 1<<10)...)
	all := append([]byte{0x01, 0}, strings.Repeat(string(fragment), 200)...)
	return all
}

// What does not belong on a control channel but breaks nothing is passed over.
func TestHostileCommandsAreSurvived(t *testing.T) {
	const id = "11111111-2222-4333-8444-555555555555"
	for name, send := range map[string]func(ws *websocket.Conn){
		"binary where text belongs": func(ws *websocket.Conn) {
			ws.WriteMessage(websocket.BinaryMessage, []byte(`{"accept":{"address":"wss://x/","id":"y"}}`))
			ws.WriteMessage(websocket.BinaryMessage, nil)
		},
		"nesting": func(ws *websocket.Conn) {
			ws.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("[", 60<<10)))
			ws.WriteMessage(websocket.TextMessage, []byte(`{"accept":`+strings.Repeat(`{"a":`, 9000)))
		},
		"not JSON, not UTF-8, nothing": func(ws *websocket.Conn) {
			for _, m := range []string{"", "null", "7", `"accept"`, "\xff\xfe", `{"accept":null}`, `{"accept":{}}`, `{"accept":{"id":7}}`, `{"accept":{"address":"x","id":"y","remoteEndpoint":{"port":1e99}}}`} {
				ws.WriteMessage(websocket.TextMessage, []byte(m))
			}
		},
		"unknown commands": func(ws *websocket.Conn) {
			for i := range 1000 {
				ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"command%d":{"x":%d}}`, i, i))
			}
		},
		"a flood of PINGs": func(ws *websocket.Conn) {
			ping := append([]byte{0x89, 125}, strings.Repeat("p", 125)...)
			for range 100 {
				ws.NetConn().Write([]byte(strings.Repeat(string(ping), 100)))
			}
		},
		"a flood of PONGs and empty fragments": func(ws *websocket.Conn) {
			ws.NetConn().Write([]byte{0x01, 0})
			for range 100 {
				ws.NetConn().Write([]byte(strings.Repeat("\x8a\x00\x00\x00", 100)))
			}
			ws.NetConn().Write([]byte{0x80, 0})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var channels atomic.Int64
			var cfg relayclient.Config
			cfg = handmadeRelay(t, func(ws *websocket.Conn, r *http.Request) {
				if !isListen(r) {
					ws.WriteMessage(websocket.TextMessage, []byte("welcome"))
					hold(ws)
					return
				}
				channels.Add(1)
				go hold(ws) // or the answers would fill every buffer
				send(ws)
				ws.WriteMessage(websocket.TextMessage, []byte(invitation(cfg, id)))
				<-t.Context().Done()
			})
			check := boundedMemory(t, 32<<20)
			l := listen(t, cfg)
			c, err := l.Accept(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.CloseNow()
			mustRead(t, c, text("welcome"))
			if n := channels.Load(); n != 1 {
				t.Errorf("%d control channels, want the first to live on", n)
			}
			check()
		})
	}
}

// A relay that asks and asks but takes no answer holds the listener up for as
// long as a write may stall, not for ever.
func TestRelayThatTakesNoAnswer(t *testing.T) {
	var channels atomic.Int64
	cfg := handmadeRelay(t, func(ws *websocket.Conn, _ *http.Request) {
		if channels.Add(1) > 1 {
			hold(ws)
			return
		}
		request := string(frame(0x81, `{"request":{"id":"x","method":"GET"}}`))
		requests := []byte(strings.Repeat(request, 1000))
		for t.Context().Err() == nil {
			if _, err := ws.NetConn().Write(requests); err != nil {
				return
			}
		}
	})
	cfg.Timing.Stall = 200 * time.Millisecond
	// A few answers fill every buffer on the way.
	answer := make([]byte, 60<<10)
	cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(answer) })
	states := make(chan relayclient.Event, 100)
	cfg.OnEvent = func(ev relayclient.Event) {
		if ev.Kind == relayclient.StateChanged {
			states <- ev
		}
	}
	check := boundedMemory(t, 64<<20)
	listen(t, cfg)
	if lost := await(t, states, "lost", state(relayclient.Waiting)); !errors.Is(lost.Err, relayclient.ErrPeerSilent) {
		t.Errorf("lost with %v, want a silent relay", lost.Err)
	}
	await(t, states, "online again", state(relayclient.Online))
	check()
}

// The same invitation twice is two attempts; what the relay makes of the
// second is its own affair.
func TestInvitedTwiceUnderOneID(t *testing.T) {
	const id = "11111111-2222-4333-8444-555555555555"
	var cfg relayclient.Config
	cfg = handmadeRelay(t, func(ws *websocket.Conn, r *http.Request) {
		if isListen(r) {
			for range 2 {
				ws.WriteMessage(websocket.TextMessage, []byte(invitation(cfg, id)))
			}
		}
		hold(ws)
	})
	l := listen(t, cfg)
	for range 2 {
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.ID() != id {
			t.Errorf("id = %s", c.ID())
		}
		c.CloseNow()
	}
}

// A hundred thousand invitations at once cost no more than the few hundred
// that are taken up, and do not keep the listener from the next one.
func TestFloodOfInvitations(t *testing.T) {
	const id, flood = "11111111-2222-4333-8444-555555555555", 100_000
	refused, release, over := make(chan struct{}), make(chan struct{}), make(chan struct{})
	var dialled, failed atomic.Int64
	var cfg relayclient.Config
	cfg = handmadeRelay(t, func(ws *websocket.Conn, r *http.Request) {
		if isListen(r) {
			var batch []byte
			for i := range flood {
				batch = append(batch, frame(0x81, invitation(cfg, fmt.Sprintf("%08x", i)))...)
				if len(batch) > 1<<20 || i == flood-1 {
					ws.NetConn().Write(batch)
					batch = batch[:0]
				}
			}
			<-over
			ws.WriteMessage(websocket.TextMessage, []byte(invitation(cfg, id)))
		}
		hold(ws)
	}, func(w http.ResponseWriter, r *http.Request) bool {
		if isListen(r) || strings.Contains(r.URL.RawQuery, id) {
			return false
		}
		dialled.Add(1)
		<-release
		w.WriteHeader(http.StatusNotFound)
		return true
	})
	cfg.OnEvent = func(ev relayclient.Event) {
		if ev.Kind != relayclient.ConnectFailed {
			return
		}
		switch failed.Add(1) {
		case flood - 1000:
			close(refused)
		case flood:
			close(over)
		}
	}
	check := boundedMemory(t, 256<<20) // for both ends of some 300 connections
	l := listen(t, cfg)
	soon(t, refused, "the flood's end")
	check()
	if n := dialled.Load(); n > 300 {
		t.Errorf("%d rendezvous were dialled at once", n)
	}
	close(release)
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
}
