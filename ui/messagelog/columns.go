package messagelog

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// A column of the log that a person may show or hide.
type column struct {
	widgets.Column
	key  string // in the preferences
	name string // in the menu
	cell func(s *source, r, before *journal.Row) string
}

// previewKey is the column that is always there.
const previewKey = "preview"

// everyColumn lists the columns in the order in which they are shown.
var everyColumn = []column{
	{widgets.Column{Title: "Time", Width: 12, Ink: widgets.MutedInk}, "time", "Time", (*source).timeCell},
	{widgets.Column{Title: "Δ", Width: 8, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk, Spare: 6}, "delta", "Δ since the row before", (*source).deltaCell},
	{widgets.Column{Title: "", Width: 1}, "direction", "Direction", func(_ *source, r, _ *journal.Row) string { return glyphOf(r) }},
	{widgets.Column{Title: "Side", Width: 8, Ink: widgets.MutedInk, Spare: 4}, "side", "Side", func(_ *source, r, _ *journal.Row) string { return r.Lane.String() }},
	{widgets.Column{Title: "Conn", Width: 6, Ink: widgets.PlainInk}, "connection", "Connection", func(_ *source, r, _ *journal.Row) string { return r.Connection }},
	{widgets.Column{Title: "Type", Width: 10, Spare: 1}, "type", "Type", func(_ *source, r, _ *journal.Row) string { return r.Type }},
	{widgets.Column{Title: "Size", Width: 8, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk, Spare: 2}, "size", "Size", func(_ *source, r, _ *journal.Row) string { return sizeOf(r) }},
	{widgets.Column{Title: "Status", Width: 6, Align: fyne.TextAlignTrailing, Spare: 3}, "status", "Status", func(_ *source, r, _ *journal.Row) string { return statusOf(r) }},
	{widgets.Column{Title: "Latency", Width: 8, Align: fyne.TextAlignTrailing, Ink: widgets.PlainInk, Spare: 5}, "latency", "Latency", func(_ *source, r, _ *journal.Row) string { return latencyOf(r) }},
	{widgets.Column{Title: "Preview", Ink: widgets.PlainInk}, previewKey, "Preview", (*source).previewCell},
}

// firstColumns are shown until somebody chooses others.
var firstColumns = []string{"time", "delta", "direction", "side", "connection", "type", "size", "latency", previewKey}

// columnsOf returns the columns of some keys, and the preview.
func columnsOf(keys []string) []column {
	var chosen []column
	for _, c := range everyColumn {
		if c.key == previewKey || slices.Contains(keys, c.key) {
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// A clock is a way to write a row's time.
type clock string

const (
	localTime clock = "local"
	utcTime   clock = "utc"
	sinceZero clock = "relative" // to the first row
)

var clocks = []struct {
	clock clock
	name  string
}{{localTime, "Local time"}, {utcTime, "UTC"}, {sinceZero, "Since the first row"}}

func (s *source) timeCell(r, _ *journal.Row) string {
	switch s.clock {
	case utcTime:
		return r.Time.UTC().Format("15:04:05.000")
	case sinceZero:
		return "+" + seconds(r.Time.Sub(s.origin))
	}
	return r.Time.Local().Format("15:04:05.000")
}

func (s *source) deltaCell(r, before *journal.Row) string {
	if before == nil {
		return ""
	}
	return "+" + shortDuration(r.Time.Sub(before.Time))
}

// seconds writes a duration that may be hours in at most eleven characters,
// for a column.
func seconds(d time.Duration) string {
	d = max(0, d)
	text := strconv.FormatFloat((d % time.Minute).Seconds(), 'f', 3, 64)
	if d < time.Minute {
		return text
	}
	if len(text) < len("00.000") {
		text = "0" + text
	}
	minutes := int(d / time.Minute)
	if minutes < 60 {
		return strconv.Itoa(minutes) + ":" + text
	}
	return strconv.Itoa(minutes/60) + ":" + strconv.Itoa(minutes%60/10) + strconv.Itoa(minutes%10) + ":" + text[:2]
}

// shortDuration writes a duration in at most seven characters.
func shortDuration(d time.Duration) string {
	switch d = max(0, d); {
	case d < time.Minute:
		return strings.ReplaceAll(widgets.DurationText(d), " ", "")
	case d < 100*time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + "m" + strconv.Itoa(int(d%time.Minute/time.Second)) + "s"
	}
	return strconv.Itoa(int(d/time.Hour)) + "h"
}

// glyphOf is a row's direction, or what else it is.
func glyphOf(r *journal.Row) string {
	switch {
	case r.Kind == journal.Problem:
		return "✕"
	case r.Direction == journal.In:
		return "←"
	case r.Direction == journal.Out:
		return "→"
	}
	return "·"
}

func sizeOf(r *journal.Row) string {
	if r.Kind != journal.Data && r.Size == 0 {
		return ""
	}
	return byteCount(r.Size)
}

func statusOf(r *journal.Row) string {
	if r.Status == 0 {
		return ""
	}
	return strconv.Itoa(r.Status)
}

func latencyOf(r *journal.Row) string {
	if r.Latency <= 0 {
		return ""
	}
	return widgets.DurationText(r.Latency)
}

// byteCount is short enough for a column: 512 B, 1.5 KiB, 12.0 MiB, 977 KiB.
func byteCount(n int64) string {
	for _, unit := range []struct {
		shift int
		name  string
	}{{30, " GiB"}, {20, " MiB"}, {10, " KiB"}} {
		if n >= 1<<unit.shift {
			digits := 1
			if n>>unit.shift >= 100 { // 976.6 KiB would be too wide
				digits = 0
			}
			return strconv.FormatFloat(float64(n)/float64(int64(1)<<unit.shift), 'f', digits, 64) + unit.name
		}
	}
	return strconv.FormatInt(n, 10) + " B"
}
