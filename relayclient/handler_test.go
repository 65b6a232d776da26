package relayclient_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// httpClient returns a sender of HTTP requests through r.
func httpClient(t testing.TB, r *localrelay.Relay) *http.Client {
	t.Helper()
	transport, err := relayclient.NewTransport(config(t, r, "hyco", "send"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport, Timeout: 20 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

// serveHTTP starts a relay and a listener with handler, and returns a sender
// and the listener's events.
func serveHTTP(t testing.TB, handler http.HandlerFunc, timing relayclient.Timing) (*http.Client, <-chan relayclient.Event) {
	t.Helper()
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Handler, cfg.Timing = handler, timing
	events := watch(&cfg)
	listen(t, cfg)
	return httpClient(t, r), events
}

func do(t testing.TB, client *http.Client, method, path string, body io.Reader) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://any"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

func readAll(t testing.TB, r io.Reader) string {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// random is a body in which a lost or doubled piece shows.
func random(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8*13 + i>>16)
	}
	return string(b)
}

// Bodies around the limit of the control channel come back as they were, with
// and without a length of their own.
func TestBodiesBothWays(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Length", fmt.Sprint(r.ContentLength))
		w.Write(data)
	}, relayclient.Timing{})
	for _, size := range []int{0, 1, 65535, 65536, 65537, 1 << 20} {
		for _, chunked := range []bool{false, true} {
			body, want := random(size), fmt.Sprint(size)
			var reader io.Reader = strings.NewReader(body)
			if chunked {
				reader = io.MultiReader(reader) // hides the length
			}
			if size > 65536 || chunked {
				want = "-1"
			}
			resp := do(t, client, "POST", "/", reader)
			if got := readAll(t, resp.Body); got != body {
				t.Errorf("%d bytes, chunked %v: %d came back, or others", size, chunked, len(got))
			}
			if got := resp.Header.Get("X-Length"); resp.StatusCode != 200 || got != want || relayclient.AnsweredByRelay(resp) {
				t.Errorf("%d bytes, chunked %v: %s, length %s, want %s", size, chunked, resp.Status, got, want)
			}
			in := await(t, events, "request", kind(relayclient.RequestReceived))
			out := await(t, events, "response", kind(relayclient.ResponseSent))
			if in.Request.Rendezvous != (want == "-1") || out.Rendezvous != (want == "-1") || out.Bytes != int64(size) || out.Code != 200 || in.Connection != out.Connection || len(in.Connection) != 36 {
				t.Errorf("%d bytes, chunked %v: %+v, then %+v", size, chunked, in.Request, out)
			}
			if out.FirstByte <= 0 || out.Took < out.FirstByte || out.Rendezvous != (out.Phases.Upgrade > 0) {
				t.Errorf("%d bytes: first byte after %v of %v, phases %v", size, out.FirstByte, out.Took, out.Phases)
			}
		}
	}
}

// What is too large for the control channel goes over a rendezvous, also when
// the request did not.
func TestLargeAnswers(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		var size int
		fmt.Sscan(r.URL.Query().Get("size"), &size)
		for part := range slices.Chunk([]byte(random(size)), 1000) {
			if n, err := w.Write(part); n != len(part) || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
		}
	}, relayclient.Timing{})
	for _, size := range []int{1, 65535, 65536, 65537, 1 << 20} {
		resp := do(t, client, "GET", fmt.Sprintf("/?size=%d", size), nil)
		if got := readAll(t, resp.Body); got != random(size) || resp.Header.Get("Content-Type") == "" {
			t.Errorf("%d bytes: %d came back, or others; header %v", size, len(got), resp.Header)
		}
		out := await(t, events, "response", kind(relayclient.ResponseSent))
		if out.Rendezvous != (size > 65536) || out.Bytes != int64(size) {
			t.Errorf("%d bytes: %+v", size, out)
		}
	}
}

func TestAnswersWithoutBody(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscan(r.URL.Query().Get("status"), &status)
		w.Header().Set("Content-Length", "77")
		w.Header().Set("X-Kept", "yes")
		w.WriteHeader(100)
		w.WriteHeader(103)
		w.WriteHeader(status)
		w.WriteHeader(500)
		_, err := w.Write([]byte("hello"))
		if (err == http.ErrBodyNotAllowed) != (status != 200) || status == 200 && err != nil {
			t.Errorf("%s %d: Write error = %v", r.Method, status, err)
		}
		if r.URL.Query().Has("flush") {
			w.(http.Flusher).Flush()
		}
	}, relayclient.Timing{})
	for _, tt := range []struct {
		method string
		status int
		length int64
	}{{"HEAD", 200, 77}, {"GET", 204, 0}, {"GET", 304, 0}} {
		for _, flush := range []string{"", "&flush"} {
			resp := do(t, client, tt.method, fmt.Sprintf("/?status=%d%s", tt.status, flush), nil)
			if resp.StatusCode != tt.status || readAll(t, resp.Body) != "" || resp.Header.Get("X-Kept") != "yes" {
				t.Errorf("%s: %s, header %v", tt.method, resp.Status, resp.Header)
			}
			if tt.method == "HEAD" && resp.ContentLength != tt.length {
				t.Errorf("%s %d: length %d, want %d", tt.method, tt.status, resp.ContentLength, tt.length)
			}
			if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Bytes != 0 || out.Rendezvous || out.Reason != "" {
				t.Errorf("%s %d: %+v", tt.method, tt.status, out)
			}
		}
	}
}

