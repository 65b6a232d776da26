package relayclient

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// The key of the protocol's test vectors. It looks like base64 and is used as
// text.
const vectorKey = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="

// Signatures of tokens for 2031-01-01T00:00:00Z under the policy "listen", as
// the service's own Node client computes them.
func TestSASVectors(t *testing.T) {
	expires := time.Unix(1924992000, 0)
	for name, tt := range map[string]struct{ audience, sr, sig string }{
		"V1 plain":           {"http://contoso.servicebus.windows.net/hyco", "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "gBt5cgTJsvz+6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg="},
		"V2 trailing slash":  {"http://contoso.servicebus.windows.net/hyco/", "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco%2F", "1uajcBih32nM8qV7ubI8X97xpVs/4nuidMQWBk6TypI="},
		"V3 port":            {"http://contoso.servicebus.windows.net:443/hyco", "http%3A%2F%2Fcontoso.servicebus.windows.net%3A443%2Fhyco", "o6c77FykSyV9gaNopuOwrmz3DFHvlJaT1gb3xvpZVf0="},
		"V4 namespace":       {"http://contoso.servicebus.windows.net/", "http%3A%2F%2Fcontoso.servicebus.windows.net%2F", "NuUnVBLxD9dO5Yih/ggV59Hld5zVWwHm/mSCkqy6gr0="},
		"V5 sb scheme":       {"sb://contoso.servicebus.windows.net/hyco", "sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "i66ZnkZ0F/EHthkUNVIRvzYlzfLn/RzFQm674ObVjFY="},
		"V6 lower-case hex":  {"", "http%3a%2f%2fcontoso.servicebus.windows.net%2fhyco", "gFRj5EUTkYiYvtJUJZAintAWgshfXS6yt5ogDnTI4Qw="},
		"V7 https":           {"https://contoso.servicebus.windows.net/hyco", "https%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "65ytxrwuzaMUfqA/hGN2Ax/Ru649H3AcEpJWRzfn+eQ="},
		"V8 escaped segment": {"http://contoso.servicebus.windows.net/hy%20co/%C3%A9", "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhy%2520co%2F%25C3%25A9", "K3ba4qHsqrUiDUzgEF72s4GqlJUIZwaBLPUZWmRHI7M="},
	} {
		t.Run(name, func(t *testing.T) {
			if tt.audience != "" {
				if got := percentEncode(tt.audience); got != tt.sr {
					t.Errorf("sr = %s, want %s", got, tt.sr)
				}
			}
			if got := sasSignature(tt.sr, "1924992000", []byte(vectorKey)); got != tt.sig {
				t.Errorf("signature = %s, want %s", got, tt.sig)
			}
			want := "SharedAccessSignature sr=" + tt.sr + "&sig=" + percentEncode(tt.sig) + "&se=1924992000&skn=listen"
			if got := signSAS(tt.sr, "listen", vectorKey, expires); got != want {
				t.Errorf("token = %s\nwant    %s", got, want)
			}
		})
	}
}

// Decoding the key from base64 first is the classic mistake; this is what it
// would give.
func TestSASKeyIsNotDecoded(t *testing.T) {
	const sr, wrong = "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA="
	decoded, err := base64.StdEncoding.DecodeString(vectorKey)
	if err != nil {
		t.Fatal(err)
	}
	if got := sasSignature(sr, "1924992000", decoded); got != wrong {
		t.Errorf("signature with a decoded key = %s, want %s", got, wrong)
	}
	token, err := SharedAccessKey{KeyName: "listen", Key: NewSecret(vectorKey)}.Token(t.Context(), "http://contoso.servicebus.windows.net/hyco")
	if err != nil || strings.Contains(token.Value.Reveal(), percentEncode(wrong)) {
		t.Errorf("the provider signed with the decoded key (err %v)", err)
	}
}

func TestAudience(t *testing.T) {
	for _, tt := range [][3]string{
		{"contoso.servicebus.windows.net", "hyco", "http://contoso.servicebus.windows.net/hyco"},
		{"localhost:8443", "hyco", "http://localhost/hyco"},
		{"[::1]:8443", "hyco", "http://[::1]/hyco"},
		{"contoso.servicebus.windows.net", "hy co/é", "http://contoso.servicebus.windows.net/hy%20co/%C3%A9"},
	} {
		if got := Audience(tt[0], tt[1]); got != tt[2] {
			t.Errorf("Audience(%q, %q) = %q, want %q", tt[0], tt[1], got, tt[2])
		}
	}
}

func TestSharedAccessKeyLifetime(t *testing.T) {
	for _, lifetime := range []time.Duration{0, 3 * time.Minute} {
		before := time.Now()
		token, err := SharedAccessKey{KeyName: "listen", Key: NewSecret(vectorKey), Lifetime: lifetime}.Token(t.Context(), "http://h/e")
		if err != nil {
			t.Fatal(err)
		}
		want := lifetime
		if want == 0 {
			want = time.Hour
		}
		if got := token.Expires.Sub(before); got > want+time.Second || got < want-2*time.Second {
			t.Errorf("lifetime %v: expires in %v, want about %v", lifetime, got, want)
		}
	}
}

func TestSharedAccessKeyIncomplete(t *testing.T) {
	for _, k := range []SharedAccessKey{
		{Key: NewSecret("k")},
		{KeyName: "listen"},
		{KeyName: "listen", Key: NewSecret(strings.Repeat("k", MaxKey+1))},
	} {
		if token, err := k.Token(t.Context(), "http://h/e"); err == nil || !token.Value.Empty() {
			t.Errorf("%d/%d characters: token %v, err %v; want an error", len(k.KeyName), len(k.Key.Reveal()), token, err)
		}
	}
}

func TestRenewAfter(t *testing.T) {
	for lifetime, want := range map[time.Duration]time.Duration{
		time.Hour:        45 * time.Minute,
		20 * time.Minute: 15 * time.Minute,
		16 * time.Minute: 11 * time.Minute,
		8 * time.Minute:  6 * time.Minute,
		4 * time.Second:  3 * time.Second,
	} {
		if got := renewAfter(lifetime); got != want {
			t.Errorf("renewAfter(%v) = %v, want %v", lifetime, got, want)
		}
	}
}
