package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"

	"relayscope/relayclient"
)

// A Mistake is one way in which a SAS token was signed wrongly, or in which
// the token differs from what was signed.
type Mistake string

// The mistakes that CheckKey tells apart, as clauses behind "the token is
// signed …".
const (
	KeyDecoded        Mistake = "with the key decoded from base64 first; the key is used as text"
	KeyPadding        Mistake = "with the key without the = at its end"
	KeySpace          Mistake = "with a space or a line break at the end of the key"
	KeyEscaped        Mistake = "with the key percent-encoded"
	OtherHexCase      Mistake = "for a resource whose escapes are in the other case"
	LowerCased        Mistake = "for the resource in lower case"
	SlashMissing      Mistake = "for the resource with a slash at its end, which the token lacks"
	SlashAdded        Mistake = "for the resource without the slash at its end"
	SpaceAsPlus       Mistake = "for a resource with spaces as +, where the token has %20"
	SpaceAsEscape     Mistake = "for a resource with spaces as %20, where the token has +"
	ResourceDecoded   Mistake = "for the resource before it was percent-encoded"
	ResourceEncoded   Mistake = "for the resource percent-encoded once more"
	OtherScheme       Mistake = "for a resource with another scheme"
	OtherPort         Mistake = "for a resource with port 443, or without it, unlike the token's"
	NoLineBreak       Mistake = "without the line break between resource and expiry"
	LiteralLineBreak  Mistake = "with a backslash and an n, or with CR LF, in place of the line break"
	TrailingLineBreak Mistake = "with a line break too many at the end of what was signed"
	SignatureHex      Mistake = "with the signature written in hex instead of base64"
	SignatureURLSafe  Mistake = "with the signature written in base64url instead of base64"
)

// A KeyCheck says whether a key made a token's signature.
type KeyCheck struct {
	Verdict  Verdict
	Mistakes []Mistake // how the token came to be wrong, if that can be told
	Why      string    // one sentence
}

// CheckKey finds out whether key, as text, made the signature. If not, it
// tries the mistakes that people make, alone and two at a time, to tell which
// of them was made.
func (s SAS) CheckKey(key relayclient.Secret) KeyCheck {
	if key.Empty() {
		return KeyCheck{Why: "There is no key to check it with."}
	}
	if len(key.Reveal()) > 4*relayclient.MaxKey { // room for escapes and white space
		return KeyCheck{Verdict: Wrong, Why: "The key is longer than that of any policy."}
	}
	want, form := decodeSignature(s.Signature.Reveal())
	if want == nil {
		return KeyCheck{Verdict: Wrong, Why: "The signature is not the base64 text of 32 bytes."}
	}
	made := signing{[]byte(strings.TrimSpace(key.Reveal())), s.RawResource, "\n", s.RawExpires, ""}
	found := func(mistakes ...Mistake) KeyCheck {
		if form != "" {
			mistakes = append(mistakes, form)
		}
		if len(mistakes) == 0 {
			return KeyCheck{Verdict: Right, Why: "The key made this signature."}
		}
		words := make([]string, len(mistakes))
		for i, m := range mistakes {
			words[i] = string(m)
		}
		return KeyCheck{Wrong, mistakes, "The token is signed " + strings.Join(words, ", and ") + "."}
	}
	if made.matches(want) {
		return found()
	}
	if s := made.withKey(string(made.key) + "="); s.matches(want) {
		return KeyCheck{Verdict: Right, Why: "The key made this signature; as it was given here, it lacks the = at its end."}
	}
	if plain, err := url.PathUnescape(string(made.key)); err == nil && made.withKey(plain).matches(want) {
		return KeyCheck{Verdict: Right, Why: "The key made this signature; as it was given here, it is percent-encoded."}
	}
	variations := listVariations()
	for _, a := range variations {
		if made.vary(a).matches(want) {
			return found(a.mistake)
		}
	}
	if len(s.RawResource)+len(s.RawExpires) > maxPairs {
		variations = nil
	}
	for _, a := range variations {
		for _, b := range variations {
			if a.mistake != b.mistake && made.vary(a).vary(b).matches(want) {
				return found(a.mistake, b.mistake)
			}
		}
	}
	return KeyCheck{Verdict: Wrong, Why: "Another key made this signature, or something in the token was changed afterwards."}
}

// maxPairs is how long the signed text may be for two mistakes to be tried at
// a time: it takes a thousand signatures. Names have at most 260 characters.
const maxPairs = 2 << 10

