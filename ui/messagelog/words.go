package messagelog

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// count writes "no rows", "1 row" or "8 431 rows".
func count(n uint64, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return widgets.Group(n) + " " + what + "s"
}

// exactly is a size to the byte.
func exactly(n int64) string {
	if n == 1 {
		return "1 byte"
	}
	return widgets.Group(uint64(n)) + " bytes"
}

// sizeText writes a size for people.
func sizeText(n int64) string {
	for _, unit := range []struct {
		bytes float64
		name  string
	}{{1 << 30, " GiB"}, {1 << 20, " MiB"}, {1 << 10, " KiB"}} {
		if float64(n) >= unit.bytes {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/unit.bytes), ".0") + unit.name
		}
	}
	return exactly(n)
}

// headingOf says in a line what a row is.
func headingOf(r *journal.Row) string {
	parts := []string{strings.TrimSpace(r.Lane.String() + " " + r.Connection), r.Type}
	if r.Kind == journal.Data || r.Size > 0 {
		parts = append(parts, exactly(r.Size))
	}
	if r.Status != 0 {
		parts = append(parts, statusOf(r))
	}
	if r.Latency > 0 {
		parts = append(parts, widgets.DurationText(r.Latency))
	}
	kept := parts[:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, " · ")
}

// wordsOf is all that a row says in words.
func wordsOf(r *journal.Row) string {
	text := journal.FullText([]byte(r.Text), false)
	if r.Detail != "" {
		text = journal.FullText([]byte(r.Detail), false)
		if !strings.Contains(r.Detail, r.Text) && !strings.Contains(r.Text, ", next try") {
			text = journal.FullText([]byte(r.Text), false) + "\n\n" + text
		}
	}
	if r.TrackingID != "" && !strings.Contains(text, r.TrackingID) {
		text += "\n\nTracking ID: " + r.TrackingID
	}
	return strings.TrimSpace(text)
}

// headersOf lists what came before the payload.
func headersOf(r *journal.Row) string {
	if r.Facts == nil {
		return ""
	}
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString(name + ": " + journal.Preview([]byte(value), false, 16<<10) + "\n")
		}
	}
	f := r.Facts
	switch {
	case f.Method != "":
		b.WriteString(strings.TrimSpace(f.Method+" "+journal.Preview([]byte(f.Path), false, 16<<10)) + "\n")
	case f.Path != "":
		line("Path", f.Path)
	}
	line("Sender's address", f.Remote)
	line("Answered by", f.AnsweredBy)
	if b.Len() > 0 && len(f.Header) > 0 {
		b.WriteByte('\n')
	}
	for _, h := range f.Header {
		line(h.Name, h.Value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// timingOf says when it was and how long things took.
func timingOf(r *journal.Row, before time.Time) string {
	lines := []string{
		"Local time    " + r.Time.Local().Format("2006-01-02 15:04:05.000000"),
		"UTC           " + r.Time.UTC().Format("2006-01-02 15:04:05.000000"),
	}
	if !before.IsZero() {
		lines = append(lines, "Row before    "+widgets.DurationText(r.Time.Sub(before))+" earlier")
	}
	if r.Latency > 0 {
		lines = append(lines, "Latency       "+widgets.DurationText(r.Latency))
	}
	if r.Pair != 0 {
		lines = append(lines, "Belongs to    row "+widgets.Group(r.Pair))
	}
	return strings.Join(lines, "\n")
}

// setVisible shows or hides o and reports whether that changed anything.
func setVisible(o fyne.CanvasObject, on bool) bool {
	if o.Visible() == on {
		return false
	}
	widgets.SetVisible(o, on)
	return true
}
