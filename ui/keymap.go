package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/command"
	"relayscope/ui/widgets"
)

// showKeys shows every key there is.
func (u *Window) showKeys() {
	d := dialog.NewCustom("All keys", "Close", container.NewVScroll(keyMap(u.table, 2)), u.win)
	size := u.win.Canvas().Size()
	d.Resize(fyne.NewSize(min(widgets.Zoomed(980), size.Width-40), min(widgets.Zoomed(660), size.Height-40)))
	u.showDialog(d)
}

// keyMap lists the keys of a table under their headings, in columns of about
// the same height.
func keyMap(table []command.Command, columns int) fyne.CanvasObject {
	var headings []string
	groups := map[string][]command.Command{}
	rows := 0
	for _, c := range table {
		if len(c.Keys) == 0 {
			continue
		}
		if groups[c.Group] == nil {
			headings = append(headings, c.Group)
			rows++
		}
		groups[c.Group] = append(groups[c.Group], c)
		rows++
	}
	grid := container.NewGridWithColumns(columns)
	column, filled := container.New(widgets.Stacked{}), 0
	grid.Add(column)
	for _, heading := range headings {
		if filled >= (rows+columns-1)/columns && len(grid.Objects) < columns {
			column, filled = container.New(widgets.Stacked{}), 0
			grid.Add(column)
		}
		title := widget.NewLabel(heading)
		title.TextStyle.Bold = true
		column.Add(title)
		for _, c := range groups[heading] {
			column.Add(keyRow(c))
		}
		filled += 1 + len(groups[heading])
	}
	return grid
}

func keyRow(c command.Command) fyne.CanvasObject {
	keys, what := widget.NewLabel(c.KeyText()), widget.NewLabel(c.Name)
	keys.TextStyle.Monospace = true
	keys.SizeName = theme.SizeNameCaptionText
	keys.Importance = widget.HighImportance
	for _, l := range []*widget.Label{keys, what} {
		l.Truncation = fyne.TextTruncateEllipsis
	}
	return container.New(keyAndWords{}, keys, what)
}

// keyAndWords gives the keys two fifths, and lets rows lie close together.
type keyAndWords struct{}

func (keyAndWords) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(widgets.Zoomed(200), objects[1].MinSize().Height-theme.InnerPadding())
}

func (keyAndWords) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	keys := size.Width * 0.4
	for i, o := range objects {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(float32(i)*keys, (size.Height-h)/2))
		o.Resize(fyne.NewSize([2]float32{keys, size.Width - keys}[i], h))
	}
}
