package widgets

import (
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Cursor implements desktop.Cursorable.
func (v *TextView) Cursor() desktop.Cursor { return desktop.TextCursor }

// MouseDown implements desktop.Mouseable.
func (v *TextView) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		c.Focus(v)
	}
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	v.sync()
	p := v.layout.pixel(e.Position)
	thumb := v.layout.thumb(&v.span)
	switch {
	case p.In(v.layout.track()) && !thumb.Empty():
		switch {
		case p.Y < thumb.Min.Y:
			v.span.scrollTo(v.span.top - v.span.rows)
		case p.Y >= thumb.Max.Y:
			v.span.scrollTo(v.span.top + v.span.rows)
		default:
			v.drag, v.grab = dragThumb, p.Y-thumb.Min.Y
		}
	default:
		v.drag = dragRows
		v.cursor = v.at(e.Position)
		if e.Modifier&fyne.KeyModifierShift == 0 {
			v.anchor = v.cursor
		}
	}
	v.Refresh()
}

// MouseUp implements desktop.Mouseable.
func (v *TextView) MouseUp(*desktop.MouseEvent) { v.drag = dragNothing }

// DragEnd implements fyne.Draggable.
func (v *TextView) DragEnd() { v.drag = dragNothing }

// Dragged implements fyne.Draggable: it extends the selection, scrolling when
// the pointer leaves the text, or moves the thumb.
func (v *TextView) Dragged(e *fyne.DragEvent) {
	v.sync()
	p := v.layout.pixel(e.Position)
	switch v.drag {
	case dragThumb:
		v.span.scrollTo(v.layout.topAt(p.Y-v.grab, &v.span))
	case dragRows:
		switch {
		case p.Y < 0:
			v.span.scrollTo(v.span.top - 1)
		case p.Y >= v.layout.size.Y:
			v.span.scrollTo(v.span.top + 1)
		}
		v.cursor = v.at(e.Position)
	}
	v.Refresh()
}

// DoubleTapped implements fyne.DoubleTappable: it selects a word.
func (v *TextView) DoubleTapped(e *fyne.PointEvent) {
	v.sync()
	at, text := v.at(e.Position), v.text.text
	word := func(b byte) bool {
		return b >= 0x80 || b == '_' || b == '-' || unicode.IsLetter(rune(b)) || unicode.IsDigit(rune(b))
	}
	from, to := at, at
	for from > 0 && word(text[from-1]) {
		from--
	}
	for to < len(text) && word(text[to]) {
		to++
	}
	v.anchor, v.cursor = from, to
	v.Refresh()
}

// TappedSecondary implements fyne.SecondaryTappable.
func (v *TextView) TappedSecondary(e *fyne.PointEvent) {
	if v.OnMenu != nil {
		v.OnMenu(e.AbsolutePosition)
	}
}

// Scrolled implements fyne.Scrollable.
func (v *TextView) Scrolled(e *fyne.ScrollEvent) {
	v.sync()
	if rows := v.wheel.turn(-float64(e.Scrolled.DY) * v.scale / float64(v.layout.row)); rows != 0 {
		v.span.scrollTo(v.span.top + rows)
		v.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (v *TextView) FocusGained() { v.focused = true; v.Refresh() }

// FocusLost implements fyne.Focusable.
func (v *TextView) FocusLost() { v.focused, v.drag = false, dragNothing; v.Refresh() }

// TypedRune implements fyne.Focusable.
func (v *TextView) TypedRune(r rune) {
	if v.OnRune != nil {
		v.OnRune(r)
	}
}

// TypedKey implements fyne.Focusable.
func (v *TextView) TypedKey(e *fyne.KeyEvent) {
	v.sync()
	if v.OnKey != nil && v.OnKey(e) {
		return
	}
	page := max(1, v.span.rows-1)
	switch e.Name {
	case fyne.KeyUp:
		v.span.scrollTo(v.span.top - 1)
	case fyne.KeyDown:
		v.span.scrollTo(v.span.top + 1)
	case fyne.KeyPageUp:
		v.span.scrollTo(v.span.top - page)
	case fyne.KeyPageDown:
		v.span.scrollTo(v.span.top + page)
	case fyne.KeyHome:
		v.span.scrollTo(1)
	case fyne.KeyEnd:
		v.span.scrollTo(v.span.last)
	case desktop.KeyMenu:
		if v.OnMenu != nil {
			v.OnMenu(fyne.CurrentApp().Driver().AbsolutePositionForObject(v).AddXY(8, 8))
		}
	default:
		if WindowKey(e.Name) {
			PassKey(v, e)
		}
	}
	v.Refresh()
}

// TypedShortcut implements fyne.Shortcutable. What the view has no use for
// goes to the window.
func (v *TextView) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutCopy:
		v.Copy()
		return
	case *fyne.ShortcutSelectAll:
		v.anchor, v.cursor = 0, len(v.text.text)
		v.Refresh()
		return
	}
	if next, ok := fyne.CurrentApp().Driver().CanvasForObject(v).(fyne.Shortcutable); ok {
		next.TypedShortcut(s)
	}
}

// Copy copies what is selected, or all of the text if nothing is.
func (v *TextView) Copy() {
	text := v.SelectedText()
	if text == "" {
		text = v.text.text
	}
	if v.OnCopy != nil {
		v.OnCopy(text)
		return
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
}
