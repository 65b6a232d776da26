package journal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A field is what a term looks at.
type field struct {
	name      string
	aliases   []string
	operators string // with spaces around each
	wants     string // what a value is, for people
	help      string
	parts     Part // what can be highlighted
	annotated bool // marks or notes are looked at

	// One of these makes the test of a value.
	words   []string                           // the values there are; nil if any goes
	word    func(*Row) string                  // one of a list must be equal
	texts   func(*Row, func(string) bool) bool // reports whether one of the texts passes
	bytes   func(*Row) []byte                  // searched besides
	compare func(value string) (func(*Row) (order int, ok bool), error)
	choose  func(value string) (func(*Row) bool, error)
}

const (
	equals   = " : = ~ "
	contains = " : = ~ "
	compares = " : = > >= < <= "
	only     = " : = "
)

// finds reports whether the field is searched, rather than compared.
func (f *field) finds() bool { return f.texts != nil }

var fields = []*field{
	{name: "text", annotated: true, operators: contains, wants: "a text", help: "anywhere in the row, as a word by itself", parts: anyPart, bytes: payload, texts: everyText},
	{name: "body", aliases: []string{"payload"}, operators: contains, wants: "a text", help: "in the payload", parts: Body, bytes: payload, texts: noText},
	{name: "dir", aliases: []string{"direction"}, operators: only, wants: "in, out or none", help: "which way it went", words: []string{"in", "out", "none"},
		word: func(r *Row) string { return orNone(r.Direction.String()) }},
	{name: "side", aliases: []string{"lane"}, operators: only, wants: "listener, sender or none", help: "which side it belongs to", words: []string{"listener", "sender", "none"},
		word: func(r *Row) string { return orNone(r.Lane.String()) }},
	{name: "kind", operators: only, wants: "data, control, state, problem or http", help: "what sort of thing it is", words: []string{"data", "control", "state", "problem", "http"},
		word: func(r *Row) string { return r.Kind.String() }},
	{name: "is", annotated: true, operators: only, wants: "http, error, cut, marked or noted", help: "a part of an HTTP exchange, a failure, shortened, marked, with a note", choose: isA},
	{name: "type", operators: equals, wants: "a type such as text", help: "text, binary, request, response, online, closed …", word: func(r *Row) string { return r.Type }},
	{name: "conn", aliases: []string{"connection"}, operators: only, wants: "a connection such as #3", help: "the connection or request", choose: connection},
	{name: "size", operators: compares, wants: "a size such as 500, 1k or 2M", help: "of the payload: B, k, M, G", compare: size},
	{name: "status", aliases: []string{"code"}, operators: compares, wants: "a status such as 401 or 4xx", help: "HTTP status, or the code of a Close", compare: status, choose: statuses},
	{name: "latency", aliases: []string{"took"}, operators: compares, wants: "a time such as 100ms or 1.5s", help: "of a reply since its request", compare: latency},
	{name: "time", operators: compares, wants: "a time such as 10:02:11, or 10:02:11Z for UTC", help: "of day, or with the date: 2026-03-04T10:02", compare: clock},
	{name: "row", aliases: []string{"number"}, operators: compares, wants: "a number", help: "the row's number", compare: number},
	{name: "method", operators: equals, wants: "a method such as GET", help: "of an HTTP request", word: func(r *Row) string { return r.facts().Method }},
	{name: "path", operators: contains, wants: "a part of a path", help: "of a request or a connection, query included", parts: Paths,
		texts: func(r *Row, ok func(string) bool) bool { return ok(r.facts().Path) }},
	{name: "header", operators: contains, wants: `a text such as "content-type: text"`, help: "in a line of a header, name: value", parts: Headers,
		texts: func(r *Row, ok func(string) bool) bool { return r.facts().anyHeader(ok) }},
	{name: "from", aliases: []string{"remote"}, operators: contains, wants: "a part of an address", help: "the sender's address",
		texts: func(r *Row, ok func(string) bool) bool { return ok(r.facts().Remote) }},
	{name: "by", operators: only, wants: "relay or listener", help: "who answered a request", words: []string{"relay", "listener"},
		word: func(r *Row) string { return r.facts().AnsweredBy }},
	{name: "tracking", operators: contains, wants: "a part of a tracking ID", help: "the service's ID",
		texts: func(r *Row, ok func(string) bool) bool { return ok(r.TrackingID) }},
	{name: "mark", annotated: true, operators: only, wants: "a colour such as red, any or none", help: "the colour of the mark", choose: marked},
	{name: "note", annotated: true, operators: contains, wants: "a text", help: "in the note", parts: Notes,
		texts: func(r *Row, ok func(string) bool) bool { return ok(r.facts().Note) }},
}

// noFacts stands for the facts of a row without any.
var noFacts Facts

func (r *Row) facts() *Facts {
	if r.Facts == nil {
		return &noFacts
	}
	return r.Facts
}

func (f *Facts) anyHeader(ok func(string) bool) bool {
	return slices.ContainsFunc(f.Header, func(h Field) bool { return ok(h.Name + ": " + h.Value) })
}

func payload(r *Row) []byte { return r.Payload }

