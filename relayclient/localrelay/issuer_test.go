package localrelay_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// believing starts a relay that believes an issuer.
func believing(t testing.TB, change ...func(*localrelay.Config)) (*localrelay.Relay, *localrelaytest.Issuer) {
	t.Helper()
	issuer := localrelaytest.NewIssuer(t)
	return localrelaytest.New(t, append(change, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, issuer.Issuer) })...), issuer
}

func TestJWTRefused(t *testing.T) {
	r, issuer := believing(t)
	now := time.Now()
	claims := func(change map[string]any) string {
		all := map[string]any{"iss": issuer.Name, "aud": "https://relay.azure.net", "oid": "both", "exp": now.Add(time.Hour).Unix()}
		for name, value := range change {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
		return issuer.Sign(t, all)
	}
	good := jwt.MapClaims{"iss": issuer.Name, "aud": "https://relay.azure.net", "oid": "both", "exp": now.Add(time.Hour).Unix()}
	signed := func(method jwt.SigningMethod, kid string, key any) string {
		token := jwt.NewWithClaims(method, good)
		token.Header["kid"] = kid
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	right := claims(nil)
	cut := strings.LastIndex(right, ".")
	for name, tt := range map[string]struct{ token, want string }{
		"expired":           {issuer.Token(t, "listen", -time.Minute), "401 ExpiredToken: The token is expired. Expiration time: "},
		"not yet valid":     {claims(map[string]any{"nbf": now.Add(time.Hour).Unix()}), "401 The token is not valid yet. Valid from: "},
		"no expiry":         {claims(map[string]any{"exp": nil}), "401 MalformedToken: The token lacks a claim that it must have"},
		"wrong audience":    {claims(map[string]any{"aud": "https://management.azure.com"}), "401 InvalidAudience: The authorization header contains a token with a wrong audience."},
		"no audience":       {claims(map[string]any{"aud": nil}), "401 "},
		"other issuer":      {claims(map[string]any{"iss": "https://elsewhere"}), "401 The token has an invalid signature."},
		"right missing":     {issuer.Token(t, "send", time.Hour), "401 Authorization failed for specified action: Listen."},
		"unknown holder":    {issuer.Token(t, "stranger", time.Hour), "401 Authorization failed for specified action: Listen."},
		"altered":           {right[:cut-2] + "AA" + right[cut:], "401 "},
		"no signature":      {right[:cut+1], "401 The token has an invalid signature."},
		"none":              {signed(jwt.SigningMethodNone, "test-key", jwt.UnsafeAllowNoneSignatureType), "401 The token has an invalid signature."},
		"HS256":             {signed(jwt.SigningMethodHS256, "test-key", []byte("secret")), "401 The token has an invalid signature."},
		"other algorithm":   {signed(jwt.SigningMethodRS512, "test-key", stranger), "401 The token has an invalid signature."},
		"other kind of key": {signed(jwt.SigningMethodRS256, "test-key", stranger), "401 The token has an invalid signature."},
		"unknown key":       {signed(jwt.SigningMethodRS256, "other", stranger), "401 The token has an invalid signature."},
		"malformed":         {"a.b.c", "401 MalformedToken: The token is not a JSON Web Token"},
	} {
		t.Run(name, func(t *testing.T) {
			resp := refused(t, r, address(r, "hyco?sb-hc-action=listen"), http.Header{"ServiceBusAuthorization": {tt.token}})
			if strings.HasSuffix(tt.want, " ") {
				if !strings.HasPrefix(resp.Status, tt.want) {
					t.Errorf("status is %q, want %q", resp.Status, tt.want)
				}
				return
			}
			wantStatus(t, resp, tt.want)
		})
	}
}

func TestJWTAccepted(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	r, issuer := believing(t, func(cfg *localrelay.Config) {
		cfg.Issuers = []localrelay.Issuer{{
			Name: "rsa", Audience: "https://relay.chinacloudapi.cn/", Keys: map[string]crypto.PublicKey{"1": &key.PublicKey},
			Rights: map[string]localrelay.Rights{"app": localrelay.Listen, "sub": localrelay.Listen},
		}}
	})
	other := func(claims jwt.MapClaims) string {
		claims["iss"], claims["aud"], claims["exp"] = "rsa", "https://relay.chinacloudapi.cn", time.Now().Add(time.Hour).Unix()
		token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
		token.Header["kid"] = "1"
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	good := issuer.Token(t, "listen", time.Hour)
	for name, tt := range map[string]struct {
		query  string
		header http.Header
	}{
		"raw":                           {"", http.Header{"ServiceBusAuthorization": {good}}},
		"Bearer":                        {"", http.Header{"ServiceBusAuthorization": {"Bearer " + good}}},
		"Authorization":                 {"", http.Header{"Authorization": {"Bearer " + good}}},
		"query":                         {"&sb-hc-token=" + url.QueryEscape(good), nil},
		"RS256, appid":                  {"", http.Header{"ServiceBusAuthorization": {other(jwt.MapClaims{"appid": "app", "sub": "x"})}}},
		"sub":                           {"", http.Header{"ServiceBusAuthorization": {other(jwt.MapClaims{"sub": "sub"})}}},
		"a shared access signature too": {"", token(t, r, "listen")},
	} {
		t.Run(name, func(t *testing.T) {
			open(t, r, address(r, "hyco?sb-hc-action=listen"+tt.query), tt.header)
		})
	}
	control := listen(t, r, "")
	pending := connect(t, r, "hyco", http.Header{"Authorization": {"Bearer " + issuer.Token(t, "send", time.Hour)}})
	inv := invited(t, control)
	if len(inv.ConnectHeaders["Authorization"]) != 0 {
		t.Error("the listener got the sender's token")
	}
	open(t, r, inv.Address, nil)
	(<-pending).ws.Close()
	wantError(t, request(t, r, "GET", "/hyco", nil, http.Header{"Authorization": {"Bearer " + good}}), 401, "TokenMissingOrInvalid", "Authorization failed for specified action: Send")
	manager := processed(http.Header{"ServiceBusAuthorization": {issuer.Token(t, "root", time.Hour)}})
	if a := <-request(t, r, "GET", "/hyco", nil, manager); a.err != nil || a.resp.StatusCode != 200 {
		t.Errorf("management: %+v", a)
	}
}

func TestJWTExpiresAndIsRenewed(t *testing.T) {
	t.Parallel()
	r, issuer := believing(t, withoutGrace)
	header := http.Header{"ServiceBusAuthorization": {issuer.Token(t, "listen", 2*time.Second)}}
	control, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"), header)
	renewed, _ := open(t, r, address(r, "hyco?sb-hc-action=listen"), header)
	send(t, renewed, websocket.TextMessage, renewal(t, issuer.Token(t, "listen", time.Hour)))
	if reason := wantClose(t, control, websocket.ClosePolicyViolation); !strings.HasPrefix(reason, "The token is expired. TrackingId:") {
		t.Errorf("the reason is %q", reason)
	}
	send(t, renewed, websocket.TextMessage, renewal(t, issuer.Token(t, "send", time.Hour)))
	if reason := wantClose(t, renewed, websocket.ClosePolicyViolation); !strings.HasPrefix(reason, "Authorization failed for specified action: Listen. TrackingId:") {
		t.Errorf("the reason is %q", reason)
	}
}

func TestOwnClientWithJWT(t *testing.T) {
	r, issuer := believing(t)
	static := func(oid string) relayclient.TokenProvider {
		return relayclient.StaticToken{Value: relayclient.NewSecret(issuer.Token(t, oid, time.Hour))}
	}
	echoing(t, r, func(cfg *relayclient.Config) { cfg.Token = static("listen") })
	cfg := client(t, r, "send")
	cfg.Token = static("send")
	c, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	if err := echoed(t, c, 5); err != nil {
		t.Error(err)
	}
}

func TestStartRefusesIssuers(t *testing.T) {
	for name, issuer := range map[string]localrelay.Issuer{
		"no name":       {Keys: localrelaytest.NewIssuer(t).Keys},
		"no keys":       {Name: "x"},
		"symmetric key": {Name: "x", Keys: map[string]crypto.PublicKey{"1": []byte("secret")}},
	} {
		if r, err := localrelay.Start(localrelay.Config{Issuers: []localrelay.Issuer{issuer}}); err == nil {
			r.Close()
			t.Errorf("%s: it started", name)
		}
	}
}
