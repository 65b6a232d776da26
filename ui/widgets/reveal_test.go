package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestSecretIsShownOnlyWhileHeld(t *testing.T) {
	test.NewTempApp(t)
	e := NewSecretEntry()
	e.SetText("secret")
	test.NewTempWindow(t, e)
	eye := e.ActionItem.(*revealer)
	press := func() { eye.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary}) }
	space := &fyne.KeyEvent{Name: fyne.KeySpace}
	for name, tt := range map[string]struct{ hold, release func() }{
		"mouse":            {press, func() { eye.MouseUp(&desktop.MouseEvent{}) }},
		"mouse moved away": {press, eye.MouseOut},
		"space bar":        {func() { eye.KeyDown(space) }, func() { eye.KeyUp(space) }},
		"focus moved away": {func() { eye.FocusGained(); eye.KeyDown(space) }, eye.FocusLost},
	} {
		t.Run(name, func(t *testing.T) {
			tt.hold()
			if e.Password {
				t.Error("it is hidden while it is held")
			}
			tt.release()
			if !e.Password {
				t.Error("it stays on the screen")
			}
		})
	}
	eye.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
	if !e.Password {
		t.Error("the other button shows it")
	}
}
