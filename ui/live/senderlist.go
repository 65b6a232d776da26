package live

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/ui/widgets"
)

// A senderList shows the sender's connections, a row each, and which of them
// messages go to.
type senderList struct {
	widget.List
	session     *Session
	connections []SenderConnection
	left        map[int]bool // IDs of those that messages do not go to
	at          int          // the row that the keyboard is at
	now         time.Time
	onChoose    func()
}

func newSenderList(onChoose func()) *senderList {
	l := &senderList{left: map[int]bool{}, onChoose: onChoose}
	l.Length = func() int { return len(l.connections) }
	l.CreateItem = func() fyne.CanvasObject { return newSenderRow(l) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*senderRow).set(l.connections[i], l.now) }
	l.OnSelected = func(i widget.ListItemID) {
		l.UnselectAll()
		l.choose(l.connections[i].ID, l.left[l.connections[i].ID])
	}
	l.OnHighlighted = func(i widget.ListItemID) { l.at = i }
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// TypedKey lets Delete close the connection that the keyboard is at.
func (l *senderList) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyDelete && l.at < len(l.connections):
		l.session.Disconnect(l.connections[l.at].ID)
	case widgets.WindowKey(k.Name):
		widgets.PassKey(l, k)
	default:
		l.List.TypedKey(k)
	}
}

func (l *senderList) setSession(s *Session) {
	l.session = s
	clear(l.left)
}

// set draws the connections anew.
func (l *senderList) set(connections []SenderConnection, now time.Time) {
	l.connections, l.now = connections, now
	for id := range l.left {
		if i := l.index(id); i < 0 {
			delete(l.left, id)
		}
	}
	l.Refresh()
}

func (l *senderList) index(id int) int {
	for i, c := range l.connections {
		if c.ID == id {
			return i
		}
	}
	return -1
}

func (l *senderList) choose(id int, on bool) {
	if on {
		delete(l.left, id)
	} else {
		l.left[id] = true
	}
	l.Refresh()
	l.onChoose()
}

// chooseAll sends to all connections, or to none.
func (l *senderList) chooseAll(on bool) {
	clear(l.left)
	if !on {
		for _, c := range l.connections {
			l.left[c.ID] = true
		}
	}
	l.Refresh()
	l.onChoose()
}

// chosen returns the IDs of the connections that messages go to, of all, and
// how many of them are open.
func (l *senderList) chosen() (ids []int, open int) {
	for _, c := range l.connections {
		if l.left[c.ID] || c.State == Disconnected {
			continue
		}
		ids = append(ids, c.ID)
		if c.State == SenderConnected && !c.HalfClosed {
			open++
		}
	}
	return ids, open
}

// A senderRow is one connection of the sender.
type senderRow struct {
	widget.BaseWidget
	list   *senderList
	id     int
	check  *widget.Check
	status *widgets.Status
	facts  *widget.Label
	closer *widget.Button
}

func newSenderRow(l *senderList) *senderRow {
	r := &senderRow{list: l, status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption("")}
	r.check = widget.NewCheck("", func(on bool) { l.choose(r.id, on) })
	r.facts.Truncation = fyne.TextTruncateEllipsis
	r.closer = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { l.session.Disconnect(r.id) })
	r.closer.Importance = widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *senderRow) set(c SenderConnection, now time.Time) {
	r.id = c.ID
	ended := c.State == Disconnected
	if on := !r.list.left[c.ID] && !ended; r.check.Checked != on {
		r.check.Checked = on // without its OnChanged
		r.check.Refresh()
	}
	setEnabled(r.check, !ended)
	kind, word := senderWord(c)
	if c.Number > 0 {
		word = fmt.Sprintf("#%d %s", c.Number, word)
	}
	r.status.Set(kind, word)
	widgets.SetText(r.facts, senderRowFacts(c, now))
	show(r.closer, !ended)
	setEnabled(r.closer, !c.Stopping)
}

func senderWord(c SenderConnection) (widgets.StatusKind, string) {
	switch {
	case c.Stopping:
		return widgets.StatusBusy, "Closing"
	case c.State == SenderConnecting:
		return widgets.StatusBusy, "Connecting"
	case c.HalfClosed:
		return widgets.StatusBusy, "Half closed"
	case c.State == SenderConnected:
		return widgets.StatusOnline, "Connected"
	case c.Err != nil:
		return widgets.StatusFailed, "Failed"
	}
	return widgets.StatusIdle, "Closed"
}

func senderRowFacts(c SenderConnection, now time.Time) string {
	switch {
	case c.State == SenderConnecting:
		return "for " + elapsed(now.Sub(c.Since))
	case c.Err != nil:
		return explain.Error(c.Err, relayclient.Sending).Title
	case c.State == Disconnected:
		return closedText(c.Closed)
	}
	text := fmt.Sprintf("%s sent · %s received · %s", grouped(c.Sent), grouped(c.Received), age(now.Sub(c.Since)))
	if c.Ping > 0 {
		text += " · ping " + tenths(c.Ping)
	}
	return text
}

// age is how long something has been there, in the two largest units.
func age(d time.Duration) string {
	s := int(d / time.Second)
	switch {
	case s < 60:
		return fmt.Sprintf("%d s", max(0, s))
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d h %02d min", s/3600, s/60%60)
}

// CreateRenderer is for Fyne.
func (r *senderRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, container.NewHBox(r.check, container.NewCenter(r.status)), r.closer, r.facts))
}

// senderParts stacks what the sender's pane is made of: a form as high as it
// needs, a list as high as it needs within reason, and the rest for what is
// written.
type senderParts struct {
	form *container.Scroll
	list *senderList
}

// leastForm is how high the form has to be to be of use: two rows.
const leastForm = 70

// MinSize is for Fyne.
func (p senderParts) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[2].MinSize()
	if p.form.Visible() {
		size.Width = max(size.Width, p.form.MinSize().Width)
	}
	return size
}

// Layout is for Fyne. The objects are the form, the list and the composer.
func (p senderParts) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	place := func(o fyne.CanvasObject, height float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, height))
		y += height
		if height > 0 {
			y += theme.Padding()
		}
	}
	room := size.Height - objects[2].MinSize().Height - theme.Padding() // however much is above the composer
	alone := false
	if p.form.Visible() {
		content := p.form.Content
		content.Resize(fyne.NewSize(size.Width, content.Size().Height))
		height := content.MinSize().Height
		if alone = room < min(height, widgets.Zoomed(leastForm)); alone {
			room = size.Height // nobody can write into a slit
		}
		height = min(height, room)
		place(p.form, height)
		room -= height + theme.Padding()
	}
	widgets.SetVisible(objects[2], !alone)
	if p.list.Visible() && !alone {
		rows := float32(len(p.list.connections))
		row := newSenderRow(p.list).MinSize().Height + theme.Padding()
		place(p.list, min(rows*row, max(row, min(room, size.Height/2))))
	}
	place(objects[2], max(0, size.Height-y))
}
