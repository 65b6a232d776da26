package ui

import (
	"slices"
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
	group := u.members(u.entries[j].Profile.Group)
	i := slices.IndexFunc(group, func(p profiles.Profile) bool { return p.ID == id })
	group[i], group[i+by] = group[i+by], group[i]
	var changed []profiles.Profile
	for n, p := range group {
		if p.Order != n+1 {
			p.Order = n + 1
			changed = append(changed, p)
		}
	}
	u.rearrange(changed)
}

// members returns the profiles of a group, in order.
func (u *Window) members(group string) (list []profiles.Profile) {
	for _, e := range u.entries {
		if e.Fault == nil && strings.EqualFold(e.Profile.Group, group) {
			list = append(list, e.Profile)
		}
	}
	return list
}

// regroup puts a profile at the end of a group.
func (u *Window) regroup(id profiles.ID, group string) {
	e, ok := u.entry(id)
	if !ok || e.Fault != nil {
		return
	}
	p := e.Profile
	p.Group, p.Order = group, 0
	for _, other := range u.members(group) {
		if other.ID != id {
			p.Group, p.Order = other.Group, max(p.Order, other.Order) // its own spelling
		}
	}
	u.rearrange([]profiles.Profile{p})
}

// newGroup asks for a group's name and puts a profile into it.
func (u *Window) newGroup(id profiles.ID) {
	u.askName("New group", "Create", "", func(name string) { u.regroup(id, name) })
}

func (u *Window) renameGroup(group string) {
	u.askName("Rename group", "Rename", group, func(name string) { u.changeGroup(group, name) })
}

// dissolve takes the profiles of a group out of it; they stay.
func (u *Window) dissolve(group string) { u.changeGroup(group, "") }

func (u *Window) changeGroup(from, to string) {
	list := u.members(from)
	for i := range list {
		list[i].Group = to
	}
	u.rearrange(list)
}

// rearrange stores profiles that were moved.
func (u *Window) rearrange(changed []profiles.Profile) {
	if len(changed) == 0 || u.ending {
		return
	}
	u.keeper.saveAll(changed, func(entries []profiles.Entry, err error) {
		if err != nil {
			u.sidebar.warn("The profiles could not be moved.", storeFailure(err), true)
			return
		}
		u.list(entries)
		if e, ok := u.entry(changed[0].ID); ok {
			u.sidebar.unfoldFor(e)
		}
	})
}

// askName asks for a short text.
func (u *Window) askName(title, yes, name string, do func(string)) {
	entry := widgets.NewEntry()
	entry.SetText(name)
	d := dialog.NewForm(title, yes, "Cancel", []*widget.FormItem{widget.NewFormItem("Name", entry)}, func(ok bool) {
		if text := strings.TrimSpace(entry.Text); ok && text != "" && text != name {
			do(text)
		}
	}, u.win)
	entry.OnSubmitted = func(string) { d.Submit() }
	d.Resize(fyne.NewSize(420, 160))
	d.Show()
	u.win.Canvas().Focus(entry)
}
