package tunnel_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
	"relayscope/relayclient/responder"
	"relayscope/relayclient/tunnel"
)

func config(t *testing.T, r *localrelay.Relay, rule string) relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString("hyco", rule)
	if err != nil {
		t.Fatal(err)
	}
	return relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

// serve has a listener give its connections to f, until the test ends.
func serve(t *testing.T, r *localrelay.Relay, f func(context.Context, *relayclient.Conn)) {
	t.Helper()
	l, err := relayclient.Listen(t.Context(), config(t, r, "listen"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept(ctx)
			if err != nil {
				return
			}
			work.Go(func() { f(ctx, c) })
		}
	})
	t.Cleanup(func() {
		cancel()
		l.Close()
		work.Wait()
	})
}

// forward has a listener forward its connections to a TCP target.
func forward(t *testing.T, r *localrelay.Relay, target string) {
	t.Helper()
	s := responder.Default()
	s.WebSocket, s.TCPTarget = responder.ForwardTCP, target
	to, err := responder.New(s, nil)
	if err != nil {
		t.Fatal(err)
	}
	serve(t, r, func(ctx context.Context, c *relayclient.Conn) { _ = to.Serve(ctx, c) })
}

// open opens a tunnel and returns its events.
func open(t *testing.T, cfg tunnel.Config) (*tunnel.Tunnel, <-chan tunnel.Event) {
	t.Helper()
	events := make(chan tunnel.Event, 64)
	cfg.OnEvent = func(ev tunnel.Event) { events <- ev }
	tn, err := tunnel.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tn.Close() })
	return tn, events
}

func dial(t *testing.T, tn *tunnel.Tunnel) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", tn.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c.(*net.TCPConn)
}

