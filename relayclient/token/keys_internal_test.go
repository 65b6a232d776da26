package token

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"testing"
)

// A key set may hold what cannot check an RS256 signature, or should not.
func TestParseKeysTakesOnlyWhatFits(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	modulus := private.N.Bytes()
	encode := base64.RawURLEncoding.EncodeToString
	key := func(kid string, changes map[string]any) map[string]any {
		k := map[string]any{"kty": "RSA", "use": "sig", "kid": kid, "n": encode(modulus), "e": "AQAB"}
		maps.Copy(k, changes)
		return k
	}
	set := map[string]any{"keys": []any{
		key("good", nil),
		key("with issuer", map[string]any{"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0", "alg": "RS256"}),
		key("no use", map[string]any{"use": ""}),
		key("short", map[string]any{"n": encode(modulus[:128])}),
		key("for encryption", map[string]any{"use": "enc"}),
		key("other algorithm", map[string]any{"alg": "PS256"}),
		key("broken", map[string]any{"n": "!"}),
		key("exponent", map[string]any{"e": "AQ"}),
		key("certificate", map[string]any{"x5c": []string{"!"}}),
		key("", nil),
		map[string]any{"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
		"not an object",
	}}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseKeys(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(keys)), []string{"good", "no use", "with issuer"}; !slices.Equal(got, want) {
		t.Errorf("keys are %q, want %q", got, want)
	}
	if got := keys["with issuer"]; got.issuer != "https://login.microsoftonline.com/{tenantid}/v2.0" || !got.public.Equal(&private.PublicKey) {
		t.Errorf("key is %+v", got)
	}
	for _, text := range []string{"", "[]", "{}", `{"keys":[]}`, `{"keys":7}`} {
		if keys, err := parseKeys([]byte(text)); err == nil {
			t.Errorf("%q gives %v", text, keys)
		}
	}
}

// Microsoft Entra ID publishes each key with its certificate, whose thumbprint
// is the key's ID.
func TestParseKeysWithCertificates(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "accounts.accesscontrol.windows.net"}}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	thumbprint := sha1.Sum(certificate)
	id := base64.RawURLEncoding.EncodeToString(thumbprint[:])
	data, err := json.Marshal(map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "use": "sig", "kid": id, "x5t": id, "n": base64.RawURLEncoding.EncodeToString(private.N.Bytes()), "e": "AQAB",
		"x5c": []string{base64.StdEncoding.EncodeToString(certificate)}, "cloud_instance_name": "microsoftonline.com", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
	}}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := parseKeys(data)
	if err != nil || !keys[id].public.Equal(&private.PublicKey) {
		t.Errorf("keys are %v, %v", keys, err)
	}
}
