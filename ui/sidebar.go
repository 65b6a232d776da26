package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// sidebarActions is what the list of profiles asks of the window.
type sidebarActions struct {
	choose, edit, duplicate, remove func(profiles.ID)
	fill, paste, try                func()
	state                           func(profiles.ID) (widgets.StatusKind, string)
	explain                         func(widgets.Failure)
}

// A sidebar is the list of profiles.
type sidebar struct {
	do      sidebarActions
	entries []profiles.Entry
	shown   []profiles.Entry
	marked  profiles.ID
	marking bool // the list is told, not tells

	filter  *widgets.Entry
	list    *widget.List
	none    *widget.Label
	failure widgets.Failure
	notice  *widget.Label
	why     *widget.Button
	warning *fyne.Container
	fill    *widget.Button
	paste   *widget.Button
	try     *widget.Button
	content fyne.CanvasObject
}

func newSidebar(do sidebarActions) *sidebar {
	s := &sidebar{do: do, filter: widgets.NewEntry(), none: note(""), notice: note("")}
	s.filter.SetPlaceHolder("Filter profiles")
	s.filter.OnChanged = func(string) { s.apply() }
	s.none.Alignment = fyne.TextAlignCenter
	s.notice.Importance = widget.WarningImportance
	s.why = widget.NewButton("Details", func() { do.explain(s.failure) })
	s.why.Importance = widget.LowImportance
	s.warning = container.NewVBox(widget.NewSeparator(),
		container.NewBorder(nil, nil, nil, container.NewCenter(s.why), s.notice))
	s.warning.Hide()
	s.list = widget.NewList(
		func() int { return len(s.shown) },
		func() fyne.CanvasObject { return newProfileRow(s) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*profileRow).set(s.shown[i]) },
	)
	s.list.OnSelected = func(i widget.ListItemID) {
		if !s.marking {
			do.choose(s.shown[i].ID)
		}
	}
	s.fill = widget.NewButtonWithIcon("New", theme.ContentAddIcon(), do.fill)
	s.paste = widget.NewButtonWithIcon("Paste", theme.ContentPasteIcon(), do.paste)
	s.try = widget.NewButtonWithIcon("Local relay", theme.ComputerIcon(), do.try)
	for _, b := range []*widget.Button{s.fill, s.paste, s.try} {
		b.Importance = widget.LowImportance
		b.Disable() // until it is known what there is
	}
	buttons := container.NewVBox(container.NewGridWithColumns(2, s.fill, s.paste), s.try)
	bottom := container.NewVBox(s.warning, widget.NewSeparator(), buttons)
	s.content = container.NewPadded(container.NewBorder(s.filter, bottom, nil, nil,
		container.NewStack(s.list, container.NewVBox(s.none))))
	s.apply()
	return s
}

// enable lets profiles be added.
func (s *sidebar) enable() {
	for _, b := range []*widget.Button{s.fill, s.paste, s.try} {
		b.Enable()
	}
}

// show lists entries.
func (s *sidebar) show(entries []profiles.Entry, current profiles.ID) {
	s.entries = entries
	s.apply()
	s.mark(current)
}

// apply filters the list.
func (s *sidebar) apply() {
	words := strings.ToLower(strings.TrimSpace(s.filter.Text))
	s.shown = nil
	for _, e := range s.entries {
		if strings.Contains(strings.ToLower(e.Profile.Name+" "+subtitle(e)), words) {
			s.shown = append(s.shown, e)
		}
	}
	text := ""
	switch {
	case len(s.entries) == 0:
		text = "No profiles yet"
	case len(s.shown) == 0:
		text = "No profile matches the filter"
	}
	s.none.SetText(text)
	s.mark(s.marked)
	s.list.Refresh()
}

// mark shows which profile is on screen, without choosing it.
func (s *sidebar) mark(id profiles.ID) {
	s.marked = id
	s.marking = true
	defer func() { s.marking = false }()
	for i, e := range s.shown {
		if e.ID == id {
			s.list.Select(i)
			return
		}
	}
	s.list.UnselectAll()
}

// refresh draws the states anew.
func (s *sidebar) refresh() { s.list.Refresh() }

// warn shows a sentence about a failure above the buttons, or takes it away.
func (s *sidebar) warn(sentence string, f widgets.Failure, show bool) {
	s.failure = f
	s.notice.SetText(sentence)
	setVisible(s.warning, show)
	s.content.Refresh()
}

func subtitle(e profiles.Entry) string {
	switch {
	case e.Fault != nil:
		return "cannot be read"
	case e.Profile.LocalRelay:
		return e.Profile.HybridConnection + " @ local relay"
	}
	return e.Profile.HybridConnection + " @ " + e.Profile.Namespace
}
