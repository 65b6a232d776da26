package localrelay_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func withoutGrace(cfg *localrelay.Config) { cfg.TokenGrace = -1 }

func renewal(t testing.TB, tokenText string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"renewToken": map[string]string{"token": tokenText}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func tokenText(t testing.TB, r *localrelay.Relay, entity, rule string, lifetime time.Duration) string {
	t.Helper()
	return localrelaytest.Header(t, r, entity, rule, lifetime).Get("ServiceBusAuthorization")
}

// synced returns once the relay has dealt with what the listener sent before.
func synced(t testing.TB, control *websocket.Conn) {
	t.Helper()
	answered := make(chan struct{})
	control.SetPongHandler(func(string) error { close(answered); return nil })
	if err := control.WriteControl(websocket.PingMessage, nil, time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	lost := make(chan error, 1)
	go func() { _, _, err := control.ReadMessage(); lost <- err }()
	select {
	case <-answered:
	case err := <-lost:
		t.Fatalf("the control channel ended: %v", err)
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	r := localrelaytest.New(t, withoutGrace)
	start := time.Now()
	control, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"), localrelaytest.Header(t, r, "hyco", "listen", 2*time.Second))
	reason := wantClose(t, control, websocket.ClosePolicyViolation)
	if !strings.HasPrefix(reason, "The token is expired. TrackingId:") {
		t.Errorf("the reason is %q", reason)
	}
	if took := time.Since(start); took < time.Second {
		t.Errorf("the control channel closed after %v", took)
	}
}

func TestTokenGrace(t *testing.T) {
	t.Parallel()
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.TokenGrace = time.Second })
	start := time.Now()
	control, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"), localrelaytest.Header(t, r, "hyco", "listen", 2*time.Second))
	wantClose(t, control, websocket.ClosePolicyViolation)
	if took := time.Since(start); took < 2*time.Second {
		t.Errorf("the control channel closed after %v, before the grace was over", took)
	}
}

// Only the renewed token's expiry counts, which may even be an earlier one.
func TestRenewReplacesExpiry(t *testing.T) {
	t.Parallel()
	r := localrelaytest.New(t, withoutGrace)
	control := listen(t, r, "")
	send(t, control, websocket.TextMessage, renewal(t, tokenText(t, r, "hyco", "root", 2*time.Second)))
	if reason := wantClose(t, control, websocket.ClosePolicyViolation); !strings.HasPrefix(reason, "The token is expired. TrackingId:") {
		t.Errorf("the reason is %q", reason)
	}

	control, _ = open(t, r, address(r, "hyco?sb-hc-action=listen"), localrelaytest.Header(t, r, "hyco", "listen", 2*time.Second))
	send(t, control, websocket.TextMessage, renewal(t, tokenText(t, r, "hyco", "listen", time.Hour)))
	witness, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"), localrelaytest.Header(t, r, "hyco", "listen", 3*time.Second))
	wantClose(t, witness, websocket.ClosePolicyViolation)
	synced(t, control)
}

func TestRenewRefused(t *testing.T) {
	r := localrelaytest.New(t)
	for name, tt := range map[string]struct{ command, want string }{
		"without Listen": {renewal(t, tokenText(t, r, "hyco", "send", time.Hour)), "Authorization failed for specified action: Listen. TrackingId:"},
		"expired":        {renewal(t, tokenText(t, r, "hyco", "listen", -time.Hour)), "ExpiredToken: The token is expired"},
		"other entity":   {renewal(t, tokenText(t, r, "open", "root", time.Hour)), "InvalidAudience: "},
		"wrong key":      {renewal(t, strings.Replace(tokenText(t, r, "hyco", "listen", time.Hour), "&se=1", "&se=2", 1)), "The token has an invalid signature. TrackingId:"},
		"Java's":         {renewal(t, "com.microsoft.azure.relay.SecurityToken@1b2c3d"), "MalformedToken: "},
		"no text":        {`{"renewToken":{"token":7}}`, "MalformedToken: "},
		"no token":       {`{"renewToken":{}}`, "MissingToken: "},
	} {
		t.Run(name, func(t *testing.T) {
			control := listen(t, r, "&sb-hc-id="+nobody)
			send(t, control, websocket.TextMessage, tt.command)
			reason := wantClose(t, control, websocket.ClosePolicyViolation)
			if !strings.HasPrefix(reason, tt.want) || !strings.HasSuffix(reason, "TrackingId:"+nobody+"_G0") || len(reason) > 123 {
				t.Errorf("the reason is %q", reason)
			}
		})
	}
}

func TestStrayMessagesAreIgnored(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	for _, text := range []string{`{"injectFault":{"delay":"00:01:00"}}`, `{"response":{"requestId":"x","body":true}}`, `{}`, `[]`, `null`, `{"renew`, ``, "\xff"} {
		send(t, control, websocket.TextMessage, text)
	}
	send(t, control, websocket.BinaryMessage, "")
	send(t, control, websocket.BinaryMessage, strings.Repeat("x", 64<<10))
	if err := control.WriteControl(websocket.PongMessage, []byte("unsolicited"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	synced(t, control)
}

func TestControlMessageTooLarge(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	send(t, control, websocket.TextMessage, strings.Repeat("x", 64<<10+1))
	wantClose(t, control, websocket.CloseMessageTooBig)
}

// A close frame on a control channel always has a status.
func TestListenerCloses(t *testing.T) {
	r := localrelaytest.New(t)
	for name, tt := range map[string]struct {
		payload []byte
		want    int
	}{
		"normal":     {websocket.FormatCloseMessage(1000, "Normal Closure"), 1000},
		"empty":      {nil, 1000},
		"going away": {websocket.FormatCloseMessage(1001, ""), 1001},
	} {
		t.Run(name, func(t *testing.T) {
			control := listen(t, r, "")
			sendClose(t, control, tt.payload)
			wantClose(t, control, tt.want)
			if got := counts(r); got != [3]int{} {
				t.Errorf("after its close the listener is still counted: %v", got)
			}
		})
	}
}

func TestRemoveEntity(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	sender, listener := joined(t, r, control)
	pending := connect(t, r, "hyco", token(t, r, "send"))
	invited(t, control)
	header := token(t, r, "root")
	if !r.RemoveEntity("HYCO") {
		t.Fatal("there was nothing to remove")
	}
	for name, ws := range map[string]*websocket.Conn{"control channel": control, "sender": sender, "listener": listener} {
		if reason := wantClose(t, ws, websocket.CloseGoingAway); !strings.HasPrefix(reason, "The hybrid connection was deleted. TrackingId:") {
			t.Errorf("%s: the reason is %q", name, reason)
		}
	}
	wantStatus(t, (<-pending).resp, "404 Endpoint does not exist.")
	wantStatus(t, refused(t, r, address(r, "hyco?sb-hc-action=listen"), header), "404 Endpoint does not exist.")
	if r.RemoveEntity("hyco") {
		t.Error("it was removed twice")
	}
	if err := r.AddEntity(localrelay.Entity{Name: "hyco"}); err != nil {
		t.Fatal(err)
	}
	open(t, r, address(r, "hyco?sb-hc-action=listen"), header)
	if err := r.AddEntity(localrelay.Entity{Name: "Hyco/"}); err == nil {
		t.Error("one name was added twice")
	}
}

func TestDropControlChannels(t *testing.T) {
	r := localrelaytest.New(t)
	control, second := listen(t, r, ""), listen(t, r, "")
	pending := connect(t, r, "hyco", token(t, r, "send"))
	invitations := make(chan invitation, 2)
	for _, ws := range []*websocket.Conn{control, second} {
		go func() {
			var cmd map[string]invitation
			if ws.ReadJSON(&cmd) == nil {
				invitations <- cmd["accept"]
			}
			wantCut(t, ws)
			invitations <- invitation{}
		}()
	}
	listener, _ := open(t, r, (<-invitations).Address, nil)
	d := <-pending
	if d.err != nil {
		t.Fatal(d.err)
	}
	defer d.ws.Close()
	if got := r.DropControlChannels("hyco"); got != 2 {
		t.Errorf("%d control channels were dropped, want 2", got)
	}
	if got := counts(r); got != [3]int{0, 0, 1} {
		t.Errorf("listeners, waiting senders and connections are %v", got)
	}
	<-invitations
	<-invitations
	send(t, d.ws, websocket.TextMessage, "still here")
	wantMessage(t, listener, websocket.TextMessage, "still here")
	wantStatus(t, refused(t, r, address(r, "hyco"), token(t, r, "send")), "404 There are no listeners connected for the endpoint.")
	if got := r.DropControlChannels("nowhere"); got != 0 {
		t.Errorf("%d control channels of nothing were dropped", got)
	}
}

func TestCloseControlChannels(t *testing.T) {
	r := localrelaytest.New(t)
	for _, tt := range []struct{ code, want int }{{1011, 1011}, {1008, 1008}, {1005, 1011}, {7, 1011}} {
		control := listen(t, r, "")
		if got := r.CloseControlChannels("hyco", tt.code, "InternalServerError: NameRenewalFailed"); got != 1 {
			t.Errorf("%d control channels were closed, want 1", got)
		}
		if got := r.CloseControlChannels("hyco", tt.code, ""); got != 0 {
			t.Errorf("%d control channels were closed again", got)
		}
		if reason := wantClose(t, control, tt.want); !strings.HasPrefix(reason, "InternalServerError: NameRenewalFailed. TrackingId:") {
			t.Errorf("the reason is %q", reason)
		}
	}
}
