package localrelay

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Of a hundred who dial the same rendezvous at once, one gets it.
func TestHostileRendezvousOfMany(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	var senders sync.WaitGroup
	for name, begin := range map[string]func() string{
		"connection": func() string {
			senders.Go(func() {
				if o := knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/hyco", nil); o.err == nil {
					cutOff(o.ws)
				}
			})
			address, err := invitedTo(control)
			if err != nil {
				t.Fatal(err)
			}
			return address
		},
		"request": func() string {
			io.WriteString(raw(t, r), "GET /hyco HTTP/1.1\r\nHost: localhost\r\n\r\n")
			v, _, err := visited(t.Context(), r, control)
			if err != nil {
				t.Fatal(err)
			}
			return v.Address
		},
	} {
		t.Run(name, func(t *testing.T) {
			address := begin()
			results := make([]opening, 100)
			var all sync.WaitGroup
			for i := range results {
				all.Go(func() { results[i] = knock(t.Context(), r, address, nil) })
			}
			all.Wait()
			won := 0
			for _, o := range results {
				switch {
				case o.err == nil:
					won++
					cutOff(o.ws)
				case !strings.HasPrefix(o.status, "403 "+textRendezvous):
					t.Errorf("a loser got %q, %v", o.status, o.err)
				}
			}
			if won != 1 {
				t.Errorf("%d got the rendezvous, want 1", won)
			}
		})
	}
	senders.Wait()
}

// Whoever guesses the id of a rendezvous gets nowhere, and takes nothing from
// the listener that knows it.
func TestHostileGuessedRendezvous(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	connected := make(chan opening, 1)
	const uuid = "11111111-2222-4333-8444-555555555555" // the sender's own, so it knows that much
	go func() {
		connected <- knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/hyco?sb-hc-id="+uuid, nil)
	}()
	address, err := invitedTo(control)
	if err != nil {
		t.Fatal(err)
	}
	before, id, _ := strings.Cut(address, "&sb-hc-id=")
	guesses := []string{"", uuid, uuid + "_G0", uuid + "_G0_G0", uuid + "_G0_G1", id[:len(id)-1], id + "0", id + "%00", "%20" + id, strings.ToUpper(id) + "_", "*", "../" + id}
	for _, action := range []string{"accept", "request"} {
		for _, guess := range guesses {
			url := strings.Replace(before, "=accept", "="+action, 1) + "&sb-hc-id=" + guess
			if o := knock(t.Context(), r, url, nil); o.err == nil || !strings.HasPrefix(o.status, "403 "+textRendezvous) {
				t.Errorf("%s of %q: %q, %v", action, guess, o.status, o.err)
			}
		}
	}
	elsewhere := strings.Replace(address, "/hyco?", "/calm?", 1)
	if o := knock(t.Context(), r, elsewhere, nil); o.err == nil || !strings.HasPrefix(o.status, "403 ") {
		t.Errorf("at another hybrid connection: %q, %v", o.status, o.err)
	}
	o := knock(t.Context(), r, address, nil)
	sender := <-connected
	if o.err != nil || sender.err != nil {
		t.Fatalf("who knows it got %v, the sender %v", o.err, sender.err)
	}
	cutOff(o.ws)
	cutOff(sender.ws)
}

// Ids that clients choose may be the same for all of them.
func TestHostileDuplicateIDs(t *testing.T) {
	r := besieged(t, nil)
	const id = "&sb-hc-id=11111111-2222-4333-8444-555555555555"
	first := listening(t, r, "hyco", id)
	second := listening(t, r, "hyco", id)
	var serving, all sync.WaitGroup
	for _, control := range []*websocket.Conn{first, second} {
		serving.Go(func() {
			for {
				ws, err := accepted(t, r, control)
				if err != nil {
					return
				}
				_, text, err := ws.ReadMessage()
				if err == nil {
					ws.WriteMessage(websocket.TextMessage, text)
				}
				ws.ReadMessage()
				ws.Close()
			}
		})
	}
	for i := range 20 {
		all.Go(func() {
			o := knock(t.Context(), r, "wss://"+r.Namespace()+"/$hc/hyco?sb-hc-action=connect"+id, nil)
			if o.err != nil {
				t.Errorf("%v, %s", o.err, o.status)
				return
			}
			defer o.ws.Close()
			o.ws.WriteMessage(websocket.TextMessage, fmt.Append(nil, i))
			if _, text, err := o.ws.ReadMessage(); err != nil || string(text) != fmt.Sprint(i) {
				t.Errorf("sender %d got %q, %v", i, text, err)
			}
		})
	}
	all.Wait()
	cutOff(first)
	cutOff(second)
	serving.Wait()
}

// A listener cannot answer what another hybrid connection was asked, and
// nobody can answer twice.
func TestHostileAnswers(t *testing.T) {
	r := besieged(t, nil)
	control, stranger := listening(t, r, "hyco", ""), listening(t, r, "calm", "")
	read := reading(t, stranger)
	conn := raw(t, r)
	reader := bufio.NewReader(conn)
	for i := range 3 {
		io.WriteString(conn, "GET /hyco HTTP/1.1\r\nHost: localhost\r\n\r\n")
		v, ws, err := visited(t.Context(), r, control)
		if err != nil {
			t.Fatal(err)
		}
		respond(stranger, v.ID, `"x-from":"a stranger"`)
		read()
		for _, from := range []string{"first", "second"} {
			respond(ws, v.ID, `"x-from":"`+from+`"`)
		}
		resp, err := http.ReadResponse(reader, nil)
		if err != nil || resp.Header.Get("X-From") != "first" {
			t.Fatalf("answer %d: %v, %v", i, resp, err)
		}
	}
	if n := len(r.Deviations()); n < 2 {
		t.Errorf("%d deviations are counted: %v", n, r.Deviations())
	}
	cutOff(stranger) // or the echo afterwards would be offered to it
}

// An answer whose body never ends is cut off when nothing more comes, whether
// frames without content come or not.
func TestHostileBodyWithoutEnd(t *testing.T) {
	r := besieged(t, func(d *timings) { d.bodyGap = 300 * time.Millisecond })
	control := listening(t, r, "hyco", "")
	for name, filler := range map[string][]byte{"silence": nil, "empty frames": frame(0x00, ""), "PINGs": frame(0x89, "x")} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, r)
			io.WriteString(conn, "GET /hyco HTTP/1.1\r\nHost: localhost\r\n\r\n")
			v, _, err := visited(t.Context(), r, control)
			if err != nil {
				t.Fatal(err)
			}
			o := knock(t.Context(), r, v.Address, nil)
			if o.err != nil {
				t.Fatal(o.err)
			}
			defer cutOff(o.ws)
			o.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"response":{"requestId":%q,"statusCode":200,"body":true}}`, v.ID))
			wire := o.ws.NetConn()
			wire.Write(frame(0x02, "begin"))
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				tick := time.NewTicker(10 * time.Millisecond)
				defer tick.Stop()
				for err := error(nil); err == nil && filler != nil; <-tick.C {
					_, err = wire.Write(filler)
				}
			}()
			status, body, err := said(bufio.NewReader(conn), http.MethodGet)
			if status != "200 OK" || body != "begin" || err != io.ErrUnexpectedEOF {
				t.Errorf("got %q with %q, %v", status, body, err)
			}
			<-ended
		})
	}
}
