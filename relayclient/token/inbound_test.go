package token_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/token"
)

// upstream is what a listener expects of a SignalR upstream call.
func upstream(i *issuer) token.Inbound {
	return token.Inbound{
		Rules:    token.Rules{Audiences: []string{"api://upstream"}, Issuers: []string{i.v1()}, Tenants: []string{tenant}, Applications: []string{identity}},
		Verifier: i.verifier(), Refuse: true,
	}
}

func TestInbound(t *testing.T) {
	i := newIssuer(t)
	good := i.claims(map[string]any{"aud": "api://upstream"})
	strange := map[string]any{"tid": otherTenant, "iss": i.server.URL + "/" + otherTenant + "/"}
	for name, tt := range map[string]struct {
		headers []string
		failed  []string
		status  int
		answer  string // in WWW-Authenticate
	}{
		"good":               {[]string{"Bearer " + i.sign("key-1", good)}, nil, 200, ""},
		"lower case":         {[]string{"bearer " + i.sign("key-1", good)}, nil, 200, ""},
		"none":               {nil, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"two":                {[]string{"Bearer " + i.sign("key-1", good), "Bearer x"}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"password":           {[]string{"Basic YTpi"}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"no scheme":          {[]string{i.sign("key-1", good)}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"not a token":        {[]string{"Bearer hello"}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"SAS":                {[]string{vectorToken}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"SAS as Bearer":      {[]string{"Bearer " + vectorToken}, []string{token.StepToken}, 401, "Token"},
		"quoted":             {[]string{`Bearer "` + i.sign("key-1", good) + `"`}, []string{token.StepToken}, 401, `Bearer realm="relay listener"`},
		"expired":            {[]string{"Bearer " + i.sign("key-1", with(good, map[string]any{"exp": 1}))}, []string{token.StepExpires}, 401, "not accepted: Expires"},
		"for somebody else":  {[]string{"Bearer " + i.sign("key-1", i.claims(nil))}, []string{token.StepAudience}, 401, "Audience"},
		"audience by slash":  {[]string{"Bearer " + i.sign("key-1", with(good, map[string]any{"aud": "api://upstream/"}))}, []string{token.StepAudience}, 401, "Audience"},
		"from another app":   {[]string{"Bearer " + i.sign("key-1", with(good, map[string]any{"xms_mirid": nil}))}, []string{token.StepApplication}, 401, "Application"},
		"from a stranger":    {[]string{"Bearer " + i.sign("key-1", with(good, strange))}, []string{token.StepExpectedIssuer, token.StepExpectedTenant}, 401, "Expected issuer"},
		"key nobody knows":   {[]string{"Bearer " + i.sign("key-2", good)}, []string{token.StepKey}, 401, "Key"},
		"signature of graph": {[]string{"Bearer " + unsignedJWT(t, map[string]any{"alg": "RS256", "kid": "key-1", "nonce": "n"}, good)}, nil, 401, "Signature"},
	} {
		t.Run(name, func(t *testing.T) {
			var told []token.Result
			served := 0
			next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })
			in := upstream(i)
			req := httptest.NewRequest("POST", "/api", nil)
			for _, h := range tt.headers {
				req.Header.Add("Authorization", h)
			}
			w := httptest.NewRecorder()
			report := func(r token.Result) { told = append(told, r) }
			in.Handler(next, report).ServeHTTP(w, req)
			answer := w.Header().Get("WWW-Authenticate")
			if w.Code != tt.status || !strings.Contains(answer, tt.answer) || (served == 1) != (tt.status == 200) {
				t.Errorf("answered %d, %q and served %d times; want %d, %q", w.Code, answer, served, tt.status, tt.answer)
			}
			if len(told) != 1 {
				t.Fatalf("%d results were reported", len(told))
			}
			if name != "signature of graph" {
				wantFailed(t, told[0], tt.failed...)
			}
			in.Refuse = false
			served = 0
			w = httptest.NewRecorder()
			in.Handler(next, nil).ServeHTTP(w, req)
			if served != 1 || w.Code != 200 || w.Header().Get("WWW-Authenticate") != "" {
				t.Errorf("without Refuse it answered %d and served %d times", w.Code, served)
			}
		})
	}
	for path := range i.fetched {
		if strings.Contains(path, otherTenant) {
			t.Errorf("the document of a stranger was fetched: %s", path)
		}
	}
}

func TestInboundWithoutAudienceLetsNobodyIn(t *testing.T) {
	i := newIssuer(t)
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Authorization", "Bearer "+i.sign("key-1", i.claims(nil)))
	wantFailed(t, token.Inbound{Verifier: i.verifier()}.Check(t.Context(), req), token.StepAudience)
}

func TestInboundWhileTheIssuerIsDown(t *testing.T) {
	i := newIssuer(t)
	i.server.Close()
	req := httptest.NewRequest("GET", "/", nil)
	req.Header.Set("Authorization", "Bearer "+i.sign("key-1", i.claims(map[string]any{"aud": "api://upstream"})))
	w := httptest.NewRecorder()
	upstream(i).Handler(http.NotFoundHandler(), nil).ServeHTTP(w, req)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("answered %d, %v; want 503 and when to try again", w.Code, w.Header())
	}
}

// An upstream call reaches a listener through the relay, and its token with
// it, because the sender's own access needs none there.
func TestInboundThroughTheRelay(t *testing.T) {
	i := newIssuer(t)
	r := localrelaytest.New(t)
	access, err := r.ConnectionString("open", "listen")
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan token.Result, 2)
	cfg := relayclient.Config{Namespace: access.Namespace, HybridConnection: "open", RootCAs: r.RootCAs()}
	served := cfg
	served.Token = relayclient.SharedAccessKey{KeyName: access.KeyName, Key: access.Key}
	served.Handler = upstream(i).Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }),
		func(r token.Result) { results <- r })
	l, err := relayclient.Listen(t.Context(), served)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	transport, err := relayclient.NewTransport(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	for _, tt := range []struct {
		aud    string
		status int
		failed []string
	}{{"api://upstream", 202, nil}, {"api://other", 401, []string{token.StepAudience}}} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://relay/runtime/webhooks/signalr", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+i.sign("key-1", i.claims(map[string]any{"aud": tt.aud})))
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.status || (resp.Header.Get("WWW-Authenticate") == "") != (tt.status == 202) {
			t.Errorf("%s: answered %s with %v, want %d", tt.aud, resp.Status, resp.Header, tt.status)
		}
		wantFailed(t, <-results, tt.failed...)
	}
}
