package profiles

import (
	"errors"
	"strings"
	"testing"
)

// testRoot is a certificate that means nothing: P-256, self-signed.
const testRoot = `-----BEGIN CERTIFICATE-----
MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAfMR0wGwYDVQQDExRSZWxheXNj
b3BlIHRlc3Qgcm9vdDAgFw03MDAxMDEwMDAwMDBaGA8yMTAwMDEwMTAwMDAwMFow
HzEdMBsGA1UEAxMUUmVsYXlzY29wZSB0ZXN0IHJvb3QwWTATBgcqhkjOPQIBBggq
hkjOPQMBBwNCAARrl6ZJnNLOLvThJC6q4M5Bkm5MeBCJIM6Al97mgCGvNZAH5/WB
RkRydP39KQVnrsxRwT6gWrBanpkuL1WYmo+mozIwMDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBRhN/tlLUOELEGX2sFvkFOouzmyEjAKBggqhkjOPQQDAgNJADBG
AiEA2xAyVWmB2LpX0uQprzE1STqMephLiJDuktg9wEjftW4CIQC+17tbmiHDASh1
IkejS/ib5HYpfZz4RXt/l5pv/VmNUg==
-----END CERTIFICATE-----
`

func TestSplitKeepsCharactersWhole(t *testing.T) {
	text := "x" + strings.Repeat("ł", 2*maxEntry)
	parts := split(text)
	for i, part := range parts {
		if len(part) > maxEntry || strings.ToValidUTF8(part, "") != part {
			t.Errorf("part %d has %d bytes or half a character", i, len(part))
		}
	}
	if got := strings.Join(parts, ""); got != text || len(parts) != 5 {
		t.Errorf("split gave %d parts that join to %d bytes, want 5 and %d", len(parts), len(got), len(text))
	}
}

// What was written before profiles had a proxy is read as it was meant.
func TestEntryWithoutProxy(t *testing.T) {
	h, err := decodeHead(`{"v":1,"profile":{"id":"id","name":"old","namespace":"contoso.servicebus.windows.net","hybridConnection":"orders","keyName":"k","key":"secret"}}`, "id")
	if err != nil || h.profile.Name != "old" || h.profile.Key.Reveal() != "secret" || !h.profile.Proxy.Empty() {
		t.Errorf("profile = %v, %v; want the old one, without a proxy", h.profile, err)
	}
}

func FuzzDecodeEntry(f *testing.F) {
	small, _, _ := encode(some("id", "Łódź", 0))
	big, _, _ := encode(some("id", "big", 5000))
	for _, text := range []string{small, big, "", "{}", `{"v":9}`, `{"v":1,"rev":{"name":"a","parts":1000000}}`, small + "x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := decodeHead(text, "id")
		if err != nil {
			if err != errCorrupt && err != ErrNewer {
				t.Fatalf("error = %v, want errCorrupt or ErrNewer", err)
			}
			return
		}
		if h.rev.Parts > 0 {
			if !h.rev.valid() {
				t.Fatalf("accepted revision %+v", h.rev)
			}
			return
		}
		again, parts, rev := encode(h.profile)
		h2, err := decodeHead(again, "id")
		if err != nil || h2.rev != rev {
			t.Fatalf("%q: formatted to %q, which gives %v", text, again, err)
		}
		if got := h2.profile; rev.Parts > 0 {
			if got, err = decodeParts(h2, parts); err != nil || plain(got) != plain(h.profile) {
				t.Fatalf("%q: in parts: %v, %v; want %v", text, got, err, h.profile)
			}
		} else if plain(got) != plain(h.profile) {
			t.Fatalf("%q: again: %v, want %v", text, got, h.profile)
		}
	})
}

func FuzzDecodePage(f *testing.F) {
	f.Add(encodePage([]ID{"a", "b"}))
	f.Add(`{"v":1,"ids":["a.b"]}`)
	f.Add(`{"v":9}`)
	f.Fuzz(func(t *testing.T, text string) {
		ids, err := decodePage(text)
		if err != nil {
			return
		}
		again, err := decodePage(encodePage(ids))
		if err != nil || len(again) != len(ids) {
			t.Fatalf("%q: again %v, %v; want %v", text, again, err, ids)
		}
	})
}

func TestClassify(t *testing.T) {
	for text, want := range map[string]error{
		"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'": ErrLocked,
		"dial unix /nowhere: connect: no such file or directory":                         ErrUnavailable,
		"The name org.freedesktop.secrets was not provided by any .service files":        ErrUnavailable,
	} {
		cause := errors.New(text)
		if err := classify(cause); !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("classify(%q) = %v, want %v and the cause", text, err, want)
		}
	}
}
