package payload_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"relayscope/relayclient/payload"
)

func bytesOf(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGuess(t *testing.T) {
	for name, tt := range map[string]struct {
		data   string
		kind   string
		binary bool
		want   payload.Format
	}{
		"text":                   {"hello", "", false, payload.Text},
		"nothing":                {"", "", false, payload.Text},
		"object":                 {` {"a":1}`, "", false, payload.JSON},
		"lines":                  {"{\"a\":1}\n{\"a\":2}\n", "", false, payload.JSON},
		"broken object":          {`{"a":`, "", false, payload.Text},
		"a number is a text":     {"42", "", false, payload.Text},
		"markup":                 {"<a><b/></a>", "", false, payload.XML},
		"less than":              {"< 5", "", false, payload.Text},
		"json sent as binary":    {`{"a":1}`, "", true, payload.JSON},
		"form by its type":       {"a=1&b=2", "application/x-www-form-urlencoded; charset=utf-8", false, payload.Form},
		"problem by its type":    {"oops", "application/problem+json", false, payload.JSON},
		"unknown type":           {`[1]`, "application/octet-stream", true, payload.JSON},
		"MessagePack map":        {"\x81\xa1a\x01", "", true, payload.MessagePack},
		"CBOR map":               {"\xa1\x61a\x01", "", true, payload.CBOR},
		"bytes":                  {"\x00\x01\x02", "", true, payload.Binary},
		"a map that is cut":      {"\xa2\x61a\x01", "", true, payload.Binary},
		"MessagePack and more":   {"\x81\xa1a\x01\xff\xff", "", true, payload.Binary},
		"text that is not UTF-8": {"a\xffb", "", false, payload.Binary},
	} {
		t.Run(name, func(t *testing.T) {
			if got := payload.Guess([]byte(tt.data), tt.kind, tt.binary); got != tt.want {
				t.Errorf("Guess = %s, want %s", got, tt.want)
			}
		})
	}
}

func TestPretty(t *testing.T) {
	for name, tt := range map[string]struct {
		data   string
		format payload.Format
		want   string
	}{
		"JSON keeps order and figures": {`{"b":1.50,"a":[1,{}],"n":12345678901234567890}`, payload.JSON, "{\n  \"b\": 1.50,\n  \"a\": [\n    1,\n    {}\n  ],\n  \"n\": 12345678901234567890\n}"},
		"JSON Lines":                   {"1\n[]\n", payload.JSON, "1\n[]"},
		"XML":                          {`<?xml version="1.0"?><a x='1'><b>text &amp; more</b><c/><!-- note --><d><e></e></d>loose</a>`, payload.XML, "<?xml version=\"1.0\"?>\n<a x='1'>\n  <b>text &amp; more</b>\n  <c/>\n  <!-- note -->\n  <d>\n    <e></e>\n  </d>\n  loose\n</a>"},
		"SOAP":                         {`<s:Envelope xmlns:s="urn:x"><s:Body/></s:Envelope>`, payload.XML, "<s:Envelope xmlns:s=\"urn:x\">\n  <s:Body/>\n</s:Envelope>"},
		"form":                         {"name=J%C3%BCrgen+M&empty=&flag", payload.Form, "name = Jürgen M\nempty = \nflag = "},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := payload.Pretty([]byte(tt.data), tt.format)
			if err != nil || got != tt.want {
				t.Errorf("Pretty = %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestPrettyPacked(t *testing.T) {
	var packed bytes.Buffer
	e := msgpack.NewEncoder(&packed)
	for _, err := range []error{
		e.EncodeMapLen(4),
		e.EncodeString("z"), e.EncodeArrayLen(3), e.EncodeInt(-7), e.EncodeNil(), e.EncodeBool(true),
		e.EncodeString("a"), e.EncodeBytes([]byte{0, 255}),
		e.EncodeInt(5), e.EncodeFloat64(1.5),
		e.EncodeString("at"), e.EncodeTime(time.Unix(1_700_000_000, 0)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "{\n  \"z\": [\n    -7,\n    null,\n    true\n  ],\n  \"a\": h'00ff',\n  5: 1.5,\n  \"at\": \"2023-11-14T22:13:20Z\"\n}"
	if got, err := payload.Pretty(packed.Bytes(), payload.MessagePack); err != nil || got != want {
		t.Errorf("MessagePack: %q, %v\nwant %q", got, err, want)
	}
	want = "{\n  \"z\": [\n    -7,\n    null,\n    \"a, {b}\"\n  ],\n  1: h'00ff',\n  2: [],\n  3: 1(1700000000)\n}"
	data := bytesOf(t, "a4 617a 83 26 f6 66612c207b627d 01 4200ff 02 80 03 c11a6553f100")
	if got, err := payload.Pretty(data, payload.CBOR); err != nil || got != want {
		t.Errorf("CBOR: %q, %v\nwant %q", got, err, want)
	}
}

func TestPrettySaysWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		data   string
		format payload.Format
		want   string
	}{
		"JSON":             {`{"a" 1}`, payload.JSON, "byte 6"},
		"JSON cut":         {`{"a":1`, payload.JSON, "ends too early"},
		"no JSON at all":   {"", payload.JSON, "ends too early"},
		"XML":              {"<a>\n<b></a>", payload.XML, "line 2: </a>"},
		"XML cut":          {"<a>", payload.XML, "<a> does not end"},
		"form":             {"a=%zz", payload.Form, "%zz"},
		"MessagePack":      {"\x92\x01", payload.MessagePack, "ends too early"},
		"MessagePack deep": {strings.Repeat("\x91", 1000), payload.MessagePack, "too deep"},
		"MessagePack huge": {"\xc6\xff\xff\xff\xffabc", payload.MessagePack, "ends too early"},
		"CBOR":             {"\x82\x01", payload.CBOR, "too early"},
		"CBOR deep":        {strings.Repeat("\x81", 1000), payload.CBOR, "nested"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := payload.Pretty([]byte(tt.data), tt.format)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Pretty = %q, error %v, want one with %q", got, err, tt.want)
			}
		})
	}
}

func FuzzPretty(f *testing.F) {
	f.Add([]byte(`{"a":[1,"x"]}`))
	f.Add([]byte(`<a b="c"><d>e</d></a>`))
	f.Add([]byte("a=1&b=%20"))
	f.Add([]byte("\x81\xa1a\x93\x01\xc0\xd6\xff\x00\x00\x00\x00"))
	f.Add([]byte("\xa1\x61a\x82\x01\xf6"))
	f.Fuzz(func(t *testing.T, data []byte) {
		guess := payload.Guess(data, "", true)
		if _, err := payload.Pretty(data, guess); err != nil && len(data) < 1<<20 {
			t.Errorf("guessed %s, but: %v", guess, err)
		}
		for _, format := range payload.Formats() {
			text, err := payload.Pretty(data, format)
			if err == nil && len(text) > 200*(len(data)+1) {
				t.Errorf("%s makes %d bytes of %d", format, len(text), len(data))
			}
		}
	})
}
