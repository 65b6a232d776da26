package token_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/relayclient/token"
)

// stepNamed finds a step that must be there once.
func stepNamed(t *testing.T, r token.Result, name string) token.Step {
	t.Helper()
	var found []token.Step
	for _, s := range r.Steps {
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d steps named %q in %+v", len(found), name, r.Steps)
	}
	return found[0]
}

// wantFailed checks which steps failed, and that they say why.
func wantFailed(t *testing.T, r token.Result, want ...string) {
	t.Helper()
	var got []string
	for _, s := range r.Failed() {
		got = append(got, s.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("failed are %q, want %q: %+v", got, want, r.Steps)
	}
	if r.OK() != (len(want) == 0) {
		t.Errorf("OK is %v", r.OK())
	}
	for _, s := range r.Steps {
		if s.Outcome == token.NotRun || !strings.HasSuffix(s.Detail, ".") {
			t.Errorf("step %+v is not complete", s)
		}
	}
}

// order is that of a whole verification.
var order = []string{
	token.StepToken, token.StepAlgorithm, token.StepKeyID, token.StepTenantID, token.StepIssuerHost, token.StepDiscovery, token.StepKey, token.StepSignature,
	token.StepIssuer, token.StepKeyIssuer, token.StepIssuerTenant, token.StepExpectedIssuer, token.StepExpectedTenant, token.StepAudience,
	token.StepNotBefore, token.StepExpires, token.StepApplication,
}

func TestVerify(t *testing.T) {
	i := newIssuer(t)
	v2 := map[string]any{"ver": "2.0", "iss": i.server.URL + "/" + tenant + "/v2.0"}
	all := token.Rules{Audiences: []string{"https://relay.azure.net/"}, Tenants: []string{tenant}, Issuers: []string{i.v1()}, Applications: []string{identity}}
	for name, tt := range map[string]struct {
		changes map[string]any
		rules   token.Rules
		failed  []string
	}{
		"no rules":                    {nil, token.Rules{}, nil},
		"every rule":                  {nil, all, nil},
		"version 2":                   {v2, token.Rules{}, nil},
		"expired":                     {map[string]any{"exp": noon.Add(-6 * time.Minute).Unix()}, token.Rules{}, []string{token.StepExpires}},
		"expired within the skew":     {map[string]any{"exp": noon.Add(-4 * time.Minute).Unix()}, token.Rules{}, nil},
		"expired, no skew":            {map[string]any{"exp": noon.Add(-time.Second).Unix()}, token.Rules{Skew: -1}, []string{token.StepExpires}},
		"expired, small skew":         {map[string]any{"exp": noon.Add(-2 * time.Minute).Unix()}, token.Rules{Skew: time.Minute}, []string{token.StepExpires}},
		"endless":                     {map[string]any{"exp": nil}, token.Rules{}, []string{token.StepExpires}},
		"expiry in milliseconds":      {map[string]any{"exp": noon.UnixMilli()}, token.Rules{}, []string{token.StepExpires}},
		"not yet":                     {map[string]any{"nbf": noon.Add(6 * time.Minute).Unix()}, token.Rules{}, []string{token.StepNotBefore}},
		"not yet within the skew":     {map[string]any{"nbf": noon.Add(4 * time.Minute).Unix()}, token.Rules{}, nil},
		"nbf is text":                 {map[string]any{"nbf": "now"}, token.Rules{}, []string{token.StepNotBefore}},
		"no nbf":                      {map[string]any{"nbf": nil}, token.Rules{}, nil},
		"audience without slash":      {map[string]any{"aud": "https://relay.azure.net"}, all, []string{token.StepAudience}},
		"slash ignored":               {map[string]any{"aud": "https://relay.azure.net"}, token.Rules{Audiences: all.Audiences, IgnoreSlash: true}, nil},
		"audience in a list":          {map[string]any{"aud": []string{"x", "https://relay.azure.net/"}}, all, nil},
		"other audience":              {map[string]any{"aud": "api://x"}, all, []string{token.StepAudience}},
		"other tenant":                {nil, token.Rules{Tenants: []string{otherTenant}}, []string{token.StepExpectedTenant}},
		"other issuer":                {nil, token.Rules{Issuers: []string{"https://sts.windows.net/" + otherTenant + "/"}}, []string{token.StepExpectedIssuer}},
		"issuer without slash":        {nil, token.Rules{Issuers: []string{strings.TrimSuffix(i.v1(), "/")}}, []string{token.StepExpectedIssuer}},
		"by object ID":                {nil, token.Rules{Applications: []string{strings.ToUpper(object)}}, nil},
		"by application ID":           {nil, token.Rules{Applications: []string{application}}, nil},
		"by azp":                      {with(v2, map[string]any{"appid": nil, "azp": application}), token.Rules{Applications: []string{application}}, nil},
		"other application":           {nil, token.Rules{Applications: []string{otherTenant}}, []string{token.StepApplication}},
		"no application":              {map[string]any{"appid": nil, "oid": nil, "xms_mirid": nil}, token.Rules{Applications: []string{""}}, []string{token.StepApplication}},
		"user through application":    {map[string]any{"scp": "a", "idtyp": "user", "sub": "x"}, token.Rules{Applications: []string{application}}, []string{token.StepApplication}},
		"user by object ID":           {map[string]any{"scp": "a", "idtyp": "user", "sub": "x"}, token.Rules{Applications: []string{object}}, nil},
		"several faults":              {map[string]any{"exp": noon.Add(-time.Hour).Unix(), "aud": "x", "appid": "y"}, token.Rules{Audiences: []string{"z"}, Applications: []string{"z"}, Tenants: []string{"z"}}, []string{token.StepExpectedTenant, token.StepAudience, token.StepExpires, token.StepApplication}},
		"version against issuer":      {map[string]any{"ver": "2.0"}, token.Rules{}, []string{token.StepIssuer}},
		"no version":                  {map[string]any{"ver": nil}, token.Rules{}, nil},
		"tenant is none":              {map[string]any{"tid": "common"}, token.Rules{}, []string{token.StepTenantID, token.StepIssuerTenant}},
		"tenant against issuer":       {map[string]any{"tid": otherTenant}, token.Rules{}, []string{token.StepIssuer, token.StepIssuerTenant}},
		"foreign issuer":              {map[string]any{"iss": "https://evil.test/" + tenant + "/"}, token.Rules{}, []string{token.StepIssuerHost}},
		"issuer in clear":             {map[string]any{"iss": "http://" + i.host() + "/" + tenant + "/"}, token.Rules{}, []string{token.StepIssuerHost}},
		"issuer with user":            {map[string]any{"iss": "https://" + i.host() + "@evil.test/" + tenant + "/"}, token.Rules{}, []string{token.StepIssuerHost}},
		"issuer's path":               {map[string]any{"iss": i.v1() + "x"}, token.Rules{}, []string{token.StepIssuer}},
		"authority is not https":      {nil, token.Rules{Authority: "http://" + i.host()}, []string{token.StepIssuerHost}},
		"authority of another cloud":  {map[string]any{"iss": "https://sts.chinacloudapi.cn/" + tenant + "/"}, token.Rules{Authority: "https://login.microsoftonline.com/"}, []string{token.StepIssuerHost}},
		"authority is the issuer":     {nil, token.Rules{Authority: i.server.URL}, nil},
		"application with own keys":   {nil, token.Rules{KeysOf: "a&b"}, nil},
		"issuer of the other version": {nil, token.Rules{Issuers: []string{v2["iss"].(string)}}, []string{token.StepExpectedIssuer}},
	} {
		t.Run(name, func(t *testing.T) {
			got := i.verifier().Verify(t.Context(), mustRead(t, i.sign("key-1", i.claims(tt.changes))), tt.rules)
			wantFailed(t, got, tt.failed...)
			for n, s := range got.Steps {
				if s.Name != order[n] {
					t.Errorf("step %d is %q, want %q", n, s.Name, order[n])
				}
			}
			if name == "issuer of the other version" && !strings.Contains(stepNamed(t, got, token.StepExpectedIssuer).Detail, "version 1.0") {
				t.Errorf("the step says %q, want the versions in it", stepNamed(t, got, token.StepExpectedIssuer).Detail)
			}
		})
	}
	if i.fetched["/"+tenant+"/.well-known/openid-configuration?appid=a%26b"] != 1 {
		t.Errorf("fetched are %v, want the document of an application with keys of its own", i.fetched)
	}
}

func TestVerifySignature(t *testing.T) {
	i := newIssuer(t)
	good := i.sign("key-1", i.claims(nil))
	forged := i.sign("key-2", i.claims(nil)) // names key-2, which is not published
	parts := strings.Split(good, ".")
	changed := parts[0] + "." + strings.Split(i.sign("key-1", i.claims(map[string]any{"oid": "root"})), ".")[1] + "." + parts[2]
	relabelled := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(i.claims(nil)))
	relabelled.Header["kid"] = "key-1"
	other, err := relabelled.SignedString(i.keys["key-2"])
	if err != nil {
		t.Fatal(err)
	}
	shared := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims(i.claims(nil)))
	shared.Header["kid"] = "key-1"
	confused, err := shared.SignedString(i.keys["key-1"].N.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	foreign := i.sign("key-1", i.claims(map[string]any{"aud": "https://graph.microsoft.com"}))
	cut := strings.Split(foreign, ".")
	for name, tt := range map[string]struct {
		text   string
		failed []string
	}{
		"good":                   {good, nil},
		"padded":                 {good + "==", nil},
		"claims changed":         {changed, []string{token.StepSignature}},
		"unknown key":            {forged, []string{token.StepKey}},
		"another key's":          {other, []string{token.StepSignature}},
		"shared secret":          {confused, []string{token.StepAlgorithm}},
		"not signed":             {unsignedJWT(t, map[string]any{"alg": "none"}, i.claims(nil)), []string{token.StepAlgorithm, token.StepKeyID}},
		"signature missing":      {parts[0] + "." + parts[1] + ".", []string{token.StepSignature}},
		"key without RSA":        {unsignedJWT(t, map[string]any{"alg": "RS256", "kid": "other"}, i.claims(nil)), []string{token.StepKey}},
		"SAS":                    {vectorToken, []string{token.StepToken}},
		"foreign audience, good": {foreign, nil},
	} {
		t.Run(name, func(t *testing.T) {
			wantFailed(t, i.verifier().Verify(t.Context(), mustRead(t, tt.text), token.Rules{}), tt.failed...)
		})
	}
	for name, text := range map[string]string{
		"foreign audience": cut[0] + "." + cut[1] + "." + parts[2],
		"nonce":            unsignedJWT(t, map[string]any{"alg": "RS256", "kid": "key-1", "nonce": "n"}, i.claims(nil)),
	} {
		got := i.verifier().Verify(t.Context(), mustRead(t, text), token.Rules{})
		if s := stepNamed(t, got, token.StepSignature); s.Outcome != token.Undecided || len(got.Failed()) != 0 || got.OK() {
			t.Errorf("%s: signature is %v, failed are %v, OK is %v; want undecided, none, false", name, s.Outcome, got.Failed(), got.OK())
		}
	}
}

