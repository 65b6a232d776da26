package relayclient

import (
	"reflect"
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
	f.Add(`{"request":{"address":"wss:\/\/g12-prod-xyz-004-sb.servicebus.windows.net\/$hc\/hyco?sb-hc-action=request&sb-hc-id=7f3a6b1c-9d55-4f0e-a0a1-2f2f7c1f1e55_G12","id":"7f3a6b1c-9d55-4f0e-a0a1-2f2f7c1f1e55_G12","requestTarget":"/hyco/api/items?page=2","method":"POST","remoteEndpoint":{"address":"203.0.113.9","port":50112},"requestHeaders":{"Content-Type":"application/json","Host":"fabrikam.servicebus.windows.net","Via":"1.1 fabrikam.servicebus.windows.net"},"body":true}}`)
	f.Add(`{"request":{"id":"1","method":"GET","requestTarget":"/hyco%2fx/../y//?a=1;b&SB-HC-ID=1&sb-hc-x","requestHeaders":{"x-a":"b\r\nX-Evil: 1","host":"a","HOST":"b"}}}`)
	f.Add(`{"request":{"id":"1","method":"CONNECT","requestTarget":"x:1","body":null}}`)
	cfg := &Config{Namespace: "contoso", HybridConnection: "hyco"}
	f.Fuzz(func(t *testing.T, text string) {
		cmd, name, err := parseCommand([]byte(text))
		if err != nil || name != "request" {
			return
		}
		again, name, err := parseCommand(encoded(t, map[string]any{"request": cmd.Request}))
		if err != nil || name != "request" || !reflect.DeepEqual(again, cmd) {
			t.Fatalf("%+v became %+v, %v", cmd.Request, again.Request, err)
		}
		if id := cmd.Request.connection(); strings.Contains(id, "_") {
			t.Errorf("events would show more than the UUID of %q", id)
		}
		if info := cmd.Request.info("hyco", false); !strings.HasPrefix(info.Target, "/") && strings.HasPrefix(cmd.Request.Target, "/") {
			t.Errorf("target %q of %q", info.Target, cmd.Request.Target)
		}
		r, err := cmd.Request.httpRequest(t.Context(), cfg, bodyOf(nil))
		if err != nil {
			if len(err.Error()) > 100 || len(cmd.Request.Target) > 20 && strings.Contains(err.Error(), cmd.Request.Target) {
				t.Errorf("the error quotes the request: %v", err)
			}
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
