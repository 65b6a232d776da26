package localrelay

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

const chunkedPost = "POST /hyco HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

var chunk = "400\r\n" + strings.Repeat("x", 0x400) + "\r\n"

// A body without end is not hoarded, whatever the listener does, and its sender
// gets an answer.
func TestHostileEndlessBody(t *testing.T) {
	const noListener, tooLate = "404 There are no listeners connected for the endpoint", "504 The request was routed to the listener but the listener did not respond in the required time"
	for name, tt := range map[string]struct {
		head, again  string
		listen, dial bool
		want         string
	}{
		"nobody listens":              {chunkedPost, chunk, false, false, noListener},
		"the listener does nothing":   {chunkedPost, chunk, true, false, tooLate},
		"the listener dials, no more": {chunkedPost, chunk, true, true, tooLate},
		"the rest never comes":        {strings.Replace(chunkedPost, "Transfer-Encoding: chunked", "Content-Length: 65536", 1) + "x", "", true, false, "400 The body of the request is incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := besieged(t, func(d *timings) { d.response = 700 * time.Millisecond })
			check := bounded(t)
			if tt.listen {
				control := listening(t, r, "hyco", "")
				if tt.dial {
					go func() {
						_, text, err := control.ReadMessage()
						if _, after, ok := strings.Cut(string(text), `"address":"`); err == nil && ok {
							address, _, _ := strings.Cut(after, `"`)
							if o := knock(t.Context(), r, address, nil); o.err == nil {
								<-t.Context().Done()
								cutOff(o.ws)
							}
						}
					}()
				}
			}
			if status := poured(t, r, tt.head, tt.again); status != tt.want {
				t.Errorf("got %q, want %q", status, tt.want)
			}
			check()
		})
	}
}

// A sender that does not read its answer stops the listener, which has a
// gigabyte for it, instead of filling memory.
func TestHostileSenderThatNeverReads(t *testing.T) {
	const most = 64 << 20
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	conn := raw(t, r)
	io.WriteString(conn, "GET /hyco HTTP/1.1\r\nHost: localhost\r\n\r\n")
	v, _, err := visited(t.Context(), r, control)
	if err != nil {
		t.Fatal(err)
	}
	o := knock(t.Context(), r, v.Address, nil)
	if o.err != nil {
		t.Fatal(o.err)
	}
	defer cutOff(o.ws)
	check := bounded(t)
	o.ws.WriteMessage(websocket.TextMessage, []byte(`{"response":{"requestId":"`+v.ID+`","statusCode":200,"body":true}}`))
	wire := o.ws.NetConn()
	piece := frame(0x02, strings.Repeat("x", 64<<10))
	written := 0
	for written < 1<<30 {
		// Without progress for so long, the listener is stopped.
		wire.SetWriteDeadline(time.Now().Add(700 * time.Millisecond))
		if _, err = wire.Write(piece); err != nil {
			break
		}
		piece[0] = 0x00
		written += len(piece)
	}
	var ne net.Error
	if written > most || !errors.As(err, &ne) || !ne.Timeout() {
		t.Errorf("the listener wrote %d bytes, then %v", written, err)
	}
	check()
}

// Requests whose length can be read in two ways are refused or have one
// meaning; the listener never sees what frames them.
func TestHostileFraming(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	visits := make(chan visit, 10)
	go func() {
		defer close(visits)
		for {
			v, ws, err := visited(t.Context(), r, control)
			if err != nil {
				return
			}
			visits <- v
			respond(ws, v.ID, `"x-a":"b\r\nX-Smuggled: 1\r\n\r\nHTTP/1.1 200 OK","transfer-encoding":"chunked","content-length":"1","x-c\r\nX-Smuggled":"2","trailer":"X-Smuggled"`)
		}
	}()
	post := func(lines, body string) string {
		return "POST /hyco HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n" + body
	}
	for name, tt := range map[string]struct{ text, status, content string }{
		"length and chunked":     {post("Content-Length: 30\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "200 OK", "hello"},
		"chunked and length":     {post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "5\r\nhello\r\n0\r\n\r\n"), "200 OK", "hello"},
		"length twice, alike":    {post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), "200 OK", "hello"},
		"connection names":       {post("Connection: X-Hop, Content-Length\r\nX-Hop: 1\r\nContent-Length: 5\r\n", "hello"), "200 OK", "hello"},
		"trailer":                {post("Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n", "5\r\nhello\r\n0\r\nX-Late: 1\r\nServiceBusAuthorization: x\r\n\r\n"), "200 OK", "hello"},
		"two lengths":            {post("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), "400 Bad Request", ""},
		"list of lengths":        {post("Content-Length: 5, 5\r\n", "hello"), "400 Bad Request", ""},
		"signed length":          {post("Content-Length: +5\r\n", "hello"), "400 Bad Request", ""},
		"negative length":        {post("Content-Length: -5\r\n", "hello"), "400 Bad Request", ""},
		"huge length":            {post("Content-Length: 99999999999999999999\r\n", "hello"), "400 Bad Request", ""},
		"unknown coding":         {post("Transfer-Encoding: xchunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "501 Not Implemented", ""},
		"chunked twice":          {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "501 Not Implemented", ""},
		"space before the colon": {post("Transfer-Encoding : chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "400 Bad Request", ""},
		"bare CR in a value":     {post("X-A: b\rX-Smuggled: 1\r\n", ""), "400 Bad Request", ""},
		"NUL in a value":         {post("X-A: b\x00\r\n", ""), "400 Bad Request", ""},
		"no Host":                {"GET /hyco HTTP/1.1\r\n\r\n", "400 Bad Request", ""},
		"two Hosts":              {"GET /hyco HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n", "400 Bad Request", ""},
		"HTTP/2":                 {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "401 MissingToken", ""},
	} {
		t.Run(name, func(t *testing.T) {
			conn := raw(t, r)
			io.WriteString(conn, tt.text)
			reader := bufio.NewReader(conn)
			resp, err := http.ReadResponse(reader, nil)
			if err != nil {
				t.Fatal(err)
			}
			io.Copy(io.Discard, resp.Body)
			if resp.Status != tt.status && !strings.HasPrefix(resp.Status, tt.status+":") || resp.Header["X-Smuggled"] != nil || reader.Buffered() != 0 {
				t.Errorf("got %q with %v, and %d bytes more", resp.Status, resp.Header, reader.Buffered())
			}
			if tt.status != "200 OK" {
				return
			}
			v := <-visits
			for _, name := range []string{"Content-Length", "Transfer-Encoding", "Trailer", "Connection", "X-Hop", "X-Late", "ServiceBusAuthorization"} {
				if value, ok := v.RequestHeaders[name]; ok {
					t.Errorf("the listener sees %s: %s", name, value)
				}
			}
			if v.content != tt.content || v.RequestTarget != "/hyco" {
				t.Errorf("the listener got %q for %s, want %q", v.content, v.RequestTarget, tt.content)
			}
		})
	}
	cutOff(control)
	for v := range visits {
		t.Errorf("one request too many: %+v", v)
	}
}
