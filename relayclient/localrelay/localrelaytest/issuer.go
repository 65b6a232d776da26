package localrelaytest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/relayclient/localrelay"
)

// An Issuer makes tokens for tests. The embedded one goes into
// localrelay.Config.Issuers.
type Issuer struct {
	localrelay.Issuer
	key *ecdsa.PrivateKey
}

const issuerKey = "test-key"

// NewIssuer makes an issuer with a key pair of its own. The holders that it
// knows are named after what they may do: "listen", "send", "both" and "root".
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &Issuer{localrelay.Issuer{
		Name: "https://sts.example/tenant/",
		Keys: map[string]crypto.PublicKey{issuerKey: &key.PublicKey},
		Rights: map[string]localrelay.Rights{
			"listen": localrelay.Listen, "send": localrelay.Send, "both": localrelay.Listen | localrelay.Send,
			"root": localrelay.Listen | localrelay.Send | localrelay.Manage,
		},
	}, key}
}

// Token makes a token for the holder oid that is good for lifetime, which may
// be negative. Times in tokens are whole seconds.
func (i *Issuer) Token(t testing.TB, oid string, lifetime time.Duration) string {
	t.Helper()
	now := time.Now()
	return i.Sign(t, jwt.MapClaims{
		"iss": i.Name, "aud": "https://relay.azure.net/", "oid": oid,
		"nbf": now.Add(min(lifetime, 0) - time.Minute).Unix(), "exp": now.Add(lifetime).Unix(),
	})
}

// Sign makes a token with claims of the test's choice.
func (i *Issuer) Sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims(claims))
	token.Header["kid"] = issuerKey
	text, err := token.SignedString(i.key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
