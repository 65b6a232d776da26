//go:build linux && !nogui

package main

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/messagelog"
	"relayscope/ui/widgets"
)

// What is measured. Nothing is the cost of making, holding and recording the
// rows, without a view of them.
const (
	subjectNothing = "no view"
	subjectLog     = "message log"
	subjectList    = "widget.List"
	subjectTable   = "widget.Table"
)

func subjectNames() []string {
	return []string{subjectNothing, subjectLog, subjectList, subjectTable}
}

// A subject is a view of a journal that follows its newest row.
type subject struct {
	content fyne.CanvasObject
	close   func()
}

func newSubject(name string, j *journal.Journal) subject {
	switch name {
	case subjectLog:
		p := messagelog.New(messagelog.Options{OnMain: onMain, Copy: func(string) {}})
		p.Show(j, messagelog.About{Name: "bench"})
		return subject{p.Content(), p.Close}
	case subjectList:
		return newList(j)
	case subjectTable:
		return newTable(j)
	}
	return subject{canvas.NewRectangle(theme.Color(theme.ColorNameBackground)), func() {}}
}

// cellsOf are the cells of a row, the same for all.
func cellsOf(r, before *journal.Row) [8]string {
	arrow := "←"
	if r.Direction == journal.Out {
		arrow = "→"
	}
	delta := ""
	if before != nil {
		delta = "+" + widgets.DurationText(r.Time.Sub(before.Time))
	}
	return [...]string{
		r.Time.Format("15:04:05.000"), delta, arrow, r.Lane.String(), r.Connection, r.Type,
		strconv.FormatInt(r.Size, 10) + " B", journal.Preview(r.Payload, r.Binary(), 400),
	}
}

// held returns a row by its place among those held.
func held(j *journal.Journal, i int) (r, before *journal.Row) {
	first, _ := j.Bounds()
	var two [2]journal.Row
	from := first + uint64(i)
	if i > 0 {
		from--
	}
	switch n := j.Copy(from, two[:]); {
	case n == 0:
		return nil, nil
	case i == 0 || n == 1:
		return &two[0], nil
	}
	return &two[1], &two[0]
}

func length(j *journal.Journal) int {
	first, last := j.Bounds()
	return int(last + 1 - first)
}

// newList is a list of labels in monospace, a line for each row.
func newList(j *journal.Journal) subject {
	l := widget.NewList(
		func() int { return length(j) },
		func() fyne.CanvasObject {
			label := widget.NewLabel("")
			label.TextStyle.Monospace = true
			label.Truncation = fyne.TextTruncateEllipsis
			return label
		},
		func(id widget.ListItemID, o fyne.CanvasObject) {
			if r, before := held(j, id); r != nil {
				c := cellsOf(r, before)
				o.(*widget.Label).SetText(fmt.Sprintf("%-12s %8s %1s %-8s %-5s %-10s %8s %s", c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]))
			}
		})
	changes := widgets.NewCoalescer(onMain, func() {
		l.Refresh()
		l.ScrollToBottom()
	})
	stop := j.Watch(changes.Notify)
	return subject{l, func() { stop(); changes.Close() }}
}

// newTable is a table of labels, a cell for each.
func newTable(j *journal.Journal) subject {
	widths := [8]float32{110, 80, 20, 75, 45, 90, 80, 740}
	t := widget.NewTable(
		func() (int, int) { return length(j), len(widths) },
		func() fyne.CanvasObject {
			label := widget.NewLabel("")
			label.TextStyle.Monospace = true
			label.Truncation = fyne.TextTruncateEllipsis
			return label
		},
		func(id widget.TableCellID, o fyne.CanvasObject) {
			if r, before := held(j, id.Row); r != nil {
				o.(*widget.Label).SetText(cellsOf(r, before)[id.Col])
			}
		})
	for i, width := range widths {
		t.SetColumnWidth(i, width)
	}
	changes := widgets.NewCoalescer(onMain, func() {
		t.Refresh()
		// ScrollToBottom ends up elsewhere with many rows.
		t.ScrollTo(widget.TableCellID{Row: max(0, length(j)-1)})
	})
	stop := j.Watch(changes.Notify)
	return subject{t, func() { stop(); changes.Close() }}
}
