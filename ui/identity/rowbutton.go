package identity

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A rowButton is a row's Copy. It tells when it has the focus, so that whoever
// moves from row to row by Tab sees where.
type rowButton struct {
	widget.Button
	onFocus func()
}

func newRowButton(onTapped, onFocus func()) *rowButton {
	b := &rowButton{onFocus: onFocus}
	b.Icon = theme.ContentCopyIcon()
	b.Importance = widget.LowImportance
	b.OnTapped = onTapped
	b.ExtendBaseWidget(b)
	return b
}

// FocusGained is for Fyne.
func (b *rowButton) FocusGained() {
	b.Button.FocusGained()
	b.onFocus()
}

// TypedKey keeps the focus where it is; a button of Fyne's loses it when it is
// pressed, and Tab would begin again at the top.
func (b *rowButton) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		b.OnTapped()
	}
}
