package relayclient

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Whatever the relay sends on the control channel, it is a command that says
// again what it said, or an error that does not quote it. An address is dialled
// only if it is the relay's.
func FuzzControlCommand(f *testing.F) {
	for _, text := range []string{
		`{"accept":{"address":"wss:\/\/g12.example/$hc/orders/live?room=7&sb-hc-action=accept&sb-hc-id=5b8f_G12","id":"5b8f_G12","connectHeaders":{"Host":"x"},"remoteEndpoint":{"address":"203.0.113.9","port":62917}}}`,
		`{"accept":{"address":"wss://g12-prod-xyz-004-sb.servicebus.windows.net/$hc/orders/live?room=7&sb-hc-action=accept&sb-hc-id=5b8f1c7e-4d0f-4b7c-8e43-7b1f2f0a9c11_G12_G3","id":"5b8f1c7e-4d0f-4b7c-8e43-7b1f2f0a9c11_G12_G3","connectHeaders":{"Sec-WebSocket-Key":"c2VuZGVyLWtleS0xMjM0NQ==","Sec-WebSocket-Version":"13","Sec-WebSocket-Protocol":"stomp.v2, stomp.v1","X-Tenant":"blue"},"remoteEndpoint":{}}}`,
		`{"request":{"address":"wss://g/$hc/o?sb-hc-id=1"}}`,
		`{"request":{"address":"wss://contoso.servicebus.windows.net:443/$hc/orders?sb-hc-action=request&sb-hc-id=7f3a_G12"}}`,
		`{"accept":{"address":"wss://g1.servicebus.windows.net@evil/$hc/x?sb-hc-action=accept&sb-hc-id=1","id":"1"}}`,
		`{"accept":{"address":"wss://evil/$hc/x?sb-hc-action=accept&sb-hc-id=1#.servicebus.windows.net","id":"1","connectHeaders":null}}`,
		`{"accept":{"address":"ws://g1.servicebus.windows.net/%24hc/x?SB-HC-ACTION=accept&sb-hc-id=%zz","id":"1","connectHeaders":{"":"x","a b":"\u0000"}}}`,
		`{"accept":{"address":"wss:opaque","id":"1"},"request":{"id":"2","method":"GET"}}`,
		`{"accept":{"id":"1"}}`, `{"accept":{"address":5,"id":"1"}}`, `{"accept":null}`, `{"unknown":{}}`, `[]`, `{"Accept":{"ADDRESS":"wss:///","Id":"1","remoteEndpoint":{"port":1e9}}}`,
	} {
		f.Add([]byte(text), "orders")
	}
	f.Add([]byte(`{"accept":{"address":"wss://h/$hc/a%2Fb/c%2fd?x=%zz","id":"x"}}`), "a/b")
	cfg := &Config{Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders"}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		cmd, kind, err := parseCommand(data)
		if err != nil {
			if kind != "" || len(err.Error()) > 60 || cmd != (command{}) {
				t.Fatalf("a command %q beside the error %v", kind, err)
			}
			return
		}
		if kind == "" {
			return
		}
		again, kindAgain, err := parseCommand(encoded(t, map[string]any{kind: map[string]any{"accept": cmd.Accept, "request": cmd.Request}[kind]}))
		if cmd.Accept != nil {
			cmd.Request = nil // accept comes first
		}
		if err != nil || kindAgain != kind || !reflect.DeepEqual(again, cmd) {
			t.Fatalf("%s became %+v %q, %v", data, again, kindAgain, err)
		}
		if kind != "accept" {
			wantOwnAddress(t, cfg, cmd.Request.Address)
			return
		}
		if cmd.Accept.Address == "" || cmd.Accept.ID == "" {
			t.Fatal("an accept without address or id")
		}
		info := connInfo(cmd.Accept, name)
		if info.Path != "" && info.Path[0] != '/' {
			t.Fatalf("path %q", info.Path)
		}
		for pair := range strings.SplitSeq(info.Query, "&") {
			if name, _, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(strings.ToLower(name), "sb-hc-") {
				t.Fatalf("the query keeps %q", pair)
			}
		}
		wantOwnAddress(t, cfg, cmd.Accept.Address)
	})
}

// wantOwnAddress checks what is made of the address of a rendezvous.
func wantOwnAddress(t *testing.T, cfg *Config, address string) {
	t.Helper()
	dial, err := cfg.rendezvousURL(address)
	if err != nil {
		if dial != "" || len(err.Error()) > 200 {
			t.Fatalf("%q beside the error %v", dial, err)
		}
		return
	}
	u, err := url.Parse(dial)
	if err != nil || dial != address || u.Scheme != "wss" || u.User != nil || !strings.HasSuffix(strings.ToLower(u.Host), ".servicebus.windows.net") && !strings.HasSuffix(strings.ToLower(u.Host), ".servicebus.windows.net:443") {
		t.Fatalf("%q would be dialled as %q", address, dial)
	}
}

