package localrelay

import (
	"net/url"
	"strings"
	"testing"
)

func TestParseTarget(t *testing.T) {
	for _, tt := range []struct {
		in, path, query string
		hc              bool
		params          params
	}{
		{"/$hc/hyco", "hyco", "", true, params{}},
		{"/%24HC/a%2Fb%2fc/d", "a/b/c/d", "", true, params{}},
		{"/hyco/", "hyco", "", false, params{}},
		{"/$hc", "", "", true, params{}},
		{"/$hc/x?a=1&sb-hc-action=listen&a=2&", "x", "a=1&a=2&", true, params{action: "listen"}},
		{"/$hc/x?&&&", "x", "&&&", true, params{}},
		{"/$hc/x?q=%2f%3a+%20&SB-HC-Id=u&sb-hc-foo", "x", "q=%2f%3a+%20&sb-hc-foo", true, params{id: "u"}},
		{"/$hc/x?sb%2Dhc-token=a%20b%2Bc", "x", "", true, params{token: "a b+c"}},
		{"/$hc/x?sb-hc-unknown=1", "x", "", true, params{}},
		{"/$hc/x?sb-hc-action=accept&sb-hc-id=i&sb-hc-statusCode=403&sb-hc-statusDescription=Not%20today", "x", "", true,
			params{action: "accept", id: "i", rejects: true, statusCode: "403", statusDescription: "Not today"}},
		{"/$hc/x?sb-hc-action=accept&sb-hc-id=i&statusCode=404&statusDescription=Gone", "x", "statusCode=404&statusDescription=Gone", true,
			params{action: "accept", id: "i", rejects: true, plain: true, statusCode: "404", statusDescription: "Gone"}},
		// Here the pair is the sender's own.
		{"/$hc/x?statusCode=404&statusDescription=Gone&sb-hc-action=accept&sb-hc-id=i", "x", "statusCode=404&statusDescription=Gone", true,
			params{action: "accept", id: "i"}},
	} {
		u, err := url.ParseRequestURI(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := parseTarget(u)
		if !ok || got.path() != tt.path || got.query != tt.query || got.hc != tt.hc || got.params != tt.params {
			t.Errorf("%s: got %v path %q query %q hc %v %+v", tt.in, ok, got.path(), got.query, got.hc, got.params)
		}
	}
}

func TestSuffixStaysAsSent(t *testing.T) {
	for in, want := range map[string]string{
		"/$hc/a/b":            "",
		"/$hc/a/b/":           "/",
		"/$hc/a%2Fb/c%2fd%20": "/c%2fd%20",
		"/a%2fb%2F%C3%B8//":   "%2F%C3%B8//",
	} {
		u, _ := url.ParseRequestURI(in)
		got, ok := parseTarget(u)
		if !ok || got.suffix(2) != want {
			t.Errorf("%s: got %q, want %q", in, got.suffix(2), want)
		}
	}
}

func FuzzParseTarget(f *testing.F) {
	f.Add("/$hc/a%2Fb/c?x=1&sb-hc-token=t&sb-hc-id=i&statusCode=1&statusDescription=y")
	f.Add("/%24hc%2f?&&sb-hc-action")
	f.Fuzz(func(t *testing.T, in string) {
		u, err := url.ParseRequestURI(in)
		if err != nil {
			return
		}
		got, ok := parseTarget(u)
		if !ok {
			return
		}
		for i := range got.segments {
			got.suffix(i + 1)
		}
		again, kept := splitQuery(got.query)
		if again.token != "" || again.action != "" || again.id != "" || kept != got.query {
			t.Errorf("the query %q still has parameters of the relay: %+v", got.query, again)
		}
		if len(strings.Join(got.texts(), "/")) > len(u.EscapedPath()) {
			t.Error("the path grew")
		}
	})
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\r\nb: c")
	f.Add("é\u2028\xff")
	f.Fuzz(func(t *testing.T, in string) {
		for _, b := range []byte(latin1(printable(in))) {
			if b < ' ' || b >= 0x7f && b < 0xa0 {
				t.Fatalf("byte %#x is left of %q", b, in)
			}
		}
	})
}
