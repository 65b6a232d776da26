package localrelay

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"runtime"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// enduring bounds every wait for something that must happen.
const enduring = 20 * time.Second

// besieged starts a relay for clients that mean it harm. Its hybrid connections
// are "hyco", which they get, and "calm", where all must stay well: when the
// test ends, an echo passes there, every client has left, and the relay holds
// little more memory than at the start.
func besieged(t *testing.T, change func(*timings)) *Relay {
	t.Helper()
	changed := defaultTimings
	changed.closeWait = 200 * time.Millisecond
	if change != nil {
		change(&changed)
	}
	rule := Rule{Name: "listen", PrimaryKey: NewKey(), Rights: Listen | Send}
	r, err := start(Config{
		Entities:      []Entity{{Name: "hyco", Anonymous: true}, {Name: "calm", Anonymous: true}},
		Rules:         []Rule{rule},
		AcceptTimeout: 5 * time.Second,
	}, changed)
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	t.Cleanup(func() {
		defer r.Close()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), enduring)
		defer cancel()
		if err := echo(ctx, r); err != nil {
			t.Errorf("afterwards nothing passes any more: %v", err)
		}
		if err := r.WaitIdle(ctx); err != nil {
			t.Error(err)
		}
		if grown := int64(heap()) - before; grown > hoarded {
			t.Errorf("afterwards the heap has grown by %d KiB", grown>>10)
		}
	})
	return r
}

// hoarded is how much memory an attack may cost, far more than the relay needs
// and far less than what is sent to it.
const hoarded = 24 << 20

func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// bounded returns a check that not much more memory is in use than now.
func bounded(t *testing.T) func() {
	before := heap()
	return func() {
		t.Helper()
		if grown := heap() - before; grown > hoarded {
			t.Errorf("the heap has grown by %d KiB, want %d at most", grown>>10, hoarded>>10)
		}
	}
}

func dialerOf(r *Relay) *websocket.Dialer {
	return &websocket.Dialer{TLSClientConfig: tlsFor(r), HandshakeTimeout: enduring}
}

// tlsFor spares the tests, which open thousands of connections, the dear part
// of a handshake.
func tlsFor(r *Relay) *tls.Config {
	return &tls.Config{RootCAs: r.RootCAs(), ServerName: hostName, CurvePreferences: []tls.CurveID{tls.X25519}}
}

// tokenFor returns a token for a hybrid connection.
func tokenFor(ctx context.Context, r *Relay, entity string) (string, error) {
	key := relayclient.SharedAccessKey{KeyName: "listen", Key: r.rules[0].PrimaryKey}
	token, err := key.Token(ctx, relayclient.Audience(r.Namespace(), entity))
	return token.Value.Reveal(), err
}

func controlOf(ctx context.Context, r *Relay, entity, query string) (*websocket.Conn, error) {
	token, err := tokenFor(ctx, r, entity)
	if err != nil {
		return nil, err
	}
	ws, _, err := dialerOf(r).DialContext(ctx, "wss://"+r.Namespace()+"/$hc/"+entity+"?sb-hc-action=listen&sb-hc-token="+url.QueryEscape(token)+query, nil)
	if err == nil {
		ws.SetReadDeadline(time.Now().Add(enduring))
	}
	return ws, err
}

// listening opens a control channel that lasts as long as the test.
func listening(t *testing.T, r *Relay, entity, query string) *websocket.Conn {
	t.Helper()
	ws, err := controlOf(t.Context(), r, entity, query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cutOff(ws) })
	return ws
}

// cutOff ends a connection without a goodbye on the TLS layer, which would wait
// for one who does not read.
func cutOff(ws *websocket.Conn) { ws.NetConn().(*tls.Conn).NetConn().Close() }

// echo sends a message through the relay and back.
func echo(ctx context.Context, r *Relay) error {
	control, err := controlOf(ctx, r, "calm", "")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer control.Close()
	listened := make(chan error, 1)
	go func() {
		var ws *websocket.Conn
		address, err := invitedTo(control)
		if err == nil {
			ws, _, err = dialerOf(r).DialContext(ctx, address, nil)
		}
		if err != nil {
			listened <- fmt.Errorf("accept: %w", err)
			return
		}
		defer ws.Close()
		ws.SetReadDeadline(time.Now().Add(enduring))
		kind, text, err := ws.ReadMessage()
		if err == nil {
			err = ws.WriteMessage(kind, text)
		}
		ws.ReadMessage() // until the sender leaves
		listened <- err
	}()
	sender, resp, err := dialerOf(r).DialContext(ctx, "wss://"+r.Namespace()+"/$hc/calm", nil)
	if err != nil {
		control.Close()
		return fmt.Errorf("connect: %w (%v); %w", err, resp, <-listened)
	}
	sender.SetReadDeadline(time.Now().Add(enduring))
	var got []byte
	if err = sender.WriteMessage(websocket.TextMessage, []byte("hello")); err == nil {
		_, got, err = sender.ReadMessage()
	}
	sender.Close()
	if err = errors.Join(err, <-listened); err == nil && string(got) != "hello" {
		err = fmt.Errorf("the echo is %q", got)
	}
	return err
}