// What the relay says in a status line or in a Close is shown to people: it is
// short, can be printed, and says the same when it is read again.
func FuzzStatusLine(f *testing.F) {
	for _, status := range []string{
		"401 The token has an invalid signature. TrackingId:0c1b_G3, SystemTracker:sb://ns/hc, Timestamp:2026-03-01T08:15:30",
		"401 ExpiredToken: The token is expired. Expiration time: '2026-03-01T08:15:30Z'. TrackingId:0c1b9f2e-6c0a-4a36-9d0b-1f4a5d7f9e10_G7_G3, SystemTracker:contoso.servicebus.windows.net:orders, Timestamp:x",
		"404", "404 ", "", " ", "404 TrackingId:", "400 a.TrackingId:x.TrackingId:y", "503 ;,. TrackingId:\x00", "418 \x1b[31m\u202etxet\u2028", "500 Cr\xe9ated",
		"403 QuotaExceeded: MaximumListenersPerEndpoint of 25 has been reached. TrackingId:x_G1", strings.Repeat("\u00e9", 600), "NameRenewalFailed. TrackingId:x",
	} {
		f.Add(status)
	}
	printed := func(text string) bool {
		return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
	}
	f.Fuzz(func(t *testing.T, status string) {
		e := newHandshakeError("connect", &http.Response{Status: status, Header: http.Header{"Trackingid": {status}}})
		if text := e.Error() + e.Answer + e.TrackingID; !printed(text) || len(text) > 20*maxWords {
			t.Fatalf("%q leaves %q", status, text)
		}
		if strings.Contains(e.Reason, "TrackingId:") {
			t.Fatalf("%q has the reason %q", status, e.Reason)
		}
		if len(e.Answer) <= maxWords {
			again := newHandshakeError("connect", &http.Response{Status: e.Answer, Header: http.Header{"Trackingid": {e.TrackingID}}})
			if *again != *e && len(e.TrackingID) <= maxWords {
				t.Fatalf("%+v became %+v", e, again)
			}
		}
		c := newCloseError(1011, status)
		if again := newCloseError(1011, c.Reason); !printed(c.Error()) || strings.Contains(c.Reason, "TrackingId:") || again.Reason != c.Reason {
			t.Fatalf("%q leaves %q, then %q", status, c.Reason, again.Reason)
		}
	})
}

// Whatever a handler sets as a header, the command is JSON of one line that
// the relay takes, or none.
func FuzzResponseHeaders(f *testing.F) {
	f.Add("X-A", "b", "c", "GET", uint16(0))
	f.Add("Set-Cookie", "a\r\nX: y", "\x00\xff\u2028", "GET", uint16(1))
	f.Add("content-length", "5", "6", "HEAD", uint16(0))
	f.Add("Bad Name", "a", "", "GET", uint16(65500))
	f.Add("X-B", "<&>", "b", "GET", uint16(65450))
	f.Add("Proxy-Authenticate", "x", "", "GET", uint16(2))
	f.Add("TRANSFER-encoding", "chunked", "", "GET", uint16(0))
	f.Fuzz(func(t *testing.T, name, one, two, method string, length uint16) {
		// Few are long, and those by repetition: making long inputs short takes
		// the fuzzer more time than all that it tries.
		if n := int(length) - 60000; n > 0 {
			one += strings.Repeat(`"`, 6*n)
		}
		header := http.Header{name: {one, two}, "X-Fixed": {"x"}}
		headers, _ := responseHeaders(header, method)
		command := responseCommand{"id", 200, headers, false}
		text, ok := command.encode()
		if !ok {
			return
		}
		var back map[string]responseCommand
		if err := json.Unmarshal(text, &back); err != nil || back["response"].Headers["X-Fixed"] == "" || len(text) >= 64<<10 || bytes.ContainsAny(text, "\r\n") {
			t.Fatalf("%d bytes, %v: %.200s", len(text), err, text)
		}
		for name, value := range back["response"].Headers {
			canonical := http.CanonicalHeaderKey(name)
			if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") || ofConnection[canonical] && (canonical != "Content-Length" || method != http.MethodHead) {
				t.Errorf("header %q: %q", name, value)
			}
			if want := headers[name]; utf8.ValidString(want) && value != want {
				t.Errorf("header %q: %q became %q", name, want, value)
			}
		}
		if len(back["response"].Headers) != len(headers) {
			t.Errorf("%v became %v", headers, back)
		}
	})
}
