package request

import (
	"go/parser"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

// What is accepted is sent as it stands, and cleaning it again changes nothing.
func FuzzTarget(f *testing.F) {
	for _, text := range []string{"", "api", "/a%2Fb?x=1&&y", "?a=http://b/", "/ü \"<>", "/%", "/a#b", "//host/x", "/a?sb-hc-token=x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := CleanTarget(text)
		if err != nil {
			return
		}
		if again, err := CleanTarget(target); err != nil || again != target {
			t.Fatalf("%q became %q, and then %q, %v", text, target, again, err)
		}
		req, err := http.NewRequest("GET", "https://relay"+target, nil)
		if err != nil {
			t.Fatalf("%q became %q: %v", text, target, err)
		}
		want := target
		if want == "" || want[0] == '?' {
			want = "/" + want
		}
		if got := req.URL.RequestURI(); got != want || req.URL.Host != "relay" {
			t.Fatalf("%q became %q and is sent as %q to %s", text, target, got, req.URL.Host)
		}
		if strings.Contains(strings.ToLower(target), "?sb-hc-token=") {
			t.Fatalf("%q puts a token into %q", text, target)
		}
	})
}

// A header that was read is written as it is read.
func FuzzHeader(f *testing.F) {
	f.Add("Accept: */*\nx-two:  b \r\n\nX-Two: c: d")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := ParseHeader(text)
		if err != nil {
			return
		}
		if again, err := ParseHeader(FormatHeader(h)); err != nil || !reflect.DeepEqual(again, h) {
			t.Fatalf("%q became %v, and then %v, %v", text, h, again, err)
		}
	})
}

// No text gets out of the quotes that it is put into.
func FuzzQuotes(f *testing.F) {
	for _, text := range []string{"", "it's", "`id` $HOME \"x\" \\", "\u2018\u2019", "a\nb\x00\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, ok := fromShell(shellQuote(text)); !ok || got != text {
			t.Fatalf("a shell reads %s as %q", shellQuote(text), got)
		}
		quoted := goQuote(text)
		if got, err := strconv.Unquote(quoted); err != nil || got != text {
			t.Fatalf("Go reads %s as %q, %v", quoted, got, err)
		}
		if _, err := parser.ParseExpr(quoted); err != nil {
			t.Fatalf("%s: %v", quoted, err)
		}
		for _, part := range strings.Split(strings.Trim(psQuote(text), "()"), " + ") {
			if strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Fatalf("PowerShell gets %q", part)
			}
		}
	})
}

// fromShell reads a word made of single-quoted parts and escaped quotes.
func fromShell(word string) (string, bool) {
	var b strings.Builder
	for word != "" {
		switch {
		case strings.HasPrefix(word, `\'`):
			b.WriteByte('\'')
			word = word[2:]
		case word[0] == '\'':
			part, rest, ok := strings.Cut(word[1:], "'")
			if !ok {
				return "", false
			}
			b.WriteString(part)
			word = rest
		default:
			return "", false
		}
	}
	return b.String(), true
}
