package localrelay

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// Whoever takes forever to say what he wants loses the connection.
func TestHostileSlowHeader(t *testing.T) {
	const patience = 300 * time.Millisecond
	r := besieged(t, func(d *timings) { d.header = patience })
	var trickling sync.WaitGroup
	for _, text := range []string{
		upgradeTo("/$hc/hyco", strings.Repeat("X: y\r\n", 1000)),
		"POST /hyco HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("y", 5000),
	} {
		conn := raw(t, r)
		trickling.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			begin := time.Now()
			for i := range text {
				if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
					if errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) < patience {
						t.Errorf("after %v: %v", time.Since(begin), err)
					}
					return
				}
				<-tick.C
			}
			t.Errorf("%.20q was read to its end", text)
		})
	}
	trickling.Wait()
}

// A header without end is refused before it takes room.
func TestHostileEndlessHeader(t *testing.T) {
	r := besieged(t, nil)
	check := bounded(t)
	t.Run("all", func(t *testing.T) {
		for name, tt := range map[string]struct{ head, again, want string }{
			"lines":        {"GET /hyco HTTP/1.1\r\nHost: localhost\r\n", "X-Filler: ffffffffffffffff\r\n", "431 Request Header Fields Too Large"},
			"one line":     {"GET /hyco HTTP/1.1\r\nHost: localhost\r\nX-Filler: ", "f", "431 Request Header Fields Too Large"},
			"request line": {"GET /", "f", "431 Request Header Fields Too Large"},
			"token":        {"GET /$hc/hyco?sb-hc-action=listen&sb-hc-token=", "%20", "431 Request Header Fields Too Large"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				if status := poured(t, r, tt.head, tt.again); status != tt.want {
					t.Errorf("got %q, want %q", status, tt.want)
				}
			})
		}
	})
	check()
}

// A token as large as a header may be is refused like any other, and no answer
// repeats it.
func TestHostileHugeToken(t *testing.T) {
	r := besieged(t, nil)
	huge := strings.Repeat("s3cr", 7000)
	for name, text := range map[string]string{
		"query":     upgradeTo("/$hc/hyco?sb-hc-action=listen&sb-hc-token="+huge, ""),
		"header":    upgradeTo("/$hc/hyco?sb-hc-action=listen", "ServiceBusAuthorization: "+huge+"\r\n"),
		"signature": upgradeTo("/$hc/hyco?sb-hc-action=listen", "ServiceBusAuthorization: SharedAccessSignature sr=a&se=1&skn=listen&sig="+huge+"\r\n"),
		"HTTP":      "GET /gone?sb-hc-token=" + huge + " HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, r)
			io.WriteString(conn, text)
			status, body, err := said(bufio.NewReader(conn), http.MethodGet)
			if err != nil || !strings.HasPrefix(status, "401 ") || strings.Contains(status+body, "s3cr") {
				t.Errorf("got %q, %.200q, %v", status, body, err)
			}
		})
	}
}

// Connections that never say anything, not even a TLS hello, cost little and
// not for long. Meanwhile others are served.
func TestHostileHalfOpenConnections(t *testing.T) {
	r := besieged(t, func(d *timings) { d.header = time.Second })
	check := bounded(t)
	var silent []net.Conn
	for range 500 {
		conn, err := net.Dial("tcp", r.Namespace())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		silent = append(silent, conn)
	}
	if err := echo(t.Context(), r); err != nil {
		t.Errorf("meanwhile: %v", err)
	}
	check()
	for _, conn := range silent {
		conn.SetReadDeadline(time.Now().Add(enduring))
		if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a silent connection is kept")
		}
	}
}

// What follows a handshake at once is not taken for another request, whether
// the handshake is refused, answered by the relay or by a listener.
func TestHostilePipelining(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	token, err := tokenFor(t.Context(), r, "hyco")
	if err != nil {
		t.Fatal(err)
	}
	second := "GET /hyco/second HTTP/1.1\r\nHost: localhost\r\n\r\n"
	for name, tt := range map[string]struct{ first, want string }{
		"refused":  {upgradeTo("/$hc/hyco?sb-hc-action=dance", ""), "400 Unsupported action 'dance'"},
		"listener": {upgradeTo("/$hc/hyco?sb-hc-action=listen", "ServiceBusAuthorization: "+token+"\r\n"), "unexpected EOF"},
		"sender":   {upgradeTo("/$hc/hyco", ""), "unexpected EOF"},
		"body":     {upgradeTo("/$hc/hyco", "Content-Length: 5\r\n") + "hello", "400 A web-socket handshake must not have a body"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, r)
			io.WriteString(conn, tt.first+second)
			if name == "sender" {
				ws, err := accepted(t, r, control)
				if err != nil {
					t.Fatal(err)
				}
				defer cutOff(ws)
				if _, _, err := ws.ReadMessage(); err == nil {
					t.Error("the listener got a message")
				}
			}
			reader := bufio.NewReader(conn)
			status, _, err := said(reader, http.MethodGet)
			if err != nil {
				status = fmt.Sprint(err)
			}
			if status != tt.want {
				t.Errorf("got %q, want %q", status, tt.want)
			}
			if n, _ := io.Copy(io.Discard, reader); n != 0 {
				t.Errorf("%d bytes follow the answer", n)
			}
		})
	}
	if n := len(r.requests); n != 0 {
		t.Errorf("%d requests wait", n)
	}
}
