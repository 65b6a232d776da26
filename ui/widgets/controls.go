package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A Button is Fyne's button, but for the keyboard: Enter presses it as well as
// Space, it keeps the keyboard when pressed, and keys that belong to the
// window reach it.
type Button struct{ widget.Button }

// NewButton returns a button with a text.
func NewButton(text string, tapped func()) *Button { return NewButtonWithIcon(text, nil, tapped) }

// NewButtonWithIcon returns a button with a text and an icon.
func NewButtonWithIcon(text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey is for Fyne.
func (b *Button) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		c := fyne.CurrentApp().Driver().CanvasForObject(b)
		b.Tapped(nil)
		if c != nil && c.Focused() == nil && b.Visible() && c.Overlays().Top() == nil {
			c.Focus(b)
		}
	default:
		if WindowKey(k.Name) {
			PassKey(b, k)
		}
	}
}

// A Check is Fyne's check box, but for the keys that belong to the window.
type Check struct{ widget.Check }

// NewCheck returns a check box.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey is for Fyne.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if WindowKey(k.Name) {
		PassKey(c, k)
		return
	}
	c.Check.TypedKey(k)
}
