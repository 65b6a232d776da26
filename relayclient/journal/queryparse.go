package journal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A ParseError says what is wrong with the text of a query, and where.
type ParseError struct {
	At      int    // bytes before the place
	Column  int    // the same for people: characters, from 1
	Problem string // what was expected there
}

func (e *ParseError) Error() string { return fmt.Sprintf("at character %d: %s", e.Column, e.Problem) }

// What a person would not type, and what would take long to read.
const (
	maxQuery   = 16 << 10 // bytes
	maxNesting = 50
)

// Parse makes a query of its text; an empty one chooses all rows. Its error is
// a *ParseError.
func Parse(text string) (Query, error) {
	p := &parser{text: text}
	if len(text) > maxQuery {
		p.fail(maxQuery, "the filter is too long")
	}
	p.space()
	if p.err == nil && p.at == len(text) {
		return Query{}, nil
	}
	root := p.or()
	if p.err == nil && p.at < len(text) {
		p.fail(p.at, "there is no parenthesis to close")
	}
	if p.err != nil {
		return Query{}, p.err
	}
	return Query{root}, nil
}

// A parser reads a query from left to right. After the first error it reads
// nothing more.
type parser struct {
	text  string
	at    int
	depth int
	err   error
}

func (p *parser) fail(at int, format string, args ...any) {
	if p.err == nil {
		p.err = &ParseError{At: at, Column: utf8.RuneCountInString(p.text[:at]) + 1, Problem: fmt.Sprintf(format, args...)}
	}
	p.at = len(p.text)
}

func (p *parser) rest() string { return p.text[p.at:] }

// space skips spaces.
func (p *parser) space() {
	p.at = len(p.text) - len(strings.TrimLeftFunc(p.rest(), unicode.IsSpace))
}

// keyword skips a word and the spaces after it, if it is there by itself.
func (p *parser) keyword(word string) bool {
	rest := p.rest()
	if len(rest) < len(word) || !strings.EqualFold(rest[:len(word)], word) {
		return false
	}
	if next := rest[len(word):]; next != "" && !ends(next) && next[0] != '"' {
		return false
	}
	p.at += len(word)
	p.space()
	return true
}

// ends reports whether a word ends before rest.
func ends(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || unicode.IsSpace(r) || r == '(' || r == ')'
}

func (p *parser) or() node {
	n := p.and()
	for p.err == nil && p.keyword("or") {
		n = either(n, p.and())
	}
	return n
}

func (p *parser) and() node {
	n := p.not()
	for p.err == nil && p.at < len(p.text) && p.text[p.at] != ')' {
		before := p.at
		if p.keyword("or") {
			p.at = before
			break
		}
		p.keyword("and")
		n = all(n, p.not())
	}
	return n
}

func (p *parser) not() node {
	negative := false
	for {
		rest := p.rest()
		if len(rest) > 1 && rest[0] == '-' && !unicode.IsSpace(rune(rest[1])) {
			p.at++
		} else if !p.keyword("not") {
			break
		}
		negative = !negative
	}
	n := p.primary()
	if negative && p.err == nil {
		return negate(n)
	}
	return n
}

func (p *parser) primary() node {
	var n node
	rest := p.rest()
	switch {
	case p.err != nil:
		return nil
	case rest == "":
		p.fail(p.at, "expected a word or a field such as dir:in")
		return nil
	case rest[0] == ')':
		p.fail(p.at, "expected a word or a field before the parenthesis")
		return nil
	case rest[0] == '(':
		if p.depth++; p.depth > maxNesting {
			p.fail(p.at, "too many parentheses in each other")
			return nil
		}
		open := p.at
		p.at++
		p.space()
		n = p.or()
		p.depth--
		if p.err == nil && !strings.HasPrefix(p.rest(), ")") {
			p.fail(open, "this parenthesis is not closed")
			return nil
		}
		p.at = min(p.at+1, len(p.text))
	default:
		n = p.term()
	}
	p.space()
	return n
}

