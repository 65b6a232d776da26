package journal

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"
)

// A lineReader reads a line that appendLine wrote, several times as fast as
// encoding/json does: filtering a large record is little else. It knows flat
// objects with the fields of common rows. ok turns false at anything else,
// valid JSON or not, and the line is for encoding/json to read.
type lineReader struct {
	text []byte
	at   int
	ok   bool
}

// readLine reads a line into r, if it can.
func readLine(text []byte, r *Row) bool {
	if !utf8.Valid(text) {
		return false
	}
	l := lineReader{text: bytes.TrimRight(text, "\r"), ok: true}
	l.skip('{')
	for first := true; l.ok && !l.next('}'); first = false {
		if !first {
			l.skip(',')
		}
		name := l.plain()
		l.skip(':')
		l.field(string(name), r)
	}
	r.Size = max(0, r.Size, int64(len(r.Payload)))
	return l.ok && l.at == len(l.text)
}

func (l *lineReader) field(name string, r *Row) {
	switch name {
	case "row":
		r.Number = uint64(l.number())
	case "time":
		if err := r.Time.UnmarshalText(l.plain()); err != nil {
			l.ok = false
		}
	case "side":
		r.Lane = parseName(constant(l.plain()), Listener, Sender)
	case "dir":
		r.Direction = parseName(constant(l.plain()), In, Out)
	case "kind":
		r.Kind = parseName(constant(l.plain()), Data, Control, State, Problem, HTTP)
	case "conn":
		r.Connection = string(l.plain())
	case "type":
		r.Type = constant(l.plain())
	case "size":
		r.Size = l.number()
	case "status":
		r.Status = int(l.number())
	case "latencyNs":
		r.Latency = time.Duration(l.number())
	case "pair":
		r.Pair = uint64(l.number())
	case "payload":
		r.Payload = l.quoted()
	case "cut":
		r.Truncated = l.ok && bytes.HasPrefix(l.text[l.at:], []byte("true"))
		l.ok = r.Truncated
		l.at += len("true")
	case "text":
		r.Text = string(l.quoted())
	case "detail":
		r.Detail = string(l.quoted())
	case "trackingId":
		r.TrackingID = string(l.plain())
	default:
		l.ok = false
	}
}

// constant returns the text without a copy if it is one of a few.
func constant(text []byte) string {
	switch string(text) {
	case "text":
		return "text"
	case "binary":
		return "binary"
	case "listener":
		return "listener"
	case "sender":
		return "sender"
	case "in":
		return "in"
	case "out":
		return "out"
	case "data":
		return "data"
	}
	return string(text)
}

// next skips c if it comes next.
func (l *lineReader) next(c byte) bool {
	if l.at < len(l.text) && l.text[l.at] == c {
		l.at++
		return true
	}
	return false
}

// skip skips c, which must come next.
func (l *lineReader) skip(c byte) {
	if !l.next(c) {
		l.ok = false
	}
}

// number reads an integer that is not negative and has no more than 18 digits.
func (l *lineReader) number() (n int64) {
	start := l.at
	for l.at < len(l.text) && '0' <= l.text[l.at] && l.text[l.at] <= '9' {
		n = n*10 + int64(l.text[l.at]-'0')
		l.at++
	}
	if digits := l.at - start; digits == 0 || digits > 18 || digits > 1 && l.text[start] == '0' {
		l.ok = false
	}
	return n
}

// string returns what is between the quotes here, and whether there are
// escapes in it.
func (l *lineReader) string() (inside []byte, escaped bool) {
	l.skip('"')
	start := l.at
	for l.ok {
		i := bytes.IndexByte(l.text[l.at:], '"')
		if i < 0 {
			break
		}
		l.at += i + 1
		backslashes := 0
		for l.at-2-backslashes >= start && l.text[l.at-2-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			inside = l.text[start : l.at-1]
			return inside, bytes.IndexByte(inside, '\\') >= 0
		}
	}
	l.ok = false
	return nil, false
}

// plain reads a string without escapes. It is a part of the line.
func (l *lineReader) plain() []byte {
	inside, escaped := l.string()
	if escaped || hasControl(inside) {
		l.ok = false
	}
	return inside
}

// quoted reads a string. It is no part of the line.
func (l *lineReader) quoted() []byte {
	inside, escaped := l.string()
	if !l.ok || len(inside) == 0 || hasControl(inside) {
		l.ok = l.ok && len(inside) == 0
		return nil
	}
	out := make([]byte, 0, len(inside))
	if !escaped {
		return append(out, inside...)
	}
	for len(inside) > 0 {
		i := bytes.IndexByte(inside, '\\')
		if i < 0 {
			return append(out, inside...)
		}
		out = append(out, inside[:i]...)
		var size int
		if out, size = unescapeJSON(out, inside[i:]); size == 0 {
			l.ok = false
			return nil
		}
		inside = inside[i+size:]
	}
	return out
}

// unescapeJSON appends what the escape at the beginning of text stands for,
// and returns how long that was: 0 for one it does not know.
func unescapeJSON(out, text []byte) ([]byte, int) {
	if len(text) < 2 {
		return out, 0
	}
	const names, values = `"\/bfnrt`, "\"\\/\b\f\n\r\t"
	if i := bytes.IndexByte([]byte(names), text[1]); i >= 0 {
		return append(out, values[i]), 2
	}
	if text[1] != 'u' || len(text) < 6 {
		return out, 0
	}
	r, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil || 0xd800 <= r && r < 0xe000 {
		return out, 0 // half of a character
	}
	return utf8.AppendRune(out, rune(r)), 6
}

// hasControl reports whether a string has what JSON wants escaped.
func hasControl(text []byte) bool {
	for _, c := range text {
		if c < ' ' {
			return true
		}
	}
	return false
}
