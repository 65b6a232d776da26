package payload

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// prettyXML puts every element on a line of its own, indented; one that holds
// only text stays on one line. Every tag is written as it was.
func prettyXML(data []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out strings.Builder
	var open []string // elements that have not ended
	line := func(depth int, text []byte) {
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		out.WriteString(strings.Repeat("  ", min(depth, maxIndent)))
		out.Write(text)
	}
	const ( // what was written last
		other = iota
		start
		startText
	)
	last := other
	for from := int64(0); ; from = d.InputOffset() {
		token, err := d.RawToken()
		raw := data[from:d.InputOffset()]
		switch {
		case errors.Is(err, io.EOF) && len(open) == 0:
			return out.String(), nil
		case errors.Is(err, io.EOF):
			return "", fmt.Errorf("not XML: <%s> does not end", open[len(open)-1])
		case err != nil:
			row, column := d.InputPos()
			return "", fmt.Errorf("not XML in line %d, column %d: %w", row, column, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			line(len(open), raw)
			open = append(open, name(token.Name))
			last = start
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != name(token.Name) {
				row, _ := d.InputPos()
				return "", fmt.Errorf("not XML in line %d: </%s> ends nothing", row, name(token.Name))
			}
			open = open[:len(open)-1]
			switch {
			case len(raw) == 0: // <a/>
			case last == other:
				line(len(open), raw)
			default:
				out.Write(raw)
			}
			last = other
		default:
			raw = bytes.TrimSpace(raw)
			_, text := token.(xml.CharData)
			switch {
			case len(raw) == 0:
			case text && last == start && !bytes.ContainsRune(raw, '\n'):
				out.Write(raw)
				last = startText
			default:
				line(len(open), raw)
				last = other
			}
		}
	}
}

// maxIndent bounds what deep nesting adds to the text.
const maxIndent = 40

func name(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}
