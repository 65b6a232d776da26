// Package payload says what a payload is and lays it out for people to read.
package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"
)

// A Format is a way to read a payload. The zero Format is plain text.
type Format uint8

// The formats.
const (
	Text Format = iota
	JSON
	XML
	Form // application/x-www-form-urlencoded
	MessagePack
	CBOR
	Binary // bytes that none of these explains
)

var names = [...]string{"Text", "JSON", "XML", "Form", "MessagePack", "CBOR", "Binary"}

// String returns the name that people see.
func (f Format) String() string { return names[f] }

// Formats lists what Pretty can be asked for.
func Formats() []Format { return []Format{Text, JSON, XML, Form, MessagePack, CBOR} }

// maxGuess bounds how much of a payload is looked at to guess what it is.
const maxGuess = 1 << 20

// Guess returns the format of a payload. The content type, "" if there is
// none, counts when it names a format; otherwise the payload itself does, as
// far as it is certain: it has to be read to its end.
func Guess(data []byte, contentType string, binary bool) Format {
	if f, ok := named(contentType); ok {
		return f
	}
	if len(data) > maxGuess {
		if binary || !utf8.Valid(data[:maxGuess-utf8.UTFMax]) && !utf8.Valid(data[:maxGuess]) {
			return Binary
		}
		return startsLike(data)
	}
	if !binary && utf8.Valid(data) || looksLikeText(data) {
		if f := startsLike(data); f != Text {
			if _, err := Pretty(data, f); err == nil {
				return f
			}
		}
		return Text
	}
	for _, f := range []Format{MessagePack, CBOR} {
		if !isContainer(data, f) {
			continue // a single number could be anything
		}
		if _, err := Pretty(data, f); err == nil {
			return f
		}
	}
	return Binary
}

// named returns the format that a content type stands for.
func named(contentType string) (Format, bool) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Text, false
	}
	switch {
	case kind == "application/json", kind == "application/x-ndjson", strings.HasSuffix(kind, "+json"):
		return JSON, true
	case kind == "application/xml", kind == "text/xml", strings.HasSuffix(kind, "+xml"):
		return XML, true
	case kind == "application/x-www-form-urlencoded":
		return Form, true
	case kind == "application/msgpack", kind == "application/x-msgpack", kind == "application/vnd.msgpack":
		return MessagePack, true
	case kind == "application/cbor", strings.HasSuffix(kind, "+cbor"):
		return CBOR, true
	}
	return Text, false
}

// startsLike judges a text by how it starts.
func startsLike(data []byte) Format {
	switch text := bytes.TrimLeft(data, " \t\r\n\ufeff"); {
	case len(text) == 0:
	case text[0] == '{' || text[0] == '[':
		return JSON
	case text[0] == '<' && len(text) > 1 && (text[1] == '?' || text[1] == '!' || text[1] >= 'A'):
		return XML
	}
	return Text
}

// looksLikeText reports whether bytes sent as binary are a text all the same.
func looksLikeText(data []byte) bool {
	if len(data) == 0 || !utf8.Valid(data) {
		return false
	}
	return bytes.IndexFunc(data, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }) < 0
}

// isContainer reports whether the first byte begins a map or a list.
func isContainer(data []byte, f Format) bool {
	if len(data) < 2 {
		return false
	}
	b := data[0]
	if f == MessagePack {
		return b >= 0x80 && b <= 0x9f || b >= 0xdc && b <= 0xdf
	}
	return b >= 0x80 && b <= 0xbf || b == 0xd9 // 0xd9d9f7 is the tag that says "CBOR"
}

// Pretty lays a payload out in lines. The text keeps the order and the words
// of the payload; it may hold any character that the payload holds. The error
// says where the payload is not what it should be.
func Pretty(data []byte, f Format) (string, error) {
	switch f {
	case JSON:
		return prettyJSON(data)
	case XML:
		return prettyXML(data)
	case Form:
		return prettyForm(data)
	case MessagePack:
		return prettyMessagePack(data)
	case CBOR:
		return prettyCBOR(data)
	}
	return string(data), nil
}

// prettyJSON indents one value, or several after each other as JSON Lines are.
func prettyJSON(data []byte) (string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	var out bytes.Buffer
	for d := json.NewDecoder(bytes.NewReader(data)); ; {
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			if out.Len() > 0 && len(bytes.TrimSpace(data[d.InputOffset():])) == 0 {
				return out.String(), nil
			}
			return "", jsonError(err, len(data))
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		if err := json.Indent(&out, value, "", "  "); err != nil {
			return "", jsonError(err, len(data))
		}
	}
}

func jsonError(err error, size int) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("not JSON at byte %d: %w", syntax.Offset, err)
	}
	return fmt.Errorf("not JSON: it ends too early, after %d bytes", size)
}

// prettyForm puts every field on a line of its own.
func prettyForm(data []byte) (string, error) {
	var out strings.Builder
	for field := range strings.SplitSeq(string(data), "&") {
		name, value, _ := strings.Cut(field, "=")
		for _, part := range []*string{&name, &value} {
			text, err := url.QueryUnescape(*part)
			if err != nil {
				return "", fmt.Errorf("not a form: %w", err)
			}
			*part = text
		}
		out.WriteString(name + " = " + value + "\n")
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}
