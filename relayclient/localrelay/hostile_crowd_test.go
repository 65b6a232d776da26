package localrelay

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// crowd calls visit for each of n numbers, many at a time.
func crowd(n, atOnce int, visit func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		all.Go(func() {
			for i := range next {
				visit(i)
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
	r := besieged(t, func(d *timings) { d.write = 500 * time.Millisecond })
	listening(t, r, "hyco", "")
	header := http.Header{"X-Filler": {strings.Repeat("f", 24<<10)}} // a few hundred of them fill any socket's buffer
	statuses := make([]string, 1000)
	meanwhile := make(chan error, 1)
	go func() { meanwhile <- echo(t.Context(), r) }()
	crowd(len(statuses), 250, func(i int) {
		o := knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/hyco", header)
		if o.err == nil {
			cutOff(o.ws)
		}
		statuses[i] = o.status
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
	if n := len(r.pending); n != 0 {
		t.Errorf("%d rendezvous are left", n)
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
	crowd(1000, 16, func(i int) {
		path := fmt.Sprintf("%s-%d?sb-hc-action=connect&sb-hc-id=%d", strings.Repeat("n", 2000), i, i)
		if o := knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/"+path, header); o.err == nil || !strings.HasPrefix(o.status, "404 Endpoint does not exist. TrackingId:") {
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
