package localrelay

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

const maxFrame = 32 << 10

// upload sends the request to the listener that fetches it.
func (m *meeting) upload() {
	defer close(m.uploaded)
	ws := m.listener.ws
	alone := m.h.req.ContentLength == 0
	if alone {
		close(m.ending)
	}
	if ws.WriteMessage(websocket.TextMessage, m.text) != nil {
		m.listener.socket.Close()
		return
	}
	if alone {
		m.whole = true
		return
	}
	frames := frameWriter{conn: ws.NetConn()}
	buf := make([]byte, maxFrame)
	for {
		n, err := m.h.req.Body.Read(buf)
		if n > 0 && frames.write(buf[:n], false) != nil {
			m.listener.socket.Close()
			return
		}
		switch err {
		case nil:
		case io.EOF:
			close(m.ending)
			m.whole = frames.write(nil, true) == nil
			return
		default:
			m.cancel(errSenderLeft)
			return
		}
	}
}

// A frameWriter writes one binary message. Unlike a writer of the WebSocket
// package it sends every piece at once, so that a slow sender's bytes arrive
// as they come. Each frame is a single write, which no control frame can get
// into.
type frameWriter struct {
	conn  net.Conn
	begun bool
	frame []byte
}

func (w *frameWriter) write(p []byte, last bool) error {
	head := byte(0) // a continuation
	if !w.begun {
		head = websocket.BinaryMessage
		w.begun = true
	}
	if last {
		head |= 0x80
	}
	w.frame = append(w.frame[:0], head)
	if len(p) < 126 {
		w.frame = append(w.frame, byte(len(p)))
	} else {
		w.frame = append(w.frame, 126)
		w.frame = binary.BigEndian.AppendUint16(w.frame, uint16(len(p)))
	}
	w.frame = append(w.frame, p...)
	_, err := w.conn.Write(w.frame)
	return err
}

// An answerBody reads the body that a listener sends over a rendezvous. Some
// listeners end it with a Close instead of a last frame.
type answerBody struct {
	*meeting
	r      io.Reader
	err    error
	broken string // what the listener did wrong
}

// Read waits for the next bytes, but not for long.
func (b *answerBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.awaitUntil(time.Now().Add(b.relay.timings.bodyGap))
	n := 0
	if b.r == nil {
		var kind int
		kind, b.r, b.err = b.listener.ws.NextReader()
		if b.err == nil && kind != websocket.BinaryMessage {
			b.broken = "Body messages must be MessageType=Binary, actual=Text."
			b.err = brokenAnswer
		}
	}
	if b.err == nil {
		n, b.err = b.r.Read(p)
	}
	if c, closed := closingOf(b.err); closed && b.life.Err() == nil {
		switch c.code {
		case 0, closeNormal, closeGoingAway:
			b.deviates(breachBodyClosed)
			b.err = io.EOF
		}
	}
	return n, b.err
}

// commandResponse reads a command that must be a response.
func commandResponse(text []byte) (*response, string) {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(text, &members) // what is not JSON has no members
	if members["response"] == nil {
		return nil, "'response' command was expected."
	}
	return parseResponse(members["response"])
}

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}
