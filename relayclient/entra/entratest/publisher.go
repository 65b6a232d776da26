package entratest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A Publisher signs tokens as Microsoft Entra ID does, and publishes over TLS
// the key that they are verified with. Its methods are safe for concurrent use.
type Publisher struct {
	*httptest.Server
	t       testing.TB
	key     *rsa.PrivateKey
	fetched atomic.Int32
}

// NewPublisher starts a publisher of Tenant that lives as long as the test.
func NewPublisher(t testing.TB) *Publisher {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &Publisher{t: t, key: key}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(p.publish))
	p.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that do not trust it are part of tests
	p.StartTLS()
	t.Cleanup(p.Close)
	return p
}

// Issuer returns what tokens of the publisher name as theirs.
func (p *Publisher) Issuer() string { return p.URL + "/" + Tenant + "/" }

// CertificatePEM is what a client must trust.
func (p *Publisher) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw})
}

// Fetched returns how many documents were asked for.
func (p *Publisher) Fetched() int { return int(p.fetched.Load()) }

// PublishedObject is the object ID in tokens of a Publisher.
const PublishedObject = "0b8d3c11-52a6-4f7e-b1c9-6f2a9d30e7c4"

// Sign makes a token of an application for Azure Relay, good for an hour, with
// changes to its claims.
func (p *Publisher) Sign(changes map[string]any) string {
	p.t.Helper()
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": p.Issuer(), "aud": "https://relay.azure.net/", "tid": Tenant, "ver": "1.0", "idtyp": "app",
		"appid": "a3f5c2d1-8e47-4b60-9c12-77d0e4b1f6a8", "oid": PublishedObject, "sub": PublishedObject,
		"iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	maps.Copy(claims, changes)
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "key-1"
	text, err := token.SignedString(p.key)
	if err != nil {
		p.t.Fatal(err)
	}
	return text
}

func (p *Publisher) publish(w http.ResponseWriter, req *http.Request) {
	p.fetched.Add(1)
	answer := map[string]any{"issuer": p.Issuer(), "jwks_uri": p.URL + "/keys"}
	if req.URL.Path == "/keys" {
		answer = map[string]any{"keys": []map[string]any{{
			"kty": "RSA", "use": "sig", "kid": "key-1",
			"n": base64.RawURLEncoding.EncodeToString(p.key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(p.key.E)).Bytes()),
		}}}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		p.t.Error(err)
	}
}
