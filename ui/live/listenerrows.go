package live

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// listenerRows are the listeners of a session when it has several, a line each.
type listenerRows struct {
	stop   func(number int)
	rows   []*listenerRow
	lines  *fyne.Container
	scroll *container.Scroll
}

// A listenerRow is one of them.
type listenerRow struct {
	number int
	status *widgets.Status
	name   *widget.Label
	facts  *widget.Label
	end    *widgets.Button
	line   fyne.CanvasObject
}

// mostRows is how many lines there is room for before the rest has to be
// scrolled to.
const mostRows = 3

func newListenerRows(stop func(number int)) *listenerRows {
	r := &listenerRows{stop: stop, lines: container.New(widgets.Stacked{})}
	r.scroll = container.NewVScroll(r.lines)
	r.scroll.Hide()
	return r
}

func (r *listenerRows) row() *listenerRow {
	row := &listenerRow{status: widgets.NewStatus(widgets.StatusIdle, ""), name: caption(""), facts: caption("")}
	row.facts.Truncation = fyne.TextTruncateEllipsis
	row.end = widgets.NewButtonWithIcon("", theme.MediaStopIcon(), func() { r.stop(row.number) })
	row.end.Importance = widget.LowImportance
	row.line = container.NewBorder(nil, nil, container.NewHBox(row.name, container.NewCenter(row.status)), row.end, row.facts)
	return row
}

// set draws them, and reports whether they need another height than before.
func (r *listenerRows) set(all []ListenerStatus, now time.Time) bool {
	if len(all) < 2 {
		return show(r.scroll, false)
	}
	moved := len(all) != len(r.lines.Objects)
	for len(r.rows) < len(all) {
		r.rows = append(r.rows, r.row())
	}
	if moved {
		r.lines.Objects = nil
		for _, row := range r.rows[:len(all)] {
			r.lines.Objects = append(r.lines.Objects, row.line)
		}
		height := r.rows[0].line.MinSize().Height * float32(min(mostRows, len(all)))
		r.scroll.SetMinSize(fyne.NewSize(0, height))
		r.lines.Refresh()
	}
	for i, st := range all {
		row := r.rows[i]
		row.number = st.Number
		row.status.Set(listenerWord(st))
		widgets.SetText(row.name, strconv.Itoa(st.Number))
		widgets.SetText(row.facts, listenerFacts(st, st.Connections, "", now))
		setEnabled(row.end, !st.Stopping)
	}
	return show(r.scroll, true) || moved
}
