package messagelog

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

func (p *Pane) popUp(at fyne.Position, items ...*fyne.MenuItem) {
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), fyne.CurrentApp().Driver().CanvasForObject(p.content), at)
}

// under is the place below a button.
func under(o fyne.CanvasObject) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o).AddXY(0, o.Size().Height)
}

func item(text string, off bool, do func()) *fyne.MenuItem {
	i := fyne.NewMenuItem(text, do)
	i.Disabled = off
	return i
}

// menu is the context menu of the rows selected.
func (p *Pane) menu(at fyne.Position) {
	n := p.list.SelectedCount()
	r, one := p.detail.one()
	copyText := "Copy row"
	if n > 1 {
		copyText = "Copy " + count(n, "row")
	}
	conn := ""
	if one {
		conn = r.Connection
	}
	follow := item("Only this connection  (f)", conn == "", p.toggleConnection)
	if conn != "" {
		follow.Label = "Only connection " + conn + "  (f)"
	}
	if p.conn != "" {
		follow = item("All connections again  (f)", false, func() { p.followConnection("") })
	}
	pair := item("Go to its request or reply  (p)", !one || r.Pair == 0, p.jumpToPair)
	compare := item("Compare with another row  (c)", !one, p.compareKey)
	if n == 2 {
		compare = item("Compare the two rows  (c)", false, p.compareSelected)
	}
	marks := item("Mark", n == 0, nil)
	var colours []*fyne.MenuItem
	for _, m := range journal.Marks() {
		colour := item(markName(m)+"  ("+string('0'+rune(m))+")", false, func() { p.mark(m) })
		colour.Checked = one && r.Mark == m
		colours = append(colours, colour)
	}
	marks.ChildMenu = fyne.NewMenu("", append(colours, fyne.NewMenuItemSeparator(), item("No mark  (0)", false, func() { p.mark(journal.NoMark) }))...)
	items := []*fyne.MenuItem{
		item(copyText, n == 0, p.copyRows),
		item("Copy payload", !one || len(r.Payload) == 0, func() { p.opt.Copy(p.detail.shownText()) }),
		item("Save payload…", !one || len(r.Payload) == 0, p.savePayload), fyne.NewMenuItemSeparator(),
	}
	if p.opt.WhyNotAgain != nil {
		off := !one || p.whyNotAgain(r) != ""
		items = append(items, item("Send again  (r)", off, func() { p.again(p.opt.Again) }),
			item("Edit and send…  (e)", off, func() { p.again(p.opt.Edit) }), fyne.NewMenuItemSeparator())
	}
	p.popUp(at, append(items, follow, pair, compare,
		fyne.NewMenuItemSeparator(), marks, item("Note…  (a)", !one, p.askNote),
		fyne.NewMenuItemSeparator(), item("Clear the log", p.isFile(), p.clear))...)
}

// columnItems are the columns there are, ticked if they are shown.
func (p *Pane) columnItems() []*fyne.MenuItem {
	keys := p.columnKeys()
	var items []*fyne.MenuItem
	for _, c := range everyColumn {
		if c.key == previewKey {
			continue
		}
		i := item(c.name, false, func() { p.toggleColumn(c.key) })
		i.Checked = slices.Contains(keys, c.key)
		items = append(items, i)
	}
	return append(items, fyne.NewMenuItemSeparator(), item("As at first", slices.Equal(keys, firstColumns), func() { p.setColumns(firstColumns) }))
}

func (p *Pane) clockItems() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, c := range clocks {
		i := item(c.name, false, func() { p.setClock(c.clock) })
		i.Checked = p.source.clock == c.clock
		items = append(items, i)
	}
	return items
}

// columnMenu is the menu of the header.
func (p *Pane) columnMenu(at fyne.Position) { p.popUp(at, p.columnItems()...) }

// moreMenu is what has no button of its own.
func (p *Pane) moreMenu(from fyne.CanvasObject) {
	columns, times := item("Columns", false, nil), item("Time", false, nil)
	columns.ChildMenu, times.ChildMenu = fyne.NewMenu("", p.columnItems()...), fyne.NewMenu("", p.clockItems()...)
	open := item("Open a recorded file…", false, p.askOpen)
	if p.isFile() {
		open = item("Close the recorded file", false, p.closeFile)
	}
	p.popUp(under(from), columns, times, fyne.NewMenuItemSeparator(), open,
		item("How much is kept…", false, p.askBounds))
}

