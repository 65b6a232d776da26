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

func TestRedactText(t *testing.T) {
	const jwt = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3JlbGF5In0.c2lnbmF0dXJl"
	for text, want := range map[string]string{
		"":                            "",
		"a sign, a monkey, a token":   "a sign, a monkey, a token",
		`{"sig":1,"token":"visible"}`: `{"sig":1,"token":"visible"}`,
		"Endpoint=sb://a/;SharedAccessKeyName=root;SharedAccessKey=c2Vj+cmV0/w==;EntityPath=b": "Endpoint=sb://a/;SharedAccessKeyName=root;SharedAccessKey=[redacted];EntityPath=b",
		"SharedAccessSignature sr=http%3a%2f%2fa&sig=c2Vj%2bcmV0%3d&se=1&skn=both":             "SharedAccessSignature sr=http%3a%2f%2fa&sig=[redacted]&se=1&skn=both",
		"https://a/$hc/b?SB-HC-TOKEN=Shared%20x&room=7":                                        "https://a/$hc/b?SB-HC-TOKEN=[redacted]&room=7",
		`{"access_token": "abc", "expires_in": 3599}`:                                          `{"access_token": "[redacted]", "expires_in": 3599}`,
		"authorization: bearer abcdefgh.1=\r\nAccept: */*":                                     "authorization: bearer [redacted]\r\nAccept: */*",
		"the bearer of news":                                           "the bearer of news",
		"x " + jwt + " y":                                              "x [redacted] y",
		"eyJhIjoxfQ==":                                                 "eyJhIjoxfQ==", // {"a":1}
		"password=hush&user=me":                                        "password=[redacted]&user=me",
		"\xff\x00 sig=x \xfe":                                          "\xff\x00 sig=[redacted] \xfe",
		`{"a":"{\"SharedAccessKey\":\"hush\"}"}`:                       `{"a":"{\"SharedAccessKey\":\"[redacted]\"}"}`,
		`"SharedAccessKey=hu\u002Bsh\/\u002f\u003d;a"`:                 `"SharedAccessKey=[redacted];a"`,
		`"SharedAccessSignature sr=a\u0026sig=hu%2bsh\u0026se=1"`:      `"SharedAccessSignature sr=a\u0026sig=[redacted]\u0026se=1"`,
		`"SharedAccessKey\u003dhush\u003d"`:                            `"SharedAccessKey\u003d[redacted]"`,
		"SharedAccessSignature%20sr%3da%26sig%3dhush&x=1":              "SharedAccessSignature%20sr%3da%26sig%3d[redacted]&x=1",
		`{"primaryKey":"hush","secondaryKey":"hush","keyName":"root"}`: `{"primaryKey":"[redacted]","secondaryKey":"[redacted]","keyName":"root"}`,
		"Authorization: Basic aHVzaDpodXNo\r\n":                        "Authorization: Basic [redacted]\r\n",
		"a basic understanding":                                        "a basic understanding",
	} {
		if got := string(relayclient.RedactText([]byte(text))); got != want {
			t.Errorf("RedactText(%q) = %q, want %q", text, got, want)
		}
		if got := string(relayclient.RedactText([]byte(want))); got != want {
			t.Errorf("RedactText(%q) once more = %q", want, got)
		}
	}
}

func BenchmarkRedactText(b *testing.B) {
	text := []byte(strings.Repeat(`{"orderId":12345,"status":"shipped","items":["a","b"]} `, 4))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		relayclient.RedactText(text)
	}
}
