package relayclient

import (
	"crypto/rand"
	"encoding/binary"
	"net"
	"time"

	"github.com/gorilla/websocket"
)

// maxFrame is the largest piece of a body that travels in one frame.
const maxFrame = 32 << 10

// A frameWriter writes binary messages frame by frame. Unlike the writer of
// the WebSocket package it sends every piece at once, so that what a handler
// flushes arrives. Each frame is a single write; nothing else may be written
// to the connection meanwhile.
type frameWriter struct {
	conn  net.Conn
	begun bool // a message is under way
	frame []byte
}

// write sends p, at most maxFrame bytes, as one frame; last ends the message.
func (w *frameWriter) write(p []byte, last bool) error {
	head := byte(0) // a continuation
	if !w.begun {
		head = websocket.BinaryMessage
	}
	if w.begun = !last; last {
		head |= 0x80
	}
	const masked = 0x80 // as every frame of a client is
	w.frame = append(w.frame[:0], head)
	if len(p) < 126 {
		w.frame = append(w.frame, masked|byte(len(p)))
	} else {
		w.frame = append(w.frame, masked|126)
		w.frame = binary.BigEndian.AppendUint16(w.frame, uint16(len(p)))
	}
	var key [4]byte
	rand.Read(key[:])
	w.frame = append(w.frame, key[:]...)
	start := len(w.frame)
	w.frame = append(w.frame, p...)
	mask(key, w.frame[start:])
	// The last control frame has left its own deadline behind.
	if err := w.conn.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	_, err := w.conn.Write(w.frame)
	return err
}

// mask changes p as a frame with this key asks for, eight bytes at a time.
func mask(key [4]byte, p []byte) {
	half := uint64(binary.LittleEndian.Uint32(key[:]))
	whole := half<<32 | half
	for ; len(p) >= 8; p = p[8:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^whole)
	}
	for i := range p {
		p[i] ^= key[i&3]
	}
}
