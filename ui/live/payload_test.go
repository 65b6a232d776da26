package live

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
)

func TestPayloadSaysWhatIsWrongAndWhere(t *testing.T) {
	for _, tt := range []struct{ kind, text, data, wrong string }{
		{asText, "", "", ""},
		{asText, "{", "{", ""},
		{asJSON, ` {"a":[1,2.50]} `, ` {"a":[1,2.50]} `, ""},
		{asJSON, " \n", "", "no JSON yet: write a value"},
		{asJSON, "{\n  \"ä\": x}", "", "line 2, column 8: 'x' does not belong here"},
		{asJSON, `{"a":1`, "", "line 1, column 7: the JSON ends too early"},
		{asJSON, `{"a":"b`, "", "line 1, column 8: the JSON ends too early"},
		{asJSON, `1 2`, "", "line 1, column 3: '2' comes after the end of the JSON"},
		{asJSON, "{\"a\":\"\n\"}", "", `line 1, column 7: '\n' does not belong here`},
		{asXML, `<?xml version="1.0" encoding="utf-8"?><a b="1"><c/>text</a>`, `<?xml version="1.0" encoding="utf-8"?><a b="1"><c/>text</a>`, ""},
		{asXML, "", "", "no XML yet: write an element"},
		{asXML, "<a>\n<b></a>", "", "line 2, column 8: element <b> closed by </a>"},
		{asXML, "<a><b>", "", "line 1, column 7: the XML ends too early"},
		{asXML, "<a/>\n<b/>", "", "line 2, column 1: a second element after the end of the XML"},
		{asXML, "<a/>\n  x", "", "line 2, column 3: text outside of any element"},
		{asXML, `<?xml version="1.0" encoding="utf-16"?><a/>`, "", "line 1, column 1: the document says that it is not UTF-8, as what is sent here is"},
		{asHex, "00 fF:10,0x20\n", "\x00\xff\x10\x20", ""},
		{asHex, "0x00FF", "\x00\xff", ""},
		{asHex, "0", "", "one hex digit is missing at the end"},
		{asHex, "00ü0", "", `line 1, column 3: 'ü' is not a hex digit`},
		{asHex, "00\n00 0g", "", `line 2, column 5: 'g' is not a hex digit`},
		{asBase64, "-_8", "\xfb\xff", ""},
		{asBase64, "+/\n8=", "\xfb\xff", ""},
		{asBase64, "A", "", "one base64 character is missing at the end"},
		{asBase64, "AA=A", "", "line 1, column 3: = comes only at the end"},
		{asBase64, "A A\n!", "", `line 2, column 1: '!' is not a base64 character`},
	} {
		data, err := encodePayload(tt.kind, tt.text)
		switch {
		case tt.wrong == "" && (err != nil || string(data) != tt.data):
			t.Errorf("%s %q: %q, %v; want %q", tt.kind, tt.text, data, err, tt.data)
		case tt.wrong != "" && (err == nil || err.Error() != tt.wrong):
			t.Errorf("%s %q: error %v, want %s", tt.kind, tt.text, err, tt.wrong)
		}
	}
}

func TestFormatting(t *testing.T) {
	for _, tt := range []struct{ kind, text, want string }{
		{asJSON, `{"b":1.0,"a":[1,{}]}`, "{\n  \"b\": 1.0,\n  \"a\": [\n    1,\n    {}\n  ]\n}"},
		{asXML, "<?xml version='1.0'?><a x:y='1'><!-- c --><b>one <i>two</i></b><c/>\n\n<d>  </d></a>",
			"<?xml version='1.0'?>\n<a x:y='1'>\n  <!-- c -->\n  <b>one <i>two</i></b>\n  <c/>\n  <d>  </d>\n</a>"},
		{asXML, `<a xml:space="preserve"> <b/> <c xml:space="default"><d/></c></a>`, `<a xml:space="preserve"> <b/> <c xml:space="default"><d/></c></a>`},
		{asXML, "<a><b><![CDATA[<x>]]></b></a>", "<a>\n  <b><![CDATA[<x>]]></b>\n</a>"},
	} {
		got, err := formatPayload(tt.kind, tt.text)
		if err != nil || got != tt.want {
			t.Errorf("format %s: %v\n%s\nwant\n%s", tt.kind, err, got, tt.want)
		}
		if again, err := formatPayload(tt.kind, got); err != nil || again != got {
			t.Errorf("formatted twice: %v\n%s\nwant\n%s", err, again, got)
		}
	}
	if _, err := formatPayload(asJSON, "{"); err == nil {
		t.Error("half a text was formatted")
	}
}

// Whatever is accepted comes out as the standard library reads it, and what is
// formatted stays the same document.
func FuzzPayload(f *testing.F) {
	for _, text := range []string{`{"a":[1,2]}`, "<a b='c'>d<e/></a>", "00 ff", "AP8=", "<a><!--x--><b/></a>", "0x0x", "=", "<?xml version='1.0'?><a/>"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if data, err := encodePayload(asHex, text); err == nil {
			again, err := encodePayload(asHex, hex.EncodeToString(data))
			if err != nil || !bytes.Equal(again, data) {
				t.Errorf("hex %q: %x becomes %x, %v", text, data, again, err)
			}
		}
		if data, err := encodePayload(asBase64, text); err == nil {
			again, err := encodePayload(asBase64, base64.StdEncoding.EncodeToString(data))
			if err != nil || !bytes.Equal(again, data) {
				t.Errorf("base64 %q: %x becomes %x, %v", text, data, again, err)
			}
		}
		if _, err := encodePayload(asJSON, text); (err == nil) != json.Valid([]byte(text)) {
			t.Errorf("JSON %q: %v", text, err)
		}
		for _, kind := range []string{asJSON, asXML} {
			formatted, err := formatPayload(kind, text)
			if err != nil {
				continue
			}
			again, err := formatPayload(kind, formatted)
			if err != nil || again != formatted {
				t.Errorf("%s %q is formatted as %q and then as %q, %v", kind, text, formatted, again, err)
			}
			if space := strings.NewReplacer(" ", "", "\n", "", "\t", "", "\r", ""); space.Replace(formatted) != space.Replace(text) {
				t.Errorf("%s %q is formatted as %q", kind, text, formatted)
			}
		}
	})
}
