package messagelog

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// An emptyState says why there are no rows, and what to do about it.
type emptyState struct {
	pane    *Pane
	label   *widget.Label
	clear   *widget.Button
	content *fyne.Container
}

func newEmptyState(p *Pane) *emptyState {
	e := &emptyState{pane: p, label: widget.NewLabel("")}
	e.label.Alignment = fyne.TextAlignCenter
	e.clear = widget.NewButton("Clear filter", p.clearFilter)
	e.content = container.NewCenter(container.NewVBox(e.label, container.NewCenter(e.clear)))
	return e
}

func (e *emptyState) refresh() {
	first, last := e.pane.source.Bounds()
	counts := e.pane.source.view.Counts()
	text := ""
	switch {
	case last >= first:
	case counts.Total == 0:
		text = "Nothing has happened yet.\nStart the listener, connect the sender and send a message: every step appears here."
		if e.pane.isFile() {
			text = "This file has no rows."
		}
	case !counts.Done:
		text = "Looking through " + count(counts.Total, "row") + "…"
	default:
		text = "No row matches"
	}
	changed := e.label.Text != text
	widgets.SetText(e.label, text)
	setVisible(e.clear, counts.Total > 0 && text != "")
	setVisible(e.content, text != "")
	if changed {
		e.content.Refresh()
	}
}
