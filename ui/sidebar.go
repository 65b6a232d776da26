package ui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/ui/widgets"
)

// sidebarActions is what the list of profiles asks of the window.
type sidebarActions struct {
	choose, connect, edit, duplicate, remove, export, newGroup func(profiles.ID)
	copyAccess, saveCertificate                                func(profiles.ID) // of the local relay
	move                                                       func(id profiles.ID, by int)
	regroup                                                    func(id profiles.ID, group string)
	renameGroup, dissolve                                      func(group string)
	groups                                                     func() []string
	fill, paste, try, stopAll, importAny, exportAll, seal      func()
	foldAll, settings, keys                                    func()
	state                                                      func(profiles.ID) (widgets.StatusKind, string)
	explain                                                    func(widgets.Failure)
}

// A sidebar is the list of profiles.
type sidebar struct {
	do      sidebarActions
	entries []profiles.Entry
	items   []listItem
	rows    []*listRow // that the list has made
	folded  []string   // groups, in lower case
	marked  profiles.ID
	marking bool // the list is told, not tells
	drawn   time.Time

	filter  *widgets.Entry
	list    *profileList
	none    *widget.Label
	failure widgets.Failure
	notice  *widget.Label
	why     *widgets.Button
	seal    *widgets.Button // offers a sealed file; hidden where there is a keyring
	warning *fyne.Container
	runs    *widget.Label // how many profiles run
	stopAll *widgets.Button
	running *fyne.Container // both
	fill    *widgets.Button
	paste   *widgets.Button
	try     *widgets.Button
	more    *widgets.Button
	hide    *widgets.Button // folds the list away
	content fyne.CanvasObject
}

func newSidebar(do sidebarActions) *sidebar {
	s := &sidebar{do: do, filter: widgets.NewEntry(), none: note(""), notice: note("")}
	s.folded = fyne.CurrentApp().Preferences().StringList(foldedKey)
	s.filter.SetPlaceHolder("Filter profiles")
	s.filter.OnChanged = func(string) { s.apply() }
	s.filter.OnSubmitted = func(string) { s.takeFirst() }
	s.none.Alignment = fyne.TextAlignCenter
	s.notice.Importance = widget.WarningImportance
	s.why = widgets.NewButton("Details", func() { do.explain(s.failure) })
	s.why.Importance = widget.LowImportance
	s.seal = widgets.NewButtonWithIcon("Keep in a file…", theme.DocumentSaveIcon(), do.seal)
	s.seal.Importance = widget.LowImportance
	s.seal.Hide()
	s.warning = container.NewVBox(widget.NewSeparator(),
		container.NewBorder(nil, nil, nil, container.NewCenter(s.why), s.notice), s.seal)
	s.warning.Hide()
	s.list = newProfileList(s)
	s.list.OnSelected = s.selected
	s.fill = widgets.NewButtonWithIcon("New", theme.ContentAddIcon(), do.fill)
	s.paste = widgets.NewButtonWithIcon("Paste", theme.ContentPasteIcon(), do.paste)
	s.try = widgets.NewButtonWithIcon("Local relay", theme.ComputerIcon(), do.try)
	s.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), s.menu)
	for _, b := range s.adding() {
		b.Importance = widget.LowImportance
		b.Disable() // until it is known what there is
	}
	s.runs = note("")
	s.runs.Wrapping = fyne.TextWrapOff
	s.runs.Truncation = fyne.TextTruncateEllipsis
	s.stopAll = widgets.NewButtonWithIcon("Stop all", theme.MediaStopIcon(), do.stopAll)
	s.stopAll.Importance = widget.LowImportance
	s.running = container.NewVBox(widget.NewSeparator(), container.NewBorder(nil, nil, nil, s.stopAll, s.runs))
	s.running.Hide()
	buttons := container.NewVBox(container.NewGridWithColumns(2, s.fill, s.paste), container.NewBorder(nil, nil, nil, s.more, s.try))
	bottom := container.NewVBox(s.running, s.warning, widget.NewSeparator(), buttons)
	s.hide = widgets.NewButtonWithIcon("", theme.NavigateBackIcon(), do.foldAll)
	s.hide.Importance = widget.LowImportance
	s.content = container.NewPadded(widgets.NewColumn(1, container.NewBorder(nil, nil, nil, s.hide, s.filter),
		container.NewStack(s.list, container.NewVBox(s.none)), bottom))
	s.apply()
	return s
}

func (s *sidebar) adding() []*widgets.Button {
	return []*widgets.Button{s.fill, s.paste, s.try, s.more}
}

// enable lets profiles be added.
func (s *sidebar) enable() {
	for _, b := range s.adding() {
		b.Enable()
	}
}

// menu offers what concerns more than one profile.
func (s *sidebar) menu() {
	all := fyne.NewMenuItem("Export all…", s.do.exportAll)
	all.Disabled = !slices.ContainsFunc(s.entries, func(e profiles.Entry) bool { return e.Fault == nil })
	showMenu(fyne.NewMenu("", fyne.NewMenuItem("Import…", s.do.importAny), all, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem("Settings…", s.do.settings), fyne.NewMenuItem("All keys", s.do.keys)), s.more)
}

