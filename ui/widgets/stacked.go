package widgets

import "fyne.io/fyne/v2"

// Stacked is a layout that puts objects below one another, each as high as it
// needs to be at the width there is: text that wraps learns its height from
// its width.
type Stacked struct {
	Indent float32 // from the left
	Gap    float32 // below each object
}

// MinSize is for Fyne.
func (s Stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			size.Width = max(size.Width, o.MinSize().Width+s.Indent)
		}
	}
	for _, o := range objects {
		if o.Visible() {
			size.Height += HeightAt(o, max(size.Width-s.Indent, o.Size().Width)) + s.Gap
		}
	}
	return size
}

// Layout is for Fyne.
func (s Stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		width := size.Width - s.Indent
		height := HeightAt(o, width)
		o.Move(fyne.NewPos(s.Indent, y))
		o.Resize(fyne.NewSize(width, height))
		y += height + s.Gap
	}
}

// HeightAt returns the height that o needs at a width, which it gets: text that
// wraps only then knows how high it is.
func HeightAt(o fyne.CanvasObject, width float32) float32 {
	if p, ok := o.(*Problem); ok {
		return p.HeightFor(width)
	}
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	return o.MinSize().Height
}

// SetVisible shows or hides o.
func SetVisible(o fyne.CanvasObject, on bool) {
	switch {
	case on == o.Visible():
	case on:
		o.Show()
	default:
		o.Hide()
	}
}
