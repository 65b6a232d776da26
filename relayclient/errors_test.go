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
