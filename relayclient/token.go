package relayclient

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Token authorizes listening or sending until it expires.
type Token struct {
	Value   Secret    // "SharedAccessSignature sr=…", or a raw JWT
	Expires time.Time // zero if unknown
}

// A TokenProvider makes tokens. audience is the resource the token must be
// good for, as Audience returns it; a provider that signs in elsewhere may use
// an audience of its own. Token is called from several goroutines at once, and
// again for every renewal.
type TokenProvider interface {
	Token(ctx context.Context, audience string) (Token, error)
}

// A SharedAccessKey is a TokenProvider that signs SAS tokens with the key of a
// shared access policy.
type SharedAccessKey struct {
	KeyName  string        // SharedAccessKeyName, the name of the policy
	Key      Secret        // SharedAccessKey, used as text: it looks like base64 but is not decoded
	Lifetime time.Duration // how long a token is good for; 0 means DefaultTokenLifetime
}

// DefaultTokenLifetime is what the service's own SDKs use.
const DefaultTokenLifetime = time.Hour

// Limits of a policy's name and key, in characters, as the service's SDKs
// enforce them.
const (
	MaxKeyName = 256
	MaxKey     = 256
)

// Token signs a token for audience. It fails only if the policy's name or key
// is missing or too long.
func (k SharedAccessKey) Token(_ context.Context, audience string) (Token, error) {
	switch {
	case k.KeyName == "" || k.Key.Empty():
		return Token{}, errors.New("sign token: the shared access policy has no name or no key")
	case len(k.KeyName) > MaxKeyName || len(k.Key.Reveal()) > MaxKey:
		return Token{}, errors.New("sign token: the shared access policy's name or key is longer than 256 characters")
	}
	lifetime := k.Lifetime
	if lifetime == 0 {
		lifetime = DefaultTokenLifetime
	}
	expires := time.Now().Add(lifetime).Truncate(time.Second)
	return Token{NewSecret(signSAS(percentEncode(audience), k.KeyName, k.Key.Reveal(), expires)), expires}, nil
}

// A StaticToken is a TokenProvider that hands out one ready-made token and can
// renew nothing.
type StaticToken Token

// Token returns the token, whatever the audience.
func (t StaticToken) Token(context.Context, string) (Token, error) { return Token(t), nil }

// Audience returns the resource URI that a SAS token for a hybrid connection
// signs: http://HOST/NAME, without port, with each segment escaped.
func Audience(namespace, hybridConnection string) string {
	host := namespace
	if h, _, err := net.SplitHostPort(namespace); err == nil {
		host = h
		if strings.Contains(h, ":") {
			host = "[" + h + "]"
		}
	}
	return "http://" + host + "/" + escapePath(hybridConnection)
}

// escapePath escapes every segment of a hybrid connection's name; the slashes
// between them travel raw, as in the service's own SDKs.
func escapePath(name string) string {
	segments := strings.Split(name, "/")
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// signSAS builds a token for a resource that is already percent-encoded: the
// service verifies the encoded text exactly as it stands in the token.
func signSAS(sr, keyName, key string, expires time.Time) string {
	se := strconv.FormatInt(expires.Unix(), 10)
	return "SharedAccessSignature sr=" + sr +
		"&sig=" + percentEncode(sasSignature(sr, se, []byte(key))) +
		"&se=" + se +
		"&skn=" + percentEncode(keyName)
}

func sasSignature(sr, se string, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(sr + "\n" + se))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// percentEncode escapes everything but A-Z a-z 0-9 - _ . and ~.
func percentEncode(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
