package relayclient_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// BenchmarkHTTP sends requests through NewTransport to a listener's Handler.
func BenchmarkHTTP(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1<<10)
	r := localrelaytest.New(b)
	listening := config(b, r, "hyco", "listen")
	listening.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	listen(b, listening)
	transport, err := relayclient.NewTransport(config(b, r, "hyco", "send"))
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	b.Cleanup(client.CloseIdleConnections)

	for _, inFlight := range []int{1, 16} {
		b.Run(fmt.Sprintf("inflight=%d", inFlight), func(b *testing.B) {
			ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
			defer cancel()
			errs := make([]error, inFlight)
			b.ReportAllocs()
			b.ResetTimer()
			var all sync.WaitGroup
			for i := range errs {
				count := b.N*(i+1)/inFlight - b.N*i/inFlight
				all.Go(func() {
					for range count {
						if errs[i] = getItem(ctx, client, body); errs[i] != nil {
							cancel()
							return
						}
					}
				})
			}
			all.Wait()
			if err := cmp.Or(errs...); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reqs/s")
		})
	}
}

// getItem sends one GET, which must be answered with want.
func getItem(ctx context.Context, client *http.Client, want []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://relay/item", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !bytes.Equal(got, want) {
		return fmt.Errorf("got %s with %d bytes, %v", resp.Status, len(got), err)
	}
	return nil
}
