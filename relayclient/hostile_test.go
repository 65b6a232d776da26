package relayclient_test

import (
	"bufio"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// boundedMemory fails the test if, when it is called, more is held than at the
// start and a generous allowance.
func boundedMemory(t *testing.T, allowance uint64) func() {
	t.Helper()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	return func() {
		t.Helper()
		if now := heap(); now > before+allowance {
			t.Errorf("%d MiB are held, want %d MiB at most", (now-before)>>20, allowance>>20)
		}
	}
}

// rawAnswer serves TLS connections whose request was read with answer.
func rawAnswer(t *testing.T, answer func(net.Conn)) relayclient.Config {
	t.Helper()
	roots := x509.NewCertPool()
	address := serveTCP(t, authority(roots), func(conn net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			answer(conn)
		}
		conn.Close()
	})
	return relayclient.Config{Namespace: address, HybridConnection: "hyco", RootCAs: roots}
}

// Answers to an upgrade that have no end, no form or no hurry end the attempt
// with an error that says so, at the latest at its deadline.
func TestHostileAnswers(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	forever := func(start, again string) func(net.Conn) {
		again = strings.Repeat(again, 1+32<<10/len(again))
		return func(conn net.Conn) {
			_, err := io.WriteString(conn, start)
			for err == nil {
				_, err = io.WriteString(conn, again)
			}
		}
	}
	for name, tt := range map[string]struct {
		answer func(net.Conn)
		want   error
	}{
		"endless 101":         {forever(switching, "X-Filler: ffffffffffffffff\r\n"), relayclient.ErrNotRelay},
		"endless header line": {forever(switching+"X-Filler: ", "f"), relayclient.ErrNotRelay},
		"endless status line": {forever("HTTP/1.1 401 ", "no "), relayclient.ErrNotRelay},
		"endless nothing":     {forever("", "nothing"), relayclient.ErrNotRelay},
		"endless refusal":     {forever("HTTP/1.1 401 No\r\n\r\n", "because"), relayclient.ErrUnauthorized},
		"refusal that stalls": {func(conn net.Conn) {
			io.WriteString(conn, "HTTP/1.1 404 No\r\nContent-Length: 1000\r\n\r\nbec")
			io.Copy(io.Discard, conn)
		}, relayclient.ErrNotFound},
		"slow loris": {func(conn net.Conn) {
			tick := time.NewTicker(10 * time.Millisecond)
			defer tick.Stop()
			for i := 0; ; i++ {
				if _, err := conn.Write([]byte{(switching + strings.Repeat("X: y\r\n", 1000))[i]}); err != nil {
					return
				}
				<-tick.C
			}
		}, context.DeadlineExceeded},
		"not HTTP":        {forever("SSH-2.0-server\r\n\r\n", "\x00"), relayclient.ErrNotRelay},
		"nothing at all":  {func(net.Conn) {}, io.ErrUnexpectedEOF},
		"only half of it": {func(conn net.Conn) { io.WriteString(conn, switching) }, io.ErrUnexpectedEOF},
		"wrong key":       {forever(switching+"Sec-WebSocket-Accept: bm8=\r\n\r\n", "f"), relayclient.ErrNotRelay},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := rawAnswer(t, tt.answer)
			cfg.Timing.SenderHandshake = 300 * time.Millisecond
			if tt.want == relayclient.ErrNotRelay || tt.want == relayclient.ErrUnauthorized {
				cfg.Timing.SenderHandshake = 20 * time.Second // ends by itself
			}
			check := boundedMemory(t, 32<<20)
			_, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
			if !errors.Is(err, tt.want) {
				t.Errorf("error = %.300v, want %v", err, tt.want)
			}
			if err != nil && len(err.Error()) > 4<<10 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			check()
		})
	}
}

// HTTP requests and questions about the hybrid connection have the same limits.
func TestHostileAnswersToHTTP(t *testing.T) {
	for name, answer := range map[string]string{
		"endless header": "HTTP/1.1 200 OK\r\n",
		"endless body":   "HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			cfg := rawAnswer(t, func(conn net.Conn) {
				_, err := io.WriteString(conn, answer)
				for line := strings.Repeat("X-Filler: ffff\r\n", 2000); err == nil; {
					_, err = io.WriteString(conn, line)
				}
			})
			check := boundedMemory(t, 32<<20)
			if info, err := relayclient.GetRuntimeInfo(t.Context(), cfg); err == nil {
				t.Errorf("runtime info = %+v", info)
			}
			transport, err := relayclient.NewTransport(cfg)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := (&http.Client{Transport: transport}).Get("https://any/")
			if err == nil {
				resp.Body.Close() // reading it is the caller's affair
			} else if len(err.Error()) > 4<<10 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if (err != nil) != (name == "endless header") {
				t.Errorf("request error = %v", err)
			}
			check()
		})
	}
}

// Compression that nobody offered is refused: what it may blow up to has no
// bound that the protocol knows of.
func TestCompressionThatNobodyOffered(t *testing.T) {
	cfg := handmadeServer(t, func(w http.ResponseWriter, r *http.Request) {
		h := http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}}
		up := websocket.Upgrader{}
		if ws, err := up.Upgrade(w, withoutExtensions(r), h); err == nil {
			hold(ws)
			ws.Close()
		}
	})
	if _, err := relayclient.Listen(t.Context(), cfg); !errors.Is(err, relayclient.ErrNotRelay) {
		t.Errorf("error = %v, want a refusal", err)
	}
}

func withoutExtensions(r *http.Request) *http.Request {
	r.Header.Del("Sec-WebSocket-Extensions")
	return r
}
