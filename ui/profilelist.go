package ui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// A listItem is one row of the list: a profile, or the heading of a group.
type listItem struct {
	heading bool
	group   string
	count   int  // of profiles in the group that the filter lets through
	folded  bool // they are not shown
	entry   profiles.Entry
}

// A profileList is the list of profiles and groups. It can be used by keyboard
// alone: arrows go through it and fold groups, Enter connects, F2 edits,
// Delete deletes, Alt and an arrow move a profile, the menu key opens its menu,
// and whatever is typed goes into the filter.
type profileList struct {
	widget.List
	sidebar *sidebar
	at      int // the row that the keyboard is at, wherever the mouse is
	focused bool
}

func newProfileList(s *sidebar) *profileList {
	l := &profileList{sidebar: s}
	l.Length = func() int { return len(s.items) }
	l.CreateItem = func() fyne.CanvasObject { return newListRow(s) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*listRow).set(s.items[i]) }
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

func (l *profileList) item() (listItem, bool) {
	if l.at < 0 || l.at >= len(l.sidebar.items) {
		return listItem{}, false
	}
	return l.sidebar.items[l.at], true
}

// goTo puts the keyboard at a row, and shows its profile.
func (l *profileList) goTo(i int) {
	if i < 0 || i >= len(l.sidebar.items) {
		return
	}
	l.stand(i)
	if it := l.sidebar.items[i]; !it.heading {
		l.sidebar.do.choose(it.entry.ID)
	}
}

// stand puts the keyboard at a row without showing it.
func (l *profileList) stand(i int) {
	l.at = i
	if l.focused {
		l.Highlight(i)
	}
}

// FocusGained takes the keyboard to where it was.
func (l *profileList) FocusGained() {
	l.focused = true
	l.List.FocusGained()
	l.stand(l.at)
}

// FocusLost is for Fyne.
func (l *profileList) FocusLost() {
	l.focused = false
	l.List.FocusLost()
}

// TypedKey does what the keyboard asks for.
func (l *profileList) TypedKey(k *fyne.KeyEvent) {
	it, ok := l.item()
	do := l.sidebar.do
	switch k.Name {
	case fyne.KeyDown:
		l.goTo(l.at + 1)
	case fyne.KeyUp:
		l.goTo(l.at - 1)
	case fyne.KeyHome:
		l.goTo(0)
	case fyne.KeyEnd:
		l.goTo(len(l.sidebar.items) - 1)
	}
	if (it.heading || k.Name != fyne.KeyF2) && widgets.WindowKey(k.Name) { // F2 edits the profile that the keyboard is at
		widgets.PassKey(l, k)
	}
	if !ok {
		return
	}
	if it.heading {
		switch folded := l.sidebar.isFolded(it.group); k.Name {
		case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
			l.sidebar.fold(it.group, !folded)
		case fyne.KeyLeft, fyne.KeyRight:
			l.sidebar.fold(it.group, k.Name == fyne.KeyLeft)
		}
		return
	}
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		do.connect(it.entry.ID)
	case fyne.KeySpace:
		do.choose(it.entry.ID)
	case fyne.KeyLeft:
		l.toHeading(it.entry.Profile.Group)
	case fyne.KeyF2:
		do.edit(it.entry.ID)
	case fyne.KeyDelete:
		do.remove(it.entry.ID)
	case desktop.KeyMenu:
		l.menu(it.entry.ID)
	}
}

// toHeading goes to the heading of a group.
func (l *profileList) toHeading(group string) {
	for i, it := range l.sidebar.items {
		if it.heading && strings.EqualFold(it.group, group) {
			l.goTo(i)
		}
	}
}

func (l *profileList) menu(id profiles.ID) {
	for _, r := range l.sidebar.rows {
		if r.profile.entry.ID == id && r.profile.Visible() && r.Visible() {
			r.profile.menu()
			return
		}
	}
}

// TypedRune filters.
func (l *profileList) TypedRune(r rune) {
	if r != ' ' {
		l.sidebar.typeFilter(r)
	}
}

// TypedShortcut moves a profile, and hands the window's shortcuts to it.
func (l *profileList) TypedShortcut(s fyne.Shortcut) {
	custom, ok := s.(*desktop.CustomShortcut)
	if it, at := l.item(); ok && custom.Modifier == fyne.KeyModifierAlt && (custom.KeyName == fyne.KeyUp || custom.KeyName == fyne.KeyDown) {
		by := 1
		if custom.KeyName == fyne.KeyUp {
			by = -1
		}
		if at && !it.heading && l.sidebar.canMove(it.entry.ID, by) {
			l.sidebar.do.move(it.entry.ID, by)
		}
		return
	}
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(l).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// A listRow is a row of the list, which is used for either kind in turn.
type listRow struct {
	widget.BaseWidget
	profile *profileRow
	heading *groupRow
}

func newListRow(s *sidebar) *listRow {
	r := &listRow{profile: newProfileRow(s), heading: newGroupRow(s)}
	r.heading.Hide()
	r.ExtendBaseWidget(r)
	s.rows = append(s.rows, r)
	return r
}

func (r *listRow) set(it listItem) {
	widgets.SetVisible(r.heading, it.heading)
	widgets.SetVisible(r.profile, !it.heading)
	if it.heading {
		r.heading.set(it)
		return
	}
	r.profile.set(it.entry)
}

// CreateRenderer is for Fyne.
func (r *listRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(r.profile, r.heading))
}

// A groupRow is the heading of a group, which folds it.
type groupRow struct {
	widget.BaseWidget
	sidebar *sidebar
	group   string
	arrow   *widget.Icon
	name    *widget.Label
	count   *widget.Label
	more    *widgets.Button
}

func newGroupRow(s *sidebar) *groupRow {
	g := &groupRow{sidebar: s, arrow: widget.NewIcon(theme.MenuDropDownIcon()), name: widget.NewLabel(""), count: note("")}
	g.name.Truncation = fyne.TextTruncateEllipsis
	g.name.SizeName = theme.SizeNameCaptionText
	g.name.TextStyle.Bold = true
	g.count.Wrapping = fyne.TextWrapOff
	g.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), g.menu)
	g.more.Importance = widget.LowImportance
	g.ExtendBaseWidget(g)
	return g
}

func (g *groupRow) set(it listItem) {
	g.group = it.group
	icon := theme.MenuDropDownIcon()
	if it.folded {
		icon = theme.MenuExpandIcon()
	}
	g.arrow.SetResource(icon)
	widgets.SetText(g.name, it.group)
	widgets.SetText(g.count, strconv.Itoa(it.count))
}

func (g *groupRow) menu() {
	do, group := g.sidebar.do, g.group
	showMenu(fyne.NewMenu("",
		fyne.NewMenuItem("Rename group…", func() { do.renameGroup(group) }),
		fyne.NewMenuItem("Dissolve group", func() { do.dissolve(group) }),
	), g.more)
}

// Tapped folds the group or unfolds it.
func (g *groupRow) Tapped(*fyne.PointEvent) {
	g.sidebar.tapped(func(it listItem) bool { return it.heading && it.group == g.group })
}

// TappedSecondary opens the menu.
func (g *groupRow) TappedSecondary(*fyne.PointEvent) { g.menu() }

// CreateRenderer is for Fyne.
func (g *groupRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, g.arrow, container.NewHBox(g.count, g.more), g.name))
}
