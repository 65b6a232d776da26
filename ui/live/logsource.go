package live

import (
	"strconv"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// The columns of the message log, in the order of logSource's cells.
var logColumns = []widgets.Column{
	{Title: "Time", Width: 12, Ink: widgets.MutedInk},
	{Title: "Side", Width: 8, Ink: widgets.MutedInk},
	{Title: "", Width: 1},
	{Title: "Conn", Width: 5, Ink: widgets.PlainInk},
	{Title: "Type", Width: 10},
	{Title: "Size", Width: 8, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk},
	{Title: "Preview", Ink: widgets.PlainInk},
}

// maxPreview is how many characters of a payload the log ever shows in a row.
const maxPreview = 400

// logSource shows a journal's rows as lines of a LogView.
type logSource struct{ *journal.Journal }

// Dropped returns how many rows the journal had to let go.
func (s logSource) Dropped() uint64 {
	rows, _ := s.Journal.Dropped()
	return rows
}

// Lines fills dst with the rows from number from on.
func (s logSource) Lines(from uint64, dst []widgets.Line) int {
	rows := make([]journal.Row, len(dst))
	n := s.Journal.Copy(from, rows)
	for i, r := range rows[:n] {
		dst[i] = widgets.Line{Number: r.Number, Tone: tone(r), Cells: append(dst[i].Cells[:0],
			r.Time.Format("15:04:05.000"), side(r), arrow(r), r.Connection, r.Type, size(r), preview(r))}
	}
	return n
}

func side(r journal.Row) string {
	switch r.Lane {
	case journal.Listener:
		return "listener"
	case journal.Sender:
		return "sender"
	}
	return ""
}

func arrow(r journal.Row) string {
	switch r.Direction {
	case journal.In:
		return "←"
	case journal.Out:
		return "→"
	}
	return ""
}

func size(r journal.Row) string {
	if r.Kind != journal.Data {
		return ""
	}
	return byteCount(r.Size)
}

// byteCount is short enough for a column: 512 B, 1.5 KiB, 12 MiB.
func byteCount(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KiB"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
}

func preview(r journal.Row) string {
	if r.Kind == journal.Data {
		return journal.Preview(r.Payload, r.Binary(), maxPreview)
	}
	return journal.Preview([]byte(r.Text), false, maxPreview)
}

func tone(r journal.Row) widgets.Tone {
	switch {
	case r.Kind == journal.Problem:
		return widgets.Bad
	case r.Direction == journal.In && r.Kind == journal.Data:
		return widgets.In
	case r.Direction == journal.Out && r.Kind == journal.Data:
		return widgets.Out
	case r.Type == "online" || r.Type == "connected":
		return widgets.Good
	}
	return widgets.Muted
}
