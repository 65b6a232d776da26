package live

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// connectionRow is one open connection in the listener's list.
type connectionRow struct {
	widget.BaseWidget
	pane   *listenerPane
	id     string
	name   *widget.Label
	facts  *widget.Label
	closer *widget.Button
}

func newConnectionRow(p *listenerPane) *connectionRow {
	r := &connectionRow{pane: p, name: widget.NewLabel(""), facts: caption("")}
	r.name.TextStyle.Bold = true
	r.facts.Truncation = fyne.TextTruncateEllipsis
	r.closer = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { p.session.CloseConnection(r.id, 1000, "closed by the listener") })
	r.closer.Importance = widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *connectionRow) set(c Connection) {
	r.id = c.ID
	r.name.SetText(fmt.Sprintf("#%d", c.Number))
	text := fmt.Sprintf("%d received · %d sent", c.Received, c.Sent)
	if c.Info.RemoteAddress != "" {
		text += " · from " + c.Info.RemoteAddress
	}
	if c.Info.Path != "" {
		text += " · " + c.Info.Path
	}
	widgets.SetText(r.facts, text)
}

func (r *connectionRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, r.name, r.closer, r.facts))
}
