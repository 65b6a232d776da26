package ui

import (
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"relayscope/ui/widgets"
)

// A disclosure is a row that shows and hides the rows below it.
type disclosure struct {
	button *widgets.Button
	row    *formRow
	opened bool
}

func newDisclosure(name string, onFold func()) *disclosure {
	d := &disclosure{}
	d.button = widgets.NewButtonWithIcon(name, theme.MenuExpandIcon(), func() {
		d.open(!d.opened)
		onFold()
	})
	d.button.Importance = widget.LowImportance
	d.button.Alignment = widget.ButtonAlignLeading
	d.row = newFormRow("", container.NewBorder(nil, nil, d.button, nil))
	return d
}

func (d *disclosure) open(on bool) {
	d.opened = on
	icon := theme.MenuExpandIcon()
	if on {
		icon = theme.MenuDropDownIcon()
	}
	d.button.SetIcon(icon)
}
