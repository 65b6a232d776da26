package relayclient_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
)

// Headers that the relay cannot carry harm nothing, and those that lose
// something on the way are told.
func TestAnswerHeaders(t *testing.T) {
	client, events := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Two"], h["x-two"] = []string{"a", "b"}, []string{"c"}
		h["bad name"], h["X-Line"], h["X-Odd"] = []string{"1"}, []string{"a\r\nX-Evil: 1"}, []string{"\xff\u00e9<&>"}
		for _, name := range []string{"Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Authenticate", "Transfer-Encoding"} {
			h.Set(name, "x")
		}
		if r.URL.Path == "/cookies" {
			h["Set-Cookie"] = []string{"a=1", "b=2"}
		}
		if r.URL.Path == "/large" {
			h.Set("X-Large", strings.Repeat("x", 32<<10))
		}
		if r.URL.Query().Has("flush") {
			if err := http.NewResponseController(w).Flush(); (err != nil) != (r.URL.Path == "/large") {
				t.Errorf("Flush error = %v", err)
			}
		}
		w.Write([]byte("<html>"))
	}, relayclient.Timing{})
	for _, query := range []string{"", "?flush"} {
		resp := do(t, client, "GET", "/"+query, nil)
		resp.Header.Del("Date")
		want := http.Header{"X-Two": {"a, b, c"}, "X-Line": {"a  X-Evil: 1"}, "X-Odd": {"\ufffd\u00e9<&>"}}
		for name := range want {
			if !slices.Equal(resp.Header[name], want[name]) {
				t.Errorf("%s: %q, want %q", name, resp.Header[name], want[name])
			}
		}
		for _, name := range []string{"Keep-Alive", "Te", "Trailer", "Upgrade", "Proxy-Authenticate", "X-Evil"} {
			if resp.Header[name] != nil {
				t.Errorf("%s came through: %q", name, resp.Header[name])
			}
		}
		if got := readAll(t, resp.Body); got != "<html>" {
			t.Errorf("body %q", got)
		}
		if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Reason != "" {
			t.Errorf("told: %q", out.Reason)
		}
		resp = do(t, client, "GET", "/cookies"+query, nil)
		if got := resp.Header["Set-Cookie"]; !slices.Equal(got, []string{"a=1, b=2"}) {
			t.Errorf("Set-Cookie: %q", got)
		}
		if out := await(t, events, "response", kind(relayclient.ResponseSent)); !strings.Contains(out.Reason, "Set-Cookie") {
			t.Errorf("told: %q, want that cookies were joined", out.Reason)
		}
		resp = do(t, client, "GET", "/large"+query, nil)
		if got := readAll(t, resp.Body); resp.StatusCode != 500 || relayclient.AnsweredByRelay(resp) || !strings.Contains(got, "too large") {
			t.Errorf("large header: %s %q", resp.Status, got)
		}
		if out := await(t, events, "response", kind(relayclient.ResponseSent)); out.Code != 500 || !strings.Contains(out.Reason, "32 KiB") {
			t.Errorf("large header: %+v", out)
		}
	}
}

// What a handler makes through the relay is what it makes in net/http.
func TestContentTypesAsInNetHTTP(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/none":
			w.Header()["Content-Type"] = nil
		case "/encoded":
			w.Header().Set("Content-Encoding", "gzip")
		case "/own":
			w.Header().Set("Content-Type", "own/type")
		case "/file":
			http.ServeContent(w, r, "x.css", time.Time{}, bytes.NewReader([]byte("body{}")))
			return
		}
		io.WriteString(w, "<html>")
	}
	client, _ := serveHTTP(t, handler, relayclient.Timing{})
	for _, path := range []string{"/", "/none", "/encoded", "/own", "/file"} {
		direct := httptest.NewRecorder()
		handler(direct, httptest.NewRequest("GET", path, nil))
		want := direct.Result().Header.Get("Content-Type")
		if path == "/encoded" {
			want = "" // the recorder guesses where the server does not
		}
		if got := do(t, client, "GET", path, nil).Header.Get("Content-Type"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}
