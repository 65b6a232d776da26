package localrelay_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestInvitation(t *testing.T) {
	r := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Entities = append(cfg.Entities, localrelay.Entity{Name: "Site 7/plc"}, localrelay.Entity{Name: "site 7"})
	})
	control, _ := open(t, r, address(r, "site%207%2FPLC?sb-hc-action=listen"), localrelaytest.Header(t, r, "", "root", time.Hour))
	header := localrelaytest.Header(t, r, "Site 7/plc", "root", time.Hour)
	header["User-Agent"] = []string{"test"}
	header["X-Tenant"] = []string{"blue", "green"}
	header["Sec-WebSocket-Protocol"] = []string{"v2, v1"}
	pending := connect(t, r, "SITE%207/plc/a%2fb%20?x=1&sb-hc-id="+nobody+"&x=2&q=%2f%3a&sb-hc-foo&", header)

	inv := invited(t, control)
	prefix := "wss://" + r.Namespace() + "/$hc/Site%207/plc/a%2fb%20?x=1&x=2&q=%2f%3a&sb-hc-foo&&sb-hc-action=accept&sb-hc-id="
	if inv.Address != prefix+inv.ID {
		t.Errorf("address is %q, want %q and the id %q", inv.Address, prefix, inv.ID)
	}
	if !strings.HasPrefix(inv.ID, nobody+"_G0_G") {
		t.Errorf("id %q does not begin with the sender's", inv.ID)
	}
	key := inv.ConnectHeaders["Sec-WebSocket-Key"]
	delete(inv.ConnectHeaders, "Sec-WebSocket-Key")
	want := map[string]string{
		"Host": r.Namespace(), "Connection": "Upgrade", "Upgrade": "websocket",
		"Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "v2, v1", "X-Tenant": "blue, green",
		"User-Agent": "test",
	}
	if len(key) != 24 || !maps.Equal(inv.ConnectHeaders, want) {
		t.Errorf("headers are %q and key %q, want %q", inv.ConnectHeaders, key, want)
	}
	if inv.RemoteEndpoint.Address == "" || inv.RemoteEndpoint.Port == 0 {
		t.Errorf("remote endpoint is %+v", inv.RemoteEndpoint)
	}

	listener, resp := open(t, r, inv.Address, http.Header{"Sec-WebSocket-Protocol": {"v1"}})
	d := <-pending
	if d.err != nil {
		t.Fatal(d.err)
	}
	defer d.ws.Close()
	if listener.Subprotocol() != "v1" || d.ws.Subprotocol() != "v1" {
		t.Errorf("subprotocols are %q and %q, want v1", listener.Subprotocol(), d.ws.Subprotocol())
	}
	if got := d.resp.Header.Get("TrackingId"); got != nobody+"_G0" || resp.Header.Get("TrackingId") != got {
		t.Errorf("tracking ids are %q for the sender and %q for the listener", got, resp.Header.Get("TrackingId"))
	}
}

// The sender's id may be known to anyone; the rendezvous id must not follow.
func TestRendezvousIDIsUnguessable(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	seen := map[string]bool{}
	for range 3 {
		pending := connect(t, r, "hyco?sb-hc-id="+nobody, token(t, r, "send"))
		inv := invited(t, control)
		if suffix, _ := strings.CutPrefix(inv.ID, nobody+"_G0_G"); len(suffix) < 10 || seen[suffix] {
			t.Errorf("id %q can be guessed", inv.ID)
		} else {
			seen[suffix] = true
		}
		guess := strings.Replace(inv.Address, inv.ID, nobody+"_G0_G0", 1)
		wantStatus(t, refused(t, r, guess, nil), "403 URL is not valid or has expired")
		refused(t, r, inv.Address+"&sb-hc-statusCode=503", nil)
		<-pending
	}
}

func TestRendezvousWorksOnce(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	pending := connect(t, r, "hyco", token(t, r, "send"))
	inv := invited(t, control)
	wantStatus(t, refused(t, r, strings.Replace(inv.Address, "/hyco", "/open", 1), nil), "403 URL is not valid or has expired")
	wantStatus(t, refused(t, r, inv.Address, http.Header{"Sec-WebSocket-Protocol": {"a, b"}}),
		"400 An accepting listener must name at most one subprotocol")
	open(t, r, inv.Address, nil)
	d := <-pending
	if d.err != nil {
		t.Fatal(d.err)
	}
	defer d.ws.Close()
	wantStatus(t, refused(t, r, inv.Address, nil), "403 URL is not valid or has expired")
	wantStatus(t, refused(t, r, inv.Address+"&sb-hc-statusCode=400", nil), "403 URL is not valid or has expired")
}

func TestReject(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	for name, tt := range map[string]struct{ suffix, want string }{
		"documented":       {"&sb-hc-statusCode=403&sb-hc-statusDescription=Not%20today", "403 Not today"},
		"Node's":           {"&statusCode=404&statusDescription=Nobody%20handles%20this", "404 Nobody handles this"},
		"without a text":   {"&sb-hc-statusCode=503", "503 Service Unavailable"},
		"odd status":       {"&sb-hc-statusCode=999&sb-hc-statusDescription=x", "999 x"},
		"injected header":  {"&sb-hc-statusCode=400&sb-hc-statusDescription=a%0d%0aX-Evil:%20b", "400 a  X-Evil: b"},
		"Latin-1 and more": {"&sb-hc-statusCode=400&sb-hc-statusDescription=caf%C3%A9%20%E2%82%AC", "400 caf\xe9 ?"},
	} {
		t.Run(name, func(t *testing.T) {
			pending := connect(t, r, "hyco?statusCode=200&statusDescription=mine", token(t, r, "send"))
			inv := invited(t, control)
			wantStatus(t, refused(t, r, inv.Address+tt.suffix, nil), "410 Gone")
			d := <-pending
			if d.err == nil {
				d.ws.Close()
				t.Fatal("the sender was let in")
			}
			wantStatus(t, d.resp, tt.want)
			if d.resp.Header.Get("X-Evil") != "" {
				t.Error("a header was injected")
			}
		})
	}
}

