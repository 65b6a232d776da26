package widgets

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
)

// Shown returns a text as it may appear on screen. Characters that would
// rearrange or hide what is around them become visible escapes, as in the
// message log; line breaks and tabs stay. While somebody presents, the names
// that the theme hides become blocks. What is copied or stored does not go
// through it.
func Shown(text string) string {
	if !plain(text) {
		text = journal.FullText([]byte(text), false)
	}
	return veiled(text)
}

// ShownLine is Shown for a text on one line: line breaks are escaped, too.
func ShownLine(text string) string {
	if !plain(text) || strings.ContainsAny(text, "\n\t") {
		text = escapeLine(text)
	}
	return veiled(text)
}

func escapeLine(text string) string {
	return journal.Preview([]byte(text), false, len(text)*maxEscape)
}

// maxEscape is the most characters that one byte can turn into: \xNN.
const maxEscape = 4

// plain reports whether a text needs no escape, as nearly all do.
func plain(text string) bool {
	for _, r := range text {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= utf8.RuneSelf && (r == utf8.RuneError || !unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.Sm, unicode.Sc)) {
			return false
		}
	}
	return true
}

// A Hider is a theme that hides names.
type Hider interface{ Hidden() *Hidden }

func veiled(text string) string { return hidden().veil(text) }

// hidden is what the theme hides now; nil if it hides nothing.
func hidden() *Hidden {
	if h, ok := fyne.CurrentApp().Settings().Theme().(Hider); ok {
		return h.Hidden()
	}
	return nil
}

// A Hidden is a set of names that must not be read on screen. It does not
// change.
type Hidden struct{ names []string } // in lower case, the longest first

// block stands for a name, whatever its length.
const block = "██████"

// veil puts blocks in place of the names in a text. A nil Hidden hides
// nothing.
func (h *Hidden) veil(text string) string {
	parts := h.find(text)
	if parts == nil {
		return text
	}
	var out strings.Builder
	at := 0
	for _, p := range parts {
		out.WriteString(text[at:p.From])
		out.WriteString(block)
		at = p.To
	}
	out.WriteString(text[at:])
	return out.String()
}

// find returns where the names are in a text, as words of their own.
func (h *Hidden) find(text string) (parts []Part) {
	if h == nil || len(h.names) == 0 || text == "" {
		return nil
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // letters that are as long in lower case are all that names have
		lower = strings.Map(func(r rune) rune {
			if r < utf8.RuneSelf {
				return unicode.ToLower(r)
			}
			return r
		}, text)
	}
	for i := 0; i < len(lower); {
		if n := h.at(lower, i); n > 0 {
			parts = append(parts, Part{i, i + n})
			i += n
			continue
		}
		_, size := utf8.DecodeRuneInString(lower[i:])
		i += size
	}
	return parts
}

// at returns the length of the name that stands at i; 0 if none does.
func (h *Hidden) at(text string, i int) int {
	if before, _ := utf8.DecodeLastRuneInString(text[:i]); i > 0 && inWord(before) {
		return 0
	}
	for _, name := range h.names {
		if !strings.HasPrefix(text[i:], name) {
			continue
		}
		after, _ := utf8.DecodeRuneInString(text[i+len(name):])
		if i+len(name) == len(text) || !inWord(after) {
			return len(name)
		}
	}
	return 0
}

// showLines makes rows of a log fit to be shown.
func showLines(lines []Line) {
	h := hidden()
	for _, line := range lines {
		for i, cell := range line.Cells {
			if !plain(cell) {
				cell = escapeLine(cell)
			}
			line.Cells[i] = h.veil(cell)
		}
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Hide returns the names as a set. Very short ones are left out: they would
// blot out half of every sentence.
func Hide(names ...string) *Hidden {
	const shortest = 3
	h := &Hidden{}
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if len(name) < shortest {
			continue
		}
		at := 0
		for at < len(h.names) && len(h.names[at]) >= len(name) {
			at++
		}
		h.names = append(h.names[:at], append([]string{name}, h.names[at:]...)...)
	}
	return h
}

// SetText gives l another text, as Shown has it, and draws nothing if it has
// it already. A label that cuts off what does not fit has one line.
func SetText(l *widget.Label, text string) {
	if l.Truncation != fyne.TextTruncateOff && l.Wrapping == fyne.TextWrapOff {
		text = ShownLine(text)
	} else {
		text = Shown(text)
	}
	if l.Text != text {
		l.SetText(text)
	}
}