func TestZeroResultIsNotOK(t *testing.T) {
	if (token.Result{}).OK() || (token.Result{Steps: []token.Step{{Name: token.StepSignature}}}).OK() || (token.Result{Steps: []token.Step{{Name: token.StepToken, Outcome: token.Passed}}}).OK() {
		t.Error("a result without a checked signature is OK")
	}
}

func TestVerifyTemplatedIssuer(t *testing.T) {
	v2 := func(i *issuer) map[string]any {
		return i.claims(map[string]any{"ver": "2.0", "iss": i.server.URL + "/" + tenant + "/v2.0"})
	}
	for name, tt := range map[string]struct {
		named, keyIssuer string // behind the issuer's URL
		failed           []string
	}{
		"template":               {"/{tenantid}/v2.0", "", nil},
		"template of the key":    {"/{tenantid}/v2.0", "/{tenantid}/v2.0", nil},
		"key of this tenant":     {"/{tenantid}/v2.0", "/" + tenant + "/v2.0", nil},
		"key of another tenant":  {"/{tenantid}/v2.0", "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", []string{token.StepKeyIssuer}},
		"document of another":    {"/" + otherTenant + "/v2.0", "", []string{token.StepIssuer}},
		"document of version 1":  {"/{tenantid}/", "", []string{token.StepIssuer}},
		"both of another tenant": {"/" + otherTenant + "/v2.0", "/" + otherTenant + "/v2.0", []string{token.StepIssuer, token.StepKeyIssuer}},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			i.named = i.server.URL + tt.named
			if tt.keyIssuer != "" {
				i.keyIssuer = i.server.URL + tt.keyIssuer
			}
			wantFailed(t, i.verifier().Verify(t.Context(), mustRead(t, i.sign("key-1", v2(i))), token.Rules{}), tt.failed...)
		})
	}
}

