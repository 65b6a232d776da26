package localrelay

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// brokenFrames are frames that no WebSocket may carry.
func brokenFrames() map[string][]byte {
	const text, closing, ping = 0x81, 0x88, 0x89
	return map[string][]byte{
		"unmasked":                 {text, 1, 'x'},
		"unknown opcode":           frame(0x83, "x"),
		"unknown control opcode":   frame(0x8b, "x"),
		"reserved bits":            frame(0xf1, "x"),
		"compressed":               frame(0xc1, "x"),
		"fragmented PING":          frame(0x09, "x"),
		"fragmented Close":         frame(0x08, "\x03\xe8"),
		"PING, too long":           frame(ping, strings.Repeat("x", 126)),
		"Close, too long":          frame(closing, "\x03\xe8"+strings.Repeat("x", 200)),
		"Close with code 1":        frame(closing, "\x00\x01"),
		"Close with code 1006":     frame(closing, "\x03\xee"),
		"Close, not UTF-8":         frame(closing, "\x03\xe8\xff\xfe"),
		"continuation of nothing":  frame(0x80, "x"),
		"message within a message": append(frame(0x01, "x"), frame(text, "y")...),
	}
}

// endless is a message in fragments that is longer than any command.
func endless(kind byte) []byte {
	return append(frame(kind, ""), strings.Repeat(string(frame(0x00, strings.Repeat("x", 1000))), 200)...)
}

// What breaks the protocol ends a control channel with a code that says so.
func TestHostileFramesEndAControlChannel(t *testing.T) {
	r := besieged(t, nil)
	const text, binaryMessage = 0x81, 0x82
	announce := frame(text, `{"response":{"requestId":"x","statusCode":200,"body":true}}`)
	large := strings.Repeat("x", maxControlMessage+1)
	tooBig := map[string][]byte{
		"oversized JSON":          frame(text, `{"response":"`+large+`"}`),
		"oversized binary":        frame(binaryMessage, large),
		"oversized body":          append(announce, frame(binaryMessage, large)...),
		"10 MB":                   frame(text, strings.Repeat(large, 160)),
		"length beyond reason":    append(binary.BigEndian.AppendUint64([]byte{text, 0xff}, 1<<62), 0, 0, 0, 0),
		"negative length":         append(binary.BigEndian.AppendUint64([]byte{text, 0xff}, 1<<63), 0, 0, 0, 0),
		"fragments without end":   endless(0x01),
		"body in endless pieces":  append(announce, endless(0x02)...),
		"oversized after a small": append(frame(text, `{}`), frame(text, large)...),
	}
	for _, set := range []struct {
		frames map[string][]byte
		code   int
	}{{brokenFrames(), websocket.CloseProtocolError}, {tooBig, websocket.CloseMessageTooBig}} {
		for name, bytes := range set.frames {
			t.Run(name, func(t *testing.T) {
				check := bounded(t)
				ws := listening(t, r, "hyco", "")
				go ws.NetConn().Write(bytes) // which may end early
				if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, set.code) {
					t.Errorf("ended with %v, want %d", err, set.code)
				}
				check()
			})
		}
	}
}

// The same frames end a data connection. Its other side is cut off: nobody
// there has said goodbye.
func TestHostileFramesEndADataConnection(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	for name, bytes := range brokenFrames() {
		t.Run(name, func(t *testing.T) {
			sender, listener := joinedAt(t, r, control)
			sender.NetConn().Write(bytes)
			if _, _, err := sender.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseProtocolError) {
				t.Errorf("the sender ended with %v", err)
			}
			if _, _, err := listener.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
				t.Errorf("the listener ended with %v", err)
			}
		})
	}
}

// What a listener says in well-formed frames but should not is counted and
// passed over: the control channel lives on.
func TestHostileCommandsAreSurvived(t *testing.T) {
	r := besieged(t, nil)
	control := listening(t, r, "hyco", "")
	read := reading(t, control)
	for text, rule := range map[string]string{
		strings.Repeat("[", 60<<10): "command is not JSON",
		strings.Repeat(`{"response":`, 5000) + "1" + strings.Repeat("}", 5000):           "response malformed",
		`{"response":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}`:     "response malformed",
		`{"response":{"requestId":1e999,"statusCode":1e999}}`:                            "response malformed",
		`{"response":{"requestId":"x","statusCode":200,"responseHeaders":{"a":["b"]}}}`:  "response malformed",
		`{"response":{"requestId":"x","statusCode":99999999999999999999,"body":true}}`:   "response malformed",
		`{"response":{"requestId":"x","statusCode":200,"body":false}}`:                   "requestId unknown",
		`{"response":null,"renewToken2":null}`:                                           "response malformed",
		"\xff\xfe\x00":                                                                   "command is not JSON",
		`"text"`:                                                                         "command is not JSON",
		`{"injectFault":{"delay":"00:01:00"}}`:                                           "unknown command",
		`{"accept":{"address":"wss://localhost/","id":"x"}}`:                             "unknown command",
		`{` + strings.Repeat(`"x":1,`, 9000) + `"y":1}`:                                  "unknown command",
		`{"response":{"requestId":"x","statusCode":200,"body":true}}{"renewToken":null}`: "command is not JSON",
	} {
		if err := control.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			t.Fatal(err)
		}
		read()
		if !slices.ContainsFunc(r.Deviations(), func(d Deviation) bool { return d.Rule == rule }) {
			t.Errorf("%.60q is not counted as %q", text, rule)
		}
		r.deviations.mu.Lock()
		r.deviations.list = nil
		r.deviations.mu.Unlock()
	}
}
