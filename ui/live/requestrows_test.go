package live_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// An HTTP request is a row, its answer another, both under one number.
func TestRequestsAreInTheLog(t *testing.T) {
	r := localrelaytest.New(t)
	s := newSession(t, r, "hyco", "both", func(cfg *relayclient.Config) {
		cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/stream":
				w.(http.Flusher).Flush()
			case "/cookies":
				w.Header()["Set-Cookie"] = []string{"a=1", "b=2"}
			case "/panic":
				panic("oops")
			}
			io.WriteString(w, "hello")
		})
	})
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
	for _, path := range []string{"/api/items?token=hush&page=2", "/stream", "/cookies", "/panic"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", "https://any"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Api-Key", "hush")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Error(err)
		}
		resp.Body.Close()
	}
	s.until(t, "all answered", func() bool {
		return strings.Contains(s.log(), "no answer") && strings.Count(s.log(), " response ") == 3
	})
	s.wantLog(t,
		"listener in #1 request GET /api/items?token=[redacted]&page=2\n",
		"listener out #1 response 200 OK, 5 B, control channel\n",
		"listener in #2 request GET /stream\n",
		"listener out #2 response 200 OK, 5 B, rendezvous\n",
		"listener out #3 response 200 OK, 5 B, control channel: the relay cannot carry more than one Set-Cookie",
		"listener out #4 no answer The handler of the request failed\n")
	first, last := s.Journal().Bounds()
	rows := slices.Collect(s.Journal().Range(first, last))
	for _, row := range rows {
		if strings.Contains(row.Text+row.Detail, "hush") {
			t.Errorf("a secret is shown: %+v", row)
		}
		if problem := row.Connection == "#3" && row.Type == "response" || row.Type == "no answer"; problem != (row.Kind == journal.Problem) {
			t.Errorf("row %q is of kind %v", row.Text, row.Kind)
		}
		if row.Type == "request" && (!strings.Contains(row.Detail, "\nX-Api-Key: [redacted]") || len(row.TrackingID) != 36) {
			t.Errorf("detail %q, tracking ID %q", row.Detail, row.TrackingID)
		}
	}
}
