package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// A profileRow is one profile in the list: its name, where it leads, and where
// its session stands.
type profileRow struct {
	widget.BaseWidget
	sidebar *sidebar
	entry   profiles.Entry
	name    *widget.Label
	where   *widget.Label
	status  *widgets.Status
	more    *widget.Button
}

func newProfileRow(s *sidebar) *profileRow {
	r := &profileRow{sidebar: s, name: widget.NewLabel(""), where: note(""), status: widgets.NewStatus(widgets.StatusIdle, "")}
	r.name.TextStyle.Bold = true
	r.name.Truncation = fyne.TextTruncateEllipsis
	r.where.Wrapping = fyne.TextWrapOff
	r.where.Truncation = fyne.TextTruncateEllipsis
	r.more = widget.NewButtonWithIcon("", theme.MoreVerticalIcon(), r.menu)
	r.more.Importance = widget.LowImportance
	r.ExtendBaseWidget(r)
	return r
}

func (r *profileRow) set(e profiles.Entry) {
	r.entry = e
	name := e.Profile.Name
	if e.Fault != nil {
		if name = e.Fault.Name; name == "" {
			name = "Unreadable profile"
		}
	}
	setText(r.name, name)
	kind, word := r.sidebar.do.state(e.ID)
	if e.Fault != nil {
		kind = widgets.StatusFailed // its second line says what is wrong
	}
	r.status.Set(kind, "")
	where := subtitle(e)
	if word != "" {
		where = word + " · " + e.Profile.HybridConnection
	}
	setText(r.where, where)
}

// menu offers what can be done with the profile.
func (r *profileRow) menu() {
	do, id := r.sidebar.do, r.entry.ID
	edit := fyne.NewMenuItem("Edit", func() { do.edit(id) })
	duplicate := fyne.NewMenuItem("Duplicate", func() { do.duplicate(id) })
	edit.Disabled, duplicate.Disabled = r.entry.Fault != nil, r.entry.Fault != nil
	menu := fyne.NewMenu("", edit, duplicate, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Delete", func() { do.remove(id) }))
	driver := fyne.CurrentApp().Driver()
	at := driver.AbsolutePositionForObject(r.more).AddXY(0, r.more.Size().Height)
	pop := widget.NewPopUpMenu(menu, driver.CanvasForObject(r.more))
	pop.ShowAtPosition(at.AddXY(r.more.Size().Width-pop.MinSize().Width, 0)) // over the list, not over the page
}

// TappedSecondary opens the menu; an ordinary tap is the list's.
func (r *profileRow) TappedSecondary(*fyne.PointEvent) { r.menu() }

// CreateRenderer is for Fyne.
func (r *profileRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, container.NewPadded(container.NewCenter(r.status)), container.NewCenter(r.more),
		container.New(tightRows{}, r.name, r.where)))
}

// tightRows puts two lines close together.
type tightRows struct{}

func (tightRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height-2*theme.InnerPadding())
}

func (tightRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first := objects[0].MinSize().Height
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(fyne.NewSize(size.Width, first))
	second := objects[1].MinSize().Height
	objects[1].Move(fyne.NewPos(0, size.Height-second+theme.InnerPadding()/2))
	objects[1].Resize(fyne.NewSize(size.Width, second))
}
