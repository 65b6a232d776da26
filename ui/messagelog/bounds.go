package messagelog

import (
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// maxMegabytes bounds what a person may set, for the machine's sake.
const maxMegabytes = 16 << 10

// boundsKept returns how many rows and megabytes a person wants to be held.
func boundsKept() (rows, megabytes int) {
	rows = prefs().IntWithFallback(rowsKey, journal.DefaultRows)
	megabytes = prefs().IntWithFallback(bytesKey, int(journal.DefaultBytes>>20))
	return min(max(rows, 1), journal.MaxRows), min(max(megabytes, 1), maxMegabytes)
}

// applyBounds makes the journal hold as much as a person wants.
func (p *Pane) applyBounds() {
	if p.live != nil {
		rows, megabytes := boundsKept()
		p.live.SetBounds(rows, int64(megabytes)<<20)
	}
}

// askBounds lets the person say how much is held.
func (p *Pane) askBounds() {
	rows, megabytes := boundsKept()
	rowEntry, byteEntry := widgets.NewEntry(), widgets.NewEntry()
	rowEntry.SetText(strconv.Itoa(rows))
	byteEntry.SetText(strconv.Itoa(megabytes))
	about := widget.NewLabel("")
	about.Wrapping = fyne.TextWrapWord
	form := container.NewVBox(widget.NewForm(widget.NewFormItem("Rows", rowEntry), widget.NewFormItem("Megabytes", byteEntry)), about)
	check := func(string) {
		_, _, err := parseBounds(rowEntry.Text, byteEntry.Text)
		text := "Older rows make room for new ones; the log says how many. A recording keeps them all."
		if err != nil {
			text = sentence(err.Error())
		}
		widgets.SetText(about, text)
	}
	rowEntry.OnChanged, byteEntry.OnChanged = check, check
	check("")
	d := dialog.NewCustomConfirm("How much is kept", "Keep", "Cancel", form, func(yes bool) {
		rows, megabytes, err := parseBounds(rowEntry.Text, byteEntry.Text)
		if !yes || err != nil {
			return
		}
		prefs().SetInt(rowsKey, rows)
		prefs().SetInt(bytesKey, megabytes)
		p.applyBounds()
	}, p.window())
	d.Resize(fyne.NewSize(420, 240))
	p.show(d)
	focus(rowEntry)
}

func parseBounds(rowText, byteText string) (rows, megabytes int, err error) {
	number := func(text string) (int, error) {
		return strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
	}
	if rows, err = number(rowText); err != nil || rows < 1 || rows > journal.MaxRows {
		return 0, 0, fmt.Errorf("rows: a number from 1 to %s", widgets.Group(journal.MaxRows))
	}
	if megabytes, err = number(byteText); err != nil || megabytes < 1 || megabytes > maxMegabytes {
		return 0, 0, fmt.Errorf("megabytes: a number from 1 to %s", widgets.Group(maxMegabytes))
	}
	return rows, megabytes, nil
}
