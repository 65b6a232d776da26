package token_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
)

const (
	tenant      = "11111111-2222-3333-4444-555555555555"
	otherTenant = "99999999-2222-3333-4444-555555555555"
	application = "aaaaaaaa-2222-3333-4444-555555555555"
	object      = "bbbbbbbb-2222-3333-4444-555555555555"
	identity    = "/subscriptions/S/resourcegroups/G/providers/Microsoft.ManagedIdentity/userAssignedIdentities/I"
)

const vectorToken = "SharedAccessSignature sr=" + vectorSR + "&sig=gBt5cgTJsvz%2B6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg%3D&se=" + vectorExpiry + "&skn=listen"

// unsignedJWT builds a token whose signature is nonsense.
func unsignedJWT(t testing.TB, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	return part(header) + "." + part(claims) + "." + base64.RawURLEncoding.EncodeToString([]byte("nonsense"))
}

var rs256 = map[string]any{"typ": "JWT", "alg": "RS256", "kid": "key-1", "x5t": "key-1"}

// with returns claims with some of them replaced, or removed if nil.
func with(claims map[string]any, changes map[string]any) map[string]any {
	changed := map[string]any{}
	for name, value := range claims {
		changed[name] = value
	}
	for name, value := range changes {
		if changed[name] = value; value == nil {
			delete(changed, name)
		}
	}
	return changed
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// v1 are the claims of a managed identity's token for Azure Relay.
func v1() map[string]any {
	return map[string]any{
		"aud": "https://relay.azure.net/", "iss": "https://sts.windows.net/" + tenant + "/", "tid": tenant, "ver": "1.0",
		"iat": noon.Add(-time.Hour).Unix(), "nbf": noon.Add(-time.Hour).Unix(), "exp": noon.Add(23 * time.Hour).Unix(),
		"appid": application, "appidacr": "2", "oid": object, "sub": object, "xms_mirid": identity, "idtyp": "app",
	}
}

func TestReadJWT(t *testing.T) {
	got := mustRead(t, unsignedJWT(t, rs256, v1())).JWT
	if got.Algorithm != "RS256" || got.KeyID != "key-1" || got.Version != "1.0" || !slices.Equal(got.Audiences, []string{"https://relay.azure.net/"}) ||
		got.Issuer != "https://sts.windows.net/"+tenant+"/" || got.Tenant != tenant || got.AppID != application || got.AppSecret != "a certificate" ||
		got.ObjectID != object || got.Subject != object || got.ManagedIdentity != identity || got.Holder != token.Application || len(got.Malformed) != 0 {
		t.Errorf("read as %+v", got)
	}
	if !got.Expires.Equal(noon.Add(23*time.Hour)) || !got.IssuedAt.Equal(noon.Add(-time.Hour)) || !got.NotBefore.Equal(noon.Add(-time.Hour)) {
		t.Errorf("times %v, %v, %v", got.IssuedAt, got.NotBefore, got.Expires)
	}
}

func TestReadHolder(t *testing.T) {
	bare := map[string]any{"iss": "x"}
	for name, tt := range map[string]struct {
		claims map[string]any
		want   token.Holder
		as     string
	}{
		"v1 user":        {map[string]any{"upn": "ann@contoso.test", "scp": "user_impersonation", "oid": object, "sub": "other"}, token.User, "ann@contoso.test"},
		"v2 user":        {map[string]any{"preferred_username": "ann@contoso.test", "azp": application, "scp": "a b"}, token.User, "ann@contoso.test"},
		"app by sub":     {map[string]any{"oid": object, "sub": object}, token.Application, ""},
		"app by roles":   {map[string]any{"roles": []string{"Reader"}}, token.Application, ""},
		"app by name":    {map[string]any{"idtyp": "app", "app_displayname": "robot"}, token.Application, "robot"},
		"neither":        {nil, 0, ""},
		"user by idtyp":  {map[string]any{"idtyp": "user", "name": "Ann"}, token.User, "Ann"},
		"wrong type oid": {map[string]any{"oid": 1, "sub": 1}, 0, ""},
	} {
		got := mustRead(t, unsignedJWT(t, rs256, with(bare, tt.claims))).JWT
		if got.Holder != tt.want || got.Name != tt.as {
			t.Errorf("%s: got %v as %q, want %v as %q", name, got.Holder, got.Name, tt.want, tt.as)
		}
	}
}

func TestReadTakesWrappingOff(t *testing.T) {
	jwt := unsignedJWT(t, rs256, v1())
	for name, tt := range map[string]struct {
		text string
		bare string
		want []token.Wrapping
	}{
		"SAS":                     {vectorToken, vectorToken, nil},
		"JWT":                     {jwt, jwt, nil},
		"white space":             {"\ufeff \r\n" + vectorToken + "\n", vectorToken, nil},
		"Bearer":                  {"bearer  " + jwt, jwt, []token.Wrapping{token.Bearer}},
		"quotes":                  {` "` + vectorToken + `"`, vectorToken, []token.Wrapping{token.Quotes}},
		"quotes and Bearer":       {`'Bearer ` + jwt + `'`, jwt, []token.Wrapping{token.Quotes, token.Bearer}},
		"header":                  {"Authorization: Bearer " + jwt, jwt, []token.Wrapping{token.HeaderName, token.Bearer}},
		"relay's header":          {"ServiceBusAuthorization: " + vectorToken, vectorToken, []token.Wrapping{token.HeaderName}},
		"encoded once more":       {url.PathEscape(vectorToken), vectorToken, []token.Wrapping{token.Encoding}},
		"query-encoded":           {url.QueryEscape(vectorToken), vectorToken, []token.Wrapping{token.Encoding}},
		"Bearer encoded":          {"Bearer%20" + jwt, jwt, []token.Wrapping{token.Encoding, token.Bearer}},
		"quoted, then encoded":    {url.QueryEscape(`"` + jwt + `"`), jwt, []token.Wrapping{token.Encoding, token.Quotes}},
		"URL":                     {"wss://h/$hc/a?sb-hc-action=listen&sb-hc-token=" + url.QueryEscape(vectorToken) + "&sb-hc-id=1", vectorToken, []token.Wrapping{token.InURL, token.Encoding}},
		"connection string":       {"Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessSignature=" + vectorToken + ";EntityPath=hyco", vectorToken, []token.Wrapping{token.InConnectionString}},
		"what az prints":          {`{"accessToken": "` + jwt + `", "expiresOn": "x"}`, jwt, []token.Wrapping{token.InJSON}},
		"what the endpoint says":  {`{"token_type":"Bearer","access_token":"` + jwt + `"}`, jwt, []token.Wrapping{token.InJSON}},
		"JWT in several lines":    {jwt[:40] + "\n  " + jwt[40:90] + "\r\n" + jwt[90:], jwt, []token.Wrapping{token.LineBreaks}},
		"SAS in several lines":    {vectorToken[:60] + "\n" + vectorToken[60:], vectorToken, []token.Wrapping{token.LineBreaks}},
		"resource encoded twice":  {sasText(url.QueryEscape(vectorSR), "x", "1", "p"), sasText(url.QueryEscape(vectorSR), "x", "1", "p"), nil},
		"plus of base64 survives": {"SharedAccessSignature%20sr=" + vectorSR + "&sig=a+b&se=1&skn=p", "SharedAccessSignature sr=http://contoso.servicebus.windows.net/hyco&sig=a+b&se=1&skn=p", []token.Wrapping{token.Encoding}},
	} {
		t.Run(name, func(t *testing.T) {
			got := mustRead(t, tt.text)
			if got.Text.Reveal() != tt.bare || !slices.Equal(got.Wrapping, tt.want) {
				t.Errorf("got %q around %s\nwant %q around %s", got.Wrapping, got.Text.Reveal(), tt.want, tt.bare)
			}
		})
	}
}

func TestReadSAS(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want func(token.SAS) bool
	}{
		"vector": {vectorToken, func(s token.SAS) bool {
			return s.Scheme == "http" && s.Host == "contoso.servicebus.windows.net" && s.Port == "" && s.Path == "hyco" && s.Scope == token.EntityScope &&
				s.KeyName == "listen" && s.RawResource == vectorSR && s.HexCase == token.UpperHex && !s.Milliseconds && !s.NoWord &&
				s.Expires.Equal(time.Unix(1924992000, 0)) && slices.Equal(s.Fields, []string{"sr", "sig", "se", "skn"})
		}},
		"namespace": {sasText("sb%3a%2f%2fNS.test%2f", "x", "1", "p"), func(s token.SAS) bool {
			return s.Scope == token.NamespaceScope && s.Host == "ns.test" && s.HexCase == token.LowerHex
		}},
		"$hc and slashes": {sasText("wss%3A%2f%2fns.test%3A443%2F%24HC%2Fa%2Fb%2F", "x", "1", "p"), func(s token.SAS) bool { return s.Path == "a/b" && s.Port == "443" && s.HexCase == token.MixedHex }},
		"milliseconds":    {sasText(vectorSR, "x", vectorExpiry+"000", "p"), func(s token.SAS) bool { return s.Milliseconds && s.Expires.Equal(time.Unix(1924992000, 0)) }},
		"expiry is text":  {sasText(vectorSR, "x", "tomorrow", "p"), func(s token.SAS) bool { return s.Expires.IsZero() && s.RawExpires == "tomorrow" }},
		"endless":         {sasText(vectorSR, "x", "9223372036854775807", "p"), func(s token.SAS) bool { return s.Expires.Year() == 9999 }},
		"no URI":          {sasText("hyco", "x", "1", "p"), func(s token.SAS) bool { return s.Scope == 0 && s.Resource == "hyco" && s.HexCase == token.NoHex }},
		"field order":     {"sharedaccesssignature se=1&skn=p&sig=x&sr=" + vectorSR, func(s token.SAS) bool { return slices.Equal(s.Fields, []string{"se", "skn", "sig", "sr"}) }},
		"unknown field":   {vectorToken + "&" + vectorKey, func(s token.SAS) bool { return s.Fields[4] == "other" }},
		"word missing":    {strings.TrimPrefix(vectorToken, "SharedAccessSignature "), func(s token.SAS) bool { return s.NoWord && s.KeyName == "listen" }},
		"plus unescaped":  {"SharedAccessSignature sr=a&sig=gBt5cgTJsvz+6jw=&se=1&skn=a+b", func(s token.SAS) bool { return s.Signature.Reveal() == "gBt5cgTJsvz+6jw=" && s.KeyName == "a b" }},
	} {
		t.Run(name, func(t *testing.T) {
			if got := mustRead(t, tt.text); got.Kind != token.KindSAS || !tt.want(got.SAS) {
				t.Errorf("read as %+v", got.SAS)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	const mark = "c2VjcmV0LXNlY3JldA" // must not be in an error
	for name, tt := range map[string]struct {
		text string
		want error
		part string
	}{
		"nothing":             {" \n", token.ErrEmpty, "is empty"},
		"too long":            {strings.Repeat("a", token.MaxText+1), token.ErrTooLong, "longer"},
		"prose":               {"hello " + mark, token.ErrNotToken, "neither"},
		"a key":               {vectorKey, token.ErrNotToken, "neither"},
		"connection string":   {"Endpoint=sb://h/;SharedAccessKeyName=p;SharedAccessKey=" + mark, token.ErrNotToken, "connection string"},
		"field missing":       {"SharedAccessSignature sr=a&sig=" + mark + "&skn=p", token.ErrMalformed, "field se is missing"},
		"field empty":         {"SharedAccessSignature sr=a&sig=&se=1&skn=" + mark, token.ErrMalformed, "field sig is missing"},
		"field twice":         {vectorToken + "&SIG=" + mark, token.ErrMalformed, "field sig is there twice"},
		"field without value": {vectorToken + "&" + mark, token.ErrMalformed, "without a value"},
		"space inside":        {vectorToken + " " + mark, token.ErrMalformed, "without spaces"},
		"word only":           {"SharedAccessSignature", token.ErrMalformed, "without spaces"},
		"bad escape in sr":    {"SharedAccessSignature sr=%zz" + mark + "&sig=a&se=1&skn=p", token.ErrMalformed, "field sr"},
		"bad escape in sig":   {"SharedAccessSignature sr=a&sig=%zz" + mark + "&se=1&skn=p", token.ErrMalformed, "field sig"},
		"bad escape in skn":   {"SharedAccessSignature sr=a&sig=a&se=1&skn=%zz" + mark, token.ErrMalformed, "field skn"},
		"JWT cut off":         {"eyJhbGciOiJSUzI1NiJ9." + mark, token.ErrMalformed, "three parts"},
		"JWT encrypted":       {"eyJhbGciOiJSUzI1NiJ9.a.b.c." + mark, token.ErrMalformed, "encrypted"},
		"JWT header":          {"eyJ!." + mark + ".a", token.ErrMalformed, "header is not base64url"},
		"JWT header's JSON":   {part(`{"a"`) + "." + mark + ".a", token.ErrMalformed, "header is not a JSON object"},
		"no header":           {part("[1]") + "." + mark + ".a", token.ErrNotToken, "neither"},
		"a host":              {mark + ".servicebus.windows", token.ErrNotToken, "neither"},
		"JWT claims":          {part(`{"a":1}`) + "." + part("null") + "." + mark, token.ErrMalformed, "claims part is not a JSON object"},
		"JWT signature":       {part(`{"a":1}`) + "." + part("{}") + "." + mark + "!", token.ErrMalformed, "signature is not base64url"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := token.Read(tt.text)
			var te *token.Error
			if !errors.Is(err, tt.want) || !errors.As(err, &te) || !strings.Contains(err.Error(), tt.part) {
				t.Fatalf("error = %v, want %v with %q", err, tt.want, tt.part)
			}
			if strings.Contains(err.Error(), mark) || got.Kind != 0 || !got.Text.Empty() {
				t.Errorf("left %+v and the error %v", got, err)
			}
		})
	}
}

func TestPrintingShowsNoSecret(t *testing.T) {
	for _, text := range []string{vectorToken, unsignedJWT(t, rs256, v1())} {
		got := mustRead(t, text)
		data, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		for _, printed := range []string{fmt.Sprintf("%v %+v %#v", got, got, got), string(data)} {
			for _, part := range []string{"gBt5cgTJsvz", "bm9uc2Vuc2U"} { // of the signatures
				if strings.Contains(printed, part) {
					t.Errorf("%q is in %s", part, printed)
				}
			}
		}
	}
}

// FuzzRead looks for texts that make Read panic, quote what it was given, or
// say different things of a token and of the same token without its wrapping.
func FuzzRead(f *testing.F) {
	f.Add(vectorToken)
	f.Add(url.QueryEscape(vectorToken))
	f.Add("Bearer " + unsignedJWT(f, rs256, v1()))
	f.Add(`{"accessToken":"` + unsignedJWT(f, rs256, map[string]any{"exp": 1e300, "aud": []any{1}, "scp": 7}) + `"}`)
	f.Add("Endpoint=sb://h/;SharedAccessKey=" + vectorKey)
	f.Add("Endpoint=sb://h/;SharedAccessSignature=" + vectorToken)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := token.Read(text)
		if err != nil {
			var te *token.Error
			if !errors.As(err, &te) {
				t.Fatalf("error is a %T", err)
			}
			wantFixedWords(t, err.Error())
			return
		}
		facts := got.Judge(token.Target{Namespace: "contoso.servicebus.windows.net", HybridConnection: "hyco", Permission: token.Send, Tenant: tenant, Now: noon})
		if len(facts) == 0 {
			t.Error("no facts")
		}
		again, err := token.Read(got.Text.Reveal())
		if err != nil || again.Kind != got.Kind || !reflect.DeepEqual(again.SAS, got.SAS) || !reflect.DeepEqual(again.JWT, got.JWT) {
			t.Errorf("without its wrapping it is read as %+v, %v; with it as %+v", again, err, got)
		}
		for _, fact := range facts {
			if fact.Name == "" || !strings.HasSuffix(fact.Why, ".") {
				t.Errorf("fact %+v is not complete", fact)
			}
			if sig := got.SAS.Signature.Reveal(); len(sig) > 20 && strings.Contains(fact.Value+fact.Why, sig) && !strings.Contains(got.SAS.Resource+got.SAS.KeyName, sig) {
				t.Errorf("the signature is in %+v", fact)
			}
		}
	})
}

// wantFixedWords fails if an error has anything in it that is not one of the
// package's own words.
func wantFixedWords(t *testing.T, text string) {
	t.Helper()
	const own = "token: the text SAS token token's JWT JWT's field sr sig se skn header claims part signature is empty longer than any neither a nor connection string, from which " +
		"tokens are yet to be made not one word and piece without spaces has value there twice missing percent-encoded properly base64url JSON object " +
		"encrypted; only its audience can read it does have three parts; perhaps all of was copied"
	words := strings.Fields(own)
	for _, w := range strings.Fields(text) {
		if !slices.Contains(words, w) {
			t.Errorf("%q is in the error %q", w, text)
		}
	}
}

// FuzzCheckKey looks for tokens and keys that make the inspection panic, call
// two keys right, or repeat a key.
func FuzzCheckKey(f *testing.F) {
	f.Add(vectorSR, "gBt5cgTJsvz+6jwnvpOmH3NiqRLBoz4HUk48zUAeRAg=", vectorExpiry, vectorKey)
	f.Add("a+b%20%2f%2F", "XsJIPvaIw8UaHgfp22fJu7QHmGOUM1xuY0/sH66ZqaA=", "x", "%zz")
	f.Fuzz(func(t *testing.T, sr, sig, se, key string) {
		got, err := token.Read(sasText(sr, sig, se, "p"))
		if err != nil || got.Kind != token.KindSAS {
			return
		}
		check := got.SAS.CheckKey(secret(key))
		own := sasText(got.SAS.RawResource, sign64(strings.TrimSpace(key), got.SAS.RawResource+"\n"+got.SAS.RawExpires), got.SAS.RawExpires, "p")
		if len(key) > 12 && strings.Contains(check.Why, key) {
			t.Errorf("the key is in %q", check.Why)
		}
		if strings.TrimSpace(key) == "" || len(key) > relayclient.MaxKey {
			return
		}
		signed, err := token.Read(own)
		if err != nil {
			return // the fuzzer's fields hold a wrapping of their own
		}
		if c := signed.SAS.CheckKey(secret(key)); c.Verdict != token.Right && signed.SAS.RawResource == got.SAS.RawResource && signed.SAS.RawExpires == got.SAS.RawExpires {
			t.Errorf("the key's own signature is %v: %s", c.Verdict, c.Why)
		}
	})
}
