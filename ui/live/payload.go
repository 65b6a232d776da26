package live

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The kinds of message that can be written, as a person chooses among them.
const (
	asText   = "Text"
	asJSON   = "JSON"
	asXML    = "XML"
	asHex    = "Hex"
	asBase64 = "Base64"
	asFile   = "File"
)

// payloadKinds is every kind, the usual one first.
var payloadKinds = []string{asText, asJSON, asXML, asHex, asBase64, asFile}

// binaryKind reports whether a kind is for bytes rather than for text.
func binaryKind(kind string) bool { return kind == asHex || kind == asBase64 || kind == asFile }

// formats reports whether a kind can be laid out for reading.
func formats(kind string) bool { return kind == asJSON || kind == asXML }

// encodePayload turns what is written into what is sent. An error says in
// words what is wrong, and where.
func encodePayload(kind, text string) ([]byte, error) {
	switch kind {
	case asHex:
		return decodeHex(text)
	case asBase64:
		return decodeBase64(text)
	case asJSON:
		return []byte(text), checkJSON(text)
	case asXML:
		return []byte(text), checkXML(text)
	}
	return []byte(text), nil
}

// formatPayload lays a text out for reading, or says what is wrong with it.
func formatPayload(kind, text string) (string, error) {
	switch kind {
	case asJSON:
		if err := checkJSON(text); err != nil {
			return "", err
		}
		var b bytes.Buffer
		err := json.Indent(&b, bytes.TrimSpace([]byte(text)), "", "  ")
		return b.String(), err
	case asXML:
		if err := checkXML(text); err != nil {
			return "", err
		}
		return formatXML(text)
	}
	return text, nil
}

// at says where in a text a byte is, for people: lines and columns from 1, of
// characters.
func at(text string, offset int) string {
	before := text[:min(max(offset, 0), len(text))]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf("line %d, column %d", line, column)
}

func checkJSON(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("no JSON yet: write a value")
	}
	var any json.RawMessage
	err := json.Unmarshal([]byte(text), &any)
	var se *json.SyntaxError
	if !errors.As(err, &se) {
		return err
	}
	where := int(se.Offset) - 1
	if where >= len(text) || strings.HasPrefix(se.Error(), "unexpected end") {
		return errors.New(at(text, len(text)) + ": the JSON ends too early")
	}
	r, _ := utf8.DecodeRuneInString(text[where:])
	if strings.HasSuffix(se.Error(), "after top-level value") {
		return fmt.Errorf("%s: %q comes after the end of the JSON", at(text, where), r)
	}
	return fmt.Errorf("%s: %q does not belong here", at(text, where), r)
}

// errEncoding stops the reading of a document that says it is not UTF-8.
var errEncoding = errors.New("the document says that it is not UTF-8, as what is sent here is")

func newXMLDecoder(text string) *xml.Decoder {
	d := xml.NewDecoder(strings.NewReader(text))
	d.CharsetReader = func(string, io.Reader) (io.Reader, error) { return nil, errEncoding }
	return d
}

// checkXML reports whether text is one document.
func checkXML(text string) error {
	d := newXMLDecoder(text)
	depth, roots := 0, 0
	for {
		before := int(d.InputOffset())
		token, err := d.Token()
		var se *xml.SyntaxError
		switch {
		case err == io.EOF && roots == 0:
			return errors.New("no XML yet: write an element")
		case err == io.EOF:
			return nil
		case errors.Is(err, errEncoding):
			return fmt.Errorf("%s: %w", at(text, before), errEncoding)
		case errors.As(err, &se) && se.Msg == "unexpected EOF":
			return errors.New(at(text, len(text)) + ": the XML ends too early")
		case errors.As(err, &se):
			return fmt.Errorf("%s: %s", at(text, int(d.InputOffset())), se.Msg)
		case err != nil:
			return fmt.Errorf("%s: %w", at(text, before), err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				if roots++; roots > 1 {
					return fmt.Errorf("%s: a second element after the end of the XML", at(text, before))
				}
			}
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if rest := strings.TrimLeftFunc(string(token), unicode.IsSpace); depth == 0 && rest != "" && rest != "\ufeff" {
				start := before + len(text[before:]) - len(strings.TrimLeftFunc(text[before:], unicode.IsSpace))
				return errors.New(at(text, start) + ": text outside of any element")
			}
		}
	}
}

// decodeHex reads hex digits, which may stand in groups apart from one another
// and begin with 0x.
func decodeHex(text string) ([]byte, error) {
	data := make([]byte, 0, len(text)/2)
	half := -1 // the first digit of a byte
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		digit := hexDigit(r)
		switch {
		case half < 0 && r == '0' && i+1 < len(text) && text[i+1]|0x20 == 'x':
			size++
		case digit >= 0 && half >= 0:
			data, half = append(data, byte(half<<4|digit)), -1
		case digit >= 0:
			half = digit
		case unicode.IsSpace(r) || r == ':' || r == ',':
		default:
			return nil, fmt.Errorf("%s: %q is not a hex digit", at(text, i), r)
		}
		i += size
	}
	if half >= 0 {
		return nil, errors.New("one hex digit is missing at the end")
	}
	return data, nil
}

func hexDigit(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case 'a' <= r|0x20 && r|0x20 <= 'f':
		return int(r|0x20-'a') + 10
	}
	return -1
}

// decodeBase64 reads both alphabets, over any number of lines, padded or not.
func decodeBase64(text string) ([]byte, error) {
	plain := make([]byte, 0, len(text))
	padding := -1 // where it begins
	for i, r := range text {
		switch {
		case unicode.IsSpace(r):
		case r == '=':
			if padding < 0 {
				padding = i
			}
		case padding >= 0:
			return nil, fmt.Errorf("%s: = comes only at the end", at(text, padding))
		case r == '-':
			plain = append(plain, '+')
		case r == '_':
			plain = append(plain, '/')
		case r < utf8.RuneSelf && (r == '+' || r == '/' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z'):
			plain = append(plain, byte(r))
		default:
			return nil, fmt.Errorf("%s: %q is not a base64 character", at(text, i), r)
		}
	}
	if len(plain)%4 == 1 {
		return nil, errors.New("one base64 character is missing at the end")
	}
	data := make([]byte, base64.RawStdEncoding.DecodedLen(len(plain)))
	n, err := base64.RawStdEncoding.Decode(data, plain)
	return data[:n], err
}