// A sender's own query must not read as a rejection.
func TestSendersStatusCodeIsNoRejection(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	pending := connect(t, r, "hyco?statusCode=500&statusDescription=mine", token(t, r, "send"))
	open(t, r, invited(t, control).Address, nil)
	d := <-pending
	if d.err != nil {
		t.Fatalf("connect: %v (%s)", d.err, status(d.resp))
	}
	d.ws.Close()
}

func TestListenerStaysSilent(t *testing.T) {
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.AcceptTimeout = 50 * time.Millisecond })
	control := listen(t, r, "")
	wantStatus(t, refused(t, r, address(r, "hyco"), token(t, r, "send")),
		"504 None of the connected listeners accepted the connections within the allowed timeout.")
	wantStatus(t, refused(t, r, invited(t, control).Address, nil), "403 URL is not valid or has expired")
	if got := counts(r); got != [3]int{1, 0, 0} {
		t.Errorf("listeners, waiting senders and connections are %v", got)
	}
}

func TestSenderLeavesBeforeAccept(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	sender := rawUpgrade(t, r, "hyco", token(t, r, "send"))
	inv := invited(t, control)
	if got := counts(r); got != [3]int{1, 1, 0} {
		t.Errorf("listeners, waiting senders and connections are %v", got)
	}
	sender.Close()
	control.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
	if got := counts(r); got != [3]int{} {
		t.Errorf("listeners, waiting senders and connections are %v", got)
	}
	wantStatus(t, refused(t, r, inv.Address, nil), "403 URL is not valid or has expired")
}

func TestChoiceIsRandom(t *testing.T) {
	r := localrelaytest.New(t)
	header := token(t, r, "send")
	taken := make(chan string, 200)
	for _, name := range []string{"first", "second"} {
		control := listen(t, r, "")
		go func() {
			for {
				_, text, err := control.ReadMessage()
				if err != nil {
					return
				}
				_, rest, _ := strings.Cut(string(text), `"address":"`)
				target, _, _ := strings.Cut(rest, `"`)
				if ws, _, err := dialer(r).Dial(target+"&sb-hc-statusCode=410", nil); err == nil {
					ws.Close()
				}
				taken <- name
			}
		}()
	}
	share := map[string]int{}
	for range 200 {
		if resp := refused(t, r, address(r, "hyco"), header); resp.StatusCode != 410 {
			t.Fatalf("the sender got %q", resp.Status)
		}
		share[<-taken]++
	}
	// Fewer than 60 of 200 is a matter of one in a hundred million.
	if share["first"] < 60 || share["second"] < 60 {
		t.Errorf("the listeners got %v of 200 senders", share)
	}
}

func TestSteering(t *testing.T) {
	r := localrelaytest.New(t)
	const other = "99999999-2222-4333-8444-555555555555"
	controls := map[string]*websocket.Conn{nobody: listen(t, r, "&sb-hc-id="+nobody), other: listen(t, r, "&sb-hc-id="+other+"_G4")}
	for _, tt := range []struct{ allowed, disallowed, want string }{
		{nobody, "", nobody},
		{strings.ToUpper(other) + "_G0", "", other},
		{"", nobody, other},
		{nobody + ", " + other, other, nobody},
	} {
		header := token(t, r, "send")
		if tt.allowed != "" {
			header["Microsoft-Relay-AllowedListeners"] = []string{tt.allowed}
		}
		if tt.disallowed != "" {
			header["Microsoft-Relay-DisallowedListeners"] = []string{tt.disallowed}
		}
		pending := connect(t, r, "hyco", header)
		refused(t, r, invited(t, controls[tt.want]).Address+"&sb-hc-statusCode=418", nil)
		wantStatus(t, (<-pending).resp, "418 I'm a teapot")
	}
	header := token(t, r, "send")
	header["Microsoft-Relay-AllowedListeners"] = []string{"nobody"}
	wantStatus(t, refused(t, r, address(r, "hyco"), header),
		"404 None of the connected listeners meet the AllowedListeners/DisallowedListeners criteria")
}

func TestAnonymousSender(t *testing.T) {
	r := localrelaytest.New(t)
	control, _ := open(t, r, address(r, "open?sb-hc-action=listen"), localrelaytest.Header(t, r, "open", "listen", time.Hour))
	for _, header := range []http.Header{nil, {"ServiceBusAuthorization": {"nonsense"}}} {
		pending := connect(t, r, "open?sb-hc-token=nonsense", header)
		inv := invited(t, control)
		if text := fmt.Sprint(inv); strings.Contains(text, "nonsense") {
			t.Errorf("the listener sees the sender's token: %s", text)
		}
		open(t, r, inv.Address, nil)
		d := <-pending
		if d.err != nil {
			t.Fatal(d.err)
		}
		d.ws.Close()
	}
}

func TestInvitationTooLarge(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, r, "")
	header := token(t, r, "send")
	header.Set("X-Quotes", strings.Repeat(`"`, 34000)) // twice as long in JSON
	if resp := refused(t, r, address(r, "hyco"), header); resp.StatusCode != 431 {
		t.Errorf("the sender got %q", resp.Status)
	}
}
