package relayclient_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A handler's goroutine that goes on writing once the handler has returned
// spoils no other response, on the control channel or on a rendezvous that is
// used again.
func TestWritesAfterTheHandlerReturned(t *testing.T) {
	var stray sync.WaitGroup
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Errorf("body: %v", err)
		}
		if len(body) > 100 && len(body)%2 == 0 {
			w.(http.Flusher).Flush()
		}
		fmt.Fprintf(w, "%s %d", req.URL.Path, len(body))
		stray.Go(func() {
			for range 200 {
				fmt.Fprint(w, "STRAY")
				w.(http.Flusher).Flush()
				w.WriteHeader(http.StatusTeapot)
				io.ReadAll(req.Body)
			}
		})
	})
	listen(t, cfg)
	transport, err := relayclient.NewTransport(config(t, r, "hyco", "send"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for c := range 4 {
		all.Go(func() {
			for i := range 40 {
				size := []int{0, 10, 70_000, 70_001, 200_000}[i%5]
				resp, err := client.Post(fmt.Sprintf("https://any/%d-%d", c, i), "text/plain", strings.NewReader(strings.Repeat("x", size)))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				want := fmt.Sprintf("/%d-%d %d", c, i, size)
				// What strays in before the handler has returned is its own.
				if err != nil || resp.StatusCode != 200 || strings.ReplaceAll(string(got), "STRAY", "") != want {
					t.Errorf("%s %.80q, %v; want %q", resp.Status, got, err, want)
				}
			}
		})
	}
	all.Wait()
	stray.Wait()
}
