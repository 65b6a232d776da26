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
	OnCtrlEnter  func()            // nil: the key does nothing
	OnAltArrow   func(by int)      // Alt+Up is -1, Alt+Down is 1; nil: they do nothing
	OnLargePaste func(text string) // a text that was pasted and is too large to edit; nil: it is dropped

	// OnKey, if set, is asked before the entry takes a key, and says whether
	// it took it.
	OnKey func(*fyne.KeyEvent) bool
}

// MaxPaste is how much an entry takes at once, in bytes: Fyne's takes seconds to
// lay out more, and minutes for megabytes.
const MaxPaste = 32 << 10

// NewEntry returns an entry for one line.
func NewEntry() *Entry { return newEntry(func(*Entry) {}) }

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

// TypedShortcut takes Ctrl+Enter and Alt with an arrow, keeps what edits text, and hands the
// window's shortcuts to the window.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	custom, ok := s.(*desktop.CustomShortcut)
	paste, isPaste := s.(*fyne.ShortcutPaste)
	switch {
	case isPaste && len(paste.Clipboard.Content()) > MaxPaste:
		if e.OnLargePaste != nil {
			e.OnLargePaste(paste.Clipboard.Content())
		}
	case ok && custom.Modifier == fyne.KeyModifierShortcutDefault && (custom.KeyName == fyne.KeyReturn || custom.KeyName == fyne.KeyEnter):
		if e.OnCtrlEnter != nil {
			e.OnCtrlEnter()
		}
	case ok && e.OnAltArrow != nil && custom.Modifier == fyne.KeyModifierAlt && (custom.KeyName == fyne.KeyUp || custom.KeyName == fyne.KeyDown):
		if custom.KeyName == fyne.KeyUp {
			e.OnAltArrow(-1)
		} else {
			e.OnAltArrow(1)
		}
	case ok && (len(custom.KeyName) == 1 || WindowKey(custom.KeyName)): // Fyne's own are cursor keys
		if canvas, ok := e.canvas().(fyne.Shortcutable); ok {
			canvas.TypedShortcut(s)
		}
	default:
		e.Entry.TypedShortcut(s)
	}
}

// TypedKey hands the keys that edit nothing to the window.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if e.OnKey != nil && e.OnKey(k) {
		return
	}
	if WindowKey(k.Name) {
		PassKey(e, k)
		return
	}
	e.Entry.TypedKey(k)
}

// WindowKey reports whether a key alone belongs to the window, whatever has
// the keyboard: Escape and the function keys.
func WindowKey(name fyne.KeyName) bool {
	return name == fyne.KeyEscape || len(name) > 1 && name[0] == 'F' && name[1] <= '9'
}

// PassKey hands a key from the object that has the keyboard to the window.
func PassKey(from fyne.CanvasObject, k *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(from); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
}

// PassRune hands a character that was typed to the window.
func PassRune(from fyne.CanvasObject, r rune) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(from); c != nil && c.OnTypedRune() != nil {
		c.OnTypedRune()(r)
	}
}

// AcceptsTab keeps Tab for moving on: a field that swallows it is a trap for
// whoever has no mouse.
func (e *Entry) AcceptsTab() bool { return false }

func (e *Entry) canvas() fyne.Canvas { return fyne.CurrentApp().Driver().CanvasForObject(e) }
