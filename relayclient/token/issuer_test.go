package token_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/relayclient/token"
)

// An issuer publishes keys on loopback as Microsoft Entra ID does, over TLS,
// and signs tokens.
type issuer struct {
	t      *testing.T
	server *httptest.Server
	keys   map[string]*rsa.PrivateKey

	mu        sync.Mutex
	published []string       // IDs of keys
	fetched   map[string]int // how often, by path and query
	clock     time.Time
	named     string // issuer in the document; "" is the one that was asked for
	keyIssuer string // of every key
	keysAt    string // jwks_uri; "" is this server's
	answer    func(http.ResponseWriter, *http.Request) bool
}

// rsaKeys are made once: it takes a while.
var rsaKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t, keys: map[string]*rsa.PrivateKey{"key-1": rsaKeys()[0], "key-2": rsaKeys()[1]}, published: []string{"key-1"}, fetched: map[string]int{}, clock: noon}
	i.server = httptest.NewTLSServer(i)
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) host() string { return strings.TrimPrefix(i.server.URL, "https://") }

func (i *issuer) v1() string { return i.server.URL + "/" + tenant + "/" }

func (i *issuer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.fetched[req.URL.RequestURI()]++
	if i.answer != nil && i.answer(w, req) {
		return
	}
	path := req.URL.Path
	if own, ok := strings.CutSuffix(path, "/.well-known/openid-configuration"); ok {
		named, keysAt := i.named, i.keysAt
		if named == "" {
			named = i.server.URL + own
			if !strings.HasSuffix(own, "/v2.0") {
				named += "/"
			}
		}
		if keysAt == "" {
			keysAt = i.server.URL + "/common/discovery/keys"
		}
		i.write(w, map[string]any{"issuer": named, "jwks_uri": keysAt, "id_token_signing_alg_values_supported": []string{"RS256"}})
		return
	}
	if path != "/common/discovery/keys" {
		http.NotFound(w, req)
		return
	}
	keys := []map[string]any{{"kty": "EC", "kid": "other", "crv": "P-256", "x": "a", "y": "b"}, {"kty": "surprise"}}
	for _, id := range i.published {
		public := i.keys[id].PublicKey
		key := map[string]any{
			"kty": "RSA", "use": "sig", "kid": id, "x5t": id,
			"n": base64.RawURLEncoding.EncodeToString(public.N.Bytes()), "e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(public.E)).Bytes()),
		}
		if i.keyIssuer != "" {
			key["issuer"] = i.keyIssuer
		}
		keys = append(keys, key)
	}
	i.write(w, map[string]any{"keys": keys})
}

func (i *issuer) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.t.Error(err)
	}
}

// set changes the issuer while it may be serving.
func (i *issuer) set(change func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change()
}

func (i *issuer) now() time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.clock
}

// fetches returns how often documents and keys were asked for.
func (i *issuer) fetches() (documents, keys int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for path, n := range i.fetched {
		if strings.HasSuffix(path, "/keys") {
			keys += n
		} else {
			documents += n
		}
	}
	return documents, keys
}

func (i *issuer) verifier() *token.Verifier {
	return token.NewVerifier(token.VerifierOptions{Client: i.server.Client(), Hosts: []string{i.host()}, Now: i.now, Timeout: 5 * time.Second})
}

// claims are those of a token of version 1.0 from this issuer, with changes.
func (i *issuer) claims(changes map[string]any) map[string]any {
	return with(with(v1(), map[string]any{"iss": i.v1()}), changes)
}

// sign makes a token with a key of the issuer.
func (i *issuer) sign(kid string, claims map[string]any) string {
	i.t.Helper()
	made := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(claims))
	made.Header["kid"] = kid
	text, err := made.SignedString(i.keys[kid])
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}
