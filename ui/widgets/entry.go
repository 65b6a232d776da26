package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// An Entry is Fyne's entry, but for the keys that belong to the window: Fyne
// keeps those from the window while an entry has the focus.
type Entry struct {
	widget.Entry
	OnCtrlEnter func() // nil: the key does nothing
}

// NewEntry returns an entry for one line.
func NewEntry() *Entry { return newEntry(func(*Entry) {}) }

// NewPasswordEntry returns an entry for one line that is not shown.
func NewPasswordEntry() *Entry { return newEntry(func(e *Entry) { e.Password = true }) }

// NewMultiLineEntry returns an entry for lines of text that break anywhere, in
// monospace.
func NewMultiLineEntry() *Entry {
	return newEntry(func(e *Entry) {
		e.MultiLine = true
		e.Wrapping = fyne.TextWrapBreak
		e.Scroll = fyne.ScrollVerticalOnly
		e.TextStyle.Monospace = true
	})
}

func newEntry(set func(*Entry)) *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	set(e)
	e.ExtendBaseWidget(e)
	return e
}

// TypedShortcut takes Ctrl+Enter, keeps what edits text, and hands the
// window's shortcuts to the window.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	custom, ok := s.(*desktop.CustomShortcut)
	switch {
	case ok && custom.Modifier == fyne.KeyModifierShortcutDefault && (custom.KeyName == fyne.KeyReturn || custom.KeyName == fyne.KeyEnter):
		if e.OnCtrlEnter != nil {
			e.OnCtrlEnter()
		}
	case ok && len(custom.KeyName) == 1: // a letter or digit; Fyne's own are cursor keys
		if canvas, ok := e.canvas().(fyne.Shortcutable); ok {
			canvas.TypedShortcut(s)
		}
	default:
		e.Entry.TypedShortcut(s)
	}
}

// TypedKey hands the keys that edit nothing to the window.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape || k.Name == fyne.KeyF1 || k.Name == fyne.KeyF5 {
		if c := e.canvas(); c != nil && c.OnTypedKey() != nil {
			c.OnTypedKey()(k)
		}
		return
	}
	e.Entry.TypedKey(k)
}

func (e *Entry) canvas() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(e) }
