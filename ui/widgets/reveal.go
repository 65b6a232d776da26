package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// NewSecretEntry returns an entry for one line that is shown only as long as
// the eye at its end is held down, by mouse or by the space bar: nobody walks
// away from a key that is still on the screen.
func NewSecretEntry() *Entry {
	return newEntry(func(e *Entry) {
		e.Password = true
		e.ActionItem = newRevealer(e)
	})
}

// A revealer shows an entry's text while it is held.
type revealer struct {
	widget.BaseWidget
	entry   *Entry
	icon    *widget.Icon
	ring    *canvas.Rectangle
	focused bool
}

func newRevealer(e *Entry) *revealer {
	r := &revealer{entry: e, icon: widget.NewIcon(theme.VisibilityOffIcon()), ring: canvas.NewRectangle(nil)}
	r.ring.CornerRadius = 4
	r.ExtendBaseWidget(r)
	return r
}

// hold shows the text or hides it again.
func (r *revealer) hold(on bool) {
	if r.entry.Password != on {
		return
	}
	r.entry.Password = !on
	icon := theme.VisibilityOffIcon()
	if on {
		icon = theme.VisibilityIcon()
	}
	r.icon.SetResource(icon)
	r.entry.Refresh()
}

func (r *revealer) focus(on bool) {
	r.focused = on
	r.Refresh()
}

// MouseDown shows the text.
func (r *revealer) MouseDown(e *desktop.MouseEvent) { r.hold(e.Button == desktop.MouseButtonPrimary) }

// MouseUp hides it.
func (r *revealer) MouseUp(*desktop.MouseEvent) { r.hold(false) }

// MouseIn is for Fyne.
func (r *revealer) MouseIn(*desktop.MouseEvent) {}

// MouseMoved is for Fyne.
func (r *revealer) MouseMoved(*desktop.MouseEvent) {}

// MouseOut hides the text: the button may come up anywhere.
func (r *revealer) MouseOut() { r.hold(false) }

// KeyDown shows the text.
func (r *revealer) KeyDown(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		r.hold(true)
	}
}

// KeyUp hides it.
func (r *revealer) KeyUp(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		r.hold(false)
	}
}

// FocusGained draws a ring.
func (r *revealer) FocusGained() { r.focus(true) }

// FocusLost hides the text.
func (r *revealer) FocusLost() {
	r.hold(false)
	r.focus(false)
}

// TypedRune is for Fyne.
func (r *revealer) TypedRune(rune) {}

// TypedKey hands keys to the window.
func (r *revealer) TypedKey(k *fyne.KeyEvent) {
	if c := r.entry.canvas(); k.Name != fyne.KeySpace && c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
}

// Cursor says that this is no text.
func (r *revealer) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// CreateRenderer is for Fyne.
func (r *revealer) CreateRenderer() fyne.WidgetRenderer {
	return &revealRenderer{widget.NewSimpleRenderer(container.NewStack(r.ring, container.NewCenter(container.NewGridWrap(fyne.NewSquareSize(theme.IconInlineSize()-2), r.icon)))), r}
}

type revealRenderer struct {
	fyne.WidgetRenderer
	r *revealer
}

func (v *revealRenderer) MinSize() fyne.Size {
	side := theme.IconInlineSize() + theme.Padding()
	return fyne.NewSquareSize(side)
}

func (v *revealRenderer) Refresh() {
	v.r.ring.FillColor = nil
	if v.r.focused {
		v.r.ring.FillColor = theme.Color(theme.ColorNameFocus)
	}
	v.r.ring.Refresh()
	v.WidgetRenderer.Refresh()
}
