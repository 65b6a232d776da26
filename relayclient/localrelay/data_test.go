package localrelay_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestMessagesKeepTypeAndBoundaries(t *testing.T) {
	r := localrelaytest.New(t)
	sender, listener := joined(t, r, listen(t, r, ""))
	for _, way := range [][2]*websocket.Conn{{sender, listener}, {listener, sender}} {
		for _, kind := range []int{websocket.TextMessage, websocket.BinaryMessage} {
			for _, text := range []string{"a", "", "b", "two words"} {
				send(t, way[0], kind, text)
			}
			for _, text := range []string{"a", "", "b", "two words"} {
				wantMessage(t, way[1], kind, text)
			}
		}
	}
}

// digest reads a message without keeping it.
func digest(r io.Reader) (string, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return fmt.Sprintf("%d bytes, %x", n, h.Sum(nil)), err
}

func TestBigFragmentedMessages(t *testing.T) {
	r := localrelaytest.New(t)
	sender, listener := joined(t, r, listen(t, r, ""))
	const size = 8 << 20
	body := bytes.Repeat([]byte("0123456789abcde\n"), size/16)
	for _, way := range [][2]*websocket.Conn{{sender, listener}, {listener, sender}} {
		for _, kind := range []int{websocket.BinaryMessage, websocket.TextMessage} {
			wrote := make(chan error, 1)
			go func() {
				w, err := way[0].NextWriter(kind)
				if err == nil {
					_, err = w.Write(body)
				}
				if err == nil {
					err = w.Close() // the message went out in frames of 4 KiB
				}
				if err == nil {
					err = way[0].WriteMessage(websocket.TextMessage, []byte("next"))
				}
				wrote <- err
			}()
			got, reader, err := way[1].NextReader()
			if err != nil || got != kind {
				t.Fatalf("got type %d, %v; want %d", got, err, kind)
			}
			want, _ := digest(bytes.NewReader(body))
			if sum, err := digest(reader); err != nil || sum != want {
				t.Fatalf("got %s, %v; want %s", sum, err, want)
			}
			wantMessage(t, way[1], websocket.TextMessage, "next")
			if err := <-wrote; err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCloseIsForwarded(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	for name, tt := range map[string]struct {
		code int
		text string
	}{
		"normal":      {1000, "bye"},
		"application": {4321, "reason é"},
		"no status":   {websocket.CloseNoStatusReceived, ""},
	} {
		for _, first := range []string{"sender", "listener"} {
			t.Run(name+" from "+first, func(t *testing.T) {
				a, b := joined(t, r, control)
				if first == "listener" {
					a, b = b, a
				}
				b.SetCloseHandler(func(int, string) error { return nil })
				sendClose(t, a, websocket.FormatCloseMessage(tt.code, tt.text))
				if got := wantClose(t, b, tt.code); got != tt.text {
					t.Errorf("the reason is %q, want %q", got, tt.text)
				}
				sendClose(t, b, websocket.FormatCloseMessage(3000, "and back"))
				if got := wantClose(t, a, 3000); got != "and back" {
					t.Errorf("the answer's reason is %q", got)
				}
			})
		}
	}
}

func TestHalfClose(t *testing.T) {
	r := localrelaytest.New(t)
	a, b := joined(t, r, listen(t, r, ""))
	b.SetCloseHandler(func(int, string) error { return nil })
	send(t, a, websocket.TextMessage, "question")
	sendClose(t, a, websocket.FormatCloseMessage(1000, ""))
	wantMessage(t, b, websocket.TextMessage, "question")
	wantClose(t, b, 1000)
	for i := range 3 {
		send(t, b, websocket.BinaryMessage, fmt.Sprint("answer ", i))
		wantMessage(t, a, websocket.BinaryMessage, fmt.Sprint("answer ", i))
	}
	sendClose(t, b, websocket.FormatCloseMessage(1000, "done"))
	wantClose(t, a, 1000)
}

func TestAbortIsForwarded(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	for name, abort := range map[string]func(*websocket.Conn) error{
		"connection lost": func(ws *websocket.Conn) error { return ws.NetConn().Close() },
		"protocol breach": func(ws *websocket.Conn) error {
			_, err := ws.NetConn().Write([]byte{0xff, 0xff, 0, 0})
			return err
		},
		"in the middle of a message": func(ws *websocket.Conn) error {
			w, err := ws.NextWriter(websocket.BinaryMessage)
			if err != nil {
				return err
			}
			if _, err := w.Write(make([]byte, 100<<10)); err != nil {
				return err
			}
			return ws.NetConn().Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := joined(t, r, control)
			if err := abort(a); err != nil {
				t.Fatal(err)
			}
			wantCut(t, b)
			b, a = joined(t, r, control)
			if err := abort(a); err != nil {
				t.Fatal(err)
			}
			wantCut(t, b)
		})
	}
}

func TestPingIsAnsweredHopByHop(t *testing.T) {
	r := localrelaytest.New(t)
	a, b := joined(t, r, listen(t, r, ""))
	b.SetPingHandler(func(string) error { return errors.New("a PING came through") })
	answered := make(chan string, 1)
	a.SetPongHandler(func(data string) error { answered <- data; return nil })
	if err := a.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, _, err := a.ReadMessage(); done <- err }()
	if got := <-answered; got != "x" {
		t.Errorf("the PONG has %q", got)
	}
	send(t, a, websocket.TextMessage, "after")
	wantMessage(t, b, websocket.TextMessage, "after")
	send(t, b, websocket.TextMessage, "back")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// A side that pings and sends but does not read must not lose its connection
// because the PONGs find no room.
func TestPingsWhileNotReading(t *testing.T) {
	r := localrelaytest.New(t)
	a, b := joined(t, r, listen(t, r, ""))
	const messages = 512
	wrote := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < messages && err == nil; i++ {
			err = b.WriteMessage(websocket.BinaryMessage, make([]byte, 64<<10))
		}
		wrote <- err
	}()
	// a does not read until long after every buffer on the way to it is full.
	for start := time.Now(); time.Since(start) < 1500*time.Millisecond; {
		if err := a.WriteControl(websocket.PingMessage, make([]byte, 100), time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
	}
	send(t, a, websocket.TextMessage, "through")
	wantMessage(t, b, websocket.TextMessage, "through")
	for i := range messages {
		if _, message, err := a.ReadMessage(); err != nil || len(message) != 64<<10 {
			t.Fatalf("message %d has %d bytes, %v", i, len(message), err)
		}
	}
	if err := <-wrote; err != nil {
		t.Fatal(err)
	}
}
