package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"relayscope/ui/widgets"
)

// Whoever has no mouse must get out of every field.
func TestTabLeavesEveryEntry(t *testing.T) {
	test.NewTempApp(t)
	first, second := widgets.NewMultiLineEntry(), widgets.NewSecretEntry()
	w := test.NewTempWindow(t, container.NewVBox(first, second))
	w.Canvas().Focus(first)
	w.Canvas().FocusNext()
	if first.AcceptsTab() || second.AcceptsTab() || w.Canvas().Focused() != second {
		t.Errorf("the focus is on %T", w.Canvas().Focused())
	}
}

func TestWindowKeysPassThroughAnEntry(t *testing.T) {
	test.NewTempApp(t)
	e := widgets.NewEntry()
	w := test.NewTempWindow(t, e)
	var typed []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { typed = append(typed, k.Name) })
	w.Canvas().Focus(e)
	for _, k := range []fyne.KeyName{fyne.KeyF5, fyne.KeyHome, fyne.KeyEscape} {
		e.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if len(typed) != 2 || typed[0] != fyne.KeyF5 || typed[1] != fyne.KeyEscape {
		t.Errorf("the window got %v, want F5 and Escape", typed)
	}
}
