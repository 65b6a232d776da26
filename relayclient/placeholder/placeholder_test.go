package placeholder_test

import (
	"bytes"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/placeholder"
)

func values() placeholder.Values {
	return placeholder.Values{
		Now: time.Date(2026, 1, 31, 10, 2, 11, 482e6, time.UTC), Count: 7,
		Message:    []byte(` {"order":{"id":1200000000000000000001,"lines":[{"item":"a \"b\""},null]},"ok":true}`),
		Connection: "c-1", Method: "POST", Path: "/chat/1", Query: "a=1&b=2", Header: http.Header{"X-Trace": {"one", "two"}}, Remote: "192.0.2.7:80",
	}
}

func TestFill(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"nothing {to} see":                   "nothing {to} see",
		`{"n":{{counter}}}`:                  `{"n":7}`,
		"{{counter:100}} {{ Counter:0100 }}": "106 0106",
		"{{time}}":                           "2026-01-31T10:02:11.482Z",
		"{{time:s}} {{time:ms}}":             "1769853731 1769853731482",
		"{{message:order.id}}":               "1200000000000000000001",
		"{{message:order.lines.0.item}}":     `a "b"`,
		"{{message:order.lines.1}}":          "null",
		"{{message:ok}}":                     "true",
		"<{{message:order.nothing.more}}{{message:order.lines.9}}{{message:order.lines.x}}>": "<>",
		"{{size}} {{connection}} {{method}}":                                                 "84 c-1 POST",
		"{{path}}?{{query}}":                                                                 "/chat/1?a=1&b=2",
		"{{header:x-trace}}{{header:no}}":                                                    "one, two",
		"{{remote}}":                                                                         "192.0.2.7:80",
		"{{{{counter}} and {{{{":                                                             "{{counter}} and {{",
	} {
		parsed, err := placeholder.Parse(text, placeholder.Replying)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		got, err := parsed.Fill(values())
		if err != nil || string(got) != want {
			t.Errorf("%q is filled in as %q, %v; want %q", text, got, err, want)
		}
		if plain := !strings.Contains(strings.ReplaceAll(text, "{{{{", ""), "{{"); parsed.Plain() != plain {
			t.Errorf("%q: Plain is %v", text, parsed.Plain())
		}
	}
}

func TestRandom(t *testing.T) {
	parsed, err := placeholder.Parse("{{uuid}} {{random:3-4}} {{time:local}} {{message}}", placeholder.Replying)
	if err != nil {
		t.Fatal(err)
	}
	one, err := parsed.Fill(placeholder.Values{Message: []byte{0xff}})
	if err != nil {
		t.Fatal(err)
	}
	two, _ := parsed.Fill(placeholder.Values{})
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} [34] \S+ `)
	if !shape.Match(one) || !bytes.HasSuffix(one, []byte{0xff}) || bytes.Equal(one[:36], two[:36]) {
		t.Errorf("filled in as %q and %q", one, two)
	}
}

// What is wrong is said in a sentence, with what would be right.
func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"a {{counter b":                         "the placeholder {{counter b is not closed",
		"{{nonsense}}":                          "there is no placeholder {{nonsense}}; there are counter, time,",
		"{{message}}":                           "there is no placeholder {{message}}; there are counter, time, uuid, random",
		"{{random}}":                            "{{random}} needs more: {{random:1-100}}",
		"{{random:5-1}}":                        "{{random:5-1}} is not understood; write it as {{random:1-100}}",
		"{{counter:-1}}":                        "{{counter:-1}} is not understood",
		"{{counter:9999999999999999999}}":       "is not understood",
		"{{time:noon}}":                         "write it as {{time:ms}}",
		"{{uuid:4}}":                            "write it as {{uuid}}",
		"{{" + strings.Repeat("x", 1000) + "}}": "{{xxxxxxxxxxxxxxxxxxxxxxxx…}}",
	} {
		_, err := placeholder.Parse(text, placeholder.Sending)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want …%s…", text, err, want)
		}
	}
}

// A sender cannot make an answer grow without bound.
func TestTooLong(t *testing.T) {
	parsed, err := placeholder.Parse(strings.Repeat("{{message}}", 65), placeholder.Replying)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Fill(placeholder.Values{Message: make([]byte, 1<<20)}); !errors.Is(err, placeholder.ErrTooLong) {
		t.Errorf("error = %v, want ErrTooLong", err)
	}
}

// Every example is understood for its use.
func TestKnown(t *testing.T) {
	for use, count := range map[placeholder.Use]int{placeholder.Sending: 4, placeholder.Replying: 12} {
		list := placeholder.Known(use)
		if len(list) != count {
			t.Errorf("%d placeholders, want %d", len(list), count)
		}
		for _, k := range list {
			if _, err := placeholder.Parse(k.Example, use); err != nil || k.Means == "" {
				t.Errorf("%+v: %v", k, err)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "plain", "{{counter:007}}", "{{{{", "{{", "}}", "{{message:a.0.b}}", "{{random:1-2}}{{uuid}}", "{{time:ms}", "{{header:\xff}}"} {
		f.Add(text, []byte(`{"a":[{"b":1}]}`))
	}
	f.Fuzz(func(t *testing.T, text string, message []byte) {
		parsed, err := placeholder.Parse(text, placeholder.Replying)
		if err != nil {
			if len(err.Error()) > 400 {
				t.Errorf("a sentence of %d bytes", len(err.Error()))
			}
			return
		}
		got, err := parsed.Fill(placeholder.Values{Count: 1, Message: message})
		if err != nil && !errors.Is(err, placeholder.ErrTooLong) {
			t.Error(err)
		}
		if !strings.Contains(text, "{{") && string(got) != text {
			t.Errorf("%q became %q without a placeholder", text, got)
		}
		if escaped, err := placeholder.Parse(strings.ReplaceAll(text, "{{", "{{{{"), placeholder.Sending); err != nil || !escaped.Plain() {
			t.Errorf("escaped, it is %v, %v", escaped, err)
		} else if back, err := escaped.Fill(placeholder.Values{}); err != nil || string(back) != text {
			t.Errorf("%q escaped and filled in is %q, %v", text, back, err)
		}
	})
}
