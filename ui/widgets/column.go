package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// NewColumn puts objects below one another; the one at fill gets the height
// that is left. Tab goes through them in this order, where a border container
// begins with its middle.
func NewColumn(fill int, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(column{fill}, objects...)
}

type column struct{ fill int }

func (c column) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	shown := 0
	for _, o := range objects {
		if o.Visible() {
			m := o.MinSize()
			size.Width, size.Height = max(size.Width, m.Width), size.Height+m.Height
			shown++
		}
	}
	size.Height += float32(max(0, shown-1)) * theme.Padding()
	return size
}

func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	rest := size.Height - c.MinSize(objects).Height
	var y float32
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		if i == c.fill {
			h = max(0, h+rest)
		}
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + theme.Padding()
	}
}
