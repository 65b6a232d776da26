package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

type dragKind uint8

const (
	dragNothing dragKind = iota
	dragRows
	dragThumb
)

// wheelRows is how many rows one row's height of wheel movement scrolls.
const wheelRows = 2

// A wheel holds what was scrolled but makes no whole row yet.
type wheel float64

// turn returns how many rows to scroll, forward if by, in heights of a row, is
// positive.
func (w *wheel) turn(by float64) int64 {
	rows := wheel(by * wheelRows)
	if *w*rows < 0 {
		*w = 0 // it turned round
	}
	*w += rows
	whole := int64(*w)
	*w -= wheel(whole)
	return whole
}

var (
	_ fyne.Focusable         = (*LogView)(nil)
	_ fyne.Scrollable        = (*LogView)(nil)
	_ fyne.Draggable         = (*LogView)(nil)
	_ fyne.Shortcutable      = (*LogView)(nil)
	_ fyne.SecondaryTappable = (*LogView)(nil)
	_ fyne.DoubleTappable    = (*LogView)(nil)
	_ desktop.Mouseable      = (*LogView)(nil)
	_ desktop.Keyable        = (*LogView)(nil)
)

// MouseDown implements desktop.Mouseable.
func (v *LogView) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(v); c != nil {
		c.Focus(v)
	}
	if e.Button == desktop.MouseButtonPrimary {
		v.press(e.Position, e.Modifier)
	}
}

// press acts on the left button going down at pos.
func (v *LogView) press(pos fyne.Position, held fyne.KeyModifier) {
	v.sync()
	p := v.layout.pixel(pos)
	thumb := v.layout.thumb(&v.span)
	switch {
	case p.In(v.layout.pill(&v.span)):
		v.span.follow = true
	case p.In(v.layout.track()) && !thumb.Empty():
		switch {
		case p.Y < thumb.Min.Y:
			v.span.scrollTo(v.span.top - v.span.rows)
		case p.Y >= thumb.Max.Y:
			v.span.scrollTo(v.span.top + v.span.rows)
		default:
			v.drag, v.grab = dragThumb, p.Y-thumb.Min.Y
		}
	case p.Y >= v.layout.header:
		n := v.layout.rowAt(p.Y, v.span.top)
		if n < v.span.first || n > v.span.last {
			break
		}
		switch {
		case held&fyne.KeyModifierShortcutDefault != 0:
			v.pick(n)
		case held&fyne.KeyModifierShift != 0 && v.anchor != 0:
			v.drag = dragRows
			v.selectRows(v.anchor, n)
		default:
			v.drag = dragRows
			v.selectRows(n, n)
		}
	}
	v.Refresh()
}

// MouseUp implements desktop.Mouseable.
func (v *LogView) MouseUp(*desktop.MouseEvent) { v.release() }

// DragEnd implements fyne.Draggable.
func (v *LogView) DragEnd() { v.release() }

func (v *LogView) release() {
	if v.drag != dragNothing {
		v.drag = dragNothing
		v.Refresh()
	}
}

// Dragged implements fyne.Draggable: it moves the thumb or extends the
// selection, scrolling when the pointer leaves the rows.
func (v *LogView) Dragged(e *fyne.DragEvent) {
	if v.drag == dragNothing {
		return
	}
	v.sync()
	p := v.layout.pixel(e.Position)
	if v.drag == dragThumb {
		v.span.scrollTo(v.layout.topAt(p.Y-v.grab, &v.span))
		v.Refresh()
		return
	}
	n := v.layout.rowAt(p.Y, v.span.top)
	n = min(max(n, v.span.top-1), v.span.top+v.span.rows) // one row at a time
	n = min(max(n, v.span.first), v.span.last)
	v.selectRows(v.anchor, n)
	v.span.reveal(n)
	v.Refresh()
}

// DoubleTapped implements fyne.DoubleTappable.
func (v *LogView) DoubleTapped(e *fyne.PointEvent) {
	v.sync()
	p := v.layout.pixel(e.Position)
	n := v.layout.rowAt(p.Y, v.span.top)
	onRow := p.Y >= v.layout.header && n >= v.span.first && n <= v.span.last
	if onRow && !p.In(v.layout.track()) && !p.In(v.layout.pill(&v.span)) {
		v.open()
	}
}

// TappedSecondary implements fyne.SecondaryTappable. The menu is about the
// selection, so the row under the pointer becomes it unless it is in it.
func (v *LogView) TappedSecondary(e *fyne.PointEvent) {
	v.sync()
	p := v.layout.pixel(e.Position)
	n := v.layout.rowAt(p.Y, v.span.top)
	inside := n >= min(v.anchor, v.cursor) && n <= max(v.anchor, v.cursor) || v.picked[n]
	if p.Y < v.layout.header {
		if v.OnHeader != nil {
			v.OnHeader(e.AbsolutePosition)
		}
		return
	}
	if n >= v.span.first && n <= v.span.last && !inside {
		v.selectRows(n, n)
		v.Refresh()
	}
	if v.OnMenu != nil {
		v.OnMenu(e.AbsolutePosition)
	}
}