func TestKeysAreKeptAndFetchedAnew(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier()
	lasting := map[string]any{"exp": noon.Add(99 * time.Hour).Unix()}
	first, second := mustRead(t, i.sign("key-1", i.claims(lasting))), mustRead(t, i.sign("key-2", i.claims(lasting)))
	unknown := mustRead(t, unsignedJWT(t, map[string]any{"alg": "RS256", "kid": "never"}, i.claims(lasting)))
	for _, step := range []struct {
		what    string
		change  func()
		token   token.Token
		fetches int // in all, so far
		ok      bool
	}{
		{"first", func() {}, first, 1, true},
		{"kept", func() { i.clock = i.clock.Add(time.Hour) }, first, 1, true},
		{"the key was exchanged", func() { i.published = []string{"key-2"} }, second, 2, true},
		{"the old key is gone, but not looked for again so soon", func() { i.clock = i.clock.Add(time.Minute) }, first, 2, false},
		{"nor is an unknown one", func() { i.clock = i.clock.Add(3*time.Minute + 59*time.Second) }, unknown, 2, false},
		{"five minutes later it is", func() { i.clock = i.clock.Add(time.Second) }, unknown, 3, false},
		{"and a good key needs no fetch", func() {}, second, 3, true},
		{"a day later", func() { i.clock = i.clock.Add(24 * time.Hour) }, second, 4, true},
		{"the clock went back", func() { i.clock = noon.Add(-time.Minute) }, second, 5, true},
	} {
		i.set(step.change)
		got := v.Verify(t.Context(), step.token, token.Rules{})
		documents, keys := i.fetches()
		if got.OK() != step.ok || documents != step.fetches || keys != step.fetches {
			t.Errorf("%s: OK is %v after %d and %d fetches, want %v after %d: %+v", step.what, got.OK(), documents, keys, step.ok, step.fetches, got.Failed())
		}
	}
}