// A request arrives as if the listener had been asked directly, save for the
// hybrid connection's name.
func TestRequestAsTheHandlerSeesIt(t *testing.T) {
	var got *http.Request
	client, events := serveHTTP(t, func(_ http.ResponseWriter, r *http.Request) { got = r }, relayclient.Timing{})
	for path, want := range map[string]struct{ path, escaped, query string }{
		"":                          {"/", "/", ""},
		"/":                         {"/", "/", ""},
		"/api/items?page=2":         {"/api/items", "/api/items", "page=2"},
		"/a%2fb/%c3%b8/":            {"/a/b/\u00f8/", "/a%2fb/%c3%b8/", ""},
		"/x?":                       {"/x", "/x", ""},
		"/x?a&&b":                   {"/x", "/x", "a&&b"},
		"/x?sb-hc-a=1&q=%2F+&q=%20": {"/x", "/x", "q=%2F+&q=%20"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), "PURGE", "https://any"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer for-the-listener")
		req.Header["X-Two"] = []string{"a", "b"}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Fatalf("%q: %s", path, resp.Status)
		}
		if got.Method != "PURGE" || got.URL.Path != want.path || got.URL.EscapedPath() != want.escaped || got.URL.RawQuery != want.query {
			t.Errorf("%q: %s %q, escaped %q, query %q", path, got.Method, got.URL.Path, got.URL.EscapedPath(), got.URL.RawQuery)
		}
		target := "/hyco" + strings.Replace(path, "sb-hc-a=1&", "", 1)
		if got.RequestURI != target || strings.HasSuffix(path, "?") != got.URL.ForceQuery {
			t.Errorf("%q: RequestURI %q, want %q", path, got.RequestURI, target)
		}
		if got.Host == "" || got.Header.Get("Host") != "" || got.Header.Get("Authorization") != "Bearer for-the-listener" ||
			got.Header.Get("X-Two") != "a, b" || got.Header.Get("ServiceBusAuthorization") != "" || !strings.HasPrefix(got.RemoteAddr, "127.0.0.1:") {
			t.Errorf("%q: host %q, from %s, header %v", path, got.Host, got.RemoteAddr, got.Header)
		}
		if got.Body != http.NoBody || got.ContentLength != 0 || got.Proto != "HTTP/1.1" || !got.ProtoAtLeast(1, 1) {
			t.Errorf("%q: length %d, protocol %s", path, got.ContentLength, got.Proto)
		}
		select {
		case <-got.Context().Done():
		case <-time.After(20 * time.Second):
			t.Errorf("%q: the context lives on", path)
		}
		info := await(t, events, "request", kind(relayclient.RequestReceived)).Request
		if info.Method != "PURGE" || info.Target != want.escaped+strings.TrimPrefix(target, strings.SplitN(target, "?", 2)[0]) || info.RemoteAddress != got.RemoteAddr {
			t.Errorf("%q: told as %+v", path, info)
		}
	}
}

// A handler's own status 504 is not the relay's.
func TestOwn504IsNotTheRelays(t *testing.T) {
	client, _ := serveHTTP(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(504) }, relayclient.Timing{})
	resp := do(t, client, "GET", "/", nil)
	if resp.StatusCode != 504 || relayclient.AnsweredByRelay(resp) {
		t.Errorf("%s, by the relay %v", resp.Status, relayclient.AnsweredByRelay(resp))
	}
}

// A response that is shorter than its handler announced must not be taken for
// complete, although the relay does not pass the announcement on.
func TestAnnouncedLength(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hel")
		switch r.URL.Path {
		case "/long":
			if _, err := io.WriteString(w, "lo there"); err != http.ErrContentLength {
				t.Errorf("Write error = %v", err)
			}
			io.WriteString(w, "lo")
		case "/streamed":
			w.(http.Flusher).Flush()
		}
	}, relayclient.Timing{})
	resp := do(t, client, "GET", "/short", nil)
	if got := readAll(t, resp.Body); resp.StatusCode != 500 || strings.Contains(got, "hel") {
		t.Errorf("short: %s %q", resp.Status, got)
	}
	if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Code != 500 || !strings.Contains(out.Reason, "Content-Length") {
		t.Errorf("short: %+v", out)
	}
	resp = do(t, client, "GET", "/streamed", nil)
	if got, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("streamed: %q was taken for complete", got)
	}
	if out := await(t, events, "failure", kind(relayclient.RequestFailed)); out.Err == nil || !strings.Contains(out.Err.Error(), "Content-Length") {
		t.Errorf("streamed: %+v", out)
	}
	resp = do(t, client, "GET", "/long", nil)
	if got := readAll(t, resp.Body); resp.StatusCode != 200 || got != "hello" {
		t.Errorf("long: %s %q", resp.Status, got)
	}
}

// A reverse proxy works, and breaks an answer off that its own server broke off.
func TestReverseProxy(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			io.WriteString(w, random(100_000))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Trailer", "X-Sum")
		data, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Write(data)
		w.Header().Set("X-Sum", "1")
	}))
	t.Cleanup(backend.Close)
	target, err := url.Parse(backend.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:  func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ErrorLog: log.New(io.Discard, "", 0),
	}
	client, _ := serveHTTP(t, proxy.ServeHTTP, relayclient.Timing{})
	for _, size := range []int{0, 10, 200_000} {
		resp := do(t, client, "POST", "/", strings.NewReader(random(size)))
		if got := readAll(t, resp.Body); got != random(size) {
			t.Errorf("%d bytes: %d came back, or others", size, len(got))
		}
	}
	resp := do(t, client, "GET", "/broken", nil)
	if got, err := io.ReadAll(resp.Body); err == nil && resp.StatusCode == 200 {
		t.Errorf("%d bytes were taken for complete", len(got))
	}
}
