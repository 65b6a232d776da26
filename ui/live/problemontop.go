package live

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// problemOnTop gives a visible problem the height that it needs, within
// reason, and the rest to what is below it.
type problemOnTop struct{ problem *widgets.Problem }

// leastRest is what stays for the rest, however long the problem is.
const leastRest = 84

func (problemOnTop) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			size = size.Max(o.MinSize())
		}
	}
	return size
}

func (l problemOnTop) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	top := float32(0)
	if l.problem.Visible() {
		room := size.Height
		if slices.ContainsFunc(objects, func(o fyne.CanvasObject) bool { return o.Visible() && o != fyne.CanvasObject(l.problem) }) {
			room = max(0, room-leastRest)
		}
		height := min(l.problem.HeightFor(size.Width), room)
		l.problem.Move(fyne.NewPos(0, 0))
		l.problem.Resize(fyne.NewSize(size.Width, height))
		top = height + theme.Padding()
	}
	for _, o := range objects {
		if o != fyne.CanvasObject(l.problem) {
			o.Move(fyne.NewPos(0, top))
			o.Resize(fyne.NewSize(size.Width, max(0, size.Height-top)))
		}
	}
}
