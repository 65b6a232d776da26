package identity

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"relayscope/ui/widgets"
)

// pageWidth is the least width of the page's column. It takes what there is: in
// a window of 1280×720 a good thousand beside the list of profiles.
const pageWidth = 760

// stacked puts objects below each other at the column's width.
type stacked struct{}

func (l stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			size.Width = max(size.Width, o.MinSize().Width)
		}
	}
	for _, o := range objects {
		if o.Visible() {
			size.Height += heightAt(o, max(size.Width, o.Size().Width)) + theme.Padding()
		}
	}
	return size
}

func (l stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := heightAt(o, size.Width)
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + theme.Padding()
	}
}

// heightAt resizes first: text that wraps only then knows how high it is.
func heightAt(o fyne.CanvasObject, width float32) float32 {
	if p, ok := o.(*widgets.Problem); ok {
		return p.HeightFor(width)
	}
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	return o.MinSize().Height
}
