package live_test

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
	"relayscope/relayclient/token"
	"relayscope/ui/live"
)

// Checks begin, change and end while the listener runs.
func TestTokensOfRequestsAreChecked(t *testing.T) {
	const audience = "api://upstream"
	r := localrelaytest.New(t)
	publisher := entratest.NewPublisher(t)
	s := newSession(t, r, "hyco", "both", func(cfg *relayclient.Config) {
		cfg.RootCAs = r.RootCAs().Clone()
		cfg.RootCAs.AddCert(publisher.Certificate())
	})
	answers := s.Answers()
	answers.HTTP, answers.Reply = responder.Canned, responder.Reply{Status: 202, Body: "taken"}
	if err := s.SetAnswers(answers); err != nil {
		t.Fatal(err)
	}
	s.StartListener()
	s.until(t, "online", s.online)
	cs, err := r.ConnectionString("hyco", "send")
	if err != nil {
		t.Fatal(err)
	}
	transport, err := relayclient.NewTransport(relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	t.Cleanup(client.CloseIdleConnections)
	ask := func(text string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "POST", "https://any/hook?code=hush", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if text != "" {
			req.Header.Set("Authorization", "Bearer "+text)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
		return resp.StatusCode
	}
	issue := func(audience string, claims map[string]any) string {
		all := map[string]any{"aud": audience}
		maps.Copy(all, claims)
		return publisher.Sign(all)
	}
	if status := ask(issue(audience, nil)); status != 202 || len(s.CheckedRequests()) != 0 {
		t.Errorf("without checks: %d and %+v", status, s.CheckedRequests())
	}
	good, err := token.Read(issue(audience, nil))
	if err != nil {
		t.Fatal(err)
	}
	checks := live.TokenChecks{On: true, Refuse: true, Rules: token.Rules{Audiences: []string{audience}, Issuers: []string{good.JWT.Issuer}}}
	s.SetTokenChecks(checks)
	for _, tt := range []struct {
		name, text string
		status     int
		failed     string
	}{
		{"good", issue(audience, nil), 202, ""},
		{"none", "", 401, token.StepToken},
		{"expired", issue(audience, map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}), 401, token.StepExpires},
		{"wrong audience", issue("api://other", nil), 401, token.StepAudience},
		{"wrong issuer", issue(audience, map[string]any{"iss": "https://sts.windows.net/other/"}), 401, token.StepExpectedIssuer},
	} {
		if status := ask(tt.text); status != tt.status {
			t.Errorf("%s: answered %d, want %d", tt.name, status, tt.status)
		}
		got := s.CheckedRequests()[0]
		var failed []string
		for _, step := range got.Result.Failed() {
			failed = append(failed, step.Name)
		}
		if all := strings.Join(failed, ", "); got.Result.OK() != (tt.status == 202) || !strings.Contains(all, tt.failed) {
			t.Errorf("%s: %q failed, want %q", tt.name, all, tt.failed)
		}
		var logged journal.Row
		for row := range s.Journal().Range(s.Journal().Bounds()) {
			if row.Type == "token" {
				logged = row
			}
		}
		if passes := strings.HasPrefix(logged.Text, "passes: POST /hyco/hook"); passes != (tt.status == 202) || !strings.Contains(logged.Detail, tt.failed) {
			t.Errorf("%s: the message log says %q, %q", tt.name, logged.Text, logged.Detail)
		}
		if got.Method != "POST" || got.Path != "/hyco/hook" {
			t.Errorf("%s: it is about %s %s", tt.name, got.Method, got.Path)
		}
	}
	checks.Refuse = false
	s.SetTokenChecks(checks)
	for range 20 {
		if status := ask(""); status != 202 {
			t.Errorf("without refusals: %d", status)
		}
	}
	if got := s.CheckedRequests(); len(got) != 20 || got[19].Result.OK() {
		t.Errorf("%d checks are kept, the oldest %+v", len(got), got[len(got)-1])
	}
	s.SetTokenChecks(live.TokenChecks{})
	if status := ask(""); status != 202 {
		t.Errorf("with checks off: %d", status)
	}
}