// show lists entries.
func (s *sidebar) show(entries []profiles.Entry, current profiles.ID) {
	s.entries = entries
	s.marked = current
	s.apply()
}

// apply filters the list and puts the profiles under their groups. A filter
// looks into folded groups, too.
func (s *sidebar) apply() {
	words := strings.Fields(strings.ToLower(s.filter.Text))
	var shown []profiles.Entry
	for _, e := range s.entries {
		text := strings.ToLower(e.Profile.Name + " " + e.Profile.Group + " " + e.Profile.Namespace + " " + subtitle(e))
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) }) {
			shown = append(shown, e)
		}
	}
	s.items = s.arrange(shown, len(words) > 0)
	text := ""
	switch {
	case len(s.entries) == 0:
		text = "No profiles yet"
	case len(shown) == 0:
		text = "No profile matches the filter"
	}
	s.none.SetText(text)
	s.setHeights()
	s.mark(s.marked)
	s.list.Refresh()
}

// arrange puts headings before the groups, and leaves out what is folded.
func (s *sidebar) arrange(shown []profiles.Entry, unfold bool) (items []listItem) {
	heading := -1
	for _, e := range shown {
		g := e.Profile.Group
		switch {
		case g == "" || e.Fault != nil:
			heading = -1
		case heading < 0 || !strings.EqualFold(items[heading].group, g):
			heading = len(items)
			items = append(items, listItem{heading: true, group: g, folded: s.isFolded(g) && !unfold})
		}
		if heading >= 0 {
			items[heading].count++
			if items[heading].folded {
				continue
			}
		}
		items = append(items, listItem{group: g, entry: e})
	}
	return items
}

// setHeights gives each kind of row the height it needs.
func (s *sidebar) setHeights() {
	if len(s.items) == 0 {
		return
	}
	two, three := newProfileRow(s), newProfileRow(s)
	two.set(profiles.Entry{})
	three.set(profiles.Entry{Profile: profiles.Profile{LastResult: profiles.Result{At: time.Now()}}})
	heading := newGroupRow(s).MinSize().Height
	for i, it := range s.items {
		height := two.MinSize().Height
		switch {
		case it.heading:
			height = heading
		case tested(it.entry):
			height = three.MinSize().Height
		}
		s.list.SetItemHeight(i, height)
	}
}

// selected takes a choice made in the list.
func (s *sidebar) selected(i widget.ListItemID) {
	s.list.at = i
	switch it := s.items[i]; {
	case s.marking:
	case it.heading:
		s.fold(it.group, !s.isFolded(it.group))
	default:
		s.do.choose(it.entry.ID)
	}
}

// tapped takes a tap on the row that is meant.
func (s *sidebar) tapped(meant func(listItem) bool) {
	s.focusList()
	if i := slices.IndexFunc(s.items, meant); i >= 0 {
		s.list.stand(i)
		s.selected(i)
	}
}

// takeFirst shows the first profile that the filter lets through.
func (s *sidebar) takeFirst() {
	for i, it := range s.items {
		if !it.heading {
			s.focusList()
			s.list.goTo(i)
			return
		}
	}
}

func (s *sidebar) focusList() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.list); c != nil {
		c.Focus(s.list)
	}
}

// typeFilter begins or goes on to filter with a letter typed into the list.
func (s *sidebar) typeFilter(r rune) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(s.filter); c != nil {
		c.Focus(s.filter)
	}
	s.filter.TypedRune(r)
}

// mark shows which profile is on screen, without choosing it.
func (s *sidebar) mark(id profiles.ID) {
	s.marked = id
	s.marking = true
	defer func() { s.marking = false }()
	for i, it := range s.items {
		if !it.heading && it.entry.ID == id {
			s.list.stand(i)
			s.list.Select(i)
			return
		}
	}
	s.list.UnselectAll()
}

// showRunning says how many profiles run, and offers to stop them all.
func (s *sidebar) showRunning(text string) {
	widgets.SetText(s.runs, text)
	if on := text != ""; on != s.running.Visible() {
		widgets.SetVisible(s.running, on)
		s.content.Refresh()
	}
}

// refresh draws the states anew.
func (s *sidebar) refresh() {
	s.drawn = time.Now()
	s.list.Refresh()
}

// tick draws the ages of results anew, now and then.
func (s *sidebar) tick() {
	if time.Since(s.drawn) >= 20*time.Second && slices.ContainsFunc(s.entries, tested) {
		s.refresh()
	}
}

// warn shows a sentence about a failure above the buttons, or takes it away.
func (s *sidebar) warn(sentence string, f widgets.Failure, show bool) {
	s.failure = f
	s.notice.SetText(sentence)
	widgets.SetVisible(s.warning, show)
	s.content.Refresh()
}
