package identity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/profiles"
	"relayscope/relayclient/signin"
)

const (
	tenant = "5e0a1f3c-7d2b-4c1e-9a44-0d9c8b7a6f51"
	object = "0b8d3c11-52a6-4f7e-b1c9-6f2a9d30e7c4"
)

// An issuer stands in for Microsoft Entra ID on loopback, over TLS: it signs
// tokens and publishes its key.
type issuer struct {
	t       *testing.T
	server  *httptest.Server
	key     *rsa.PrivateKey
	fetched atomic.Int32
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{t: t, key: key}
	i.server = httptest.NewTLSServer(i)
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	i.fetched.Add(1)
	answer := map[string]any{"issuer": i.server.URL + "/" + tenant + "/", "jwks_uri": i.server.URL + "/keys"}
	if req.URL.Path == "/keys" {
		answer = map[string]any{"keys": []map[string]any{{
			"kty": "RSA", "use": "sig", "kid": "key-1",
			"n": base64.RawURLEncoding.EncodeToString(i.key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(i.key.E)).Bytes()),
		}}}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		i.t.Error(err)
	}
}

func (i *issuer) sign(changes map[string]any) string {
	i.t.Helper()
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": i.server.URL + "/" + tenant + "/", "aud": "https://relay.azure.net/", "tid": tenant, "oid": object, "sub": object, "ver": "1.0",
		"appid": "a3f5c2d1-8e47-4b60-9c12-77d0e4b1f6a8", "idtyp": "app", "iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	made := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	made.Header["kid"] = "key-1"
	text, err := made.SignedString(i.key)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// profile signs in at the issuer and trusts its certificate.
func (i *issuer) profile() profiles.Profile {
	p := profile()
	p.SignIn = signin.Settings{Way: signin.AzureCLI, Authority: i.server.URL + "/", Tenant: tenant}
	p.CACertificates = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw}))
	return p
}

func TestSignatureIsCheckedWithTheIssuerWhenAsked(t *testing.T) {
	i := newIssuer(t)
	b := newBench(t, i.profile())
	b.paste("Bearer " + i.sign(nil))
	b.wantText("JWT of object "+object, "Taken out of the word Bearer", "Fetches public keys from "+strings.TrimPrefix(i.server.URL, "https://"))
	if n := i.fetched.Load(); n > 0 {
		t.Errorf("%d documents were fetched before anybody asked", n)
	}
	b.tap("identity.verify")
	b.until("the signature is checked", func() bool { return b.status() == "Fits, and the signature is good" })
	b.wantText("[Passed] Signature", "[Passed] Discovery", "[Passed] Audience", "[Right] Signature")
	b.keep("jwt-good")
}

func TestSignatureOfAnotherIssuer(t *testing.T) {
	i, other := newIssuer(t), newIssuer(t)
	b := newBench(t, i.profile())
	b.paste(other.sign(map[string]any{"iss": i.server.URL + "/" + tenant + "/"}))
	b.tap("identity.verify")
	b.until("the signature is checked", func() bool { return b.status() == "Does not fit: Signature" })
	b.wantText("[Failed] Signature")
}

func TestIssuerCannotBeReached(t *testing.T) {
	i := newIssuer(t)
	b := newBench(t, i.profile())
	b.paste(i.sign(nil))
	i.server.Close()
	b.tap("identity.verify")
	b.until("a problem", func() bool { return b.problem().Title != "" })
	b.wantText("[Failed] Discovery", "[Skipped] Signature")
	if b.object("identity.verify").(*widget.Button).Disabled() {
		t.Error("nobody can try again")
	}
}

func TestRoleAssignmentsCanBeCopied(t *testing.T) {
	i := newIssuer(t)
	b := newBench(t, i.profile())
	b.paste(i.sign(nil))
	for role, name := range map[string]string{"identity.role.listen": "Azure Relay Listener", "identity.role.send": "Azure Relay Sender"} {
		test.Tap(b.object(role).(*widget.Button))
		for _, part := range []string{"az role assignment create", `"` + object + `"`, "ServicePrincipal", `"` + name + `"`, "namespaces/contoso/hybridConnections/orders"} {
			if !strings.Contains(b.copied, part) {
				t.Errorf("%s copies %q, which lacks %q", role, b.copied, part)
			}
		}
	}
}

func TestWrongAudience(t *testing.T) {
	i := newIssuer(t)
	b := newBench(t, i.profile())
	b.paste(i.sign(map[string]any{"aud": "https://servicebus.azure.net/"}))
	if got := b.status(); got != "Does not fit: Audience" {
		t.Errorf("the verdict is %q", got)
	}
	b.wantText("[Wrong] Audience", "classic mistake")
}

// A token of which nobody knows what it is for does not look good for not
// having expired.
func TestNobodyKnowsWhetherItFits(t *testing.T) {
	p := profile()
	p.Namespace = "localhost:5671" // in no cloud, and so without an audience
	b := newBench(t, p)
	b.paste(newIssuer(t).sign(map[string]any{"aud": "api://upstream"}))
	if got := b.status(); got != "Not known whether it fits" {
		t.Errorf("the verdict is %q", got)
	}
}
