package ui

import (
	"cmp"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/command"
	"relayscope/ui/widgets"
)

// A palette finds a command or a profile by a few letters and runs it: with
// the keyboard alone, whatever is on screen.
type palette struct {
	all   []command.Command
	found []command.Command
	at    int // the row that Enter runs
	run   func(command.Command)

	entry   *widgets.Entry
	list    *widget.List
	why     *widget.Label
	content fyne.CanvasObject
	moving  bool // the list is told, not tells
}

// paletteWidth is as wide as the longest command with its key and a reason.
const paletteWidth = 600

// openPalette shows the palette at the top of the window.
func (u *Window) openPalette() {
	var all []command.Command
	for _, c := range u.table {
		if c.Do != nil {
			all = append(all, c)
		}
	}
	for _, e := range u.entries {
		if e.Fault == nil {
			all = append(all, command.Command{Name: "Go to " + e.Profile.Name, Group: subtitle(e), Do: func() { u.goTo(e.ID) }})
		}
	}
	c := u.win.Canvas()
	var pop *widget.PopUp
	p := newPalette(all, func(chosen command.Command) {
		pop.Hide()
		u.run(chosen)
	})
	pop = widget.NewPopUp(p.content, c)
	size := fyne.NewSize(min(widgets.Zoomed(paletteWidth), c.Size().Width-4*theme.Padding()), p.height())
	pop.Resize(size)
	pop.ShowAtPosition(fyne.NewPos((c.Size().Width-size.Width)/2, min(widgets.Zoomed(48), (c.Size().Height-size.Height)/2)))
	u.opened = append(u.opened, openedOver{c.Overlays().Top(), pop.Hide})
	u.palette = p
	c.Focus(p.entry)
}

func newPalette(all []command.Command, run func(command.Command)) *palette {
	p := &palette{all: all, run: run, entry: widgets.NewEntry(), why: note("")}
	p.entry.SetPlaceHolder("What do you want to do? Type a few letters")
	p.entry.OnChanged = func(string) { p.search() }
	p.entry.OnSubmitted = func(string) { p.enter(p.at) }
	p.entry.OnKey = p.key
	p.why.Wrapping = fyne.TextWrapOff
	p.why.Truncation = fyne.TextTruncateEllipsis
	p.list = widget.NewList(func() int { return len(p.found) },
		func() fyne.CanvasObject { return newPaletteRow() },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*paletteRow).set(p.found[i]) })
	p.list.HideSeparators = true
	p.list.OnSelected = func(i widget.ListItemID) {
		if !p.moving {
			p.enter(i)
		}
	}
	p.content = container.NewPadded(container.NewBorder(p.entry, p.why, nil, nil, p.list))
	p.search()
	return p
}

// height shows nine rows.
func (p *palette) height() float32 {
	row := newPaletteRow().MinSize().Height + theme.Padding()
	return p.entry.MinSize().Height + p.why.MinSize().Height + 9*row + 7*theme.Padding()
}

// search puts what answers best to what is typed on top.
func (p *palette) search() {
	type hit struct {
		command.Command
		score int
	}
	var hits []hit
	for _, c := range p.all {
		if score, ok := command.Match(p.entry.Text, c.Name+" "+c.Group); ok {
			hits = append(hits, hit{c, score})
		}
	}
	if p.entry.Text != "" {
		slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(b.score, a.score) })
	}
	p.found = nil
	for _, h := range hits {
		p.found = append(p.found, h.Command)
	}
	p.list.Refresh()
	p.goTo(0)
}

// key takes the keys that choose.
func (p *palette) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyDown:
		p.goTo(p.at + 1)
	case fyne.KeyUp:
		p.goTo(p.at - 1)
	case fyne.KeyPageDown:
		p.goTo(p.at + 8)
	case fyne.KeyPageUp:
		p.goTo(p.at - 8)
	default:
		return false
	}
	return true
}

func (p *palette) goTo(i int) {
	p.at = max(0, min(i, len(p.found)-1))
	p.moving = true
	if len(p.found) > 0 {
		p.list.Select(p.at)
	} else {
		p.list.UnselectAll()
	}
	p.moving = false
	why := "Enter does it, Esc closes"
	switch {
	case len(p.found) == 0:
		why = "Nothing is called that. Try another word"
	case p.found[p.at].Off() != "":
		why = "Not now. " + p.found[p.at].Off()
	}
	widgets.SetText(p.why, why)
}

// enter runs a row. One that cannot be run says why, and stays.
func (p *palette) enter(i int) {
	if i < 0 || i >= len(p.found) {
		return
	}
	if p.goTo(i); p.found[i].Off() == "" {
		p.run(p.found[i])
	}
}

// A paletteRow is a command with its key.
type paletteRow struct {
	widget.BaseWidget
	name, key *widget.Label
}

func newPaletteRow() *paletteRow {
	r := &paletteRow{name: widget.NewLabel(""), key: note("")}
	r.name.Truncation = fyne.TextTruncateEllipsis
	r.key.Wrapping = fyne.TextWrapOff
	r.ExtendBaseWidget(r)
	return r
}

func (r *paletteRow) set(c command.Command) {
	importance := widget.MediumImportance
	if c.Off() != "" {
		importance = widget.LowImportance
	}
	if r.name.Importance != importance {
		r.name.Importance = importance
		r.name.Refresh()
	}
	widgets.SetText(r.name, c.Name)
	text := c.Group
	if len(c.Keys) > 0 {
		text = c.Keys[0].String()
	}
	widgets.SetText(r.key, text)
}

// CreateRenderer is for Fyne.
func (r *paletteRow) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewBorder(nil, nil, nil, r.key, r.name))
}
