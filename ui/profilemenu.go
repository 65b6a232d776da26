package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// menu offers what can be done with the profile.
func (r *profileRow) menu() {
	do, e := r.sidebar.do, r.entry
	for _, now := range r.sidebar.entries { // a row that is not in use may be behind
		if now.ID == e.ID {
			e = now
		}
	}
	whole := func(name string, f func()) *fyne.MenuItem {
		item := fyne.NewMenuItem(name, f)
		item.Disabled = e.Fault != nil
		return item
	}
	up, down := whole("Move up (Alt+↑)", func() { do.move(e.ID, -1) }), whole("Move down (Alt+↓)", func() { do.move(e.ID, 1) })
	up.Disabled, down.Disabled = up.Disabled || !r.sidebar.canMove(e.ID, -1), down.Disabled || !r.sidebar.canMove(e.ID, 1)
	to := whole("Move to group", nil)
	to.ChildMenu = fyne.NewMenu("", r.sidebar.groupItems(e)...)
	menu := fyne.NewMenu("",
		whole("Edit", func() { do.edit(e.ID) }),
		whole("Duplicate", func() { do.duplicate(e.ID) }),
		whole("Export…", func() { do.export(e.ID) }),
		fyne.NewMenuItemSeparator(), up, down, to,
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Delete", func() { do.remove(e.ID) }))
	if e.Fault == nil && e.Profile.LocalRelay {
		menu.Items = append([]*fyne.MenuItem{
			fyne.NewMenuItem("Copy connection string with its key", func() { do.copyAccess(e.ID) }),
			fyne.NewMenuItem("Save the relay's certificate…", func() { do.saveCertificate(e.ID) }),
			fyne.NewMenuItemSeparator(),
		}, menu.Items...)
	}
	showMenu(menu, r.more)
}

// groupItems are the groups that a profile can be put into.
func (s *sidebar) groupItems(e profiles.Entry) []*fyne.MenuItem {
	item := func(name, group string) *fyne.MenuItem {
		i := fyne.NewMenuItem(widgets.ShownLine(name), func() { s.do.regroup(e.ID, group) })
		i.Disabled = strings.EqualFold(group, e.Profile.Group)
		i.Checked = i.Disabled
		return i
	}
	items := []*fyne.MenuItem{item("No group", "")}
	for _, g := range s.do.groups() {
		items = append(items, item(g, g))
	}
	return append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem("New group…", func() { s.do.newGroup(e.ID) }))
}

// showMenu opens a menu under a button, or above it where there is no room. It
// lies over the list, not over the page.
func showMenu(menu *fyne.Menu, under fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(under)
	if c == nil {
		return
	}
	pop := widget.NewPopUpMenu(menu, c)
	at := driver.AbsolutePositionForObject(under).AddXY(under.Size().Width-pop.MinSize().Width, under.Size().Height)
	if at.Y+pop.MinSize().Height > c.Size().Height {
		at.Y -= pop.MinSize().Height + under.Size().Height
	}
	pop.ShowAtPosition(fyne.NewPos(max(0, at.X), max(0, at.Y)))
}
