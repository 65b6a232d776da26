package responder_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/responder"
)

func toTCP(target string) responder.Settings {
	return with(func(s *responder.Settings) { s.WebSocket, s.TCPTarget = responder.ForwardTCP, target })
}

// target serves one connection after the other on loopback.
func target(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c.(*net.TCPConn))
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l.Addr().String()
}

// closedPort returns an address where nothing listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// The target answers only when it has seen the end of what the sender sent:
// each direction ends for itself.
func TestForwardTCPHalfClose(t *testing.T) {
	for name, delay := range map[string]time.Duration{"at once": 0, "delayed": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			settings := toTCP(target(t, func(c *net.TCPConn) {
				sum := sha256.New()
				n, err := io.Copy(sum, c)
				if err != nil || n != 3<<20 {
					t.Errorf("the target got %d bytes, %v", n, err)
				}
				c.Write(sum.Sum(nil))
				c.Write(bytes.Repeat([]byte("x"), 200_000))
			}))
			settings.Delay = delay
			st := listen(t, settings)
			c := relayclient.NetConn(st.connect(t, relayclient.DialOptions{}))
			defer c.Close()
			data := bytes.Repeat([]byte("0123456789abcdef"), 3<<16)
			if _, err := c.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(c)
			want := sha256.Sum256(data)
			if err != nil || len(got) != 200_032 || !bytes.Equal(got[:32], want[:]) {
				t.Errorf("%d bytes came back, %v", len(got), err)
			}
			if err := <-st.served; err != nil {
				t.Errorf("Serve = %v", err)
			}
			if n, _ := st.Counters(); n.BytesIn != 3<<20 || n.BytesOut != 200_032 || n.Failures != 0 {
				t.Errorf("counters = %+v", n)
			}
		})
	}
}

// A target that ends first ends the connection in an ordinary way.
func TestForwardTCPTargetEnds(t *testing.T) {
	st := listen(t, toTCP(target(t, func(c *net.TCPConn) { io.WriteString(c, "bye") })))
	c := relayclient.NetConn(st.connect(t, relayclient.DialOptions{}))
	got, err := io.ReadAll(c)
	if string(got) != "bye" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	c.Close()
	if err := <-st.served; err != nil {
		t.Errorf("Serve = %v", err)
	}
}

// wantFailure expects a target's failure in the counters, in what onFailure was
// told, and in the close that the sender gets.
func wantFailure(t *testing.T, st *stage, c *relayclient.Conn, words, target string) {
	t.Helper()
	_, err := c.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) || ce.Code != 1011 || !strings.HasPrefix(ce.Reason, "the listener's target: ") || !strings.Contains(ce.Reason, words) || strings.Contains(ce.Reason, target) {
		t.Errorf("the sender got %v, want 1011 with %q and not where the target is", err, words)
	}
	c.Close(1000, "")
	var te *responder.TargetError
	if err := <-st.failed; !errors.As(err, &te) || te.Target != target || !strings.Contains(err.Error(), words) {
		t.Errorf("told of %v", err)
	}
	<-st.served
	if n, _ := st.Counters(); n.Failures != 1 || !strings.Contains(n.LastFailure, words) || n.LastAt.IsZero() {
		t.Errorf("counters = %+v", n)
	}
}

func TestForwardTCPFails(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		address := closedPort(t)
		st := listen(t, toTCP(address))
		wantFailure(t, st, st.connect(t, relayclient.DialOptions{}), "connection refused", address)
	})
	t.Run("reset", func(t *testing.T) {
		address := target(t, func(c *net.TCPConn) {
			c.Read(make([]byte, 1))
			c.SetLinger(0)
		})
		st := listen(t, toTCP(address))
		c := st.connect(t, relayclient.DialOptions{})
		write(t, c, "x")
		wantFailure(t, st, c, "it broke the connection off", address)
	})
	t.Run("sender crashes", func(t *testing.T) {
		cut := make(chan error, 1)
		st := listen(t, toTCP(target(t, func(c *net.TCPConn) {
			c.Write([]byte("x"))
			_, err := io.Copy(io.Discard, c)
			cut <- err
		})))
		c := st.connect(t, relayclient.DialOptions{})
		reads(t, c, "x")
		c.CloseNow()
		if err := <-cut; err == nil {
			t.Error("the target took the crash for an end")
		}
		if err := <-st.served; err == nil {
			t.Error("Serve = nil")
		}
		if n, _ := st.Counters(); n.Failures != 0 {
			t.Errorf("the sender's crash is the target's failure: %+v", n)
		}
	})
}

