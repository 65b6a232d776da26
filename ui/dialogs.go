package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
)

// An openedOver is something over the window that Escape closes.
type openedOver struct {
	overlay fyne.CanvasObject
	close   func()
}

// showDialog shows a dialog that Escape closes as its Cancel button does:
// Fyne's own do not listen.
func (u *Window) showDialog(d dialog.Dialog) {
	d.Show()
	u.opened = append(u.opened, openedOver{u.win.Canvas().Overlays().Top(), d.Dismiss})
}

// dismissTop closes what lies on top.
func (u *Window) dismissTop() {
	top := u.win.Canvas().Overlays().Top()
	if !slices.ContainsFunc(u.opened, func(o openedOver) bool { return o.overlay == top }) {
		if beside, ok := top.(fyne.Tappable); ok { // a box of some pane's, which goes when somebody taps beside it
			beside.Tapped(&fyne.PointEvent{})
		}
		return
	}
	for i := len(u.opened) - 1; i >= 0; i-- {
		o := u.opened[i]
		u.opened = u.opened[:i] // what came later is closed already
		if o.overlay == top {
			o.close()
			return
		}
	}
}
