package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// notesBelow puts notes close under what they are about, which comes first.
type notesBelow struct{}

func (notesBelow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	for _, note := range objects[1:] {
		if note.Visible() {
			size.Height += note.MinSize().Height - theme.InnerPadding()
		}
	}
	return size
}

func (notesBelow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	field := objects[0]
	field.Resize(fyne.NewSize(size.Width, field.MinSize().Height))
	field.Resize(fyne.NewSize(size.Width, field.MinSize().Height)) // text in it may wrap, and so learn its height
	y := field.Size().Height - theme.InnerPadding()/2
	for _, note := range objects[1:] {
		if !note.Visible() {
			continue
		}
		note.Resize(fyne.NewSize(size.Width, note.MinSize().Height)) // wraps, and so learns its height
		note.Move(fyne.NewPos(0, y))
		note.Resize(fyne.NewSize(size.Width, note.MinSize().Height))
		y += note.MinSize().Height - theme.InnerPadding()
	}
}

// formLayout puts labels in a column of one width and fields beside them, each
// label level with the first line of its field.
type formLayout struct{}

const formLabelWidth = 170

func (formLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(widgets.Zoomed(formLabelWidth+200), 0)
	for i := 1; i < len(objects); i += 2 {
		if objects[i].Visible() {
			size.Height += objects[i].MinSize().Height + rowGap(objects[i])
		}
	}
	return size
}

func (formLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for i := 0; i+1 < len(objects); i += 2 {
		name, field := objects[i], objects[i+1]
		if !field.Visible() {
			continue
		}
		x, gap := widgets.Zoomed(formLabelWidth), rowGap(field)
		if _, through := field.(*ruled); through {
			x = 0
			y += gap / 2
		}
		width := size.Width - x
		field.Resize(fyne.NewSize(width, field.MinSize().Height))
		h := field.MinSize().Height
		name.Move(fyne.NewPos(0, y))
		name.Resize(fyne.NewSize(widgets.Zoomed(formLabelWidth), name.MinSize().Height))
		field.Move(fyne.NewPos(x, y))
		field.Resize(fyne.NewSize(width, h))
		y += h + gap
		if x == 0 {
			y -= gap / 2
		}
	}
}

func rowGap(field fyne.CanvasObject) float32 {
	if _, through := field.(*ruled); through {
		return 4 * theme.Padding()
	}
	return theme.Padding()
}

// formWidth is how wide a form's fields get at most.
const formWidth = 860

// A formFrame puts the fields, a problem and the buttons below one another. The
// problem is in sight wherever the fields are scrolled to, and takes as much
// height as it needs, up to half.
type formFrame struct{ problem *widgets.Problem }

func (l formFrame) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width = max(size.Width, m.Width)
			size.Height += m.Height
		}
	}
	return size
}

func (l formFrame) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	fields, problem, keys := objects[0], l.problem, objects[2]
	bottom := size.Height - keys.MinSize().Height
	keys.Move(fyne.NewPos(0, bottom))
	keys.Resize(fyne.NewSize(size.Width, size.Height-bottom))
	if problem.Visible() {
		width := min(size.Width, widgets.Zoomed(formWidth))
		height := min(problem.HeightFor(width), size.Height/2)
		bottom -= height
		problem.Move(fyne.NewPos(0, bottom))
		problem.Resize(fyne.NewSize(width, height))
	}
	fields.Resize(fyne.NewSize(size.Width, bottom))
}
