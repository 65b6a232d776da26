package relayclient_test

import (
	"io"
	"net/http"
	"testing"

	"relayscope/relayclient/localrelay/localrelaytest"
)

// benchmark asks handler, which nobody watches, again and again.
func benchmark(b *testing.B, want int64, handler http.HandlerFunc) {
	r := localrelaytest.New(b)
	cfg := config(b, r, "hyco", "listen")
	cfg.Handler = handler
	listen(b, cfg)
	client := httpClient(b, r)
	b.SetBytes(want)
	b.ReportAllocs()
	for b.Loop() {
		resp, err := client.Get("https://any/")
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); n != want || err != nil {
			b.Fatalf("%d bytes, %v", n, err)
		}
		resp.Body.Close()
	}
}

// A small request and its answer, both on the control channel.
func BenchmarkSmallRequest(b *testing.B) {
	benchmark(b, 5, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") })
}

// An answer over a rendezvous.
func BenchmarkLargeResponse(b *testing.B) {
	piece := make([]byte, 64<<10)
	benchmark(b, 64<<20, func(w http.ResponseWriter, _ *http.Request) {
		for range 1 << 10 {
			w.Write(piece)
		}
	})
}
