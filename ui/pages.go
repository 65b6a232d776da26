package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/command"
	"relayscope/ui/widgets"
)

// The pages about a profile.
const (
	pageLive     = "Live"
	pageTest     = "Test"
	pageIdentity = "Identity"
)

// showPage brings the page that was chosen up to date.
func (u *Window) showPage() {
	u.rememberPlace()
	if e, ok := u.entry(u.current); ok && e.Fault == nil {
		u.test.Show(e.Profile)
		u.tokens.Show(e.Profile)
	}
}

// testCurrent shows the test of the profile on screen and begins it.
func (u *Window) testCurrent() {
	if u.live.Visible() && !u.ending {
		u.pager.show(pageTest)
		u.test.Run()
	}
}

// A pager shows one of several pages about the profile on screen, and a row of
// buttons to choose by.
type pager struct {
	pages    []*pagerPage
	current  int
	right    *fyne.Container // what is in the row beside the buttons
	content  fyne.CanvasObject
	onChoose func()
}

type pagerPage struct {
	name   string
	button *widgets.Button
	page   fyne.CanvasObject
}

func newPager(onChoose func(), pages ...*pagerPage) *pager {
	p := &pager{pages: pages, onChoose: onChoose}
	buttons, stack := container.NewHBox(), container.NewStack()
	for i, page := range pages {
		page.button = widgets.NewButton(page.name, func() { p.choose(i) })
		buttons.Add(page.button)
		stack.Add(page.page)
	}
	row := container.New(insetRow{}, buttons)
	p.right = container.NewHBox()
	p.content = widgets.NewColumn(1, container.NewBorder(nil, nil, row, p.right), stack)
	p.draw()
	return p
}

// choose shows page i.
func (p *pager) choose(i int) {
	if i == p.current || i >= len(p.pages) {
		return
	}
	p.current = i
	p.draw()
	p.onChoose()
}

func (p *pager) draw() {
	for i, page := range p.pages {
		importance := widget.LowImportance
		if i == p.current {
			importance = widget.MediumImportance
		}
		if page.button.Importance != importance {
			page.button.Importance = importance
			page.button.Refresh()
		}
		widgets.SetVisible(page.page, i == p.current)
	}
	p.content.Refresh()
}

// name returns what the page on screen is called.
func (p *pager) name() string { return p.pages[p.current].name }

// shows reports whether the page of this name is on screen.
func (p *pager) shows(name string) bool { return p.pages[p.current].name == name }

// show puts the page of this name on screen.
func (p *pager) show(name string) {
	for i, page := range p.pages {
		if page.name == name {
			p.choose(i)
		}
	}
}

// commands lets Ctrl+1, Ctrl+2 and so on choose.
func (p *pager) commands(why func() string) []command.Command {
	list := make([]command.Command, len(p.pages))
	for i, page := range p.pages {
		key := command.Ctrl(fyne.KeyName('1' + rune(i)))
		list[i] = command.Command{Name: "Page " + page.name, Group: groupConnection, Keys: []command.Key{key}, Why: why, Do: func() { p.choose(i) }}
	}
	return list
}

// insetRow sets a row in a little from the left, level with the bar above.
type insetRow struct{}

func (insetRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(2*theme.Padding(), theme.Padding())
}

func (insetRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(2*theme.Padding(), 0))
	objects[0].Resize(fyne.NewSize(size.Width-2*theme.Padding(), size.Height-theme.Padding()))
}