// filterMenu has what belongs to the filter.
func (p *Pane) filterMenu(from fyne.CanvasObject) {
	filter, find := item("Show only rows that match", false, func() { p.setFindOnly(false) }), item("Show all rows, highlight matches", false, func() { p.setFindOnly(true) })
	filter.Checked, find.Checked = !p.bar.findOnly, p.bar.findOnly
	items := []*fyne.MenuItem{filter, find, fyne.NewMenuItemSeparator()}
	saved := savedFilters()
	var gone []*fyne.MenuItem
	for _, f := range saved {
		i := item(f.name, false, func() { p.bar.set(f.text) })
		i.Checked = f.text == p.bar.entry.Text
		items = append(items, i)
		gone = append(gone, item(f.name, false, func() { deleteFilter(f.name) }))
	}
	if len(saved) > 0 {
		items = append(items, fyne.NewMenuItemSeparator())
	}
	remove := item("Forget a filter", len(saved) == 0, nil)
	if len(gone) > 0 {
		remove.ChildMenu = fyne.NewMenu("", gone...)
	}
	items = append(items, item("Save this filter…", p.bar.entry.Text == "" || p.bar.problem.Text != "", p.askSaveFilter), remove)
	items = append(append(items, fyne.NewMenuItemSeparator()), p.ruleItems()...)
	items = append(items,
		fyne.NewMenuItemSeparator(), item("What can be typed…", false, p.explainQueries))
	p.popUp(under(from), items...)
}

// askSaveFilter asks for the name of the filter in use.
func (p *Pane) askSaveFilter() {
	text := p.bar.entry.Text
	name := widgets.NewEntry()
	name.SetText(text)
	d := dialog.NewCustomConfirm("Name of this filter", "Save", "Cancel", name, func(yes bool) {
		if yes && strings.TrimSpace(name.Text) != "" {
			saveFilter(savedFilter{name.Text, text})
		}
	}, p.window())
	name.OnSubmitted = func(string) { d.Confirm() }
	d.Resize(fyne.NewSize(420, 150))
	p.show(d)
	focus(name)
}

// explainQueries lists what a filter may be made of.
func (p *Pane) explainQueries() {
	lines := []string{
		"error timeout", "both words, anywhere in the row", `"two words"`, "exactly these", "/time(d )?out/", "a regular expression",
		"a or b", "either", "-x, not x", "everything else", "(a or b) c", "parentheses group",
		"status:401,403", "one of several", "size>1k", "compared; also >=, <, <=", `body~"err(or)?"`, "a regular expression in one field", "", "",
	}
	for _, f := range journal.QueryFields() {
		lines = append(lines, f.Name+":", f.Help)
	}
	grid := container.New(twoColumns{})
	for i, line := range lines {
		l := widget.NewLabel(line)
		l.SizeName = theme.SizeNameCaptionText
		l.TextStyle.Monospace = i%2 == 0
		grid.Add(l)
	}
	d := dialog.NewCustom("What can be typed into the filter", "Close", container.NewVScroll(grid), p.window())
	size := p.window().Canvas().Size()
	d.Resize(fyne.NewSize(min(640, size.Width-40), min(640, size.Height-40)))
	p.show(d)
}

// twoColumns puts pairs beside each other, closely.
type twoColumns struct{}

const firstWidth = 190

func (twoColumns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(firstWidth*2, float32((len(objects)+1)/2)*rowOf(objects))
}

func (twoColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	height := rowOf(objects)
	for i, o := range objects {
		x := float32(i%2) * firstWidth
		o.Move(fyne.NewPos(x, float32(i/2)*height))
		o.Resize(fyne.NewSize([2]float32{firstWidth, size.Width - firstWidth}[i%2], o.MinSize().Height))
	}
}

func rowOf(objects []fyne.CanvasObject) float32 {
	return objects[0].MinSize().Height - theme.InnerPadding()
}
