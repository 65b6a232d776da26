package localrelay

import (
	"crypto/tls"
	"net/http"
	"testing"
)

// More requests than there is room for are refused at once, before anything of
// theirs is read, and only for as long as there is no room.
func TestHostileCrowdOfRequests(t *testing.T) {
	r := besieged(t, nil)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	defer transport.CloseIdleConnections()
	get := func() (int, string) {
		resp, err := (&http.Client{Transport: transport, Timeout: enduring}).Get("https://" + r.Namespace() + "/hyco")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode, resp.Header.Get("Via")
	}
	r.exchanging.Add(maxExchanges)
	if status, via := get(); status != http.StatusServiceUnavailable || via != "" {
		t.Errorf("without room: %d, Via %q; want 503 from the relay", status, via)
	}
	r.exchanging.Add(-maxExchanges)
	if status, _ := get(); status != http.StatusNotFound {
		t.Errorf("with room again: %d, want 404 for want of a listener", status)
	}
}
