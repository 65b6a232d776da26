package relayclient_test

import (
	"net/http"
	"strings"
	"testing"

	"relayscope/relayclient"
)

func TestRedactHeader(t *testing.T) {
	h := http.Header{
		"Authorization": {"Bearer s3cret"}, "Cookie": {"id=s3cret"}, "X-Api-Key": {"s3cret"}, "Ocp-Apim-Subscription-Key": {"s3cret"},
		"Service-Configuration-Token": {"s3cret"}, "Sec-Websocket-Protocol": {"mqtt, bearer.s3cret"},
		"Sec-Websocket-Key": {"c2FtcGxl"}, "X-Tenant": {"blue"},
	}
	safe := relayclient.RedactHeader(h)
	for name, values := range safe {
		if strings.Contains(values[0], "s3cret") {
			t.Errorf("%s: %s", name, values[0])
		}
	}
	if safe.Get("X-Tenant") != "blue" || safe.Get("Sec-Websocket-Key") != "c2FtcGxl" || safe.Get("Sec-Websocket-Protocol") != "mqtt,[redacted]" {
		t.Errorf("too much or too little is gone: %v", safe)
	}
	if h.Get("Cookie") != "id=s3cret" {
		t.Error("the header itself was changed")
	}
}

func TestRedactQuery(t *testing.T) {
	for query, want := range map[string]string{
		"":                                  "",
		"room=7&x=%c3%b8&&room=8":           "room=7&x=%c3%b8&&room=8",
		"access_token=abc&code=d&sig=e&a=b": "access_token=[redacted]&code=[redacted]&sig=[redacted]&a=b",
		"token&key=":                        "token&key=",
	} {
		if got := relayclient.RedactQuery(query); got != want {
			t.Errorf("RedactQuery(%q) = %q, want %q", query, got, want)
		}
	}
}
