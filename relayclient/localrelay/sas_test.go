package localrelay

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

const (
	vectorKey  = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	vectorHost = "contoso.servicebus.windows.net"
)

var beforeVectors = time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)

func vectorRules(rights Rights) []Rule {
	return []Rule{{Name: "listen", PrimaryKey: relayclient.NewSecret(vectorKey), Rights: rights}}
}

func vector(sr, sig string) string {
	return "SharedAccessSignature sr=" + sr + "&sig=" + url.QueryEscape(sig) + "&se=1924992000&skn=listen"
}

const v1SR, v1Sig = "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "gBt5cgTJsvz+6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg="

// Signatures by Microsoft's clients, at a fixed expiry.
func TestCheckTokenVectors(t *testing.T) {
	for name, tt := range map[string]struct{ sr, sig, path string }{
		"V1":              {v1SR, v1Sig, "hyco"},
		"V2 .NET":         {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco%2F", "1uajcBih32nM8qV7ubI8X97xpVs/4nuidMQWBk6TypI=", "hyco"},
		"V3 Node":         {"http%3A%2F%2Fcontoso.servicebus.windows.net%3A443%2Fhyco", "o6c77FykSyV9gaNopuOwrmz3DFHvlJaT1gb3xvpZVf0=", "hyco"},
		"V4 namespace":    {"http%3A%2F%2Fcontoso.servicebus.windows.net%2F", "NuUnVBLxD9dO5Yih/ggV59Hld5zVWwHm/mSCkqy6gr0=", "hyco"},
		"V5 Java":         {"sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "i66ZnkZ0F/EHthkUNVIRvzYlzfLn/RzFQm674ObVjFY=", "hyco"},
		"V6 lower hex":    {"http%3a%2f%2fcontoso.servicebus.windows.net%2fhyco", "gFRj5EUTkYiYvtJUJZAintAWgshfXS6yt5ogDnTI4Qw=", "hyco"},
		"V7 https":        {"https%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "65ytxrwuzaMUfqA/hGN2Ax/Ru649H3AcEpJWRzfn+eQ=", "hyco"},
		"V8 escaped path": {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhy%2520co%2F%25C3%25A9", "K3ba4qHsqrUiDUzgEF72s4GqlJUIZwaBLPUZWmRHI7M=", "hy co/é"},
	} {
		t.Run(name, func(t *testing.T) {
			path := strings.Split(tt.path, "/")
			expires, refused := checkToken(vector(tt.sr, tt.sig), vectorHost, path, Listen, beforeVectors, vectorRules(Listen))
			if refused != nil {
				t.Fatalf("refused: %s", refused.text)
			}
			if want := time.Unix(1924992000, 0); !expires.Equal(want) {
				t.Errorf("expires %v, want %v", expires, want)
			}
		})
	}
}

func TestCheckTokenRefuses(t *testing.T) {
	good := vector(v1SR, v1Sig)
	for name, tt := range map[string]struct{ token, want string }{
		"nothing":            {"", "MissingToken"},
		"key decoded first":  {vector(v1SR, "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA="), "invalid signature"},
		"signature altered":  {vector(v1SR, "h"+v1Sig[1:]), "invalid signature"},
		"expiry altered":     {strings.Replace(good, "1924992000", "1924992001", 1), "invalid signature"},
		"resource altered":   {strings.Replace(good, "%2Fhyco", "%2fhyco", 1), "invalid signature"},
		"unknown rule":       {strings.Replace(good, "skn=listen", "skn=other", 1), "invalid signature"},
		"a JWT":              {"eyJhbGciOiJub25lIn0.e30.", "MalformedToken"},
		"three words":        {good + " more", "MalformedToken"},
		"other scheme":       {strings.Replace(good, "Shared", "Sharing", 1), "MalformedToken"},
		"no sr":              {strings.Replace(good, "sr=", "sx=", 1), "MalformedToken"},
		"no sig":             {strings.Replace(good, "sig=", "six=", 1), "MalformedToken"},
		"no se":              {strings.Replace(good, "se=", "sx=", 1), "MalformedToken"},
		"no skn":             {strings.Replace(good, "skn=", "sxn=", 1), "MalformedToken"},
		"se twice":           {good + "&se=1924992000", "MalformedToken"},
		"field without =":    {good + "&x", "MalformedToken"},
		"expiry not numeric": {strings.Replace(good, "1924992000", "tomorrow", 1), "MalformedToken"},
		"expiry signed":      {strings.Replace(good, "1924992000", "+1924992000", 1), "MalformedToken"},
		"bad escape":         {strings.Replace(good, "skn=listen", "skn=%zz", 1), "MalformedToken"},
	} {
		t.Run(name, func(t *testing.T) {
			_, refused := checkToken(tt.token, vectorHost, []string{"hyco"}, Listen, beforeVectors, vectorRules(Listen))
			if refused == nil || refused.status != 401 || !strings.Contains(refused.text, tt.want) {
				t.Errorf("got %+v, want 401 with %q", refused, tt.want)
			}
		})
	}
	after := time.Unix(1924992000, 0)
	if _, refused := checkToken(good, vectorHost, []string{"hyco"}, Listen, after, vectorRules(Listen)); refused == nil || !strings.HasPrefix(refused.text, "ExpiredToken") {
		t.Errorf("at its expiry a token gives %+v, want ExpiredToken", refused)
	}
	// Milliseconds are a time that the service does not know.
	if _, refused := checkToken(strings.Replace(good, "1924992000", "1924992000000", 1), vectorHost, []string{"hyco"}, Listen, beforeVectors, vectorRules(Listen)); refused == nil || !strings.HasPrefix(refused.text, "ExpiredToken") {
		t.Errorf("with milliseconds a token gives %+v, want ExpiredToken", refused)
	}
	if _, refused := checkToken(good, vectorHost, []string{"hyco"}, Listen, beforeVectors, vectorRules(Send)); refused == nil || refused.text != "Authorization failed for specified action: Listen." {
		t.Errorf("without the right a token gives %+v", refused)
	}
}

func TestCheckTokenForgives(t *testing.T) {
	good := vector(v1SR, v1Sig)
	for name, token := range map[string]string{
		"case of scheme and rule": strings.NewReplacer("SharedAccess", "sharedaccess", "skn=listen", "skn=LISTEN").Replace(good),
		"other order":             "SharedAccessSignature skn=listen&se=1924992000&sig=" + url.QueryEscape(v1Sig) + "&sr=" + v1SR,
		"unknown field":           good + "&x=1",
		"plus sign lost":          strings.Replace(good, "%2B", "%20", 1),
		"plus sign unescaped":     strings.Replace(good, "%2B", "+", 1),
	} {
		if _, refused := checkToken(token, vectorHost, []string{"hyco"}, Listen, beforeVectors, vectorRules(Listen)); refused != nil {
			t.Errorf("%s: refused with %q", name, refused.text)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		audience, path string
		want           bool
	}{
		{"http://ns/hyco", "hyco", true},
		{"HTTP://NS/HyCo", "hYcO", true},
		{"wss://user@ns:99/$hc/hyco?x#y", "hyco", true},
		{"amqps://ns", "hyco", true},
		{"http://ns/a", "a/b", true},
		{"http://ns/a/b", "a", false},
		{"http://ns/hy", "hyco", false},
		{"http://ns/other", "hyco", false},
		{"http://elsewhere/hyco", "hyco", false},
		{"http://ns.elsewhere/hyco", "hyco", false},
		{"ftp://ns/hyco", "hyco", false},
		{"ns/hyco", "hyco", false},
		{"//ns/hyco", "hyco", false},
		{"http://ns/hyco%zz", "hyco", false},
		{"", "hyco", false},
	} {
		got := sasToken{sr: url.QueryEscape(tt.audience)}.covers("ns", strings.Split(tt.path, "/"))
		if got != tt.want {
			t.Errorf("audience %q for %q: got %v, want %v", tt.audience, tt.path, got, tt.want)
		}
	}
}

func TestCheckTokenTriesBothKeysAndLevels(t *testing.T) {
	good := vector(v1SR, v1Sig)
	other := relayclient.NewSecret("other")
	key := relayclient.NewSecret(vectorKey)
	for name, tt := range map[string]struct {
		entity, namespace Rule
		want              string
	}{
		"secondary key":         {Rule{Name: "listen", PrimaryKey: other, SecondaryKey: key, Rights: Listen}, Rule{}, ""},
		"namespace":             {Rule{}, Rule{Name: "listen", PrimaryKey: key, Rights: Listen}, ""},
		"namespace as a second": {Rule{Name: "listen", PrimaryKey: other, Rights: Listen}, Rule{Name: "listen", PrimaryKey: key, Rights: Listen}, ""},
		"first error counts":    {Rule{Name: "listen", PrimaryKey: key, Rights: Send}, Rule{Name: "listen", PrimaryKey: other, Rights: Listen}, "Authorization failed"},
	} {
		_, refused := checkToken(good, vectorHost, []string{"hyco"}, Listen, beforeVectors, []Rule{tt.entity}, []Rule{tt.namespace})
		if (refused == nil) != (tt.want == "") || refused != nil && !strings.Contains(refused.text, tt.want) {
			t.Errorf("%s: got %+v, want %q", name, refused, tt.want)
		}
	}
}

func FuzzCheckToken(f *testing.F) {
	f.Add(vector(v1SR, v1Sig))
	f.Add(vector(v1SR, "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA="))
	f.Add("SharedAccessSignature sr=&sig=&se=&skn=")
	f.Fuzz(func(t *testing.T, token string) {
		expires, refused := checkToken(token, vectorHost, []string{"hyco"}, Listen, beforeVectors, vectorRules(Listen))
		if refused != nil {
			if len(token) > 40 && strings.Contains(refused.text, token) {
				t.Error("the refusal quotes the token")
			}
			return
		}
		parsed, _ := parseSAS(token)
		signature, err := base64.StdEncoding.DecodeString(parsed.sig)
		if err != nil || len(signature) != 32 || !parsed.signedWith(vectorKey) || !expires.After(beforeVectors) {
			t.Errorf("accepted %q", token)
		}
		if parsed.signedWith(vectorKey + "x") {
			t.Error("any key fits")
		}
	})
}

func BenchmarkCheckToken(b *testing.B) {
	token, rules := vector(v1SR, v1Sig), vectorRules(Listen)
	b.ReportAllocs()
	for b.Loop() {
		if _, refused := checkToken(token, vectorHost, []string{"hyco"}, Listen, beforeVectors, rules); refused != nil {
			b.Fatal(fmt.Sprint(refused.text))
		}
	}
}