// Scrolled implements fyne.Scrollable.
func (v *LogView) Scrolled(e *fyne.ScrollEvent) {
	v.sync()
	if rows := v.wheel.turn(-float64(e.Scrolled.DY) * v.scale / float64(v.layout.row)); rows != 0 {
		v.span.scrollTo(v.span.top + rows)
		v.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (v *LogView) FocusGained() { v.focused = true; v.Refresh() }

// FocusLost implements fyne.Focusable.
func (v *LogView) FocusLost() {
	v.focused, v.shift, v.drag = false, false, dragNothing
	v.Refresh()
}

// TypedRune implements fyne.Focusable.
func (v *LogView) TypedRune(r rune) {
	if v.OnRune != nil {
		v.OnRune(r)
	}
}

// KeyDown implements desktop.Keyable: plain key events do not say whether
// Shift is held.
func (v *LogView) KeyDown(e *fyne.KeyEvent) { v.shifted(e, true) }

// KeyUp implements desktop.Keyable.
func (v *LogView) KeyUp(e *fyne.KeyEvent) { v.shifted(e, false) }

func (v *LogView) shifted(e *fyne.KeyEvent, down bool) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		v.shift = down
	}
}

// TypedKey implements fyne.Focusable. Keys without a meaning here go to the
// window, which Fyne asks only when nothing has the focus.
func (v *LogView) TypedKey(e *fyne.KeyEvent) {
	v.sync()
	if v.OnKey != nil && v.OnKey(e) {
		return
	}
	page := max(1, v.span.rows-1)
	switch e.Name {
	case fyne.KeyUp:
		v.move(-1)
	case fyne.KeyDown:
		v.move(1)
	case fyne.KeyPageUp:
		v.move(-page)
	case fyne.KeyPageDown:
		v.move(page)
	case fyne.KeyHome:
		v.goTo(v.span.first)
	case fyne.KeyEnd:
		v.goTo(v.span.last)
	case fyne.KeyReturn, fyne.KeyEnter:
		v.open()
	case desktop.KeyMenu:
		v.menuAtSelection()
	default:
		if WindowKey(e.Name) {
			PassKey(v, e)
		}
	}
}

// move moves the selection; without one it begins at the edge it comes from.
func (v *LogView) move(rows int64) {
	switch {
	case v.anchor != 0:
		v.goTo(v.cursor + rows)
	case rows < 0:
		v.goTo(min(v.span.last, v.span.top+v.span.rows-1))
	default:
		v.goTo(max(v.span.first, v.span.top))
	}
}

// goTo selects row n, or extends the selection to it while Shift is held.
func (v *LogView) goTo(n int64) {
	if v.span.last < v.span.first {
		return
	}
	n = min(max(n, v.span.first), v.span.last)
	if v.shift && v.anchor != 0 {
		v.selectRows(v.anchor, n)
	} else {
		v.selectRows(n, n)
	}
	v.span.reveal(n)
	v.Refresh()
}

func (v *LogView) open() {
	if v.anchor != 0 && v.OnOpen != nil {
		v.OnOpen(uint64(v.cursor))
	}
}

// menuAtSelection opens the menu for a keyboard, below the selected row.
func (v *LogView) menuAtSelection() {
	if v.OnMenu == nil {
		return
	}
	row := min(max(v.cursor-v.span.top+1, 0), v.span.rows)
	at := fyne.NewPos(float32(v.layout.pad), float32(v.layout.header+int(row)*v.layout.row))
	at.X, at.Y = at.X/float32(v.scale), at.Y/float32(v.scale)
	v.OnMenu(fyne.CurrentApp().Driver().AbsolutePositionForObject(v).Add(at))
}

// TypedShortcut implements fyne.Shortcutable. What the view has no use for
// goes to the canvas, which Fyne asks only when nothing with shortcuts has
// the focus.
func (v *LogView) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		v.Copy()
		return
	case *fyne.ShortcutSelectAll:
		v.sync()
		if v.span.last >= v.span.first {
			v.selectRows(v.span.first, v.span.last)
			v.Refresh()
		}
		return
	case *desktop.CustomShortcut:
		if s.Modifier == fyne.KeyModifierControl && (s.KeyName == fyne.KeyHome || s.KeyName == fyne.KeyEnd) {
			v.TypedKey(&fyne.KeyEvent{Name: s.KeyName})
			return
		}
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(v)
	if next, ok := c.(fyne.Shortcutable); ok {
		next.TypedShortcut(s)
	}
}

// Copy calls OnCopy with the selection, or puts the cells of the selected rows
// on the clipboard: tabs between cells, a line for each row.
func (v *LogView) Copy() {
	first, last := v.Selection()
	if first == 0 {
		return
	}
	if v.OnCopy != nil {
		v.OnCopy(first, last)
		return
	}
	var out strings.Builder
	lines := make([]Line, 256)
	for first <= last {
		n := v.source.Lines(first, lines)
		for _, line := range lines[:n] {
			if line.Number <= last {
				out.WriteString(strings.Join(line.Cells, "\t"))
				out.WriteByte('\n')
			}
		}
		if n == 0 {
			break
		}
		first = lines[n-1].Number + 1
	}
	fyne.CurrentApp().Clipboard().SetContent(out.String())
}
