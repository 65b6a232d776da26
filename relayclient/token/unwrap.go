package token

import (
	"encoding/json"
	"net/url"
	"strings"

	"relayscope/relayclient"
)

// A Wrapping is something that was around a token and is no part of it.
type Wrapping string

// The wrappings.
const (
	Bearer             Wrapping = "the word Bearer"
	Quotes             Wrapping = "quotation marks"
	Encoding           Wrapping = "percent-encoding"
	HeaderName         Wrapping = "the name of a header"
	InURL              Wrapping = "a URL"
	InJSON             Wrapping = "JSON"
	LineBreaks         Wrapping = "white space inside"
	InConnectionString Wrapping = "a connection string"
)

// maxWraps bounds how many layers are taken off.
const maxWraps = 8

// unwrap takes off what was around a token, and says what it was.
func unwrap(text string) (string, []Wrapping) {
	var list []Wrapping
	for range maxWraps {
		text = strings.Trim(text, " \t\r\n\v\f\u00a0\ufeff")
		inner, w := unwrapOnce(text)
		if w == "" {
			break
		}
		text = inner
		list = append(list, w)
	}
	return text, list
}

// unwrapOnce takes one layer off text; the Wrapping is "" if there is none.
func unwrapOnce(text string) (string, Wrapping) {
	lower := strings.ToLower(text)
	if inner, ok := unquote(text); ok {
		return inner, Quotes
	}
	for _, name := range []string{"authorization:", "servicebusauthorization:"} {
		if strings.HasPrefix(lower, name) {
			return text[len(name):], HeaderName
		}
	}
	if rest, ok := strings.CutPrefix(lower, "bearer"); ok && rest != "" {
		switch {
		case strings.ContainsAny(rest[:1], " \t\r\n"):
			return text[len("bearer"):], Bearer
		}
	}
	if strings.HasPrefix(text, "{") {
		if inner := fromJSON(text); inner != "" {
			return inner, InJSON
		}
	}
	if strings.Contains(lower, "endpoint=") {
		if cs, err := relayclient.ParseConnectionString(text); err == nil && !cs.Token.Empty() {
			return cs.Token.Reveal(), InConnectionString
		}
	}
	if !strings.HasPrefix(lower, sasWord) {
		if i := strings.Index(lower, "sb-hc-token="); i >= 0 {
			value, _, _ := strings.Cut(text[i+len("sb-hc-token="):], "&")
			value, _, _ = strings.Cut(value, " ") // the rest of a request line
			return value, InURL
		}
	}
	if encodedOnceMore(lower) {
		if inner := unescaped(text); inner != text {
			return inner, Encoding
		}
	}
	if inner := closed(text); inner != text {
		return inner, LineBreaks
	}
	return text, ""
}

func unquote(text string) (string, bool) {
	for _, pair := range [][2]string{{`"`, `"`}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"‘", "’"}, {"<", ">"}} {
		inner, ok := strings.CutPrefix(text, pair[0])
		if !ok {
			continue
		}
		if inner, ok = strings.CutSuffix(inner, pair[1]); ok {
			return inner, true
		}
	}
	return text, false
}

// fromJSON finds the token in what az and the token endpoints print.
func fromJSON(text string) string {
	var answer struct {
		AccessToken string `json:"access_token"`
		CLI         string `json:"accessToken"`
		Token       string `json:"token"`
	}
	if json.Unmarshal([]byte(text), &answer) != nil {
		return ""
	}
	for _, token := range []string{answer.AccessToken, answer.CLI, answer.Token} {
		if token != "" {
			return token
		}
	}
	return ""
}

// encodedOnceMore reports whether a token in lower case is percent-encoded as
// a whole, as it is in a URL.
func encodedOnceMore(lower string) bool {
	if rest, ok := strings.CutPrefix(lower, sasWord); ok {
		return strings.HasPrefix(rest, "%20") || strings.HasPrefix(rest, "+") || strings.HasPrefix(strings.TrimSpace(rest), "sr%3d")
	}
	return strings.HasPrefix(lower, "sr%3d") || strings.HasPrefix(lower, "%22") || strings.HasPrefix(lower, "bearer%20") ||
		strings.HasPrefix(lower, "eyj") && strings.Contains(lower, "%2e")
}

// unescaped decodes text. A plus sign stands for a space only behind the first
// word: further on it is one of base64's.
func unescaped(text string) string {
	if len(text) > len(sasWord) && text[len(sasWord)] == '+' && strings.EqualFold(text[:len(sasWord)], sasWord) {
		text = text[:len(sasWord)] + "%20" + text[len(sasWord)+1:]
	}
	if inner, err := url.PathUnescape(text); err == nil {
		return inner
	}
	return text
}

// closed joins a token that was broken into several lines on the way.
func closed(text string) string {
	words := strings.Fields(text)
	switch {
	case len(words) > 1 && strings.HasPrefix(text, "eyJ"):
		return strings.Join(words, "")
	case len(words) > 2 && strings.EqualFold(words[0], sasWord) && strings.ContainsAny(text, "\r\n"):
		return words[0] + " " + strings.Join(words[1:], "")
	}
	return text
}
