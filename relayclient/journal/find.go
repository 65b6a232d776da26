package journal

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A finder looks for a text or a regular expression, whatever the case.
type finder struct {
	literal *folded        // must be in the text; nil if that is not known
	regular *regexp.Regexp // nil if literal is all there is to find
}

// findText returns a finder of value, which is not empty. ASCII letters match
// their other case only; letters beyond ASCII match as Unicode folds them.
func findText(value string) *finder {
	if f := fold(value); f != nil {
		return &finder{literal: f}
	}
	return &finder{regular: regexp.MustCompile("(?i:" + regexp.QuoteMeta(strings.ToValidUTF8(value, "\ufffd")) + ")")}
}

// findRegular returns a finder of a regular expression.
func findRegular(expr string) (*finder, error) {
	tree, err := syntax.Parse("(?i)"+expr, syntax.Perl)
	if err != nil {
		return nil, reason(err)
	}
	re, err := regexp.Compile("(?i)" + expr)
	if err != nil {
		return nil, reason(err)
	}
	return &finder{literal: fold(required(tree)), regular: re}, nil
}

func reason(err error) error {
	if se, ok := err.(*syntax.Error); ok {
		return fmt.Errorf("no regular expression: %s in %s", se.Code, se.Expr)
	}
	return err
}

// required returns the longest text that whatever matches must contain: most
// rows have it not, and looking for it is much faster than matching.
func required(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return strings.ToLower(string(re.Rune))
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		longest := ""
		for _, sub := range re.Sub {
			if s := required(sub); len(s) > len(longest) && fold(s) != nil {
				longest = s
			}
		}
		return longest
	}
	return ""
}

func (f *finder) in(text []byte) bool {
	if f.literal != nil && f.literal.index(text) < 0 {
		return false
	}
	return f.regular == nil || f.regular.Match(text)
}

func (f *finder) inString(text string) bool { return f.in(bytesOf(text)) }

// bytesOf returns the bytes of s, which must not be modified, without a copy.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// spans appends up to limit places in text.
func (f *finder) spans(dst []Span, text []byte, limit int) []Span {
	if f.regular != nil {
		if f.literal != nil && f.literal.index(text) < 0 {
			return dst
		}
		for _, at := range f.regular.FindAllIndex(text, limit) {
			if at[0] < at[1] {
				dst = append(dst, Span{at[0], at[1]})
			}
		}
		return dst
	}
	for start := 0; limit > 0; limit-- {
		i := f.literal.index(text[start:])
		if i < 0 {
			break
		}
		end := start + i + len(f.literal.text)
		dst = append(dst, Span{start + i, end})
		start = end
	}
	return dst
}

// A folded text is found whatever the case of its letters, which are ASCII.
type folded struct {
	text  string // in lower case
	rare  int    // where its rarest byte is
	lower byte   // that byte
	upper byte   // the same in upper case
}

// fold returns nil for a text that is empty or not ASCII.
func fold(text string) *folded {
	if text == "" || strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return nil
	}
	f := &folded{text: strings.ToLower(text)}
	for i := range len(text) {
		if rarity(f.text[i]) > rarity(f.text[f.rare]) {
			f.rare = i
		}
	}
	f.lower = f.text[f.rare]
	f.upper = f.lower
	if 'a' <= f.lower && f.lower <= 'z' {
		f.upper -= 'a' - 'A'
	}
	return f
}

// rarity ranks bytes by how seldom they are in what applications send.
func rarity(c byte) int {
	const common = " \"etaoinsrhldcumfpgwy0,:bv12kxjqz3456789{}"
	if i := strings.IndexByte(common, c); i >= 0 {
		return i
	}
	return len(common)
}

// index returns where in b the text is first, or -1.
func (f *folded) index(b []byte) int {
	last := len(b) - len(f.text) + f.rare // the last place of the rare byte
	lower, upper := -1, -1                // its next places, once looked for
	for at := f.rare; at <= last; at++ {
		if lower < at {
			lower = next(b, at, last, f.lower)
		}
		if upper < at {
			upper = lower
			if f.upper != f.lower {
				upper = next(b, at, last, f.upper)
			}
		}
		if at = min(lower, upper); at > last {
			return -1
		}
		if start := at - f.rare; f.here(b[start : start+len(f.text)]) {
			return start
		}
	}
	return -1
}

// next returns the first place of c from at to last, or one after last.
func next(b []byte, at, last int, c byte) int {
	if i := bytes.IndexByte(b[at:last+1], c); i >= 0 {
		return at + i
	}
	return last + 1
}

// here reports whether b, which is as long as the text, is the text.
func (f *folded) here(b []byte) bool {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != f.text[i] {
			return false
		}
	}
	return true
}