func TestVerifyOftenAtOnceFetchesOnce(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier()
	signed := mustRead(t, i.sign("key-1", i.claims(nil)))
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if got := v.Verify(t.Context(), signed, token.Rules{}); !got.OK() {
				t.Errorf("failed are %+v", got.Failed())
			}
		})
	}
	all.Wait()
	if documents, keys := i.fetches(); documents != 1 || keys != 1 {
		t.Errorf("%d documents and %d key sets were fetched, want one each", documents, keys)
	}
}

// Strangers decide how many issuers there are, so only some are remembered.
func TestKeysOfManyIssuersAreNotKept(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier()
	const issuers, kept = 100, 64
	for range 2 {
		for n := range issuers {
			id := fmt.Sprintf("%s%02d", tenant[:34], n)
			got := v.Verify(t.Context(), mustRead(t, i.sign("key-1", i.claims(map[string]any{"tid": id, "iss": i.server.URL + "/" + id + "/"}))), token.Rules{})
			wantFailed(t, got)
		}
	}
	if documents, _ := i.fetches(); documents < 2*issuers-kept {
		t.Errorf("%d documents were fetched for two rounds of %d issuers, want no more than %d remembered", documents, issuers, kept)
	}
}

func TestDiscoveryThatFails(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*issuer)
		say    string
	}{
		"not there": {func(i *issuer) {
			i.answer = func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return true }
		}, "status 404"},
		"redirect":       {func(i *issuer) { i.answer = redirect }, "status 302"},
		"no JSON":        {func(i *issuer) { i.answer = saying("<html>") }, "not a discovery document"},
		"empty":          {func(i *issuer) { i.answer = saying("{}") }, "not a discovery document"},
		"endless":        {func(i *issuer) { i.answer = saying(strings.Repeat("x", 1<<20+1)) }, "longer"},
		"keys elsewhere": {func(i *issuer) { i.keysAt = "https://evil.test/keys" }, "not the issuer's"},
		"keys in clear":  {func(i *issuer) { i.keysAt = "http://" + i.host() + "/keys" }, "not the issuer's"},
		"keys are gone":  {func(i *issuer) { i.keysAt = i.server.URL + "/nowhere" }, "status 404"},
		"no keys":        {func(i *issuer) { i.published = nil }, "no key for RS256"},
		"gone":           {func(i *issuer) { i.server.Close() }, "refused"},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			tt.change(i)
			v := i.verifier()
			signed := mustRead(t, i.sign("key-1", i.claims(nil)))
			got := v.Verify(t.Context(), signed, token.Rules{})
			wantFailed(t, got, token.StepDiscovery)
			if s := stepNamed(t, got, token.StepDiscovery); !errors.Is(s.Err, token.ErrFetch) || !strings.Contains(s.Detail, tt.say) {
				t.Errorf("says %q, %v; want %q", s.Detail, s.Err, tt.say)
			}
			if s := stepNamed(t, got, token.StepSignature); s.Outcome != token.Skipped {
				t.Errorf("signature is %v, want skipped", s.Outcome)
			}
			documents, _ := i.fetches()
			wantFailed(t, v.Verify(t.Context(), signed, token.Rules{}), token.StepDiscovery)
			if again, _ := i.fetches(); again != documents {
				t.Errorf("fetched again at once: %d, %d", documents, again)
			}
		})
	}
}

