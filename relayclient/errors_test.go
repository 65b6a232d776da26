package relayclient

import (
	"net/http"
	"testing"
)

func TestStatusLineIsTakenApart(t *testing.T) {
	for status, want := range map[string]HandshakeError{
		"401 The token has an invalid signature. TrackingId:0c1b_G3, SystemTracker:sb://ns/hc, Timestamp:2026-03-01T08:15:30": {
			Reason: "The token has an invalid signature", Cause: CauseBadSignature, TrackingID: "0c1b_G3"},
		"404 There are no listeners connected for the endpoint. TrackingId:a_G1_G2": {
			Reason: "There are no listeners connected for the endpoint", Cause: CauseNoListener, TrackingID: "a_G1_G2"},
		"401 Generic: Ip has been prevented to connect to the endpoint. TrackingId:x": {
			Reason: "Generic: Ip has been prevented to connect to the endpoint", Cause: CauseAddressBlocked, TrackingID: "x"},
		"400 This endpoint is only for web-socket requests": {
			Reason: "This endpoint is only for web-socket requests", Cause: CauseUpgradeLost},
		"403":                        {},
		"418 red\x1b[31m \u202etxet": {Reason: "red\uFFFD[31m \uFFFDtxet"},
	} {
		e := newHandshakeError("listen", &http.Response{Status: status, Header: http.Header{}})
		if e.Reason != want.Reason || e.Cause != want.Cause || e.TrackingID != want.TrackingID {
			t.Errorf("%q:\ngot  %+v\nwant %+v", status, *e, want)
		}
	}
}

func FuzzStatusLine(f *testing.F) {
	f.Add("401 The token has an invalid signature. TrackingId:0c1b_G3, SystemTracker:sb://ns/hc, Timestamp:2026-03-01T08:15:30")
	f.Add("404")
	f.Fuzz(func(t *testing.T, status string) {
		e := newHandshakeError("connect", &http.Response{Status: status, Header: http.Header{}})
		for _, r := range e.Error() + e.Answer {
			if r < ' ' || r == 0x7f {
				t.Fatalf("%q leaves a control character in %q", status, e.Error())
			}
		}
	})
}

func FuzzControlCommand(f *testing.F) {
	f.Add([]byte(`{"accept":{"address":"wss:\/\/g12.example/$hc/orders/live?room=7&sb-hc-action=accept&sb-hc-id=5b8f_G12","id":"5b8f_G12","connectHeaders":{"Host":"x"},"remoteEndpoint":{"address":"203.0.113.9","port":62917}}}`), "orders")
	f.Add([]byte(`{"request":{"address":"wss://g/$hc/o?sb-hc-id=1"}}`), "a/b")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		cmd, kind, err := parseCommand(data)
		if err != nil && kind != "" {
			t.Fatalf("a command %q beside the error %v", kind, err)
		}
		if kind != "accept" {
			return
		}
		if cmd.Accept.Address == "" || cmd.Accept.ID == "" {
			t.Fatal("an accept without address or id")
		}
		info := connInfo(cmd.Accept, name)
		if info.Path != "" && info.Path[0] != '/' {
			t.Fatalf("path %q", info.Path)
		}
	})
}
