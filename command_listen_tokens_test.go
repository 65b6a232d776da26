package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A caller such as Azure SignalR Service signs its requests with the token of a
// managed identity, which the listener checks.
func TestListenChecksTokensOfRequests(t *testing.T) {
	const audience = "api://upstream"
	publisher, r := entratest.NewPublisher(t), localrelaytest.New(t)
	ca := filepath.Join(t.TempDir(), "both.pem")
	if err := os.WriteFile(ca, append(publisher.CertificatePEM(), r.CertificatePEM()...), 0o600); err != nil {
		t.Fatal(err)
	}
	transport, err := relayclient.NewTransport(clientConfig(t, connectionString(t, r, "hyco", "send").Reveal(), ca))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	l := start(t, []string{"CS=" + connectionString(t, r, "hyco", "listen").Reveal()}, "listen", "--json", "--connection-string-env=CS", "--ca-file="+ca,
		"--check-tokens", "--expect-audience="+audience, "--expect-issuer="+publisher.Issuer(), "--expect-application=caller", "--refuse-tokens")
	l.line(t, `"online"`)
	good := map[string]any{"aud": audience, "appid": "caller", "oid": "caller"}
	with := func(name string, value any) string {
		claims := map[string]any{name: value}
		for n, v := range good {
			if n != name {
				claims[n] = v
			}
		}
		return "Bearer " + publisher.Sign(claims)
	}
	parts := strings.Split(with("aud", audience), ".")
	for _, tt := range []struct {
		name, header string
		status       int
		failed       string // the step that is told
	}{
		{"good", with("aud", audience), 200, ""},
		{"none", "", 401, "Token"},
		{"wrong audience", with("aud", "https://relay.azure.net/"), 401, "Audience"},
		{"wrong issuer", with("iss", "https://sts.windows.net/"+entratest.Tenant+"/"), 401, "Issuer"},
		{"expired", with("exp", time.Now().Add(-time.Hour).Unix()), 401, "Expires"},
		{"another application", "Bearer " + publisher.Sign(map[string]any{"aud": audience, "appid": "other", "oid": "other"}), 401, "Application"},
		{"changed", parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), 401, "Signature"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://any/hook?code=hush", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if tt.header != "" {
			req.Header.Set("Authorization", tt.header)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != tt.status || tt.status == 401 && !strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: %s with WWW-Authenticate %q, want %d", tt.name, resp.Status, resp.Header.Get("WWW-Authenticate"), tt.status)
		}
		text := l.line(t, "token-checked")
		var line struct {
			Method, Path string
			Passed       *bool                   `json:"token_passed"`
			Failed       []struct{ Name string } `json:"token_failed"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, s := range line.Failed {
			failed = append(failed, s.Name)
		}
		told := strings.Join(failed, ", ")
		if line.Passed == nil || *line.Passed != (tt.status == 200) || !strings.Contains(told, tt.failed) {
			t.Errorf("%s: told %q, want %q in it", tt.name, told, tt.failed)
		}
		if line.Method != "POST" || line.Path != "/hyco/hook" {
			t.Errorf("%s: it is about %s %s", tt.name, line.Method, line.Path)
		}
	}
	l.signal(t, os.Interrupt)
	got := l.wait(t)
	wantStatus(t, got, exitOK)
	if all := strings.Join(got.lines, ""); strings.Contains(all, "hush") || strings.Contains(all, parts[2]) {
		t.Error("the query or a token was printed")
	}
}

func TestListenWrongTokenOptions(t *testing.T) {
	for want, args := range map[string][]string{
		"go with --check-tokens":     {"--refuse-tokens"},
		"needs --expect-audience":    {"--check-tokens", "--expect-tenant=t"},
		"or --expect-tenant":         {"--check-tokens", "--expect-audience=a"},
		"URL that begins with https": {"--check-tokens", "--expect-audience=a", "--expect-issuer=sts.windows.net"},
	} {
		got := relayscope(t, nil, append([]string{"listen", "--connection-string-env=CS"}, args...)...)
		wantStatus(t, got, exitUsage)
		if !strings.Contains(got.stderr, want) {
			t.Errorf("standard error is %q, want %q in it", got.stderr, want)
		}
	}
}
