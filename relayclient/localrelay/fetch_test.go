package localrelay_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// invitedToFetch reads a request command that is only an address, and dials.
func invitedToFetch(t testing.TB, r *localrelay.Relay, control *websocket.Conn) *websocket.Conn {
	t.Helper()
	cmd := asked(t, control)
	if cmd.ID != nil || cmd.Method != nil || cmd.Body != nil || cmd.RequestHeaders != nil || cmd.RequestTarget != "" {
		t.Fatalf("the request has more than an address: %+v", cmd)
	}
	ws, _ := open(t, r, cmd.Address, nil)
	return ws
}

// A body that is large, or whose length is unknown, is fetched.
func TestRequestFetched(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	large := strings.Repeat("x", 1<<20)
	for name, tt := range map[string]struct {
		method string
		body   io.Reader
		header http.Header
		want   string
	}{
		"one byte too many": {"POST", strings.NewReader(large[:65537]), nil, large[:65537]},
		"chunked":           {"PUT", io.MultiReader(strings.NewReader(large)), http.Header{"Expect": {"100-continue"}}, large},
		"chunked and empty": {"POST", io.MultiReader(strings.NewReader("")), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pending := request(t, r, tt.method, "/open/x?a=1", tt.body, tt.header)
			ws := invitedToFetch(t, r, control)
			cmd := full(t, asked(t, ws))
			if *cmd.Method != tt.method || !*cmd.Body || cmd.RequestTarget != "/open/x?a=1" {
				t.Errorf("request is %+v", cmd)
			}
			wantMessage(t, ws, websocket.BinaryMessage, tt.want)
			answer(t, ws, *cmd.ID, `"statusCode":200,"statusDescription":"Fine","body":true`, tt.want)
			wantAnswer(t, pending, "200 Fine", tt.want)
			wantClose(t, ws, websocket.CloseNormalClosure)
		})
	}
}

func TestLargeHeaderIsFetched(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	pending := request(t, r, "GET", "/open", nil, http.Header{"X-Large": {strings.Repeat("x", 32<<10)}})
	ws := invitedToFetch(t, r, control)
	cmd := full(t, asked(t, ws))
	if *cmd.Body || len(cmd.RequestHeaders["X-Large"]) != 32<<10 {
		t.Errorf("body %v, header of %d bytes", *cmd.Body, len(cmd.RequestHeaders["X-Large"]))
	}
	answer(t, ws, *cmd.ID, `"statusCode":204`)
	wantAnswer(t, pending, "204 No Content", "")
	wantClose(t, ws, websocket.CloseNormalClosure)
}

// piecewise starts a message and returns what writes and flushes its pieces.
func piecewise(t testing.TB, ws *websocket.Conn) (piece func(string), finish func()) {
	t.Helper()
	w, err := ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	// The WebSocket package sends only what fills its buffer.
	piece = func(text string) {
		if _, err := io.WriteString(w, text+strings.Repeat(" ", 64<<10)); err != nil {
			t.Fatal(err)
		}
	}
	return piece, func() { w.Close() }
}

func skipSpaces(t testing.TB, r *bufio.Reader) {
	t.Helper()
	for {
		b, err := r.ReadByte()
		if err != nil {
			t.Fatal(err)
		}
		if b != ' ' {
			if err := r.UnreadByte(); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// Both bodies pass as they come, and a Close may stand for the last frame.
func TestBodiesAreStreamed(t *testing.T) {
	for name, end := range map[string]func(*websocket.Conn, func()){
		"last frame":             func(_ *websocket.Conn, finish func()) { finish() },
		"Close":                  func(ws *websocket.Conn, _ func()) { sendClose(t, ws, websocket.FormatCloseMessage(1000, "")) },
		"Close without a status": func(ws *websocket.Conn, _ func()) { sendClose(t, ws, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			r := localrelaytest.New(t)
			control := listenOpen(t, r, "")
			upload, feed := io.Pipe()
			req, err := http.NewRequestWithContext(t.Context(), "POST", "https://"+r.Namespace()+"/open", upload)
			if err != nil {
				t.Fatal(err)
			}
			responses := make(chan *http.Response, 1)
			client := httpClient(t, r)
			go func() {
				resp, err := client.Do(req)
				if err != nil {
					t.Error(err)
				}
				responses <- resp
			}()
			ws := invitedToFetch(t, r, control)
			cmd := full(t, asked(t, ws))
			fmt.Fprint(feed, "ping")
			_, body, err := ws.NextReader()
			if err != nil {
				t.Fatal(err)
			}
			buf := make([]byte, 16)
			if n, err := io.ReadFull(body, buf[:4]); err != nil || string(buf[:n]) != "ping" {
				t.Fatalf("got %q, %v", buf[:n], err)
			}
			answer(t, ws, *cmd.ID, `"statusCode":200,"body":true`)
			piece, finish := piecewise(t, ws)
			resp := <-responses
			if resp == nil {
				t.FailNow()
			}
			defer resp.Body.Close()
			received := bufio.NewReader(resp.Body)
			for i := range 3 { // what is sent only once the other side has got the last piece
				want := fmt.Sprint("piece", i)
				piece(want)
				skipSpaces(t, received)
				if n, err := io.ReadFull(received, buf[:len(want)]); err != nil || string(buf[:n]) != want {
					t.Fatalf("got %q, %v, want %q", buf[:n], err, want)
				}
				fmt.Fprint(feed, want)
				if n, err := io.ReadFull(body, buf[:len(want)]); err != nil || string(buf[:n]) != want {
					t.Fatalf("got %q, %v, want %q", buf[:n], err, want)
				}
			}
			feed.Close()
			if n, err := body.Read(buf); n != 0 || err != io.EOF {
				t.Errorf("the request ends with %d bytes, %v", n, err)
			}
			end(ws, finish)
			if _, err := io.Copy(io.Discard, received); err != nil {
				t.Errorf("the answer ends with %v", err)
			}
			if name == "last frame" {
				wantClose(t, ws, websocket.CloseNormalClosure)
			}
		})
	}
}

// A listener may answer a small request over a rendezvous.
func TestAnswerUpgraded(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	body := strings.Repeat("y", 200<<10)
	pending := request(t, r, "POST", "/open", strings.NewReader("q"), nil)
	cmd := full(t, asked(t, control))
	wantMessage(t, control, websocket.BinaryMessage, "q")
	ws, _ := open(t, r, cmd.Address, nil)
	wantStatus(t, refused(t, r, cmd.Address, nil), "403 URL is not valid or has expired")
	answer(t, control, *cmd.ID, `"statusCode":500`) // has no effect any more
	answer(t, ws, *cmd.ID, `"statusCode":200,"body":true`, body)
	wantAnswer(t, pending, "200 OK", body)
	if reason := wantClose(t, ws, websocket.CloseNormalClosure); reason != "Normal Closure" {
		t.Errorf("the reason is %q", reason)
	}
}

// An answer may come before the request was read; the sender gets it whole.
func TestAnswerBeforeRequestIsRead(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	upload, feed := io.Pipe()
	defer feed.Close()
	pending := request(t, r, "POST", "/open", upload, nil)
	ws := invitedToFetch(t, r, control)
	cmd := full(t, asked(t, ws))
	answer(t, ws, *cmd.ID, `"statusCode":413,"statusDescription":"No","body":true`, "too much")
	if resp := wantAnswer(t, pending, "413 Request Entity Too Large", "too much"); !resp.Close {
		t.Error("the sender's connection is to be used again")
	}
	wantClose(t, ws, websocket.CloseNormalClosure)
}
