package doctor

import "fyne.io/fyne/v2"

// The columns of a step: what folds it, how it ended, its title and its time;
// what was seen takes the rest.
const (
	foldWidth   = 36
	statusWidth = 106
	titleWidth  = 190
	tookWidth   = 86
)

type stepColumns struct{}

func (stepColumns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var height float32
	for _, o := range objects {
		height = max(height, o.MinSize().Height)
	}
	return fyne.NewSize(foldWidth+statusWidth+titleWidth+tookWidth+120, height)
}

func (stepColumns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var x float32
	for i, width := range []float32{foldWidth, statusWidth, titleWidth, size.Width - foldWidth - statusWidth - titleWidth - tookWidth, tookWidth} {
		need := objects[i].MinSize()
		objects[i].Move(fyne.NewPos(x, (size.Height-need.Height)/2))
		wide := width
		if i < 2 { // a button and a chip are no wider than they need to be
			wide = min(width, need.Width)
		}
		objects[i].Resize(fyne.NewSize(wide, need.Height))
		x += width
	}
}
