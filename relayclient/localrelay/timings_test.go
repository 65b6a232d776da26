package localrelay

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// startWith starts a relay whose fixed durations are changed.
func startWith(t *testing.T, change func(*timings)) *Relay {
	t.Helper()
	changed := defaultTimings
	change(&changed)
	rule := Rule{Name: "listen", PrimaryKey: NewKey(), Rights: Listen}
	r, err := start(Config{Entities: []Entity{{Name: "hyco", Anonymous: true, Rules: []Rule{rule}}}}, changed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func dialAt(t *testing.T, r *Relay, url string, header http.Header) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	ws, _, err := d.DialContext(t.Context(), url, header)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(20 * time.Second))
	return ws
}

func listenAt(t *testing.T, r *Relay) *websocket.Conn {
	t.Helper()
	key := relayclient.SharedAccessKey{KeyName: "listen", Key: r.entities[0].Rules[0].PrimaryKey}
	token, err := key.Token(t.Context(), relayclient.Audience(r.Namespace(), "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	return dialAt(t, r, "wss://"+r.Namespace()+"/$hc/hyco?sb-hc-action=listen&sb-hc-token="+url.QueryEscape(token.Value.Reveal()), nil)
}

func TestControlChannelIsPinged(t *testing.T) {
	r := startWith(t, func(d *timings) { d.ping = 10 * time.Millisecond; d.silence = 10 * time.Second })
	control := listenAt(t, r)
	pings := 0
	done := make(chan struct{})
	control.SetPingHandler(func(string) error {
		if pings++; pings == 3 {
			close(done)
		}
		return nil
	})
	go control.ReadMessage()
	<-done
}

// A listener that answers PINGs is alive, one that sends nothing at all is not.
func TestSilentListenerIsDropped(t *testing.T) {
	r := startWith(t, func(d *timings) { d.ping = 50 * time.Millisecond; d.silence = 500 * time.Millisecond })
	silent, alive := listenAt(t, r), listenAt(t, r)
	silent.SetPingHandler(func(string) error { return nil })
	living := make(chan error, 1)
	go func() { _, _, err := alive.ReadMessage(); living <- err }()
	if _, _, err := silent.ReadMessage(); websocket.IsCloseError(err, 1000, 1001, 1008, 1011) {
		t.Errorf("the silent listener ended with %v, want no close frame", err)
	}
	if n := r.Entities()[0].Listeners; n != 1 {
		t.Errorf("%d listeners are left, want 1", n)
	}
	r.Close()
	if err := <-living; !websocket.IsCloseError(err, closeGoingAway) {
		t.Errorf("the listener that answers ended with %v", err)
	}
}

func TestHalfCloseIsBounded(t *testing.T) {
	r := startWith(t, func(d *timings) { d.halfClose = 50 * time.Millisecond })
	control := listenAt(t, r)
	listened := make(chan *websocket.Conn, 1)
	go func() {
		_, text, err := control.ReadMessage()
		var cmd struct{ Accept struct{ Address string } }
		if err == nil {
			err = json.Unmarshal(text, &cmd)
		}
		if err != nil {
			t.Error(err)
			close(listened)
			return
		}
		d := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
		ws, _, err := d.Dial(cmd.Accept.Address, nil)
		if err != nil {
			t.Error(err)
		}
		listened <- ws
	}()
	sender := dialAt(t, r, "wss://"+r.Namespace()+"/$hc/hyco", nil)
	listener := <-listened
	if listener == nil {
		t.FailNow()
	}
	defer listener.Close()
	if err := sender.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := sender.ReadMessage(); err == nil || websocket.IsCloseError(err, 1000) {
		t.Errorf("the sender's connection ended with %v", err)
	}
}
