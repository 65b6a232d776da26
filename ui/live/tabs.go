package live

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// tabs are a quiet row of buttons that choose which of several parts shows.
// Fyne's own tabs take more room than a pane has.
type tabs struct {
	buttons  []*widgets.Button
	parts    []fyne.CanvasObject
	current  int
	row      *fyne.Container // the buttons
	stack    *fyne.Container // the parts
	onChoose func()
	onTap    func() // somebody chose, and wants to go on there
}

func newTabs(onChoose, onTap func()) *tabs {
	return &tabs{row: container.New(closeRow{}), stack: container.NewStack(), onChoose: onChoose, onTap: onTap}
}

// add adds a part, and its button.
func (t *tabs) add(name string, part fyne.CanvasObject) {
	i := len(t.parts)
	b := widgets.NewButton(name, func() {
		t.choose(i)
		t.onTap() // a button that is pressed by key has lost the focus
	})
	t.buttons, t.parts = append(t.buttons, b), append(t.parts, part)
	t.row.Add(b)
	t.stack.Add(part)
	t.draw()
}

func (t *tabs) choose(i int) {
	if i != t.current {
		t.current = i
		t.draw()
		t.onChoose()
	}
}

func (t *tabs) draw() {
	for i, b := range t.buttons {
		importance := widget.LowImportance
		if i == t.current {
			importance = widget.MediumImportance
		}
		if b.Importance != importance {
			b.Importance = importance
			b.Refresh()
		}
		widgets.SetVisible(t.parts[i], i == t.current)
	}
}

// focus gives the keyboard to something in a part, also when the part has not
// been drawn yet: then Fyne does not know where it is.
func (t *tabs) focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t.buttons[0]); c != nil {
		c.Focus(o)
	}
}

// rename gives a tab another name, which may have a count in it.
func (t *tabs) rename(i int, name string) {
	if t.buttons[i].Text != name {
		t.buttons[i].SetText(name)
		t.row.Refresh()
	}
}

// closeRow is a row whose objects touch: quiet buttons have room inside.
type closeRow struct{}

func (closeRow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			size = fyne.NewSize(size.Width+o.MinSize().Width, max(size.Height, o.MinSize().Height))
		}
	}
	return size
}

func (closeRow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for _, o := range objects {
		if o.Visible() {
			width := o.MinSize().Width
			o.Move(fyne.NewPos(x, 0))
			o.Resize(fyne.NewSize(width, size.Height))
			x += width
		}
	}
}

// wide gives its one object a width, at a zoom of 100 %.
type wide float32

func (w wide) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(widgets.Zoomed(float32(w)), objects[0].MinSize().Height)
}

func (w wide) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }
