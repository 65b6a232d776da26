package live

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"relayscope/relayclient"
)

func TestOptionsAreChecked(t *testing.T) {
	header := func(name, value string) optionTexts { return optionTexts{Headers: []headerLine{{name, value}}} }
	for _, tt := range []struct {
		texts optionTexts
		wrong string
	}{
		{optionTexts{Path: "a b"}, "path: write ' ' as %20"},
		{optionTexts{Path: "/ä"}, "path: write 'ä' as %C3%A4"},
		{optionTexts{Path: "/a?b=1"}, "path: what follows the question mark belongs into the query"},
		{optionTexts{Path: "/a%2"}, "path: % comes before two hex digits; a percent sign itself is %25"},
		{optionTexts{Query: "a=#"}, "query: write '#' as %23"},
		{optionTexts{Query: "a=1&SB-HC-token=x"}, "query: SB-HC-token is between Relayscope and the relay; the listener would never see it"},
		{optionTexts{Query: "sb%2Dhc-id=x"}, "query: sb-hc-id is between Relayscope and the relay; the listener would never see it"},
		{optionTexts{Subprotocols: "a,,b"}, "subprotocols: there is nothing between two commas"},
		{optionTexts{Subprotocols: "a b"}, `subprotocols: "a b" has a character that no subprotocol may have`},
		{optionTexts{Subprotocols: "a, a"}, "subprotocols: a is there twice"},
		{optionTexts{Connections: "101"}, "connections: give a number from 1 to 100"},
		{optionTexts{Connections: "some"}, "connections: give a number from 1 to 100"},
		{header("", "x"), `headers: the value "x" has no name`},
		{header("a b", "x"), `headers: "a b" has a character that no name may have`},
		{header("servicebusauthorization", "x"), "headers: servicebusauthorization cannot be chosen: it carries the profile's own token"},
		{header("host", "x"), "headers: host cannot be chosen: it is the namespace"},
		{header("sec-websocket-protocol", "x"), "headers: sec-websocket-protocol cannot be chosen: there is a field for subprotocols"},
		{header("X-A", "a\r\nX-B: c"), "headers: the value of X-A has a character other than plain ASCII"},
		{header("X-A", strings.Repeat("a", 33<<10)), "headers: together they are longer than the 32 KiB that the relay takes"},
		{header("Authorization", ""), "headers: the value of Authorization was not stored: write it again, or remove the row"},
	} {
		if _, err := tt.texts.parse(); err == nil || err.Error() != tt.wrong {
			t.Errorf("%+v: error %v, want %s", tt.texts, err, tt.wrong)
		}
	}
}

func TestOptionsThatAreRight(t *testing.T) {
	texts := optionTexts{Path: "chat/a%20b", Query: "?room=1&x", Subprotocols: " v2 , v1", Connections: "7",
		Headers: []headerLine{{"X-Order", " 1 "}, {"", ""}, {"x-order", "2"}, {"Authorization", "Bearer abc"}}}
	o, err := texts.parse()
	if err != nil {
		t.Fatal(err)
	}
	want := SendOptions{Connections: 7, DialOptions: relayclient.DialOptions{Path: "/chat/a%20b", Query: "room=1&x", Subprotocols: []string{"v2", "v1"},
		Header: http.Header{"X-Order": {"1", "2"}, "Authorization": {"Bearer abc"}}}}
	if !reflect.DeepEqual(o, want) {
		t.Errorf("options %+v, want %+v", o, want)
	}
	if s := o.summary(); s != "/chat/a%20b?room=1&x · 3 headers · v2, v1 · 7 connections" {
		t.Errorf("summary %q", s)
	}
	if o, err := (optionTexts{}).parse(); err != nil || o.summary() != "" || o.Connections != 1 {
		t.Errorf("nothing asked for gives %+v, %v", o, err)
	}
}

func TestSecretOptionsAreNotStored(t *testing.T) {
	texts := optionTexts{Path: "/a", Query: "room=1&code=hidden-query", Subprotocols: "bearer.hidden-protocol",
		Headers: []headerLine{{"X-Order", "1"}, {"Authorization", "Bearer hidden-header"}, {" x-api-key", "hidden-key"}}}
	stored := texts.store()
	if strings.Contains(stored, "hidden") {
		t.Errorf("stored %s", stored)
	}
	back := restoreOptions(stored)
	if want := (optionTexts{Path: "/a", Headers: []headerLine{{"X-Order", "1"}, {"Authorization", ""}, {" x-api-key", ""}}}); !reflect.DeepEqual(back, want) {
		t.Errorf("restored %+v, want %+v", back, want)
	}
	if _, missing := texts.withoutSecrets(); strings.Join(missing, ", ") != "the query, the subprotocols, the value of Authorization, the value of x-api-key" {
		t.Errorf("missing %q", missing)
	}
	if o, _ := texts.parse(); strings.Contains(o.summary(), "hidden") {
		t.Errorf("summary %q", o.summary())
	}
	if back := restoreOptions("{half"); !reflect.DeepEqual(back, optionTexts{}) {
		t.Errorf("a broken text gives %+v", back)
	}
}

// Whatever is accepted can be asked for: it never breaks out of its line.
func FuzzOptions(f *testing.F) {
	f.Add("/a", "b=c", "v1", "X-A", "x")
	f.Add("%41", "%", ",", "Host", "\n")
	f.Fuzz(func(t *testing.T, path, query, subprotocols, name, value string) {
		o, err := optionTexts{Path: path, Query: query, Subprotocols: subprotocols, Headers: []headerLine{{name, value}}}.parse()
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