func noText(*Row, func(string) bool) bool { return false }

func everyText(r *Row, ok func(string) bool) bool {
	if r.Text != "" && ok(r.Text) || r.Detail != "" && ok(r.Detail) || r.TrackingID != "" && ok(r.TrackingID) {
		return true
	}
	f := r.Facts
	return f != nil && (ok(f.Path) || ok(f.Note) || f.anyHeader(ok))
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// A QueryField tells people of a field that queries know.
type QueryField struct {
	Name   string
	Help   string
	Values []string // the values there are; nil if any goes
}

// QueryFields lists the fields that queries know.
func QueryFields() []QueryField {
	list := make([]QueryField, len(fields))
	for i, f := range fields {
		list[i] = QueryField{f.name, f.help, slices.Clone(f.words)}
	}
	return list
}

// fieldNamed returns the field of a name or an alias, nil if there is none.
func fieldNamed(name string) *field {
	for _, f := range fields {
		if strings.EqualFold(f.name, name) || slices.ContainsFunc(f.aliases, func(a string) bool { return strings.EqualFold(a, name) }) {
			return f
		}
	}
	return nil
}

func fieldNames() string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}

// A term is a condition on one field.
type term struct {
	field *field
	op    string
	value string
	find  *finder // of a field that is searched
	test  func(*Row) bool
}

func (t *term) match(r *Row) bool { return t.test(r) }

func (t *term) format(b *strings.Builder) {
	if t.field.name == "text" && t.op == ":" {
		b.WriteString(quoteValue(t.value))
		return
	}
	b.WriteString(t.field.name + t.op)
	if t.op == "~" {
		b.WriteString(`"` + strings.ReplaceAll(t.value, `"`, `\"`) + `"`)
		return
	}
	b.WriteString(quoteValue(t.value))
}

// quoteValue returns a value as Parse reads it, in quotes if it must be.
func quoteValue(value string) string {
	plain := func(r rune) bool {
		return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_.,#@+*%-", r))
	}
	bare := value != "" && value[0] != '-' && strings.IndexFunc(value, func(r rune) bool { return !plain(r) }) < 0
	for _, word := range []string{"or", "and", "not"} {
		bare = bare && !strings.EqualFold(value, word)
	}
	if bare {
		return value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// newTerm returns the term, or what is wrong with the value.
func newTerm(f *field, op, value string) (*term, error) {
	t := &term{field: f, op: op, value: value}
	if value == "" {
		return nil, errors.New("expected " + f.wants)
	}
	var err error
	switch {
	case op == "~":
		if t.find, err = findRegular(value); err == nil {
			t.test = f.search(t.find.in, t.find.inString)
		}
	case f.choose != nil && (op == ":" || op == "="):
		t.test, err = oneOf(value, f.choose)
	case f.compare != nil:
		t.test, err = f.compared(op, value)
	case f.word != nil:
		t.test, err = oneOf(value, f.equal)
	case op == "=":
		t.test = f.search(func(b []byte) bool { return strings.EqualFold(string(b), value) }, func(s string) bool { return strings.EqualFold(s, value) })
	default:
		t.find = findText(value)
		t.test = f.search(t.find.in, t.find.inString)
	}
	return t, err
}

// search returns the test that looks through all that the field has.
func (f *field) search(in func([]byte) bool, inString func(string) bool) func(*Row) bool {
	switch {
	case f.word != nil:
		return func(r *Row) bool { return inString(f.word(r)) }
	case f.bytes != nil:
		return func(r *Row) bool { return len(r.Payload) > 0 && in(f.bytes(r)) || f.texts(r, inString) }
	}
	return func(r *Row) bool { return f.texts(r, inString) }
}

// oneOf returns the test that one of the values, which commas part, passes.
func oneOf(list string, test func(value string) (func(*Row) bool, error)) (func(*Row) bool, error) {
	var tests []func(*Row) bool
	for value := range strings.SplitSeq(list, ",") {
		t, err := test(value)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	if len(tests) == 1 {
		return tests[0], nil
	}
	return func(r *Row) bool {
		return slices.ContainsFunc(tests, func(t func(*Row) bool) bool { return t(r) })
	}, nil
}

// equal returns the test that the field is the word.
func (f *field) equal(value string) (func(*Row) bool, error) {
	if value == "" || f.words != nil && !slices.ContainsFunc(f.words, func(w string) bool { return strings.EqualFold(w, value) }) {
		return nil, errors.New("expected " + f.wants)
	}
	return func(r *Row) bool { return strings.EqualFold(f.word(r), value) }, nil
}

// compared returns the test of an order: f.compare tells how the row's value
// stands to the one asked for, if it has one.
func (f *field) compared(op, value string) (func(*Row) bool, error) {
	compare, err := f.compare(value)
	if err != nil {
		return nil, fmt.Errorf("expected %s: %w", f.wants, err)
	}
	return func(r *Row) bool {
		order, ok := compare(r)
		if !ok {
			return false
		}
		switch op {
		case ">":
			return order > 0
		case ">=":
			return order >= 0
		case "<":
			return order < 0
		case "<=":
			return order <= 0
		}
		return order == 0
	}, nil
}
