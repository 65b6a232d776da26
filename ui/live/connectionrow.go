package live

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// connectionRow is one open connection in the listener's list.
type connectionRow struct {
	widget.BaseWidget
	pane       *listenerPane
	connection Connection
	name       *widget.Label
	facts      *widget.Label
	details    *widgets.Button
	more       *widgets.Button
}

func newConnectionRow(p *listenerPane) *connectionRow {
	r := &connectionRow{pane: p, name: widget.NewLabel(""), facts: caption("")}
	r.name.TextStyle.Bold = true
	r.facts.Truncation = fyne.TextTruncateEllipsis
	r.details = widgets.NewButtonWithIcon("", theme.InfoIcon(), r.open)
	r.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), r.menu)
	r.details.Importance, r.more.Importance = widget.LowImportance, widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *connectionRow) set(c Connection, now time.Time) {
	r.connection = c
	widgets.SetText(r.name, fmt.Sprintf("#%d", c.Number))
	widgets.SetText(r.facts, connectionText(c, len(r.pane.several.lines.Objects) > 1 && r.pane.several.scroll.Visible(), now))
}

// connectionText says in a line what a connection is.
func connectionText(c Connection, several bool, now time.Time) string {
	text := fmt.Sprintf("%s in · %s out · %s", messages(int64(c.Received), c.ReceivedBytes), messages(int64(c.Sent), c.SentBytes), age(now.Sub(c.Since)))
	if several {
		text = fmt.Sprintf("listener %d · ", c.Listener) + text
	}
	if c.Info.Path != "" {
		text += " · " + c.Info.Path
	}
	if c.Info.RemoteAddress != "" {
		text += " · from " + c.Info.RemoteAddress
	}
	return text
}

func (r *connectionRow) open() { showConnection(r.pane, r.connection, r.details) }

// menu offers the ways to end the connection.
func (r *connectionRow) menu() {
	c := fyne.CurrentApp().Driver().CanvasForObject(r.more)
	if c == nil {
		return
	}
	id, s := r.connection.ID, r.pane.session
	menu := widget.NewPopUpMenu(fyne.NewMenu("",
		fyne.NewMenuItem("Details…", r.open),
		fyne.NewMenuItem("Close", func() { s.CloseConnection(id, 1000, "closed by the listener") }),
		fyne.NewMenuItem("Close with code and reason…", func() {
			newCloseBox(func(code int, reason string, half bool) {
				if half {
					s.HalfCloseConnection(id, code, reason)
				} else {
					s.CloseConnection(id, code, reason)
				}
			}).open(r.more)
		}),
		fyne.NewMenuItem("Drop without a Close", func() { s.DropConnection(id) }),
	), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.more)
	size := menu.MinSize()
	menu.ShowAtPosition(fyne.NewPos(max(0, at.X+r.more.Size().Width-size.Width), min(at.Y+r.more.Size().Height, c.Size().Height-size.Height)))
}

// TappedSecondary opens the menu.
func (r *connectionRow) TappedSecondary(*fyne.PointEvent) { r.menu() }

// Tapped chooses the connection: Fyne does not look behind a row that takes
// taps of the other button.
func (r *connectionRow) Tapped(*fyne.PointEvent) {
	for i, c := range r.pane.connections {
		if c.ID == r.connection.ID {
			r.pane.list.Select(i)
		}
	}
}

// Cursor is for Fyne.
func (r *connectionRow) Cursor() desktop.Cursor { return desktop.DefaultCursor }

func (r *connectionRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, r.name, container.NewHBox(r.details, r.more), r.facts))
}
