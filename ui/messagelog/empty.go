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
	clear   *widgets.Button
	start   *widgets.Button
	content *fyne.Container
}

func newEmptyState(p *Pane) *emptyState {
	e := &emptyState{pane: p, label: widget.NewLabel("")}
	e.label.Alignment = fyne.TextAlignCenter
	e.clear = widgets.NewButton("Clear filter", p.clearFilter)
	e.start = widgets.NewButton("Start both", p.opt.Start)
	e.content = container.NewCenter(container.NewVBox(e.label, container.NewCenter(container.NewHBox(e.clear, e.start))))
	return e
}

func (e *emptyState) refresh() {
	first, last := e.pane.source.Bounds()
	counts := e.pane.source.view.Counts()
	_, newest := e.pane.rows.Bounds()
	text, never := "", newest == 0 && !e.pane.isFile()
	switch {
	case last >= first:
	case never:
		text = "Nothing has happened yet.\nStart the listener, connect the sender and send a message: every step appears here."
	case counts.Total == 0 && e.pane.isFile():
		text = "This file has no rows."
	case counts.Total == 0:
		text = "The log was cleared. What happens next appears here."
	case !counts.Done:
		text = "Looking through " + count(counts.Total, "row") + "…"
	default:
		text = "No row matches"
	}
	changed := e.label.Text != text
	widgets.SetText(e.label, text)
	setVisible(e.clear, counts.Total > 0 && text != "")
	setVisible(e.start, never && e.pane.opt.Start != nil)
	setVisible(e.content, text != "")
	if changed {
		e.content.Refresh()
	}
}
