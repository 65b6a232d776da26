package relayclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// WriteFrom sends what r holds, to its end, as one message, and needs little
// memory however long that is. size is how long it is expected to be; the event
// has the beginning only. A text that turns out not to be UTF-8, or an r that
// fails half way, breaks the connection, as the end of ctx does.
func (c *Conn) WriteFrom(ctx context.Context, binary bool, size int64, r io.Reader) error {
	if err := c.acquire(ctx, c.writing); err != nil {
		return err
	}
	defer func() { <-c.writing }()
	c.written.begin(ctx)
	defer c.written.end()
	if err := c.writable(); err != nil {
		return err
	}
	start := scratch.Get().(*[maxNetWrite + 1]byte)
	defer scratch.Put(start)
	n, err := io.ReadFull(r, start[:maxNetWrite])
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("write: %w", err) // before anything has left
	}
	told := Event{Role: c.role, Kind: MessageSent, Connection: c.id, Message: Message{Binary: binary, Data: bytes.Clone(start[:n])}}
	if size > int64(n) {
		told.Bytes = size
	}
	c.events.emit(told)
	if err := c.copyMessage(binary, start[:n], r); err != nil {
		told.Kind, told.Err = SendFailed, readError(err)
		c.events.emit(told)
		return c.abort(told.Err)
	}
	return nil
}

// copyMessage writes a message that begins with start and goes on with r.
func (c *Conn) copyMessage(binary bool, start []byte, r io.Reader) error {
	kind := websocket.TextMessage
	if binary {
		kind = websocket.BinaryMessage
	}
	w, err := c.ws.NextWriter(kind)
	if err != nil {
		return err
	}
	var check TextChecker
	for err == nil {
		if !binary {
			if _, err := check.Write(start); err != nil {
				return err
			}
		}
		if _, err := w.Write(start); err != nil {
			return err
		}
		var n int
		n, err = r.Read(start[:cap(start)])
		start = start[:n]
	}
	if err != io.EOF {
		return err
	}
	if _, err := w.Write(start); err != nil {
		return err
	}
	if !binary {
		if _, err := check.Write(start); err != nil || !check.Whole() {
			return ErrNotText
		}
	}
	return w.Close()
}

// A TextChecker is a writer that takes UTF-8 only, in pieces of any length. The
// zero TextChecker is ready.
type TextChecker struct{ left []byte }

// Write returns ErrNotText once what was written cannot be the beginning of a
// text.
func (t *TextChecker) Write(p []byte) (int, error) {
	n := len(p)
	for len(t.left) > 0 && len(p) > 0 { // a character that was cut in two
		t.left, p = append(t.left, p[0]), p[1:]
		switch {
		case utf8.Valid(t.left):
			t.left = t.left[:0]
		case utf8.FullRune(t.left):
			return 0, ErrNotText
		}
	}
	end := len(p)
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if utf8.RuneStart(p[len(p)-back]) {
			if !utf8.FullRune(p[len(p)-back:]) {
				end = len(p) - back
			}
			break
		}
	}
	if !utf8.Valid(p[:end]) {
		return 0, ErrNotText
	}
	t.left = append(t.left, p[end:]...)
	return n, nil
}

// Whole reports whether what was written does not end within a character.
func (t *TextChecker) Whole() bool { return len(t.left) == 0 }
