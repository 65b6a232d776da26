package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// move changes a profile's place in its group.
func (u *Window) move(id profiles.ID, by int) {
	j, ok := neighbour(u.entries, id, by)
	if !ok {
		return
	}
	group, next := u.entries[j].Profile.Group, u.entries[j].ID
	if by > 0 { // behind the neighbour is before the one after it
		next = ""
		if after, ok := neighbour(u.entries, u.entries[j].ID, 1); ok {
			next = u.entries[after].ID
		}
	}
	u.rearrange(profiles.Place(u.entries, id, group, next))
}

// regroup puts a profile at the end of a group.
func (u *Window) regroup(id profiles.ID, group string) {
	u.rearrange(profiles.Place(u.entries, id, group, ""))
}

// newGroup asks for a group's name and puts a profile into it.
func (u *Window) newGroup(id profiles.ID) {
	u.askName("New group", "Create", "", func(name string) { u.regroup(id, name) })
}

func (u *Window) renameGroup(group string) {
	u.askName("Rename group", "Rename", group, func(name string) { u.rearrange(profiles.RenameGroup(u.entries, group, name)) })
}

// dissolve takes the profiles of a group out of it; they stay.
func (u *Window) dissolve(group string) { u.rearrange(profiles.RenameGroup(u.entries, group, "")) }

// rearrange stores the new places of profiles that were moved.
func (u *Window) rearrange(places []profiles.Placement) {
	if len(places) == 0 || u.ending {
		return
	}
	u.keeper.arrange(places, func(entries []profiles.Entry, err error) {
		if err != nil {
			u.sidebar.warn("The profiles could not be moved.", storeFailure(err), true)
			return
		}
		u.list(entries)
		if e, ok := u.entry(u.current); ok {
			u.sidebar.unfoldFor(e)
		}
	})
}

// askName asks for a short text.
func (u *Window) askName(title, yes, name string, do func(string)) {
	entry := widgets.NewEntry()
	entry.SetText(name)
	d := dialog.NewForm(widgets.ShownLine(title), yes, "Cancel", []*widget.FormItem{widget.NewFormItem("Name", entry)}, func(ok bool) {
		if text := strings.TrimSpace(entry.Text); ok && text != "" && text != name {
			do(text)
		}
	}, u.win)
	entry.OnSubmitted = func(string) { d.Submit() }
	d.Resize(fyne.NewSize(widgets.Zoomed(420), widgets.Zoomed(160)))
	u.showDialog(d)
	u.focus(entry)
}
