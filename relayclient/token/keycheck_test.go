package token_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
)

// The key of the protocol's test vectors. It looks like base64 and is used as
// text.
const (
	vectorKey    = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	vectorExpiry = "1924992000" // 2031-01-01T00:00:00Z
	vectorSR     = "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco"
)

// sasText builds a token out of parts, the signature in base64.
func sasText(sr, sig, se, skn string) string {
	return "SharedAccessSignature sr=" + sr + "&sig=" + url.QueryEscape(sig) + "&se=" + se + "&skn=" + url.QueryEscape(skn)
}

// hmacSum signs message with key.
func hmacSum(key, message string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

func sign64(key, message string) string {
	return base64.StdEncoding.EncodeToString(hmacSum(key, message))
}

func mustRead(t *testing.T, text string) token.Token {
	t.Helper()
	got, err := token.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Signatures for 2031-01-01T00:00:00Z under the policy "listen", as the
// service's own Node client computes them.
func TestVectorsAreSignedWithTheirKey(t *testing.T) {
	target := token.Target{
		Namespace: "contoso.servicebus.windows.net", HybridConnection: "hyco", Permission: token.Listen,
		Key: relayclient.NewSecret(vectorKey), Now: time.Unix(1924992000-7200, 0),
	}
	for name, v := range map[string]struct{ sr, sig string }{
		"V1 plain":           {vectorSR, "gBt5cgTJsvz+6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg="},
		"V2 trailing slash":  {vectorSR + "%2F", "1uajcBih32nM8qV7ubI8X97xpVs/4nuidMQWBk6TypI="},
		"V3 port":            {"http%3A%2F%2Fcontoso.servicebus.windows.net%3A443%2Fhyco", "o6c77FykSyV9gaNopuOwrmz3DFHvlJaT1gb3xvpZVf0="},
		"V4 namespace":       {"http%3A%2F%2Fcontoso.servicebus.windows.net%2F", "NuUnVBLxD9dO5Yih/ggV59Hld5zVWwHm/mSCkqy6gr0="},
		"V5 sb scheme":       {"sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "i66ZnkZ0F/EHthkUNVIRvzYlzfLn/RzFQm674ObVjFY="},
		"V6 lower-case hex":  {"http%3a%2f%2fcontoso.servicebus.windows.net%2fhyco", "gFRj5EUTkYiYvtJUJZAintAWgshfXS6yt5ogDnTI4Qw="},
		"V7 https":           {"https%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "65ytxrwuzaMUfqA/hGN2Ax/Ru649H3AcEpJWRzfn+eQ="},
		"V8 escaped segment": {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhy%2520co%2F%25C3%25A9", "K3ba4qHsqrUiDUzgEF72s4GqlJUIZwaBLPUZWmRHI7M="},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, sasText(v.sr, v.sig, vectorExpiry, "listen"))
			check := got.SAS.CheckKey(relayclient.NewSecret(vectorKey))
			if check.Verdict != token.Right || len(check.Mistakes) != 0 {
				t.Errorf("signature is %v (%s), want right", check.Verdict, check.Why)
			}
			at := target
			if strings.HasPrefix(name, "V8") {
				at.HybridConnection = "hy co/é"
			}
			for _, f := range got.Judge(at) {
				if f.Verdict == token.Wrong {
					t.Errorf("%s %q is wrong: %s", f.Name, f.Value, f.Why)
				}
			}
			if left, ok := got.ExpiresIn(at.Now); !ok || left != 2*time.Hour {
				t.Errorf("expires in %v, %v, want 2h", left, ok)
			}
		})
	}
}

func TestKeyDecodedFirst(t *testing.T) {
	// The vector that a server must refuse.
	got := mustRead(t, sasText(vectorSR, "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA=", vectorExpiry, "listen"))
	check := got.SAS.CheckKey(relayclient.NewSecret(vectorKey))
	if check.Verdict != token.Wrong || !slices.Equal(check.Mistakes, []token.Mistake{token.KeyDecoded}) {
		t.Errorf("got %v with %q, want wrong with the decoded key", check.Verdict, check.Mistakes)
	}
}

func TestMistakesAreTold(t *testing.T) {
	const lowerHex = "http%3a%2f%2fcontoso.servicebus.windows.net%2fhyco"
	decoded := "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	se := "\n" + vectorExpiry
	for name, tt := range map[string]struct {
		sr, sig string // what is in the token
		want    []token.Mistake
	}{
		"lower-case hex signed":     {vectorSR, sign64(vectorKey, lowerHex+se), []token.Mistake{token.OtherHexCase}},
		"upper-case hex signed":     {lowerHex, sign64(vectorKey, vectorSR+se), []token.Mistake{token.OtherHexCase}},
		"all lower case signed":     {"http%3A%2F%2FContoso.servicebus.windows.net%2FHyco", sign64(vectorKey, lowerHex+se), []token.Mistake{token.LowerCased}},
		"name lower case signed":    {"http%3A%2F%2FContoso.servicebus.windows.net%2FHyco", sign64(vectorKey, vectorSR+se), []token.Mistake{token.LowerCased}},
		"slash signed, not sent":    {vectorSR, sign64(vectorKey, vectorSR+"%2F"+se), []token.Mistake{token.SlashMissing}},
		"slash sent, not signed":    {vectorSR + "%2F", sign64(vectorKey, vectorSR+se), []token.Mistake{token.SlashAdded}},
		"plus signed":               {"http%3A%2F%2Fh%2Fa%20b", sign64(vectorKey, "http%3A%2F%2Fh%2Fa+b"+se), []token.Mistake{token.SpaceAsPlus}},
		"plus sent":                 {"http%3A%2F%2Fh%2Fa+b", sign64(vectorKey, "http%3A%2F%2Fh%2Fa%20b"+se), []token.Mistake{token.SpaceAsEscape}},
		"plain resource signed":     {vectorSR, sign64(vectorKey, "http://contoso.servicebus.windows.net/hyco"+se), []token.Mistake{token.ResourceDecoded}},
		"encoded twice":             {vectorSR, sign64(vectorKey, url.QueryEscape(vectorSR)+se), []token.Mistake{token.ResourceEncoded}},
		"sb signed":                 {vectorSR, sign64(vectorKey, "sb"+vectorSR[4:]+se), []token.Mistake{token.OtherScheme}},
		"port sent, not signed":     {strings.Replace(vectorSR, ".net", ".net%3A443", 1), sign64(vectorKey, vectorSR+se), []token.Mistake{token.OtherPort}},
		"port signed, not sent":     {vectorSR, sign64(vectorKey, strings.Replace(vectorSR, ".net", ".net%3A443", 1)+se), []token.Mistake{token.OtherPort}},
		"key without padding":       {vectorSR, sign64(strings.TrimRight(vectorKey, "="), vectorSR+se), []token.Mistake{token.KeyPadding}},
		"key with a line break":     {vectorSR, sign64(vectorKey+"\n", vectorSR+se), []token.Mistake{token.KeySpace}},
		"key escaped":               {vectorSR, sign64(url.QueryEscape(vectorKey), vectorSR+se), []token.Mistake{token.KeyEscaped}},
		"no line break":             {vectorSR, sign64(vectorKey, vectorSR+vectorExpiry), []token.Mistake{token.NoLineBreak}},
		"backslash n":               {vectorSR, sign64(vectorKey, vectorSR+`\n`+vectorExpiry), []token.Mistake{token.LiteralLineBreak}},
		"echo added a line break":   {vectorSR, sign64(vectorKey, vectorSR+se+"\n"), []token.Mistake{token.TrailingLineBreak}},
		"signature in hex":          {vectorSR, hex.EncodeToString(hmacSum(vectorKey, vectorSR+se)), []token.Mistake{token.SignatureHex}},
		"signature in base64url":    {vectorSR, base64.RawURLEncoding.EncodeToString(hmacSum(vectorKey, vectorSR+se)), []token.Mistake{token.SignatureURLSafe}},
		"decoded key and lower hex": {vectorSR, sign64(decoded, lowerHex+se), []token.Mistake{token.KeyDecoded, token.OtherHexCase}},
		"lower hex and slash":       {vectorSR, sign64(vectorKey, lowerHex+"%2f"+se), []token.Mistake{token.OtherHexCase, token.SlashMissing}},
		"another key":               {vectorSR, sign64("another", vectorSR+se), nil},
		"another expiry":            {vectorSR, sign64(vectorKey, vectorSR+"\n1924992001"), nil},
		"another hybrid connection": {vectorSR, sign64(vectorKey, vectorSR+"2"+se), nil},
		"signature that is cut off": {vectorSR, "gBt5cgTJsvz+6jwnvpOmH3Ni", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, sasText(tt.sr, tt.sig, vectorExpiry, "listen"))
			check := got.SAS.CheckKey(relayclient.NewSecret(vectorKey))
			if check.Verdict != token.Wrong || !slices.Equal(check.Mistakes, tt.want) {
				t.Errorf("got %v with %q, want wrong with %q", check.Verdict, check.Mistakes, tt.want)
			}
			if check.Why == "" || strings.Contains(check.Why, vectorKey) {
				t.Errorf("why: %q", check.Why)
			}
		})
	}
}

func TestKeyAsItWasCopied(t *testing.T) {
	text := sasText(vectorSR, sign64(vectorKey, vectorSR+"\n"+vectorExpiry), vectorExpiry, "listen")
	got := mustRead(t, text)
	for name, key := range map[string]string{
		"as it is": vectorKey, "line break behind": vectorKey + "\r\n", "percent-encoded": url.QueryEscape(vectorKey), "without =": strings.TrimRight(vectorKey, "="),
	} {
		if check := got.SAS.CheckKey(relayclient.NewSecret(key)); check.Verdict != token.Right {
			t.Errorf("%s: got %v, want right", name, check.Verdict)
		}
	}
	if check := got.SAS.CheckKey(relayclient.Secret{}); check.Verdict != token.NotCheckable {
		t.Errorf("no key: got %v, want not checkable", check.Verdict)
	}
}

// What the client itself signs passes its own inspection.
func TestOwnTokenPasses(t *testing.T) {
	key := relayclient.NewSecret(vectorKey)
	for namespace, name := range map[string]string{"contoso.servicebus.windows.net": "hyco", "localhost:8443": "hy co/é", "[::1]:8443": "a"} {
		made, err := relayclient.SharedAccessKey{KeyName: "send listen", Key: key}.Token(t.Context(), relayclient.Audience(namespace, name))
		if err != nil {
			t.Fatal(err)
		}
		got := mustRead(t, made.Value.Reveal())
		facts := got.Judge(token.Target{Namespace: namespace, HybridConnection: name, Permission: token.Send, Key: key})
		for _, f := range facts {
			if f.Verdict == token.Wrong {
				t.Errorf("%s/%s: %s %q is wrong: %s", namespace, name, f.Name, f.Value, f.Why)
			}
		}
		if !got.Expires().Equal(made.Expires) || token.Worst(facts) != token.Right {
			t.Errorf("expires %v, worst %v; want %v, right", got.Expires(), token.Worst(facts), made.Expires)
		}
	}
}
