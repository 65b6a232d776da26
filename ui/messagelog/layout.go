package messagelog

import (
	"fmt"
	"strings"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/payload"
	"relayscope/ui/widgets"
)

// A layout is the work of laying out one row. It needs no widgets, so it can
// be done in the background.
type layout struct {
	row    journal.Row
	tab    tab
	format string // guessed, or a format's name
	all    bool
	find   journal.Query
}

// laidOut is a text for a TextView.
type laidOut struct {
	text  string
	tints []widgets.Tinted
	hits  []widgets.Part
	dump  []byte         // to be shown as a hex dump instead
	spans []journal.Span // hits in it
	note  string
	whole int64 // how large it is as a whole, if only a part is shown
}

// plain is the text, as it is copied.
func (l laidOut) plain() string {
	if l.dump != nil {
		return hexDump{l.dump, 16}.text()
	}
	return l.text
}

func (l layout) do() laidOut {
	r := &l.row
	if l.tab == tabHeaders {
		text := headersOf(r)
		if text == "" {
			return laidOut{note: "There are no headers"}
		}
		return laidOut{text: text, tints: tintLines(text, ": "), hits: l.hits(journal.Headers|journal.Paths, text)}
	}
	if len(r.Payload) == 0 {
		text := wordsOf(r)
		if l.tab == tabRaw && r.Detail != "" {
			text = journal.FullText([]byte(r.Detail), false)
		}
		if note := r.Note(); note != "" && l.tab == tabPretty {
			text = "✎ " + journal.FullText([]byte(note), false) + "\n\n" + text
		}
		out := laidOut{text: text, hits: l.hits(journal.Words|journal.Notes, text)}
		switch {
		case r.Size > 0:
			out.note = exactly(r.Size) + " were not kept"
		case r.Kind == journal.Data:
			out.note = "The message is empty"
		}
		return out
	}
	part := r.Payload
	if !l.all {
		part = part[:min(len(part), firstPart)]
	}
	out := l.body(part)
	switch {
	case len(part) < len(r.Payload):
		out.whole = int64(len(r.Payload))
		out.note = join("The first "+sizeText(int64(len(part)))+" are shown", out.note)
	case r.Truncated:
		out.note = join(fmt.Sprintf("%s of %s were kept", sizeText(int64(len(r.Payload))), sizeText(r.Size)), out.note)
	}
	return out
}

// body lays out a payload, or the first part of it.
func (l layout) body(part []byte) laidOut {
	r := &l.row
	format := payload.Text
	if l.tab == tabPretty {
		format = l.chosen(part)
	}
	if l.tab == tabHex || format == payload.Binary {
		out := laidOut{dump: part, spans: l.find.Hits(journal.Body, part, maxHits)}
		if l.tab == tabPretty {
			out.note = "Bytes"
		}
		return out
	}
	text, note := string(part), ""
	if format != payload.Text {
		note = format.String()
		if pretty, err := payload.Pretty(part, format); err == nil {
			text = pretty
		} else if len(part) == len(r.Payload) && !r.Truncated {
			note = err.Error()
			format = payload.Text
		} else {
			format = payload.Text // what is cut off cannot be read
		}
	}
	text = journal.FullText([]byte(text), false)
	out := laidOut{text: text, tints: tintsOf(text, format), note: note}
	if l.tab == tabPretty {
		out.head(journal.FullText([]byte(r.Text), false))
		if note := r.Note(); note != "" {
			out.head("✎ " + journal.FullText([]byte(note), false))
		}
	}
	out.hits = l.hits(anyPart, out.text)
	return out
}

// head puts words before the text.
func (l *laidOut) head(words string) {
	if words == "" {
		return
	}
	words += "\n\n"
	l.text = words + l.text
	for i := range l.tints {
		l.tints[i].From += len(words)
		l.tints[i].To += len(words)
	}
}

// chosen is the format that a person chose, or that the payload shows.
func (l layout) chosen(part []byte) payload.Format {
	for _, f := range payload.Formats() {
		if f.String() == l.format {
			return f
		}
	}
	return payload.Guess(part, contentType(&l.row), l.row.Binary())
}

func contentType(r *journal.Row) string {
	if r.Facts != nil {
		for _, h := range r.Facts.Header {
			if strings.EqualFold(h.Name, "Content-Type") {
				return h.Value
			}
		}
	}
	return ""
}

func (l layout) hits(part journal.Part, text string) []widgets.Part {
	if l.find.Everything() {
		return nil
	}
	var parts []widgets.Part
	for _, s := range l.find.Hits(part, []byte(text), maxHits) {
		parts = append(parts, widgets.Part{From: s.Start, To: s.End})
	}
	return parts
}

func join(first, second string) string {
	if second == "" {
		return first
	}
	return first + " · " + second
}
