package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// NewSuggestEntry returns an entry for one line with a button that offers
// texts to put into it; anything else can be typed, too. offer is asked each
// time.
func NewSuggestEntry(offer func() []string) *Entry {
	e := newEntry(func(*Entry) {})
	arrow := NewButtonWithIcon("", theme.MenuDropDownIcon(), nil)
	arrow.Importance = widget.LowImportance
	arrow.OnTapped = func() {
		c := e.canvas()
		if c == nil {
			return
		}
		var items []*fyne.MenuItem
		for _, text := range offer() {
			items = append(items, fyne.NewMenuItem(text, func() { e.SetText(text) }))
		}
		if items == nil {
			none := fyne.NewMenuItem("Nothing to choose from yet", nil)
			none.Disabled = true
			items = append(items, none)
		}
		menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(e)
		menu.ShowAtPosition(at.AddXY(0, e.Size().Height))
		menu.Resize(fyne.NewSize(max(e.Size().Width, menu.MinSize().Width), menu.MinSize().Height))
	}
	e.ActionItem = arrow
	return e
}
