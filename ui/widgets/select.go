package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// A Select is Fyne's, which keeps the keyboard after a choice, but leaves the
// window its keys.
type Select struct{ widget.Select }

// NewSelect returns a Select that calls onChange, unless it is nil, with what is
// chosen.
func NewSelect(options []string, onChange func(string)) *Select {
	s := &Select{}
	s.Options, s.OnChanged, s.PlaceHolder = options, onChange, "(Select one)"
	s.ExtendBaseWidget(s)
	return s
}

// TypedKey is for Fyne.
func (s *Select) TypedKey(k *fyne.KeyEvent) {
	if WindowKey(k.Name) {
		PassKey(s, k)
		return
	}
	s.Select.TypedKey(k)
}
