package relayclient_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const (
	vectorKey    = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="
	vectorHost   = "contoso.servicebus.windows.net"
	vectorExpiry = 1924992000 // the beginning of 2031
)

// conformVectors presents the specification's tokens to a real relay, as they
// are and for the relay's own host. Its host is not the one they name, so as
// they are they are refused for that, which the relay does only after it has
// found the signature good. With the host replaced and signed anew by what has
// just made the very same signatures, each of them lets a listener in.
func conformVectors(t *testing.T, _ microsoft) {
	key := relayclient.NewSecret(vectorKey)
	rules := []localrelay.Rule{{Name: "listen", PrimaryKey: key, Rights: localrelay.Listen}}
	r := localrelaytest.New(t, func(c *localrelay.Config) {
		c.Entities = []localrelay.Entity{{Name: "hyco", Rules: rules}, {Name: "hy co/é", Rules: rules}}
	})
	wrongHost := "InvalidAudience"
	if time.Now().Unix() >= vectorExpiry {
		wrongHost = "ExpiredToken" // they can never again show more than that
	}
	soon := time.Now().Add(time.Hour).Unix()
	for name, v := range map[string]struct{ sr, sig, path string }{
		"V1":              {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "gBt5cgTJsvz+6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg=", "hyco"},
		"V2 .NET":         {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco%2F", "1uajcBih32nM8qV7ubI8X97xpVs/4nuidMQWBk6TypI=", "hyco"},
		"V3 Node":         {"http%3A%2F%2Fcontoso.servicebus.windows.net%3A443%2Fhyco", "o6c77FykSyV9gaNopuOwrmz3DFHvlJaT1gb3xvpZVf0=", "hyco"},
		"V4 namespace":    {"http%3A%2F%2Fcontoso.servicebus.windows.net%2F", "NuUnVBLxD9dO5Yih/ggV59Hld5zVWwHm/mSCkqy6gr0=", "hyco"},
		"V5 Java":         {"sb%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "i66ZnkZ0F/EHthkUNVIRvzYlzfLn/RzFQm674ObVjFY=", "hyco"},
		"V6 lower hex":    {"http%3a%2f%2fcontoso.servicebus.windows.net%2fhyco", "gFRj5EUTkYiYvtJUJZAintAWgshfXS6yt5ogDnTI4Qw=", "hyco"},
		"V7 https":        {"https%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "65ytxrwuzaMUfqA/hGN2Ax/Ru649H3AcEpJWRzfn+eQ=", "hyco"},
		"V8 escaped path": {"http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhy%2520co%2F%25C3%25A9", "K3ba4qHsqrUiDUzgEF72s4GqlJUIZwaBLPUZWmRHI7M=", "hy%20co/%C3%A9"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := signature(v.sr, vectorExpiry, []byte(vectorKey)); got != v.sig {
				t.Fatalf("signature is %s, want %s", got, v.sig)
			}
			if status := listenWith(t, r, v.path, sasToken(v.sr, v.sig, vectorExpiry)); !strings.HasPrefix(status, "401 "+wrongHost) {
				t.Errorf("as it is: %s, want 401 %s", status, wrongHost)
			}
			if status := listenWith(t, r, v.path, sasToken(v.sr, "X"+v.sig[1:], vectorExpiry)); !strings.HasPrefix(status, "401 ") || strings.Contains(status, "InvalidAudience") {
				t.Errorf("with another signature: %s, want 401 before the host is looked at", status)
			}
			sr := strings.Replace(v.sr, vectorHost, r.Host(), 1)
			if status := listenWith(t, r, v.path, sasToken(sr, signature(sr, soon, []byte(vectorKey)), soon)); status != "101 Switching Protocols" {
				t.Errorf("for the relay's own host: %s", status)
			}
		})
	}
	t.Run("key decoded first", func(t *testing.T) {
		decoded, err := base64.StdEncoding.DecodeString(vectorKey)
		if err != nil {
			t.Fatal(err)
		}
		const v1, negative = "http%3A%2F%2Fcontoso.servicebus.windows.net%2Fhyco", "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA="
		if got := signature(v1, vectorExpiry, decoded); got != negative {
			t.Fatalf("signature is %s, want %s", got, negative)
		}
		sr := strings.Replace(v1, vectorHost, r.Host(), 1)
		if status := listenWith(t, r, "hyco", sasToken(sr, signature(sr, soon, decoded), soon)); !strings.HasPrefix(status, "401 The token has an invalid signature") {
			t.Errorf("got %s, want 401 for the signature", status)
		}
	})
}

// signature signs as the specification says, with none of the code under test.
func signature(sr string, expiry int64, key []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(sr + "\n" + strconv.FormatInt(expiry, 10)))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func sasToken(sr, sig string, expiry int64) string {
	return "SharedAccessSignature sr=" + sr + "&sig=" + url.QueryEscape(sig) + "&se=" + strconv.FormatInt(expiry, 10) + "&skn=listen"
}

// listenWith registers a listener and returns the relay's status line.
func listenWith(t *testing.T, r *localrelay.Relay, path, token string) string {
	t.Helper()
	d := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}, HandshakeTimeout: 20 * time.Second}
	ws, resp, err := d.DialContext(t.Context(), "wss://"+r.Namespace()+"/$hc/"+path+"?sb-hc-action=listen", http.Header{"ServiceBusAuthorization": {token}})
	if err == nil {
		ws.Close()
	} else if !errors.Is(err, websocket.ErrBadHandshake) {
		t.Fatal(err)
	}
	return resp.Status
}