func redirect(w http.ResponseWriter, req *http.Request) bool {
	http.Redirect(w, req, "https://evil.test/", http.StatusFound)
	return true
}

func saying(text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte(text)) // the client may have read enough
		return true
	}
}

func TestDiscoveryComesBack(t *testing.T) {
	i := newIssuer(t)
	i.answer = saying("down")
	v := i.verifier()
	signed := mustRead(t, i.sign("key-1", i.claims(nil)))
	wantFailed(t, v.Verify(t.Context(), signed, token.Rules{}), token.StepDiscovery)
	i.set(func() { i.answer, i.clock = nil, i.clock.Add(30*time.Second) })
	wantFailed(t, v.Verify(t.Context(), signed, token.Rules{}))
}

// A key that was exchanged while the issuer could not be reached is found as
// soon as it can be, not minutes later.
func TestKeyExchangedWhileTheIssuerIsDown(t *testing.T) {
	i := newIssuer(t)
	v := i.verifier()
	first, second := mustRead(t, i.sign("key-1", i.claims(nil))), mustRead(t, i.sign("key-2", i.claims(nil)))
	wantFailed(t, v.Verify(t.Context(), first, token.Rules{}))
	i.set(func() { i.answer, i.published = saying("down"), []string{"key-2"} })
	wantFailed(t, v.Verify(t.Context(), second, token.Rules{}), token.StepDiscovery)
	wantFailed(t, v.Verify(t.Context(), first, token.Rules{}))
	i.set(func() { i.answer, i.clock = nil, i.clock.Add(29*time.Second) })
	wantFailed(t, v.Verify(t.Context(), second, token.Rules{}), token.StepKey)
	i.set(func() { i.clock = i.clock.Add(time.Second) })
	wantFailed(t, v.Verify(t.Context(), second, token.Rules{}))
}

func TestSlowIssuer(t *testing.T) {
	i := newIssuer(t)
	asked, release := make(chan struct{}, 1), make(chan struct{})
	i.answer = func(_ http.ResponseWriter, req *http.Request) bool {
		asked <- struct{}{}
		select {
		case <-release:
		case <-req.Context().Done():
		}
		panic(http.ErrAbortHandler) // an answer could still arrive
	}
	t.Cleanup(func() { close(release) })
	signed := mustRead(t, i.sign("key-1", i.claims(nil)))
	v := token.NewVerifier(token.VerifierOptions{Client: i.server.Client(), Hosts: []string{i.host()}, Now: func() time.Time { return noon }, Timeout: 50 * time.Millisecond})
	got := v.Verify(t.Context(), signed, token.Rules{})
	wantFailed(t, got, token.StepDiscovery)
	if s := stepNamed(t, got, token.StepDiscovery); !strings.Contains(s.Detail, "in time") {
		t.Errorf("says %q, want that it did not answer in time", s.Detail)
	}
	<-asked
	ctx, cancel := context.WithCancel(t.Context())
	patient := token.NewVerifier(token.VerifierOptions{Client: i.server.Client(), Hosts: []string{i.host()}, Timeout: time.Hour})
	done := make(chan token.Result)
	go func() { done <- patient.Verify(ctx, signed, token.Rules{}) }()
	<-asked
	cancel()
	if s := stepNamed(t, <-done, token.StepDiscovery); !errors.Is(s.Err, context.Canceled) {
		t.Errorf("error = %v, want that it was cancelled", s.Err)
	}
}
