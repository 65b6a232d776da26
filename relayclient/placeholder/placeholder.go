// Package placeholder fills in texts that are sent many times, or in answer to
// something, such as {"id":"{{uuid}}","number":{{counter}}}.
//
// A placeholder is a name between two pairs of braces, with an argument after a
// colon where Known says so. Four opening braces stand for two that are meant.
package placeholder

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Use says what a text is for, and so which placeholders it may have.
type Use int

// The uses.
const (
	Sending  Use = 1 + iota // a message or request that nobody has asked for
	Replying                // an answer to a message or a request
)

// Values are what placeholders stand for in one message. Those after Count
// mean something only to an answer.
type Values struct {
	Now   time.Time
	Count int64 // of the messages made of the text, from 1

	Message    []byte // what is answered
	Connection string // the ID of the connection or the request
	Method     string // of a request
	Path       string
	Query      string
	Header     http.Header // of the request, or of the sender when it connected
	Remote     string      // address of the sender
}

// MaxLength is how long a text may become, in bytes: as long as a message.
const MaxLength = 64 << 20

// ErrTooLong means that a text would become longer than MaxLength.
var ErrTooLong = errors.New("with the placeholders filled in, the text is longer than 64 MiB")

// A Text is a text that was understood. It never changes.
type Text struct {
	parts []part
}

// A part is a piece of plain text or a placeholder.
type part struct {
	plain string
	fill  func(*Values) []byte // nil: plain
}

// Parse understands a text. The error is a sentence but for its capital and
// full stop; it names the placeholder that is wrong.
func Parse(text string, use Use) (*Text, error) {
	t := &Text{}
	for {
		before, rest, found := strings.Cut(text, "{{")
		if before != "" {
			t.parts = append(t.parts, part{plain: before})
		}
		if !found {
			return t, nil
		}
		if strings.HasPrefix(rest, "{{") {
			t.parts = append(t.parts, part{plain: "{{"})
			text = rest[2:]
			continue
		}
		inside, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, fmt.Errorf("the placeholder {{%s is not closed; write {{{{ for braces that are meant", clip(rest))
		}
		fill, err := understand(inside, use)
		if err != nil {
			return nil, err
		}
		t.parts = append(t.parts, part{fill: fill})
		text = after
	}
}

func understand(inside string, use Use) (func(*Values) []byte, error) {
	name, arg, _ := strings.Cut(strings.TrimSpace(inside), ":")
	name, arg = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(arg)
	i := slices.IndexFunc(all, func(k known) bool { return k.name == name })
	if i < 0 || all[i].use > use {
		return nil, fmt.Errorf("there is no placeholder {{%s}}; there are %s", clip(name), strings.Join(names(use), ", "))
	}
	if arg == "" && all[i].needs {
		return nil, fmt.Errorf("the placeholder {{%s}} needs more: {{%s}}", name, all[i].example)
	}
	fill := all[i].make(arg)
	if fill == nil {
		return nil, fmt.Errorf("the placeholder {{%s:%s}} is not understood; write it as {{%s}}", name, clip(arg), all[i].example)
	}
	return fill, nil
}

// clip keeps a sentence short.
func clip(text string) string {
	if runes := []rune(text); len(runes) > 24 {
		return string(runes[:24]) + "…"
	}
	return text
}

// Plain reports whether t is the same each time.
func (t *Text) Plain() bool {
	return !slices.ContainsFunc(t.parts, func(p part) bool { return p.fill != nil })
}

// Fill returns the text with its placeholders filled in, or ErrTooLong.
func (t *Text) Fill(v Values) ([]byte, error) {
	var b []byte
	for _, p := range t.parts {
		if p.fill == nil {
			b = append(b, p.plain...)
		} else {
			more := p.fill(&v)
			if len(b)+len(more) > MaxLength {
				return nil, ErrTooLong
			}
			b = append(b, more...)
		}
		if len(b) > MaxLength {
			return nil, ErrTooLong
		}
	}
	return b, nil
}

// A Placeholder is one that people may write.
type Placeholder struct {
	Example string // with its braces
	Means   string
}

// Known lists the placeholders for a use, for a person to choose from.
func Known(use Use) []Placeholder {
	var list []Placeholder
	for _, k := range all {
		if k.use <= use {
			list = append(list, Placeholder{"{{" + k.example + "}}", k.means})
		}
	}
	return list
}

func names(use Use) []string {
	var list []string
	for _, k := range all {
		if k.use <= use {
			list = append(list, k.name)
		}
	}
	return list
}