// target is a TCP server for one kind of connection.
func target(t *testing.T, f func(*net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			work.Go(func() {
				defer c.Close()
				f(c.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		work.Wait()
	})
	return l.Addr().String()
}

// next waits for the next event.
func next(t *testing.T, events <-chan tunnel.Event, kind tunnel.EventKind) tunnel.Connection {
	t.Helper()
	select {
	case ev := <-events:
		if ev.Kind != kind {
			t.Fatalf("event %+v, want kind %v", ev, kind)
		}
		return ev.Connection
	case <-time.After(20 * time.Second):
		t.Fatalf("no event of kind %v", kind)
	}
	panic("unreachable")
}

func TestHTTPServerThroughTunnel(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" ")
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(page.Close)
	r := localrelaytest.New(t)
	forward(t, r, page.Listener.Addr().String())
	tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for _, body := range []string{"one", "two"} {
		resp, err := client.Post("http://"+tn.Addr()+"/path", "text/plain", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != "POST /path "+body {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if c := next(t, events, tunnel.Opened); c.Number != 1 || c.ID == "" || c.Local == "" || c.Took <= 0 {
		t.Errorf("opened %+v", c)
	}
	if st := tn.Status(); len(st.Connections) != 1 || st.Total != 1 || st.Connections[0].Sent == 0 || st.Connections[0].Received == 0 {
		t.Errorf("status %+v", st)
	}
	client.CloseIdleConnections()
	if c := next(t, events, tunnel.Ended); c.Err != nil || c.Sent == 0 {
		t.Errorf("ended %+v", c)
	}
	if st := tn.Status(); len(st.Connections) != 0 || st.Sent == 0 || st.Received == 0 || st.Failed != 0 || st.LastErr != nil {
		t.Errorf("status %+v", st)
	}
}

// 10 MiB go through, and their hash comes back after this side has ended.
func TestStreamAndHalfClose(t *testing.T) {
	r := localrelaytest.New(t)
	forward(t, r, target(t, func(c *net.TCPConn) {
		sum := sha256.New()
		n, err := io.Copy(sum, c)
		if err != nil || n != 10<<20 {
			t.Errorf("the target got %d bytes, %v", n, err)
		}
		_, _ = c.Write(sum.Sum(nil))
		_, _ = c.Write(bytes.Repeat([]byte("x"), 300_000))
	}))
	tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
	c := dial(t, tn)
	data := make([]byte, 10<<20)
	rand.Read(data)
	if _, err := c.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c)
	want := sha256.Sum256(data)
	if err != nil || len(got) != 300_032 || !bytes.Equal(got[:32], want[:]) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	c.Close()
	next(t, events, tunnel.Opened)
	if c := next(t, events, tunnel.Ended); c.Err != nil || c.Sent != 10<<20 || c.Received != 300_032 {
		t.Errorf("ended %+v", c)
	}
}

// A target that ends first does not keep the program from sending on.
func TestTargetEndsFirst(t *testing.T) {
	r := localrelaytest.New(t)
	rest := make(chan string, 1)
	forward(t, r, target(t, func(c *net.TCPConn) {
		_, _ = io.WriteString(c, "bye")
		_ = c.CloseWrite()
		data, _ := io.ReadAll(c)
		rest <- string(data)
	}))
	tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
	c := dial(t, tn)
	if got, err := io.ReadAll(c); string(got) != "bye" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if _, err := io.WriteString(c, "still here"); err != nil {
		t.Error(err)
	}
	c.Close()
	if got := <-rest; got != "still here" {
		t.Errorf("the target got %q", got)
	}
	next(t, events, tunnel.Opened)
	if c := next(t, events, tunnel.Ended); c.Err != nil {
		t.Errorf("ended %+v", c)
	}
}

func TestFailures(t *testing.T) {
	t.Run("nobody listens", func(t *testing.T) {
		tn, events := open(t, tunnel.Config{Relay: config(t, localrelaytest.New(t), "send")})
		c := dial(t, tn)
		if got, err := io.ReadAll(c); err == nil {
			t.Errorf("the program took a failure for an end, after %q", got)
		}
		if c := next(t, events, tunnel.Failed); !errors.Is(c.Err, relayclient.ErrNoListener) || c.ID != "" {
			t.Errorf("failed %+v", c)
		}
		if st := tn.Status(); st.Failed != 1 || !errors.Is(st.LastErr, relayclient.ErrNoListener) || st.LastAt.IsZero() || len(st.Connections) != 0 {
			t.Errorf("status %+v", st)
		}
	})
	t.Run("target refuses", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		r := localrelaytest.New(t)
		forward(t, r, l.Addr().String())
		tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
		c := dial(t, tn)
		if got, err := io.ReadAll(c); err == nil {
			t.Errorf("the program took a failure for an end, after %q", got)
		}
		next(t, events, tunnel.Opened)
		var ce *relayclient.CloseError
		if c := next(t, events, tunnel.Ended); !errors.As(c.Err, &ce) || ce.Code != 1011 || !strings.Contains(ce.Reason, "refused") {
			t.Errorf("ended %+v", c)
		}
	})
	t.Run("hybrid connection lost", func(t *testing.T) {
		r := localrelaytest.New(t)
		serve(t, r, func(ctx context.Context, c *relayclient.Conn) {
			_ = c.Write(ctx, relayclient.Message{Binary: true, Data: []byte("x")})
			_, _ = c.Read(ctx)
			c.CloseNow()
		})
		tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
		c := dial(t, tn)
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Write([]byte("y")); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); err == nil {
			t.Errorf("the program took a loss for an end, after %q", got)
		}
		next(t, events, tunnel.Opened)
		if c := next(t, events, tunnel.Ended); !errors.Is(c.Err, relayclient.ErrLost) || c.Sent != 1 || c.Received != 1 {
			t.Errorf("ended %+v", c)
		}
	})
	t.Run("program breaks off", func(t *testing.T) {
		r := localrelaytest.New(t)
		ended := make(chan error, 1)
		serve(t, r, func(ctx context.Context, c *relayclient.Conn) {
			_ = c.Write(ctx, relayclient.Message{Binary: true, Data: []byte("x")})
			_, err := c.Read(ctx)
			ended <- err
			_ = c.Close(1000, "")
		})
		tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
		c := dial(t, tn)
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		_ = c.SetLinger(0)
		c.Close()
		var ce *relayclient.CloseError
		if err := <-ended; !errors.As(err, &ce) || ce.Ordinary() {
			t.Errorf("the listener saw %v", err)
		}
		next(t, events, tunnel.Opened)
		if c := next(t, events, tunnel.Ended); !errors.Is(c.Err, tunnel.ErrLocal) {
			t.Errorf("ended %+v", c)
		}
	})
	t.Run("too many", func(t *testing.T) {
		r := localrelaytest.New(t)
		serve(t, r, func(ctx context.Context, c *relayclient.Conn) {
			_, _ = c.Read(ctx)
			_ = c.Close(1000, "")
		})
		tn, events := open(t, tunnel.Config{Relay: config(t, r, "send"), Max: 1})
		dial(t, tn)
		next(t, events, tunnel.Opened)
		if second, err := net.Dial("tcp", tn.Addr()); err == nil { // it may be cut before it is open
			if _, err := io.ReadAll(second); err == nil {
				t.Error("the second connection was not cut")
			}
			second.Close()
		}
		if c := next(t, events, tunnel.Failed); !errors.Is(c.Err, tunnel.ErrFull) || c.Number != 2 {
			t.Errorf("failed %+v", c)
		}
	})
	t.Run("port taken", func(t *testing.T) {
		tn, _ := open(t, tunnel.Config{})
		if other, err := tunnel.Open(tunnel.Config{Address: tn.Addr()}); err == nil {
			other.Close()
			t.Error("two tunnels on one port")
		}
	})
}

// Whoever closes the tunnel does not wait for programs that are silent.
func TestClose(t *testing.T) {
	r := localrelaytest.New(t)
	ended := make(chan error, 1)
	serve(t, r, func(ctx context.Context, c *relayclient.Conn) {
		_, err := c.Read(ctx)
		ended <- err
		_ = c.Close(1000, "")
	})
	tn, events := open(t, tunnel.Config{Relay: config(t, r, "send")})
	c := dial(t, tn)
	next(t, events, tunnel.Opened)
	tn.Close()
	tn.Close()
	var ce *relayclient.CloseError
	if err := <-ended; !errors.As(err, &ce) || ce.Code != 1001 {
		t.Errorf("the listener saw %v", err)
	}
	if c := next(t, events, tunnel.Ended); !errors.Is(c.Err, tunnel.ErrClosed) {
		t.Errorf("ended %+v", c)
	}
	if _, err := io.ReadAll(c); err == nil {
		t.Error("the program took it for an end")
	}
	if st := tn.Status(); st.LastErr != nil {
		t.Errorf("status %+v", st)
	}
	if c, err := net.Dial("tcp", tn.Addr()); err == nil {
		c.Close()
		t.Error("the port is still open")
	}
}

// A bridge is told the name of the port before the stream begins.
func TestBridgePort(t *testing.T) {
	for name, tt := range map[string]struct {
		answer []byte
		ok     bool
	}{"known": {[]byte{1, 0, 0}, true}, "unknown": {[]byte{0, 0, 0xff}, false}} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			serve(t, r, func(_ context.Context, c *relayclient.Conn) {
				far := relayclient.NetConn(c)
				defer far.Close()
				preamble := make([]byte, 7)
				if _, err := io.ReadFull(far, preamble); err != nil || string(preamble) != "\x01\x00\x00\x03ssh" {
					t.Errorf("preamble %q, %v", preamble, err)
				}
				_, _ = far.Write(tt.answer)
				_, _ = io.Copy(far, far)
			})
			tn, events := open(t, tunnel.Config{Relay: config(t, r, "send"), Port: "ssh"})
			c := dial(t, tn)
			if !tt.ok {
				if c := next(t, events, tunnel.Failed); !errors.Is(c.Err, tunnel.ErrBridge) {
					t.Errorf("failed %+v", c)
				}
				return
			}
			_, _ = io.WriteString(c, "hello")
			_ = c.CloseWrite()
			if got, err := io.ReadAll(c); string(got) != "hello" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
			next(t, events, tunnel.Opened)
			next(t, events, tunnel.Ended)
		})
	}
}
