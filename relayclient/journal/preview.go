package journal

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = '…'

// Preview shows a payload on one line of at most max characters; an ellipsis
// is the last of them when something was left out. It looks at no more of the
// payload than it shows.
//
// Text that could change what the line around it says is made visible: line
// breaks and control characters, bidirectional overrides, and characters that
// leave no mark (\n, \x1b, \u202e). Bytes that are not UTF-8 become \xNN.
// A backslash stays as it is, so a payload that spells out an escape looks
// the same as the character; the hex view tells them apart.
//
// Binary payloads are shown as hexadecimal bytes with spaces between them, but
// for those that are text: many clients send whatever they have as binary, and
// through a tunnel everything is.
func Preview(payload []byte, binary bool, max int) string {
	if max <= 0 || len(payload) == 0 {
		return ""
	}
	if binary && !reads(payload[:min(len(payload), max*utf8.UTFMax)]) {
		return hexPreview(payload, max)
	}
	out := make([]byte, 0, min(len(payload), max)+utf8.UTFMax)
	var escape []byte
	used, fits := 0, 0 // characters in out; bytes of out that leave room for the ellipsis
	for len(payload) > 0 {
		r, size := utf8.DecodeRune(payload)
		escape = appendVisible(escape[:0], r, payload[:size])
		// Visible text is one character, an escape as many as it has bytes.
		width := 1
		if escape[0] == '\\' && len(escape) > 1 {
			width = len(escape)
		}
		if used+width > max {
			return string(append(out[:fits], string(ellipsis)...))
		}
		out = append(out, escape...)
		used += width
		if used < max {
			fits = len(out)
		}
		payload = payload[size:]
	}
	return string(out)
}

// reads reports whether the beginning of a binary payload is text: of several
// characters, none of which has to be made visible but ends of lines and tabs.
func reads(payload []byte) bool {
	const least = 4 // fewer may be text by chance
	characters := 0
	for ; len(payload) > 0; characters++ {
		r, size := utf8.DecodeRune(payload)
		if r == utf8.RuneError && size == 1 {
			return characters >= least && !utf8.FullRune(payload) // cut in the middle of a character
		}
		if (r < ' ' || r > '~') && r != '\n' && r != '\r' && r != '\t' && (r < utf8.RuneSelf || !visible(r)) {
			return false
		}
		payload = payload[size:]
	}
	return characters >= least
}

// hexPreview is Preview for binary payloads.
func hexPreview(payload []byte, max int) string {
	n := (max + 1) / 3 // "48 65 6c": three characters each, but for the last
	cut := n < len(payload)
	if cut {
		n = (max - 1) / 3 // leave room for the ellipsis
		payload = payload[:n]
	}
	var out strings.Builder
	for i, b := range payload {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteString(hex.EncodeToString([]byte{b}))
	}
	if cut {
		if n > 0 {
			out.WriteByte(' ')
		}
		out.WriteRune(ellipsis)
	}
	return out.String()
}

// appendVisible appends r so that a reader can see it is there. raw holds the
// bytes r was decoded from.
func appendVisible(dst []byte, r rune, raw []byte) []byte {
	switch {
	case r >= ' ' && r <= '~':
		return append(dst, byte(r))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r == utf8.RuneError && len(raw) <= 1:
		return appendHex(append(dst, `\x`...), rune(raw[0]), 2)
	case r < utf8.RuneSelf:
		return appendHex(append(dst, `\x`...), r, 2)
	case visible(r):
		return append(dst, raw...)
	case r > 0xffff:
		return appendHex(append(dst, `\U`...), r, 8)
	}
	return appendHex(append(dst, `\u`...), r, 4) // C1 controls too: \x is for bytes
}

// visible reports whether a non-ASCII rune leaves a mark of its own and does
// not rearrange its neighbours. unicode.IsPrint already leaves out controls,
// format characters (all bidirectional ones among them), private use,
// unassigned code points, line separators and every space but U+0020.
func visible(r rune) bool {
	const brailleBlank = 0x2800
	return unicode.IsPrint(r) && r != brailleBlank &&
		!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func appendHex(dst []byte, r rune, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[r>>shift&0xf])
	}
	return dst
}
