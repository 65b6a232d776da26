package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// Whoever has just chosen something leaves the form by Escape all the same.
func TestSelectLeavesTheWindowItsKeys(t *testing.T) {
	test.NewTempApp(t)
	chosen := ""
	s := NewSelect([]string{"a", "b"}, func(v string) { chosen = v })
	w := test.NewTempWindow(t, s)
	var typed []fyne.KeyName
	w.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { typed = append(typed, k.Name) })
	w.Canvas().Focus(s)
	for _, key := range []fyne.KeyName{fyne.KeyEscape, fyne.KeyF5, fyne.KeyRight} {
		w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: key})
	}
	if len(typed) != 2 || typed[0] != fyne.KeyEscape || typed[1] != fyne.KeyF5 || chosen != "a" {
		t.Errorf("the window was given %v, and %q was chosen", typed, chosen)
	}
}
