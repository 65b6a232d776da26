package journal

import (
	"cmp"
	"slices"
	"strings"
)

// A Query chooses rows. Its text, as Parse reads it, is made of
//
//	word "two words"     anywhere in the whole row: payload, text, detail, path, header, note
//	/time(d )?out/       the same with a regular expression
//	dir:in type:text     a field; Fields lists them
//	status:401,403       one of several
//	size>1k latency>=2s  compared
//	body~"err(or)?"      a regular expression in one field
//	-dir:out not x       everything else
//	a b, a and b         both
//	a or b, (a or b) c   either; parentheses group
//
// Case does not matter, in regular expressions too unless they say (?-i). In
// quotes, \" is a quote and \\ a backslash. The zero Query chooses all rows.
// Queries are values and safe for concurrent use.
type Query struct{ root node }

// Everything reports whether the query chooses all rows.
func (q Query) Everything() bool { return q.root == nil }

// Match reports whether the query chooses r.
func (q Query) Match(r *Row) bool { return q.root == nil || q.root.match(r) }

// String returns the text that Parse makes the same query of.
func (q Query) String() string {
	if q.root == nil {
		return ""
	}
	var b strings.Builder
	q.root.format(&b)
	return b.String()
}

// And returns the query that chooses what both choose.
func (q Query) And(other Query) Query {
	switch {
	case q.root == nil:
		return other
	case other.root == nil:
		return q
	}
	return Query{all(q.root, other.root)}
}

// annotated reports whether marks or notes decide what the query chooses.
func (q Query) annotated() bool {
	found := false
	if q.root != nil {
		walk(q.root, true, func(t *term) { found = found || t.field.annotated })
	}
	return found
}

// terms calls f with every term that is not negated.
func (q Query) terms(f func(*term)) {
	if q.root != nil {
		walk(q.root, false, f)
	}
}

// walk calls f with every term below n, the negated ones only if asked to.
func walk(n node, negated bool, f func(*term)) {
	switch n := n.(type) {
	case *term:
		f(n)
	case not:
		if negated {
			walk(n.node, negated, f)
		}
	case and:
		for _, part := range n {
			walk(part, negated, f)
		}
	case or:
		for _, part := range n {
			walk(part, negated, f)
		}
	}
}

// A Chip is a query that people choose without typing.
type Chip struct {
	Name  string
	Query Query
}

// Chips returns the chips in the order in which they are shown.
func Chips() []Chip {
	chip := func(name, text string) Chip {
		q, err := Parse(text)
		if err != nil {
			panic(err) // the texts are constants, and tested
		}
		return Chip{name, q}
	}
	return []Chip{
		chip("All", ""), chip("In", "dir:in"), chip("Out", "dir:out"),
		chip("Control", "kind:control,state"), chip("HTTP", "is:http"), chip("Errors", "is:error"),
	}
}

// A Part of a row is where a query may find something to highlight.
type Part uint8

// The parts.
const (
	Body    Part = 1 << iota // Payload
	Words                    // Text and Detail
	Headers                  // a line of Facts.Header, "Name: value"
	Paths                    // Facts.Path
	Notes                    // Facts.Note
	anyPart = Body | Words | Headers | Paths | Notes
)

// A Span is a piece of a text, in bytes.
type Span struct{ Start, End int }

// Hits returns where in text, which is a part of a row that the query chose,
// the words and regular expressions of the query are: at most limit places,
// in order, none of them empty and no two with a byte in common.
func (q Query) Hits(part Part, text []byte, limit int) []Span {
	var spans []Span
	q.terms(func(t *term) {
		if t.find != nil && t.field.parts&part != 0 {
			spans = t.find.spans(spans, text, limit)
		}
	})
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	merged := spans[:0]
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.Start < merged[last].End {
			merged[last].End = max(merged[last].End, s.End)
			continue
		}
		merged = append(merged, s)
	}
	return merged[:min(len(merged), max(0, limit))]
}

// A node of a query.
type node interface {
	match(*Row) bool
	format(*strings.Builder)
}

// and, or and not are what they say. and and or have two parts or more, none
// of their own kind; not has no not in it.
type (
	and []node
	or  []node
	not struct{ node }
)

// all returns the node that asks for both; it flattens.
func all(a, b node) node {
	list, isAnd := a.(and)
	if !isAnd {
		list = and{a}
	}
	if more, isAnd := b.(and); isAnd {
		return append(slices.Clip(list), more...)
	}
	return append(slices.Clip(list), b)
}

// either returns the node that asks for one of them; it flattens.
func either(a, b node) node {
	list, isOr := a.(or)
	if !isOr {
		list = or{a}
	}
	if more, isOr := b.(or); isOr {
		return append(slices.Clip(list), more...)
	}
	return append(slices.Clip(list), b)
}

// negate returns the node that asks for the opposite.
func negate(n node) node {
	if n, isNot := n.(not); isNot {
		return n.node
	}
	return not{n}
}

func (n and) match(r *Row) bool {
	for _, part := range n {
		if !part.match(r) {
			return false
		}
	}
	return true
}

func (n or) match(r *Row) bool {
	for _, part := range n {
		if part.match(r) {
			return true
		}
	}
	return false
}

func (n not) match(r *Row) bool { return !n.node.match(r) }

func (n and) format(b *strings.Builder) {
	for i, part := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		if _, isOr := part.(or); isOr {
			grouped(b, part)
		} else {
			part.format(b)
		}
	}
}

func (n or) format(b *strings.Builder) {
	for i, part := range n {
		if i > 0 {
			b.WriteString(" or ")
		}
		part.format(b)
	}
}

func (n not) format(b *strings.Builder) {
	b.WriteByte('-')
	if _, isTerm := n.node.(*term); isTerm {
		n.node.format(b)
	} else {
		grouped(b, n.node)
	}
}

func grouped(b *strings.Builder, n node) {
	b.WriteByte('(')
	n.format(b)
	b.WriteByte(')')
}
