package widgets_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"relayscope/ui/widgets"
)

func TestControlsLeaveTheWindowItsKeys(t *testing.T) {
	test.NewTempApp(t)
	pressed := 0
	button := widgets.NewButton("Go", func() { pressed++ })
	choice, check := widgets.NewSelect([]string{"a", "b"}, nil), widgets.NewCheck("yes", nil)
	w := test.NewTempWindow(t, container.NewVBox(button, choice, check))
	passed := 0
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { passed++ })
	for _, o := range []fyne.Focusable{button, choice, check} {
		w.Canvas().Focus(o)
		for _, k := range []fyne.KeyName{fyne.KeyF1, fyne.KeyF5, fyne.KeyEscape} {
			w.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: k})
		}
	}
	if passed != 9 {
		t.Errorf("the window got %d keys, want 9", passed)
	}
	w.Canvas().Focus(button)
	for _, k := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn} {
		button.TypedKey(&fyne.KeyEvent{Name: k})
	}
	if pressed != 2 || w.Canvas().Focused() != button {
		t.Errorf("pressed %d times; the keyboard is with %T", pressed, w.Canvas().Focused())
	}
	if check.TypedRune(' '); !check.Checked {
		t.Error("the space does not tick the box")
	}
}
