package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// shortcuts binds the keys that work everywhere in the window.
func (u *Window) shortcuts() {
	for key, do := range map[fyne.KeyName]func(){
		fyne.KeyN: u.fillNew,
		fyne.KeyL: u.page.ClearLog,
		fyne.KeyE: u.editCurrent,
		fyne.KeyD: u.testCurrent,
	} {
		u.win.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault},
			func(fyne.Shortcut) { do() })
	}
	u.pager.bind(u.win.Canvas())
	u.win.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		switch k.Name {
		case fyne.KeyEscape:
			switch {
			case u.sidebar.filter.Text != "" && u.sidebar.hasFocus(u.win.Canvas()):
				u.sidebar.filter.SetText("")
			case u.form.content.Visible():
				u.form.cancel.OnTapped()
			}
		case fyne.KeyF5:
			switch {
			case !u.live.Visible():
			case u.pager.shows(pageTest):
				u.test.Run()
			default:
				u.startOrStop()
			}
		}
	})
}
