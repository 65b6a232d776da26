package profiles

import (
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/signin"
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

// What older versions wrote is read as it was meant, and is rewritten in the
// way of today without a change of meaning.
func TestEntriesOfOlderVersions(t *testing.T) {
	for name, tt := range map[string]struct {
		text  string
		proxy string
	}{
		"1, which knew no proxy": {`{"v":1,"profile":{"id":"id","name":"old","namespace":"contoso.servicebus.windows.net","hybridConnection":"orders","keyName":"k","key":"secret"}}`, ""},
		"2, which knew only keys": {`{"v":2,"profile":{"id":"id","name":"old","namespace":"contoso.servicebus.windows.net","hybridConnection":"orders","keyName":"k","key":"secret","caCertificates":"x","localRelay":true,"proxy":"http://me:pw@proxy:3128"}}`,
			"http://me:pw@proxy:3128"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := decodeHead(tt.text, "id")
			want := signin.Settings{Way: signin.SharedAccessKey, KeyName: "k", Key: relayclient.NewSecret("secret")}
			p := h.profile
			if err != nil || p.Name != "old" || p.HybridConnection != "orders" || p.Proxy.Reveal() != tt.proxy || !sameSignIn(p.SignIn, want) || p.SendSignIn != nil {
				t.Fatalf("profile = %v, %v; want the old one with its key for both roles", p, err)
			}
			again, _, _ := encode(p)
			if h, err = decodeHead(again, "id"); err != nil || plain(h.profile) != plain(p) || !strings.Contains(again, `"v":3`) {
				t.Errorf("rewritten as %s, which gives %v, %v", again, h.profile, err)
			}
		})
	}
}

// The parts of a profile that an older version split are those of today.
func TestPartsOfOlderVersion(t *testing.T) {
	whole := `{"id":"id","name":"old","namespace":"c.net","hybridConnection":"orders","keyName":"k","key":"secret","caCertificates":"` + strings.Repeat("x", 3000) + `"}`
	h, err := decodeHead(`{"v":2,"name":"old","rev":{"name":"a","parts":2},"sum":"`+sum(whole)+`"}`, "id")
	if err != nil {
		t.Fatal(err)
	}
	p, err := decodeParts(h, []string{whole[:2500], whole[2500:]})
	if err != nil || p.SignIn.Way != signin.SharedAccessKey || p.SignIn.Key.Reveal() != "secret" || len(p.CACertificates) != 3000 {
		t.Errorf("profile = %v, %v; want the old one", p, err)
	}
}

// Every way keeps what it needs, for either role.
func TestEveryWayIsStored(t *testing.T) {
	secret := relayclient.NewSecret
	full := signin.Settings{KeyName: "k", Key: secret("key"), Lifetime: time.Hour, Token: secret("token"), Tenant: "contoso.com",
		ClientID: "client", Secret: secret("pw"), Certificate: secret("PEM\n"), Identity: signin.ByResourceID, IdentityID: "id", Authority: "https://a", Audience: "https://b"}
	for way := range wayWords {
		listen, send := full, full
		listen.Way, send.Way, send.KeyName, send.ClientID, send.Identity = way, way, "other", "other", signin.ByObjectID
		p := Profile{ID: "id", Name: "n", Group: "Production", Order: -3, SignIn: listen, SendSignIn: &send}.Normalize()
		text, _, _ := encode(p)
		h, err := decodeHead(text, "id")
		if err != nil || plain(h.profile) != plain(p) || h.profile.SignIn.Way != way {
			t.Errorf("%s: %v, %v; want %v", wayWords[way], h.profile, err, p)
		}
	}
}

func FuzzDecodeEntry(f *testing.F) {
	small, _, _ := encode(some("id", "Łódź", 0))
	big, _, _ := encode(some("id", "big", 5000))
	other := some("id", "two ways", 0)
	other.SendSignIn = &signin.Settings{Way: signin.ManagedIdentity, Identity: signin.ByClientID, IdentityID: "x"}
	two, _, _ := encode(other)
	for _, text := range []string{small, big, two, "", "{}", `{"v":9}`, `{"v":1,"rev":{"name":"a","parts":1000000}}`, small + "x"} {
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
