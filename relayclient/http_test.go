package relayclient_test

import (
	"errors"
	"net/http"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A listener that serves no HTTP says so at once, through the relay, rather
// than leaving the sender to its minute.
func TestHTTPRequestToAWebSocketListener(t *testing.T) {
	r := localrelaytest.New(t)
	transport, err := relayclient.NewTransport(config(t, r, "hyco", "send"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://anything/api")
	if err != nil {
		t.Fatal(err)
	}
	if !relayclient.AnsweredByRelay(resp) {
		t.Error("without a listener, the answer has a Via")
	}
	if err := relayclient.RelayError(resp); !errors.Is(err, relayclient.ErrNoListener) {
		t.Errorf("error = %v, want that nobody listens", err)
	}
	listen(t, config(t, r, "hyco", "listen"))
	resp, err = client.Get("https://anything/api")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 501 || relayclient.AnsweredByRelay(resp) {
		t.Errorf("status %s, by the relay %v; want 501 from the listener", resp.Status, relayclient.AnsweredByRelay(resp))
	}
}

func TestRuntimeInfoOfTheLocalRelay(t *testing.T) {
	r := localrelaytest.New(t)
	listen(t, config(t, r, "hyco", "listen"))
	info, err := relayclient.GetRuntimeInfo(t.Context(), config(t, r, "hyco", "root"))
	if err != nil || info.ListenerCount != 1 || !info.RequiresClientAuthorization || info.CreatedAt.IsZero() {
		t.Errorf("hyco: %+v, %v", info, err)
	}
	if info, err := relayclient.GetRuntimeInfo(t.Context(), config(t, r, "open", "root")); err != nil || info.RequiresClientAuthorization {
		t.Errorf("open: %+v, %v", info, err)
	}
	_, err = relayclient.GetRuntimeInfo(t.Context(), config(t, r, "hyco", "send"))
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.Cause != relayclient.CauseMissingRight {
		t.Errorf("without Manage: %v", err)
	}
	unknown := config(t, r, "hyco", "root")
	unknown.HybridConnection = "nowhere"
	if _, err := relayclient.GetRuntimeInfo(t.Context(), unknown); !errors.Is(err, relayclient.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
}
