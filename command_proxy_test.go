package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"relayscope/relayclient/localrelay/localrelaytest"
)

// newProxy starts an HTTP proxy for one user and counts what it connects.
func newProxy(t *testing.T, user, password string) (address string, connected *atomic.Int64) {
	t.Helper()
	connected = new(atomic.Int64)
	var work sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		work.Add(1)
		defer work.Done()
		ask := &http.Request{Header: http.Header{"Authorization": r.Header["Proxy-Authorization"]}}
		if u, p, _ := ask.BasicAuth(); u != user || p != password {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		far, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer far.Close()
		near, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer near.Close()
		connected.Add(1)
		io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
		var back sync.WaitGroup
		back.Go(func() { io.Copy(near, far); near.Close() })
		io.Copy(far, near)
		far.Close()
		back.Wait()
	}))
	t.Cleanup(func() { s.Close(); work.Wait() })
	return s.Listener.Addr().String(), connected
}

func TestProxyFromTheEnvironmentVariableNamed(t *testing.T) {
	r := localrelaytest.New(t)
	address, connected := newProxy(t, "eve", "s3cret/word")
	cs := connectionString(t, r, "hyco", "both").Reveal()
	run := func(proxy string, args ...string) result {
		args = append([]string{"send", "--json", "--connection-string-env=CS", "--ca-file=" + caFile(t, r), "--text=hello"}, args...)
		return relayscope(t, []string{"CS=" + cs, "VIA=" + proxy}, args...)
	}
	online(t, r, "hyco", "listen", "--echo")
	got := run("http://eve:s3cret%2Fword@"+address, "--proxy-env=VIA", "--expect-reply")
	wantStatus(t, got, 0)
	if connected.Load() != 1 {
		t.Errorf("the proxy connected %d times, want once", connected.Load())
	}
	for name, tt := range map[string]struct {
		proxy, variable, title string
		status                 int
	}{
		"wrong password": {"http://eve:s3cret@" + address, "VIA", "The proxy does not let the connection through", exitFailed},
		"nobody there":   {"eve:s3cret@127.0.0.1:1", "VIA", "The proxy cannot be reached", exitFailed},
		"no URL":         {"gopher://eve:s3cret@" + address, "VIA", "The proxy's URL cannot be used", exitFailed},
		"not set":        {"", "VIA", "The environment variable VIA is not set", exitFailed},
		"no name":        {"", "http://eve:s3cret@" + address, "--proxy-env takes the name of an environment variable", exitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(tt.proxy, "--proxy-env="+tt.variable)
			wantStatus(t, got, tt.status)
			if !strings.Contains(got.stderr, tt.title) || strings.Contains(got.stderr+strings.Join(got.lines, ""), "s3cret") {
				t.Errorf("standard error has\n%s\nwant %q and no password", got.stderr, tt.title)
			}
		})
	}
}
