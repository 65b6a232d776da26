package live

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// narrow is as wide as a short number and its unit.
type narrow struct{}

func (narrow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(widgets.Zoomed(72), objects[0].MinSize().Height)
}

func (narrow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Resize(fyne.NewSize(widgets.Zoomed(72), size.Height))
}

// choices puts two choices after their names: in a row if there is room for
// their longest words, below one another otherwise.
type choices struct{ width float32 } // there was at last

func (c *choices) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var least fyne.Size
	for i := 0; i < len(objects); i += 2 {
		name, choice := objects[i].MinSize(), objects[i+1].MinSize()
		least.Width = max(least.Width, name.Width+choice.Width)
		least.Height = max(least.Height, name.Height, choice.Height)
	}
	if c.width < inARow(objects) {
		least.Height *= float32(len(objects) / 2)
	}
	return least
}

// inARow is how wide all of it is in a row.
func inARow(objects []fyne.CanvasObject) (width float32) {
	for _, o := range objects {
		width += o.MinSize().Width
	}
	return width
}

func (c *choices) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	count := float32(len(objects) / 2)
	spare := (size.Width - inARow(objects)) / count // of each choice in a row
	height, below := size.Height, float32(0)
	if spare < 0 {
		height /= count
		below = height
	}
	var at fyne.Position
	for i := 0; i < len(objects); i += 2 {
		name, choice := objects[i], objects[i+1]
		name.Move(at)
		name.Resize(fyne.NewSize(name.MinSize().Width, height))
		left := at.X + name.MinSize().Width
		if below > 0 {
			left = objects[0].MinSize().Width
		}
		choice.Move(fyne.NewPos(left, at.Y))
		if below > 0 {
			choice.Resize(fyne.NewSize(size.Width-left, height))
			at.Y += below
			continue
		}
		choice.Resize(fyne.NewSize(choice.MinSize().Width+spare, height))
		at.X = left + choice.Size().Width
	}
}

// formAbove gives a form what it needs, up to a share of the height, and the
// rest to what is below it.
type formAbove struct{ form *container.Scroll }

// formShare is the share.
const formShare = 0.62

func (l formAbove) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[1].MinSize()
	if l.form.Visible() {
		size.Height += widgets.Zoomed(56)
	}
	return size
}

func (l formAbove) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top := float32(0)
	if l.form.Visible() {
		least := objects[1].MinSize().Height
		height := min(widgets.HeightAt(l.form.Content, size.Width), max(size.Height*formShare, 0), size.Height-least)
		l.form.Move(fyne.NewPos(0, 0))
		l.form.Resize(fyne.NewSize(size.Width, height))
		top = height + theme.Padding()
	}
	objects[1].Move(fyne.NewPos(0, top))
	objects[1].Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
}
