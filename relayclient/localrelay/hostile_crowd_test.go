package localrelay

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// crowd calls visit for each of n numbers, many at a time. Those who dial share
// a dialer that resumes TLS sessions, or they would be busy with that alone.
func crowd(r *Relay, n, atOnce int, visit func(i int, d *websocket.Dialer)) {
	d := dialerOf(r)
	d.TLSClientConfig.ClientSessionCache = tls.NewLRUClientSessionCache(atOnce)
	var all sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		all.Go(func() {
			for i := range next {
				visit(i, d)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// A listener that stops reading keeps each of a crowd of senders waiting for no
// longer than it may, and nobody else.
func TestHostileListenerThatNeverReads(t *testing.T) {
	r := besieged(t, func(d *timings) { d.write = time.Second })
	control := listening(t, r, "hyco", "")
	control.NetConn().(*tls.Conn).NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
	header := http.Header{"X-Filler": {strings.Repeat(`"`, 20<<10)}} // of 40 KiB in JSON
	statuses := make([]string, 1000)
	meanwhile := make(chan error, 1)
	go func() { meanwhile <- echo(t.Context(), r) }()
	crowd(r, len(statuses), 128, func(i int, d *websocket.Dialer) {
		o := knockWith(t.Context(), d, "wss://"+r.Namespace()+"/$hc/hyco", header)
		if o.err == nil {
			cutOff(o.ws)
		}
		if statuses[i] = o.status; o.status == "" {
			statuses[i] = o.err.Error()
		}
	})
	if err := <-meanwhile; err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	counts := map[string]int{}
	for _, status := range statuses {
		text, _, _ := strings.Cut(status, ". TrackingId:")
		counts[text]++
	}
	if counts["504 None of the connected listeners accepted the connections within the allowed timeout"]+counts["404 There are no listeners connected for the endpoint"] != len(statuses) {
		t.Errorf("the senders got %v", counts)
	}
	if n, m := len(r.pending), r.Entities()[0].Listeners; n != 0 || m != 0 {
		t.Errorf("%d rendezvous and %d listeners are left", n, m)
	}
}

// A thousand names that do not exist leave nothing behind.
func TestHostileUnknownNames(t *testing.T) {
	r := besieged(t, nil)
	check := bounded(t)
	token, err := tokenFor(t.Context(), r, "")
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{"ServiceBusAuthorization": {token}}
	crowd(r, 1000, 16, func(i int, d *websocket.Dialer) {
		path := fmt.Sprintf("%s-%d?sb-hc-action=connect&sb-hc-id=%d", strings.Repeat("n", 2000), i, i)
		if o := knockWith(t.Context(), d, "wss://"+r.Namespace()+"/$hc/"+path, header); o.err == nil || !strings.HasPrefix(o.status, "404 Endpoint does not exist. TrackingId:") {
			t.Errorf("%d got %q, %v", i, o.status, o.err)
		}
	})
	check()
	if n := len(r.Deviations()); n > 5 {
		t.Errorf("%d deviations are remembered", n)
	}
}

// However long a name is that somebody asks for, the log stays readable.
func TestHostileNameInTheLog(t *testing.T) {
	var text bytes.Buffer
	r, err := start(Config{Logger: slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))}, defaultTimings)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	url := "wss://" + r.Namespace() + "/$hc/" + strings.Repeat("n", 20<<10) + "?sb-hc-action=" + strings.Repeat("a", 8<<10)
	if o := knock(t.Context(), r, url, nil); !strings.HasPrefix(o.status, "400 ") {
		t.Errorf("got %q, %v", o.status, o.err)
	}
	r.Close()
	if n := text.Len(); n == 0 || n > 8<<10 {
		t.Errorf("%d bytes are logged", n)
	}
}
