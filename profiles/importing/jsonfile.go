package importing

import (
	"fmt"
	"strings"

	"github.com/tailscale/hujson"
)

// parseJSON reads JSON with the comments and trailing commas that .NET
// tolerates. The depth is checked first, because the parser calls itself.
func parseJSON(text string) (hujson.Value, error) {
	if at := tooDeep(text); at >= 0 {
		line, column := position(text, at)
		return hujson.Value{}, &FileError{Line: line, Column: column, Err: ErrBroken, Problem: fmt.Sprintf("The JSON is nested more than %d deep.", maxDepth)}
	}
	v, err := hujson.Parse([]byte(text))
	if err == nil {
		return v, nil
	}
	e := &FileError{Problem: "The JSON cannot be read from here on: look for a missing comma, quote or bracket just before.", Err: ErrBroken}
	if n, _ := fmt.Sscanf(err.Error(), "hujson: line %d, column %d:", &e.Line, &e.Column); n < 2 { // the rest quotes the file
		e.Line, e.Column = 0, 0
	}
	return v, e
}

// tooDeep returns where text nests deeper than the limit, or -1. What is not
// JSON may be counted wrongly; the parser refuses it later.
func tooDeep(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case strings.HasPrefix(text[i:], "//"):
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				return -1
			}
			i += n
		case strings.HasPrefix(text[i:], "/*"):
			n := strings.Index(text[i+2:], "*/")
			if n < 0 {
				return -1
			}
			i += n + 3
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return -1
}

// place names a value by the members that lead to it. A name that looks like
// a value in the wrong place is not repeated.
func place(path []string) string {
	safe := make([]string, len(path))
	for i, name := range path {
		if safe[i] = name; len(name) > 60 || strings.ContainsAny(name, "=;") {
			safe[i] = "…"
		}
	}
	return strings.Join(safe, ":")
}

func position(text string, at int) (line, column int) {
	before := text[:min(at, len(text))]
	return 1 + strings.Count(before, "\n"), len(before) - strings.LastIndexByte(before, '\n')
}

// A leaf is a string, number or true or false in a JSON file.
type leaf struct {
	path  []string // names of the members that lead to it; "0", "1" … in a list
	value string
	line  int
}

// leaves lists what v holds, up to one more than maxLeaves. A name such as Azure:Relay or Azure__Relay counts
// as two, as .NET reads it.
func leaves(text string, v hujson.Value) []leaf {
	var list []leaf
	line, at := 1, 0
	var walk func(v *hujson.Value, path []string)
	walk = func(v *hujson.Value, path []string) {
		switch t := v.Value.(type) {
		case *hujson.Object:
			for i := range t.Members {
				name := t.Members[i].Name.Value.(hujson.Literal).String()
				parts := strings.Split(strings.ReplaceAll(name, "__", ":"), ":")
				if len(parts) > maxDepth {
					parts = []string{name}
				}
				walk(&t.Members[i].Value, append(path[:len(path):len(path)], parts...))
			}
		case *hujson.Array:
			for i := range t.Elements {
				walk(&t.Elements[i], append(path[:len(path):len(path)], fmt.Sprint(i)))
			}
		case hujson.Literal:
			line += strings.Count(text[at:v.StartOffset], "\n")
			at = v.StartOffset
			if t.Kind() != 'n' && len(list) <= maxLeaves {
				list = append(list, leaf{path, t.String(), line})
			}
		}
	}
	walk(&v, nil)
	return list
}
