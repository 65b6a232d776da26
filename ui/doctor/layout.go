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

// stacked puts objects close below one another, each as high as it needs to be
// at the width there is: text that wraps learns its height from its width.
type stacked struct{ indent float32 }

func (s stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			min := o.MinSize()
			size = fyne.NewSize(max(size.Width, min.Width+s.indent), size.Height+min.Height)
		}
	}
	return size
}

func (s stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		width := size.Width - s.indent
		o.Resize(fyne.NewSize(width, o.MinSize().Height))
		height := o.MinSize().Height
		o.Move(fyne.NewPos(s.indent, y))
		o.Resize(fyne.NewSize(width, height))
		y += height
	}
}
