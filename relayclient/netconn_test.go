package relayclient_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func netPair(t *testing.T) (listening, sending net.Conn) {
	t.Helper()
	r := localrelaytest.New(t)
	a, b := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	return relayclient.NetConn(a), relayclient.NetConn(b)
}

func TestNetConnIsAStream(t *testing.T) {
	a, b := netPair(t)
	sent := make([]byte, 1<<20)
	rand.Read(sent)
	go func() {
		if n, err := b.Write(sent); n != len(sent) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
		if err := b.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Error(err)
		}
	}()
	got, err := io.ReadAll(a)
	if err != nil || !bytes.Equal(got, sent) {
		t.Fatalf("read %d bytes, %v; want the %d that were sent", len(got), err, len(sent))
	}
	if _, err := a.Write([]byte("half a connection is left")); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 4)
	if _, err := io.ReadFull(b, answer); err != nil || string(answer) != "half" {
		t.Errorf("read %q, %v", answer, err)
	}
	closed := make(chan error, 1)
	go func() { closed <- a.Close() }()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, err := b.Read(answer); err == nil {
		t.Error("read after Close")
	}
}

func TestNetConnReadDeadline(t *testing.T) {
	a, b := netPair(t)
	buf := make([]byte, 10)
	for range 3 {
		if err := a.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("Read = %v", err)
		}
	}
	if err := a.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Write([]byte("still open")); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(a, buf); err != nil || string(buf[:n]) != "still open" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	// A deadline that is set while somebody waits wakes them.
	waiting := make(chan error, 1)
	go func() {
		_, err := a.Read(buf)
		waiting <- err
	}()
	if err := a.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read = %v", err)
	}
}

func TestNetConnWriteDeadline(t *testing.T) {
	_, b := netPair(t) // the other side reads one message ahead, and no more
	if err := b.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	_, err := b.Write(make([]byte, 64<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write = %v", err)
	}
}

func TestNetListenerClose(t *testing.T) {
	r := localrelaytest.New(t)
	l := relayclient.NetListener(listen(t, config(t, r, "hyco", "listen")))
	if got := l.Addr().String(); !strings.HasPrefix(got, "sb://localhost:") || !strings.HasSuffix(got, "/hyco") {
		t.Errorf("address %q", got)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		waiting <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waiting; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept = %v", err)
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close = %v", err)
	}
}

// Anything that serves a net.Listener can be reached through the relay: here
// the standard library's HTTP server, over the WebSocket half of it.
func TestServeHTTPOverTheRelay(t *testing.T) {
	r := localrelaytest.New(t)
	l := relayclient.NetListener(listen(t, config(t, r, "hyco", "listen")))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		w.Write(append([]byte(req.Method+" "+req.URL.Path+" "), body...))
	})}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			c, err := relayclient.Dial(ctx, config(t, r, "hyco", "send"), relayclient.DialOptions{})
			if err != nil {
				return nil, err
			}
			return relayclient.NetConn(c), nil
		},
	}}
	for _, body := range []string{"one", "two, on the same connection", strings.Repeat("large ", 50_000)} {
		resp, err := client.Post("http://anything/path", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != "POST /path "+body {
			t.Fatalf("answer of %d bytes, %v; want %d", len(got), err, len(body)+11)
		}
	}
	client.CloseIdleConnections()
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("Serve = %v", err)
	}
}