// term reads a field or a word.
func (p *parser) term() node {
	start := p.at
	rest := p.rest()
	name := rest[:len(rest)-len(strings.TrimLeftFunc(rest, func(r rune) bool { return r < utf8.RuneSelf && unicode.IsLetter(r) }))]
	op := operator(rest[len(name):])
	if name == "" || op == "" || strings.HasPrefix(rest[len(name):], "://") {
		if p.at < len(p.text) {
			if end := p.slashes(); end > 0 {
				return p.regular(fieldNamed("text"), "~", end)
			}
		}
		value, _, at := p.value()
		return p.make(fieldNamed("text"), ":", value, at)
	}
	f := fieldNamed(name)
	if f == nil {
		p.fail(start, "%s is no field: use %s, or put a text with %q into quotes", name, fieldNames(), op)
		return nil
	}
	if !strings.Contains(f.operators, " "+op+" ") {
		p.fail(start+len(name), "%s takes%s", f.name, strings.ReplaceAll(strings.TrimRight(f.operators, " "), " ", " or ")[3:])
		return nil
	}
	p.at += len(name) + len(op)
	if op == "~" || op == ":" && f.finds() {
		if end := p.slashes(); end > 0 {
			return p.regular(f, "~", end)
		}
	}
	if op == "~" && strings.HasPrefix(p.rest(), `"`) {
		return p.quotedRegular(f)
	}
	value, quoted, at := p.value()
	if op == "~" {
		value = keptEscapes(value)
	}
	if value == "" && !quoted {
		p.fail(p.at, "expected %s after %s%s", f.wants, f.name, op)
		return nil
	}
	return p.make(f, op, value, at)
}

// operator returns the operator that s begins with.
func operator(s string) string {
	for _, op := range []string{">=", "<=", ">", "<", ":", "=", "~"} {
		if strings.HasPrefix(s, op) {
			return op
		}
	}
	return ""
}

// value reads a value in quotes, or one that goes up to a space or a
// parenthesis, and says where it began.
func (p *parser) value() (value string, quoted bool, at int) {
	at = p.at
	if strings.HasPrefix(p.rest(), `"`) {
		value = p.quoted(func(b *strings.Builder, escaped byte) {
			if escaped != '"' && escaped != '\\' {
				b.WriteByte('\\')
			}
			b.WriteByte(escaped)
		})
		return value, true, at
	}
	for p.at < len(p.text) && !ends(p.rest()) {
		_, size := utf8.DecodeRuneInString(p.rest())
		p.at += size
	}
	return p.text[at:p.at], false, at
}

// quoted reads up to the quote that closes the one here. What follows a
// backslash is for unescape to write.
func (p *parser) quoted(unescape func(b *strings.Builder, escaped byte)) string {
	open := p.at
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return b.String()
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			unescape(&b, p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	p.fail(open, "this quote is not closed")
	return ""
}

// slashes returns where the regular expression in slashes ends that begins
// here, or 0. A path such as /api/items is none: the second slash must end it.
func (p *parser) slashes() int {
	if !strings.HasPrefix(p.rest(), "/") {
		return 0
	}
	for i := p.at + 1; i < len(p.text); i++ {
		switch p.text[i] {
		case '\\':
			i++
		case '/':
			if ends(p.text[i+1:]) {
				return i
			}
			return 0
		}
	}
	return 0
}

// regular reads the regular expression between the slash here and the one at
// end.
func (p *parser) regular(f *field, op string, end int) node {
	at := p.at + 1
	inside := p.text[at:end]
	p.at = end + 1
	return p.make(f, op, keptEscapes(inside), at)
}

// keptEscapes returns a regular expression without escaped slashes and quotes,
// which mean the same without the backslash.
func keptEscapes(expr string) string {
	var b strings.Builder
	for i := 0; i < len(expr); i++ {
		if expr[i] == '\\' && i+1 < len(expr) {
			i++
			keepEscape(&b, expr[i])
			continue
		}
		b.WriteByte(expr[i])
	}
	return b.String()
}

// quotedRegular reads a regular expression in quotes, whose other backslashes
// are its own.
func (p *parser) quotedRegular(f *field) node {
	at := p.at + 1
	value := p.quoted(keepEscape)
	if p.err != nil {
		return nil
	}
	return p.make(f, "~", value, at)
}

// keepEscape writes what followed a backslash in a regular expression.
func keepEscape(b *strings.Builder, escaped byte) {
	if escaped != '"' && escaped != '/' {
		b.WriteByte('\\')
	}
	b.WriteByte(escaped)
}

// make returns the term of what was read.
func (p *parser) make(f *field, op, value string, at int) node {
	if p.err != nil {
		return nil
	}
	t, err := newTerm(f, op, value)
	if err != nil {
		p.fail(at, "%s", err)
		return nil
	}
	return t
}
