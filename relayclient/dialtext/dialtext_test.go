package dialtext_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/dialtext"
)

func TestWhatIsWrong(t *testing.T) {
	header := func(name, value string) dialtext.Texts {
		return dialtext.Texts{Headers: []dialtext.Header{{Name: name, Value: value}}}
	}
	for _, tt := range []struct {
		texts dialtext.Texts
		wrong string
	}{
		{dialtext.Texts{Path: "a b"}, "path: write ' ' as %20"},
		{dialtext.Texts{Path: "/ä"}, "path: write 'ä' as %C3%A4"},
		{dialtext.Texts{Path: "/a?b=1"}, "path: what follows the question mark belongs into the query"},
		{dialtext.Texts{Path: "/a%2"}, "path: % comes before two hex digits; a percent sign itself is %25"},
		{dialtext.Texts{Query: "a=#"}, "query: write '#' as %23"},
		{dialtext.Texts{Query: "a=1&SB-HC-token=x"}, "query: SB-HC-token is between Relayscope and the relay; the listener would never see it"},
		{dialtext.Texts{Query: "sb%2Dhc-id=x"}, "query: sb-hc-id is between Relayscope and the relay; the listener would never see it"},
		{dialtext.Texts{Subprotocols: "a,,b"}, "subprotocols: there is nothing between two commas"},
		{dialtext.Texts{Subprotocols: "a b"}, `subprotocols: "a b" has a character that no subprotocol may have`},
		{dialtext.Texts{Subprotocols: "a, a"}, "subprotocols: a is there twice"},
		{header("", "x"), "headers: there is a value without a name"},
		{header("a b", "x"), `headers: "a b" has a character that no name may have`},
		{header("servicebusauthorization", "x"), "headers: servicebusauthorization cannot be chosen: it carries the profile's own token"},
		{header("host", "x"), "headers: host cannot be chosen: it is the namespace"},
		{header("sec-websocket-protocol", "x"), "headers: sec-websocket-protocol cannot be chosen: there is a field for subprotocols"},
		{header("X-A", "a\r\nX-B: c"), "headers: the value of X-A has a character other than plain ASCII"},
		{header("X-A", strings.Repeat("a", 33<<10)), "headers: together they are longer than the 32 KiB that the relay takes"},
		{header("Authorization", ""), "headers: the value of Authorization was not stored: write it again, or remove the row"},
	} {
		if _, err := tt.texts.Parse(); err == nil || err.Error() != tt.wrong {
			t.Errorf("%+v: error %v, want %s", tt.texts, err, tt.wrong)
		}
	}
}

func TestWhatIsRight(t *testing.T) {
	o, err := dialtext.Texts{Path: "chat/a%20b", Query: "?room=1&x", Subprotocols: " v2 , v1",
		Headers: []dialtext.Header{{"X-Order", " 1 "}, {"", ""}, {"x-order", "2"}, {"Authorization", "Bearer abc"}}}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	want := relayclient.DialOptions{Path: "/chat/a%20b", Query: "room=1&x", Subprotocols: []string{"v2", "v1"},
		Header: http.Header{"X-Order": {"1", "2"}, "Authorization": {"Bearer abc"}}}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("options %+v, want %+v", o, want)
	}
}

func TestHeaderLine(t *testing.T) {
	if h, err := dialtext.ParseHeader("X-Order : a:b "); err != nil || h != (dialtext.Header{Name: "X-Order", Value: "a:b"}) {
		t.Errorf("header %+v, %v", h, err)
	}
	if _, err := dialtext.ParseHeader("X-Order"); err == nil {
		t.Error("a name alone is a header")
	}
}

// Whatever is accepted can be asked for: it never breaks out of its line.
func FuzzTexts(f *testing.F) {
	f.Add("/a", "b=c", "v1", "X-A", "x")
	f.Add("%41", "%", ",", "Host", "\n")
	f.Fuzz(func(t *testing.T, path, query, subprotocols, name, value string) {
		o, err := dialtext.Texts{Path: path, Query: query, Subprotocols: subprotocols, Headers: []dialtext.Header{{Name: name, Value: value}}}.Parse()
		if err != nil {
			return
		}
		req, err := http.NewRequest("GET", "https://example.invalid"+o.Path+"?"+o.Query, nil)
		if err != nil {
			t.Fatalf("path %q and query %q: %v", o.Path, o.Query, err)
		}
		if req.URL.Host != "example.invalid" || req.URL.EscapedPath() != o.Path || req.URL.RawQuery != o.Query || req.URL.Fragment != "" {
			t.Errorf("path %q and query %q give %s", o.Path, o.Query, req.URL)
		}
		req.Header = o.Header
		var b strings.Builder
		if err := req.Header.Write(&b); err != nil || strings.Count(b.String(), "\n") != len(o.Header) {
			t.Errorf("headers %q, %v", b.String(), err)
		}
	})
}
