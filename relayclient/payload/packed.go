package payload

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"
	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// maxDepth bounds how deep lists and maps may be nested: a few bytes can ask
// for a very deep one.
const maxDepth = 64

// prettyMessagePack writes MessagePack the way JSON is written, keys in their
// order, byte strings as h'00ff'.
func prettyMessagePack(data []byte) (string, error) {
	rest := bytes.NewReader(data)
	w := packWriter{data: data, rest: rest, d: msgpack.NewDecoder(rest)}
	if err := w.value(0); err != nil {
		return "", fmt.Errorf("not MessagePack at byte %d: %w", len(data)-rest.Len(), err)
	}
	if rest.Len() > 0 {
		return "", fmt.Errorf("not MessagePack: it ends %d bytes before the payload does", rest.Len())
	}
	return w.out.String(), nil
}

type packWriter struct {
	data []byte
	rest *bytes.Reader // what d has not read
	d    *msgpack.Decoder
	out  strings.Builder
}

func (w *packWriter) value(depth int) error {
	if depth > maxDepth {
		return errors.New("nested too deep")
	}
	code, err := w.d.PeekCode()
	if err != nil {
		return early(err)
	}
	switch {
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		n, err := w.d.DecodeMapLen()
		return w.container('{', '}', n, depth, err, func() error {
			if err := w.value(depth + 1); err != nil {
				return err
			}
			w.out.WriteString(": ")
			return w.value(depth + 1)
		})
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		n, err := w.d.DecodeArrayLen()
		return w.container('[', ']', n, depth, err, func() error { return w.value(depth + 1) })
	case msgpcode.IsExt(code):
		return w.extension()
	case msgpcode.IsString(code), msgpcode.IsBin(code):
		n, err := w.d.DecodeBytesLen()
		if err != nil {
			return early(err)
		}
		content, err := w.take(n)
		switch {
		case err != nil:
			return err
		case msgpcode.IsString(code):
			w.out.WriteString(quote(string(content)))
		default:
			w.out.WriteString("h'" + hex.EncodeToString(content) + "'")
		}
		return nil
	}
	v, err := w.d.DecodeInterface()
	if err != nil {
		return early(err)
	}
	switch v := v.(type) {
	case nil:
		w.out.WriteString("null")
	case float32:
		w.out.WriteString(strconv.FormatFloat(float64(v), 'g', -1, 32))
	default:
		fmt.Fprint(&w.out, v)
	}
	return nil
}

// take returns the next n bytes. The library would allocate gigabytes for a
// length that nothing stands behind.
func (w *packWriter) take(n int) ([]byte, error) {
	if n < 0 || n > w.rest.Len() {
		return nil, errors.New("it ends too early")
	}
	at := len(w.data) - w.rest.Len()
	if _, err := w.rest.Seek(int64(n), io.SeekCurrent); err != nil {
		return nil, err
	}
	return w.data[at : at+n], nil
}

// extension writes one by its number and bytes; only timestamps mean the same
// to everybody.
func (w *packWriter) extension() error {
	from := len(w.data) - w.rest.Len()
	id, n, err := w.d.DecodeExtHeader()
	if err != nil {
		return early(err)
	}
	content, err := w.take(n)
	if err != nil {
		return err
	}
	if id == -1 {
		whole := w.data[from : len(w.data)-w.rest.Len()]
		if t, err := msgpack.NewDecoder(bytes.NewReader(whole)).DecodeTime(); err == nil {
			w.out.WriteString(`"` + t.UTC().Format("2006-01-02T15:04:05.999999999Z07:00") + `"`)
			return nil
		}
	}
	fmt.Fprintf(&w.out, "ext(%d, h'%x')", id, content)
	return nil
}

func (w *packWriter) container(open, end byte, n, depth int, err error, element func() error) error {
	if err != nil {
		return early(err)
	}
	w.out.WriteByte(open)
	for i := range n {
		if i > 0 {
			w.out.WriteByte(',')
		}
		newLine(&w.out, depth+1)
		if err := element(); err != nil {
			return err
		}
	}
	if n > 0 {
		newLine(&w.out, depth)
	}
	w.out.WriteByte(end)
	return nil
}

func newLine(out *strings.Builder, depth int) {
	out.WriteByte('\n')
	out.WriteString(strings.Repeat("  ", min(depth, maxIndent)))
}

func early(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early")
	}
	return err
}

// quote writes a string as JSON does, leaving every character that needs no
// escape as it is.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

var diagnostic, _ = cbor.DiagOptions{MaxNestedLevels: maxDepth}.DiagMode()

// prettyCBOR writes CBOR in its diagnostic notation, in lines.
func prettyCBOR(data []byte) (string, error) {
	text, err := diagnostic.Diagnose(data)
	if err != nil {
		return "", fmt.Errorf("not CBOR: %w", early(err))
	}
	return inLines(text), nil
}

// inLines breaks and indents what stands in brackets.
func inLines(text string) string {
	var out strings.Builder
	depth := 0
	quoted := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		if quoted != 0 {
			out.WriteByte(c)
			switch {
			case c == '\\' && i+1 < len(text):
				i++
				out.WriteByte(text[i])
			case c == quoted:
				quoted = 0
			}
			continue
		}
		switch c {
		case '"', '\'':
			quoted = c
			out.WriteByte(c)
		case '{', '[':
			out.WriteByte(c)
			if i+1 < len(text) && (text[i+1] == '}' || text[i+1] == ']') {
				i++
				out.WriteByte(text[i])
				break
			}
			depth++
			newLine(&out, depth)
		case '}', ']':
			depth--
			newLine(&out, depth)
			out.WriteByte(c)
		case ',':
			out.WriteByte(c)
			if depth > 0 {
				newLine(&out, depth)
				if i+1 < len(text) && text[i+1] == ' ' {
					i++
				}
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