// A target that neither reads nor ends does not hold up a listener that stops.
func TestForwardTCPStops(t *testing.T) {
	gone := make(chan struct{})
	st := listen(t, toTCP(target(t, func(c *net.TCPConn) {
		c.Write([]byte("x"))
		<-gone
	})))
	defer close(gone)
	c := st.connect(t, relayclient.DialOptions{})
	reads(t, c, "x")
	if err := c.CloseWrite(1000, ""); err != nil {
		t.Fatal(err)
	}
	st.stop()
	<-st.served
}

// page answers as httpbin would, and upgrades on /chat.
func page(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/base/api/", func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("X-Secret", "inside")
		w.Header().Set("X-Seen", req.Host+"|"+req.Header.Get("X-Added")+"|"+req.Header.Get("X-Removed")+"|"+req.Header.Get("X-Forwarded-Proto"))
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, req.Method+" "+req.URL.RequestURI()+" ")
		io.Copy(w, req.Body)
	})
	mux.HandleFunc("/base/broken", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("x", 100_000))
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/base/chat", func(w http.ResponseWriter, req *http.Request) {
		up := websocket.Upgrader{Subprotocols: []string{"chat"}}
		ws, err := up.Upgrade(w, req, http.Header{})
		if err != nil {
			t.Error(err)
			return
		}
		defer ws.Close()
		first := ws.Subprotocol() + "|" + req.URL.RawQuery + "|" + req.Header.Get("X-Added") + "|" + req.Header.Get("X-Own")
		ws.WriteMessage(websocket.TextMessage, []byte(first))
		for {
			kind, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if string(data) == "close" {
				ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4001, "as you wish"), time.Now().Add(time.Second))
				ws.ReadMessage()
				return
			}
			if string(data) == "crash" {
				return
			}
			ws.WriteMessage(kind, data)
		}
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func toHTTP(target string) responder.Settings {
	return with(func(s *responder.Settings) {
		s.WebSocket, s.HTTP, s.HTTPTarget = responder.ForwardHTTP, responder.ForwardHTTP, target
		s.Rules = "X-Added: by rule\n-X-Removed\n< -X-Secret\n<X-Also: yes\n"
	})
}

func TestForwardToWebSocket(t *testing.T) {
	st := listen(t, toHTTP(page(t).URL+"/base"))
	connect := func() *relayclient.Conn {
		return st.connect(t, relayclient.DialOptions{Path: "/chat", Query: "room=7", Subprotocols: []string{"chat"}, Header: http.Header{"X-Own": {"mine"}}})
	}
	c := connect()
	reads(t, c, "chat|room=7|by rule|mine")
	write(t, c, "hello")
	reads(t, c, "hello")
	if err := c.Write(t.Context(), relayclient.Message{Binary: true, Data: []byte{1, 0xff}}); err != nil {
		t.Fatal(err)
	}
	if m, err := c.Read(t.Context()); err != nil || !m.Binary || len(m.Data) != 2 {
		t.Errorf("read %+v, %v", m, err)
	}
	write(t, c, "close")
	var ce *relayclient.CloseError
	if _, err := c.Read(t.Context()); !errors.As(err, &ce) || ce.Code != 4001 || ce.Reason != "as you wish" {
		t.Errorf("closed with %v, want the target's own close", err)
	}
	c.Close(1000, "")
	if err := <-st.served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	c = connect()
	reads(t, c, "chat|room=7|by rule|mine")
	if err := c.Close(1000, "done"); err != nil {
		t.Error(err)
	}
	if err := <-st.served; err != nil {
		t.Errorf("Serve = %v after the sender's close", err)
	}
	if n, _ := st.Counters(); n.Connections != 2 || n.Failures != 0 || n.Received != 3 {
		t.Errorf("counters = %+v", n)
	}
}

func TestForwardToWebSocketFails(t *testing.T) {
	t.Run("refused", func(t *testing.T) {
		address := "http://" + closedPort(t)
		st := listen(t, toHTTP(address))
		wantFailure(t, st, st.connect(t, relayclient.DialOptions{}), "connection refused", address)
	})
	t.Run("no WebSocket", func(t *testing.T) {
		address := page(t).URL
		st := listen(t, toHTTP(address))
		wantFailure(t, st, st.connect(t, relayclient.DialOptions{Path: "/nothing"}), "it answered 404 in place of a WebSocket", address)
	})
	t.Run("crash", func(t *testing.T) {
		address := page(t).URL + "/base/chat"
		st := listen(t, toHTTP(address))
		c := st.connect(t, relayclient.DialOptions{Query: "q"})
		reads(t, c, "|q|by rule|")
		write(t, c, "crash")
		wantFailure(t, st, c, "it ended in the middle", address)
	})
}
