package localrelay

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// A token that a client signs opens what it was made for and nothing beside it,
// and no change to it passes.
func FuzzSignedToken(f *testing.F) {
	f.Add("contoso.servicebus.windows.net", "orders", "listen", vectorKey, uint16(20), byte(1))
	f.Add("localhost:8443", "site-7/plc", "RootManageSharedAccessKey", "k", uint16(0), byte(0x20))
	f.Add("[::1]:443", "hy co/\u00e9", "a b+c&d=e%f", "\u00fc\x00\xff", uint16(90), byte(0x80))
	f.Add("127.0.0.1", "$hc", "\xff", "=&+ ", uint16(200), byte(7))
	f.Add("a_b.c", "a:b/*/+;", "\u017f\u212a", vectorKey, uint16(130), byte(0x20))
	f.Fuzz(func(t *testing.T, namespace, name, keyName, key string, at uint16, flip byte) {
		namespace, err := relayclient.CleanNamespace(namespace)
		if err != nil {
			return
		}
		if name, err = relayclient.CleanHybridConnection(name); err != nil {
			return
		}
		signer := relayclient.SharedAccessKey{KeyName: keyName, Key: relayclient.NewSecret(key)}
		signed, err := signer.Token(t.Context(), relayclient.Audience(namespace, name))
		if err != nil {
			if len(key) > 8 && strings.Contains(err.Error(), key) {
				t.Fatal("the error quotes the key")
			}
			return
		}
		token := signed.Value.Reveal()
		path := strings.Split(name, "/")
		rules := []Rule{{Name: keyName, PrimaryKey: signer.Key, Rights: Listen}}
		host := (&url.URL{Host: namespace}).Hostname()
		check := func(token string, path []string) *refusal {
			_, refused := checkToken(token, host, path, Listen, time.Now(), rules)
			return refused
		}
		if refused := check(token, path); refused != nil {
			t.Fatalf("%q %q under %q: %s", namespace, name, keyName, refused.text)
		}
		if !strings.EqualFold(path[0], "$hc") {
			for _, other := range [][]string{{}, append([]string{"x" + path[0]}, path[1:]...), append([]string{"x"}, path...), path[:len(path)-1]} {
				if check(token, other) == nil {
					t.Fatalf("a token for %q opens %q", path, other)
				}
			}
		}
		other := append([]Rule(nil), rules...)
		other[0].PrimaryKey = relayclient.NewSecret(key + "x")
		if _, refused := checkToken(token, host, path, Listen, time.Now(), other); refused == nil {
			t.Fatal("any key fits")
		}
		if flip == 0 {
			return
		}
		altered := []byte(token)
		altered[int(at)%len(altered)] ^= flip
		refused := check(string(altered), path)
		if refused != nil {
			if strings.Contains(refused.text, string(altered[22:])) {
				t.Fatal("the refusal quotes the token")
			}
			return
		}
		// What is not signed may be written in another way, such as in lower case.
		was, _ := parseSAS(token)
		is, _ := parseSAS(string(altered))
		if was.sr != is.sr || was.se != is.se || was.sig != is.sig || !strings.EqualFold(was.keyName, is.keyName) {
			t.Fatalf("%q passes as %q", altered, token)
		}
	})
}

// A token that an issuer signed long ago, and the public key that proves it.
const (
	jwtKey       = "04f283b5889b69ac4cfb8d292b59a829e76bf33b3e6184430751f519c52b61bcbd31554b2fba233f253e6836203bbc991f02ea2983f0a0f74a413c4e5c347cc0f7"
	jwtHeader    = `{"alg":"ES256","kid":"test-key","typ":"JWT"}`
	jwtClaims    = `{"aud":"https://relay.azure.net","exp":1924992000,"iss":"https://sts.example/tenant/","oid":"holder"}`
	jwtSignature = "nWg6KCOL9zhPKqy0POFxR6dokRd5TZQxOHIavFryz4v1hPsftJKwx6r54FZb89F7o7Qf5mBRqBA3LHe-hQgwEw"
)

// Of all tokens that look like an issuer's, the one that it signed passes.
func FuzzCheckJWT(f *testing.F) {
	f.Add(jwtHeader, jwtClaims, jwtSignature)
	f.Add(`{"alg":"none","kid":"test-key"}`, jwtClaims, "")
	f.Add(`{"alg":"HS256","kid":"test-key","typ":"JWT"}`, jwtClaims, jwtSignature)
	f.Add(`{"alg":"ES256","kid":["test-key"],"jwk":{},"jku":"https://evil"}`, jwtClaims, jwtSignature)
	f.Add(jwtHeader, strings.Replace(jwtClaims, "1924992000", "1e300", 1), jwtSignature)
	f.Add(jwtHeader, strings.Replace(jwtClaims, `"holder"`, `{"a":[]}`, 1), jwtSignature)
	f.Add(jwtHeader, strings.Replace(jwtClaims, "}", `,"oid":"other","OID":"other"}`, 1), jwtSignature)
	f.Add(jwtHeader, strings.Replace(jwtClaims, `"https://relay.azure.net"`, `["https://relay.azure.net",5]`, 1), jwtSignature)
	f.Add(jwtHeader, jwtClaims, strings.Repeat("A", 86))
	f.Add("null", "null", "AAAA")
	point, err := hex.DecodeString(jwtKey)
	if err != nil {
		f.Fatal(err)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		f.Fatal(err)
	}
	issuers, err := checkIssuers([]Issuer{{
		Name: "https://sts.example/tenant/", Keys: map[string]crypto.PublicKey{"test-key": key}, Rights: map[string]Rights{"holder": Listen},
	}})
	if err != nil {
		f.Fatal(err)
	}
	now := time.Unix(1900000000, 0)
	encode := base64.RawURLEncoding.EncodeToString
	if _, refused := checkJWT(encode([]byte(jwtHeader))+"."+encode([]byte(jwtClaims))+"."+jwtSignature, issuers, Listen, now); refused != nil {
		f.Fatalf("the right token is refused: %s", refused.text)
	}
	f.Fuzz(func(t *testing.T, header, claims, signature string) {
		for _, text := range []string{header, header + "." + claims + "." + signature, encode([]byte(header)) + "." + encode([]byte(claims)) + "." + signature} {
			_, refused := checkJWT(text, issuers, Listen, now)
			if refused == nil && (header != jwtHeader || claims != jwtClaims) {
				t.Fatalf("accepted %q %q %q", header, claims, signature)
			}
			if refused != nil && (refused.status != 401 || len(claims) > 20 && strings.Contains(refused.text, claims) || len(signature) > 20 && strings.Contains(refused.text, signature)) {
				t.Fatalf("refused with %+v", refused)
			}
			if _, refused := checkJWT(text, issuers, Send, now); refused == nil {
				t.Fatal("a right came from nowhere")
			}
		}
	})
}
