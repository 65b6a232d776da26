package journal_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient/journal"
)

func TestPreview(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		binary  bool
		max     int
		want    string
	}{
		"plain":               {"hello", false, 10, "hello"},
		"exact fit":           {"hello", false, 5, "hello"},
		"cut":                 {"hello!", false, 5, "hell…"},
		"no room":             {"hello", false, 0, ""},
		"one character":       {"hello", false, 1, "…"},
		"line breaks":         {"a\r\nb\tc", false, 20, `a\r\nb\tc`},
		"escape whole or not": {"ab\x1b[31mred", false, 6, "ab…"},
		"escape fits":         {"ab\x1b", false, 6, `ab\x1b`},
		"null":                {"\x00", false, 9, `\x00`},
		"DEL and C1":          {"\x7f\u0085", false, 20, `\x7f\u0085`},
		"override":            {"a\u202eb\u2066c\u2069", false, 40, `a\u202eb\u2066c\u2069`},
		"zero width":          {"a\u200bb\u200dc\ufeff", false, 40, `a\u200bb\u200dc\ufeff`},
		"line separator":      {"a\u2028b", false, 40, `a\u2028b`},
		"Hangul filler":       {"\u3164", false, 40, `\u3164`},
		"blank Braille":       {"\u2800", false, 40, `\u2800`},
		"variation selector":  {"\ufe0f", false, 40, `\ufe0f`},
		"no-break space":      {"a\u00a0b", false, 40, `a\u00a0b`},
		"tag character":       {"\U000e0041", false, 40, `\U000e0041`},
		"invalid UTF-8":       {"a\xff\xc3(", false, 40, `a\xff\xc3(`},
		"a real U+FFFD":       {"\ufffd", false, 40, "\ufffd"},
		"other scripts":       {"Grüße, мир 日本 🙂", false, 40, "Grüße, мир 日本 🙂"},
		"cut counts runes":    {"äöüß", false, 3, "äö…"},
		"backslash stays":     {`{"a":"b\"c"}`, false, 40, `{"a":"b\"c"}`},
		"hex":                 {"\x00\xffA", true, 20, "00 ff 41"},
		"hex exact":           {"\x00\xffA", true, 8, "00 ff 41"},
		"hex cut":             {"\x00\xffA", true, 7, "00 ff …"},
		"text as binary":      {"GET / HTTP/1.1\r\n", true, 40, `GET / HTTP/1.1\r\n`},
		"JSON as binary, cut": {`{"number":1}`, true, 8, `{"numbe…`},
		"cut in a character":  {"日本語日本語日本語", true, 5, "日本語日…"},
		"short binary":        {"OK!", true, 20, "4f 4b 21"},
		"binary with a bell":  {"ring\a", true, 20, "72 69 6e 67 07"},
		"binary, not UTF-8":   {"abcd\xff", true, 20, "61 62 63 64 ff"},
		"hex tiny":            {"\x00\xffA", true, 2, "…"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := journal.Preview([]byte(tt.payload), tt.binary, tt.max); got != tt.want {
				t.Errorf("Preview = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPreviewLooksOnlyAtWhatItShows(t *testing.T) {
	large := []byte(strings.Repeat("x", 64<<20))
	for _, binary := range []bool{false, true} {
		took := time.Hour
		for range 20 { // the fastest of them, as other work may interrupt some
			start := time.Now()
			journal.Preview(large, binary, 100)
			took = min(took, time.Since(start))
		}
		// Looking at 64 MiB takes tens of milliseconds, at 100 bytes microseconds.
		if limit := time.Millisecond; took > limit {
			t.Errorf("Preview of 64 MiB, binary %t: %v, want below %v", binary, took, limit)
		}
	}
}

func FuzzPreview(f *testing.F) {
	f.Add([]byte("a\u202e\xff\n"), 5)
	f.Add([]byte("\U000e0001\\"), 3)
	f.Fuzz(func(t *testing.T, payload []byte, max int) {
		max %= 1000
		for _, binary := range []bool{false, true} {
			line := journal.Preview(payload, binary, max)
			if n := utf8.RuneCountInString(line); n > 0 && n > max {
				t.Errorf("Preview(%q, %t, %d) has %d characters", payload, binary, max, n)
			}
			if i := strings.IndexFunc(line, unsafe); i >= 0 {
				t.Errorf("Preview(%q, %t, %d) = %q, not safe at %d", payload, binary, max, line, i)
			}
		}
		text := strings.NewReplacer("\n", "", "\t", "").Replace(journal.FullText(payload, false))
		if i := strings.IndexFunc(text, unsafe); i >= 0 {
			t.Errorf("FullText(%q) = %q, not safe at %d", payload, text, i)
		}
	})
}

func unsafe(r rune) bool {
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Bidi_Control, r) ||
		unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r)
}

func TestFullText(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		binary  bool
		want    string
	}{
		"lines and tabs":  {"a\n\tb\r\nc", false, "a\n\tb\nc"},
		"lone CR":         {"a\rb\r", false, `a\rb\r`},
		"override":        {"a\u202eb", false, `a\u202eb`},
		"invalid UTF-8":   {"\xfe", false, `\xfe`},
		"empty":           {"", false, ""},
		"empty hex":       {"", true, ""},
		"hex with offset": {"Hello, world!\n\x00\xff.", true, "00000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 0a 00 ff  |Hello, world!...|\n00000010  2e                                                |.|\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := journal.FullText([]byte(tt.payload), tt.binary); got != tt.want {
				t.Errorf("FullText = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExport(t *testing.T) {
	at := time.Date(2026, 3, 4, 10, 2, 11, 482_000_000, time.UTC)
	for name, tt := range map[string]struct {
		row  journal.Row
		want string
	}{
		"message": {
			journal.Row{Number: 7, Time: at, Lane: journal.Listener, Direction: journal.In, Kind: journal.Data, Connection: "#3", Type: "text", Size: 5, Payload: []byte("hello\n8\t2026")},
			"7\t2026-03-04T10:02:11.482Z\tlistener\tin\tdata\t#3\ttext\t5\t\t\t\t\t\t\n\thello\n\t8\t2026\n",
		},
		"problem": {
			journal.Row{Number: 8, Time: at, Lane: journal.Sender, Kind: journal.Problem, Type: "error", Text: "rejected\tby\nrelay", Detail: "HTTP/1.1 401\n", TrackingID: "7f3a_G12"},
			"8\t2026-03-04T10:02:11.482Z\tsender\t\tproblem\t\terror\t0\t\t\t7f3a_G12\t\t\trejected\\tby\\nrelay\n\tHTTP/1.1 401\n",
		},
		"shortened": {
			journal.Row{Number: 9, Kind: journal.Data, Direction: journal.Out, Type: "binary", Size: 4, Payload: []byte{0xca}, Truncated: true},
			"9\t\t\tout\tdata\t\tbinary\t4\t\t\t\t\t\t\n\t00000000  ca                                                |.|\n… 3 more bytes were not kept\n",
		},
		"disguised": {
			journal.Row{Number: 1, Kind: journal.Data, Type: "te\u202ext", Text: "a\x1b[2J", Payload: []byte("\u202eabc\r\u2028\u0085\x00")},
			"1\t\t\t\tdata\t\tte\\u202ext\t0\t\t\t\t\t\ta\\x1b[2J\n\t\\u202eabc\\r\\u2028\\u0085\\x00\n",
		},
		"state": {
			journal.Row{Number: 10, Time: at, Lane: journal.Listener, Kind: journal.State, Type: "online", Text: "online"},
			"10\t2026-03-04T10:02:11.482Z\tlistener\t\tstate\t\tonline\t0\t\t\t\t\t\tonline\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.row.Export(); got != tt.want {
				t.Errorf("Export = %q, want %q", got, tt.want)
			}
		})
	}
	if fields, line := strings.Count(journal.ExportHeader, "\t"), strings.Count(journal.Row{}.Export(), "\t"); fields != line {
		t.Errorf("header has %d tabs, a line has %d", fields, line)
	}
}

func TestZeroEnumsSayNothing(t *testing.T) {
	var r journal.Row
	if s := r.Lane.String() + r.Direction.String() + r.Kind.String(); s != "" {
		t.Errorf("zero row names itself %q, want nothing", s)
	}
	if journal.Control.String() != "control" {
		t.Errorf("Control = %q", journal.Control)
	}
}
