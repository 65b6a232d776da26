package live

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A savedList lists saved messages, for the mouse and for the keyboard.
type savedList struct {
	widget.List
	panel *savedPanel
	at    int // the row that the keyboard is at
}

func newSavedList(p *savedPanel) *savedList {
	l := &savedList{panel: p}
	l.Length = func() int { return len(p.rows) }
	l.CreateItem = func() fyne.CanvasObject { return newSavedItem(l) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*savedItem).set(i, p.rows[i]) }
	l.OnSelected = func(i widget.ListItemID) {
		l.stand(i)
		l.UnselectAll()
		p.load(p.rows[i])
	}
	l.OnHighlighted = func(i widget.ListItemID) { l.at = i }
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// stand puts the keyboard at a row.
func (l *savedList) stand(i int) {
	l.at = i
	l.Highlight(i)
}

// TypedKey is for Fyne.
func (l *savedList) TypedKey(k *fyne.KeyEvent) {
	row, ok := l.panel.at()
	switch {
	case widgets.WindowKey(k.Name):
		widgets.PassKey(l, k)
	case !ok:
	case k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter:
		l.panel.load(row)
	case k.Name == fyne.KeyDelete:
		l.panel.remove(row)
	case k.Name == desktop.KeyMenu:
		l.panel.openMenu()
	default:
		l.List.TypedKey(k)
	}
}

// TypedShortcut sends and moves, and hands the rest to the window.
func (l *savedList) TypedShortcut(s fyne.Shortcut) {
	custom, ok := s.(*desktop.CustomShortcut)
	row, any := l.panel.at()
	switch {
	case ok && any && custom.Modifier == fyne.KeyModifierAlt && custom.KeyName == fyne.KeyUp:
		l.panel.move(row, -1)
	case ok && any && custom.Modifier == fyne.KeyModifierAlt && custom.KeyName == fyne.KeyDown:
		l.panel.move(row, 1)
	case ok && any && custom.Modifier == fyne.KeyModifierShortcutDefault && (custom.KeyName == fyne.KeyReturn || custom.KeyName == fyne.KeyEnter):
		if row.message.ID != "" {
			l.panel.onSend(row.message.ID, draftOf(row.message))
		}
	default:
		if c, ok := fyne.CurrentApp().Driver().CanvasForObject(l).(fyne.Shortcutable); ok {
			c.TypedShortcut(s)
		}
	}
}

// A savedItem is a row of the list.
type savedItem struct {
	widget.BaseWidget
	list *savedList
	row  int
	icon *widget.Icon
	name *widget.Label
	key  *widget.Label

	content *fyne.Container
}

func newSavedItem(l *savedList) *savedItem {
	i := &savedItem{list: l, icon: widget.NewIcon(nil), name: widget.NewLabel(""), key: caption("")}
	i.name.Truncation = fyne.TextTruncateEllipsis
	i.content = container.NewBorder(nil, nil, i.icon, i.key, i.name)
	i.ExtendBaseWidget(i)
	return i
}

func (i *savedItem) set(row int, r savedRow) {
	i.row = row
	before := i.key.Text
	if r.message.ID == "" {
		icon := theme.MenuDropDownIcon()
		if i.list.panel.isFolded(r.folder) {
			icon = theme.MenuExpandIcon()
		}
		i.icon.SetResource(icon)
		i.name.TextStyle.Bold = true
		widgets.SetText(i.name, r.folder)
		widgets.SetText(i.key, "")
	} else {
		i.name.TextStyle.Bold = false
		widgets.SetText(i.name, r.message.Name)
		key := ""
		if r.key > 0 {
			key = fmt.Sprintf("Alt+%d", r.key)
		}
		widgets.SetText(i.key, key)
	}
	if show(i.icon, r.message.ID == "") || before != i.key.Text {
		i.content.Refresh()
	}
}

// TappedSecondary opens the menu of the row.
func (i *savedItem) TappedSecondary(*fyne.PointEvent) {
	i.list.stand(i.row)
	i.list.panel.openMenu()
}

// CreateRenderer is for Fyne.
func (i *savedItem) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(i.content)
}
