package localrelay_test

import (
	"crypto/tls"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A receiver that does not read stops the sender after what the sockets'
// buffers take, in both directions at once, and the relay hoards nothing.
func TestReceiverThatDoesNotReadStopsSender(t *testing.T) {
	// Far more than the buffers of four sockets, far less than what is offered.
	const most, hoarded = 64 << 20, 16 << 20
	r := localrelaytest.New(t)
	sender, listener := joined(t, r, listen(t, r, ""))
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	before := heap()
	message := make([]byte, 64<<10)
	var written [2]atomic.Int64
	var writers sync.WaitGroup
	for i, ws := range []*websocket.Conn{sender, listener} {
		writers.Go(func() {
			for written[i].Load() < 4*most {
				// Without progress for a second, the writer is stopped.
				ws.SetWriteDeadline(time.Now().Add(time.Second))
				err := ws.WriteMessage(websocket.BinaryMessage, message)
				var ne net.Error
				if errors.As(err, &ne) && ne.Timeout() {
					return
				}
				if err != nil {
					t.Errorf("writing ended with %v", err)
					return
				}
				written[i].Add(int64(len(message)))
			}
			t.Error("nothing stops the writer")
		})
	}
	writers.Wait()
	for _, ws := range []*websocket.Conn{sender, listener} {
		// A goodbye on the TLS layer would wait for the reader, too.
		defer ws.NetConn().(*tls.Conn).NetConn().Close()
	}
	grown := int64(heap()) - int64(before)
	for i, from := range []string{"sender", "listener"} {
		if n := written[i].Load(); n == 0 || n > most {
			t.Errorf("the %s wrote %d bytes, want some and at most %d", from, n, most)
		}
	}
	if grown > hoarded {
		t.Errorf("the heap has grown by %d bytes, want at most %d", grown, hoarded)
	}
	t.Logf("sender %d, listener %d, heap %d bytes", written[0].Load(), written[1].Load(), grown)
}

// A name with several segments may travel with its slashes raw or escaped.
func TestNameWithSegments(t *testing.T) {
	r := localrelaytest.New(t)
	if err := r.AddEntity(localrelay.Entity{Name: "site-7/plc", Anonymous: true}); err != nil {
		t.Fatal(err)
	}
	header := localrelaytest.Header(t, r, "site-7/plc", "root", time.Hour)
	for _, listening := range []string{"site-7/plc", "site-7%2Fplc", "Site-7%2fPLC"} {
		control, _ := open(t, r, address(r, listening+"?sb-hc-action=listen"), header)
		for _, sending := range []string{"site-7/plc/live", "site-7%2fplc/live"} {
			pending := connect(t, r, sending, nil)
			ws, _ := open(t, r, invited(t, control).Address, nil)
			d := <-pending
			if d.err != nil {
				t.Fatalf("%s to %s: %v (%s)", sending, listening, d.err, status(d.resp))
			}
			d.ws.Close()
			ws.Close()
		}
		sendClose(t, control, websocket.FormatCloseMessage(1000, ""))
		wantClose(t, control, 1000)
	}
}