// decodeSignature returns the 32 bytes of a signature, or nil, and what is
// unusual about how it is written.
func decodeSignature(text string) ([]byte, Mistake) {
	if sum, err := base64.StdEncoding.DecodeString(text); err == nil && len(sum) == sha256.Size {
		return sum, ""
	}
	if sum, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "=")); err == nil && len(sum) == sha256.Size {
		return sum, SignatureURLSafe
	}
	if sum, err := hex.DecodeString(text); err == nil && len(sum) == sha256.Size {
		return sum, SignatureHex
	}
	return nil, ""
}

// A signing is what goes into a signature.
type signing struct {
	key                  []byte
	sr, between, se, end string
}

func (s signing) matches(want []byte) bool {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(s.sr + s.between + s.se + s.end))
	return hmac.Equal(mac.Sum(nil), want)
}

// withKey returns s as it would be with another key.
func (s signing) withKey(key string) signing {
	s.key = []byte(key)
	return s
}

// vary returns s as it would be with one mistake.
func (s signing) vary(v variation) signing {
	v.apply(&s)
	return s
}

// A variation makes one mistake. It must not change what a slice holds.
type variation struct {
	mistake Mistake
	apply   func(*signing)
}

// listVariations returns the mistakes, the most frequent first.
func listVariations() []variation {
	var list []variation
	resource := func(m Mistake, change func(sr string) string) {
		list = append(list, variation{m, func(s *signing) { s.sr = change(s.sr) }})
	}
	key := func(m Mistake, change func(key []byte) []byte) {
		list = append(list, variation{m, func(s *signing) { s.key = change(s.key) }})
	}
	key(KeyDecoded, func(k []byte) []byte {
		if decoded, err := base64.StdEncoding.DecodeString(string(k)); err == nil {
			return decoded
		}
		return k
	})
	resource(OtherHexCase, func(sr string) string { return escapes.ReplaceAllStringFunc(sr, strings.ToUpper) })
	resource(OtherHexCase, func(sr string) string { return escapes.ReplaceAllStringFunc(sr, strings.ToLower) })
	resource(LowerCased, strings.ToLower)
	resource(LowerCased, func(sr string) string {
		return escapes.ReplaceAllStringFunc(strings.ToLower(sr), strings.ToUpper)
	})
	for _, slash := range []string{"%2F", "%2f", "/"} {
		resource(SlashMissing, func(sr string) string { return sr + slash })
		resource(SlashAdded, func(sr string) string { return strings.TrimSuffix(sr, slash) })
	}
	resource(SpaceAsPlus, func(sr string) string { return strings.ReplaceAll(sr, "%20", "+") })
	resource(SpaceAsEscape, func(sr string) string { return strings.ReplaceAll(sr, "+", "%20") })
	resource(ResourceDecoded, func(sr string) string {
		if decoded, err := url.QueryUnescape(sr); err == nil {
			return decoded
		}
		return sr
	})
	resource(ResourceEncoded, url.QueryEscape)
	for _, scheme := range []string{"http", "https", "sb", "wss"} {
		resource(OtherScheme, func(sr string) string { return schemeOf.ReplaceAllString(sr, scheme+"$1") })
	}
	resource(OtherPort, func(sr string) string { return port443.ReplaceAllString(sr, "") })
	resource(OtherPort, func(sr string) string { return hostOf.ReplaceAllString(sr, "$1$2%3A443") })
	resource(OtherPort, func(sr string) string { return hostOf.ReplaceAllString(sr, "$1$2%3a443") })
	key(KeyPadding, func(k []byte) []byte { return bytes.TrimRight(k, "=") })
	for _, space := range []string{"\n", "\r\n", " "} {
		key(KeySpace, func(k []byte) []byte { return append(bytes.Clone(k), space...) })
	}
	key(KeyEscaped, func(k []byte) []byte { return []byte(url.QueryEscape(string(k))) })
	between := func(m Mistake, text string) {
		list = append(list, variation{m, func(s *signing) { s.between = text }})
	}
	between(NoLineBreak, "")
	between(LiteralLineBreak, `\n`)
	between(LiteralLineBreak, "\r\n")
	list = append(list, variation{TrailingLineBreak, func(s *signing) { s.end = "\n" }})
	return list
}

var (
	escapes  = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	schemeOf = regexp.MustCompile(`^[A-Za-z]+(:|%3[Aa])`)
	port443  = regexp.MustCompile(`(?::|%3[Aa])443`)
	hostOf   = regexp.MustCompile(`^([A-Za-z]+(?::|%3[Aa])(?:/|%2[Ff]){2})([A-Za-z0-9.-]+)`)
)
