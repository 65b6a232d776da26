package localrelay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A sasToken is a shared access signature taken apart, not yet believed. sr
// and se stay as they stand in the token, because that text was signed.
type sasToken struct {
	sr, se  string
	sig     string    // base64, percent-decoded
	keyName string    // percent-decoded
	expires time.Time // zero if it is after maxExpiry
}

// maxExpiry is the last time that the service knows. What is later is mostly
// meant as milliseconds, and the service calls it expired.
var maxExpiry = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// parseSAS takes a token apart. The problem is a sentence that quotes nothing
// of the token; "" means the token is well formed.
func parseSAS(text string) (t sasToken, problem string) {
	words := strings.Fields(text)
	if len(words) != 2 || !strings.EqualFold(words[0], "SharedAccessSignature") {
		return t, "The token is not a shared access signature"
	}
	fields := map[string]string{}
	for pair := range strings.SplitSeq(words[1], "&") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return t, "The token has a field without a value"
		}
		if _, twice := fields[name]; twice {
			return t, "The token has the same field twice"
		}
		fields[name] = value
	}
	for _, name := range []string{"sr", "sig", "se", "skn"} {
		if fields[name] == "" {
			return t, "The token has no field " + name
		}
	}
	t.sr, t.se = fields["sr"], fields["se"]
	sig, err := url.PathUnescape(fields["sig"])
	if err != nil {
		return t, "The token's field sig is not percent-encoded properly"
	}
	// Clients that leave the plus signs of base64 unescaped lose them to form
	// decoding on the way.
	t.sig = strings.ReplaceAll(sig, " ", "+")
	if t.keyName, err = url.QueryUnescape(fields["skn"]); err != nil {
		return t, "The token's field skn is not percent-encoded properly"
	}
	seconds, err := strconv.ParseUint(t.se, 10, 63)
	if err != nil {
		return t, "The token's field se is not a number of seconds"
	}
	if seconds <= uint64(maxExpiry.Unix()) {
		t.expires = time.Unix(int64(seconds), 0).UTC()
	}
	return t, ""
}

// signedWith reports whether key, used as text, made the signature.
func (t sasToken) signedWith(key string) bool {
	if key == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(t.sr + "\n" + t.se))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return hmac.Equal([]byte(want), []byte(t.sig))
}

// covers reports whether the token's audience names host and a whole-segment
// prefix of path. An empty path in the audience stands for the namespace.
func (t sasToken) covers(host string, path []string) bool {
	audience, err := url.QueryUnescape(t.sr)
	if err != nil {
		return false
	}
	u, err := url.Parse(audience)
	if err != nil {
		return false
	}
	switch u.Scheme { // url.Parse has lowered it
	case "http", "https", "sb", "ws", "wss", "amqps":
	default:
		return false
	}
	if !strings.EqualFold(u.Hostname(), host) {
		return false
	}
	named, ok := splitPath(strings.Trim(u.EscapedPath(), "/"))
	if !ok {
		return false
	}
	if len(named) > 0 && strings.EqualFold(named[0].text, "$hc") {
		named = named[1:]
	}
	if len(named) > len(path) {
		return false
	}
	for i, s := range named {
		if !strings.EqualFold(s.text, path[i]) {
			return false
		}
	}
	return true
}
