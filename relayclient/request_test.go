package relayclient

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// Whatever the relay sends, a handler gets a request that is consistent, or
// none.
func FuzzRequestCommand(f *testing.F) {
	f.Add(`{"request":{"id":"1","method":"GET","requestTarget":"/hyco/a%2fb?x=1&sb-hc-token=t"}}`)
	f.Add(`{"request":{"id":"1","method":"P UT","requestTarget":"*","requestHeaders":{"hOST":"h","":"x"}}}`)
	f.Add(`{"request":{"address":"wss://x/$hc/hyco?sb-hc-id=1_G2"}}`)
	f.Add(`{"request":{"id":"1","method":"GET","requestTarget":"/a \"<>%zz?","remoteEndpoint":{"address":"::1","port":-1}}}`)
	cfg := &Config{Namespace: "contoso", HybridConnection: "hyco"}
	f.Fuzz(func(t *testing.T, text string) {
		cmd, name, err := parseCommand([]byte(text))
		if err != nil || name != "request" {
			return
		}
		_ = cmd.Request.connection()
		if info := cmd.Request.info("hyco", false); !strings.HasPrefix(info.Target, "/") && strings.HasPrefix(cmd.Request.Target, "/") {
			t.Errorf("target %q of %q", info.Target, cmd.Request.Target)
		}
		r, err := cmd.Request.httpRequest(t.Context(), cfg, bodyOf(nil))
		if err != nil {
			return
		}
		if r.RequestURI != cmd.Request.Target || !strings.HasPrefix(r.URL.Path, "/") || r.Header["Host"] != nil || r.Method != cmd.Request.Method {
			t.Errorf("%q became %s %q of %q, %v", text, r.Method, r.URL.Path, r.RequestURI, r.Header)
		}
		for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
			if name, _, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(strings.ToLower(name), "sb-hc-") {
				t.Errorf("%q kept %q", text, pair)
			}
		}
	})
}

// Whatever a handler sets as a header, the command is JSON of one line that
// the relay takes, or none.
func FuzzResponseHeaders(f *testing.F) {
	f.Add("X-A", "b", "c", "GET")
	f.Add("Set-Cookie", "a\r\nX: y", "\x00\xff\u2028", "GET")
	f.Add("content-length", "5", "6", "HEAD")
	f.Add("Bad Name", strings.Repeat(`"`, 33000), "", "GET")
	f.Fuzz(func(t *testing.T, name, one, two, method string) {
		headers, _ := responseHeaders(http.Header{name: {one, two}, "X-Fixed": {"x"}}, method)
		text, ok := responseCommand{"id", 200, headers, false}.encode()
		if !ok {
			return
		}
		var back map[string]responseCommand
		if err := json.Unmarshal(text, &back); err != nil || back["response"].Headers["X-Fixed"] == "" || len(text) >= 64<<10 {
			t.Fatalf("%d bytes, %v: %.200s", len(text), err, text)
		}
		for name, value := range back["response"].Headers {
			if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
				t.Errorf("header %q: %q", name, value)
			}
		}
	})
}
