//go:build linux

package windowtest

import (
	"net/http"
	"testing"

	"relayscope/relayclient"
)

// An HTTP request is answered with what the listener got, and all of it is in
// the log.
func TestHTTPRequest(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.startBoth()
	w.met()
	cs := r.access("both")
	transport, err := relayclient.NewTransport(relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	})
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	resp, err := client.Get("https://any/api/items?page=2&sig=5eed")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK || relayclient.AnsweredByRelay(resp) {
		t.Errorf("answered with %s, by the relay %v; want 200 from the listener", resp.Status, relayclient.AnsweredByRelay(resp))
	}
	w.logs("listener|in|#2|request|GET /api/items?page=2&sig=[redacted]", "listener|out|#2|response|200 OK")
	w.screen("answered")
}
