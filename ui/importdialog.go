package ui

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/profiles/importing"
	"relayscope/ui/widgets"
)

// An importDialog shows what a file holds before anything of it is stored.
type importDialog struct {
	checks []*widgets.Check
	found  []profiles.Profile
	group  *widgets.Entry
	yes    *widgets.Button
	dialog *dialog.CustomDialog
}

func (u *Window) showImport(name string, r importing.Result) {
	d := &importDialog{group: widgets.NewSuggestEntry(u.groups)}
	d.group.SetPlaceHolder("Optional: put all of them into this group")
	rows := container.New(tightRowsOf{})
	for _, f := range r.Found {
		rows.Add(d.row(u, f))
	}
	if len(r.Found) == 0 {
		rows.Add(widget.NewLabel("There is no hybrid connection in this file that could be used."))
	}
	if len(r.Ignored) > 0 {
		title := widget.NewLabel("Not used")
		title.TextStyle.Bold = true
		rows.Add(title)
		for _, i := range r.Ignored {
			what := widget.NewLabel(widgets.ShownLine(i.What))
			what.Truncation = fyne.TextTruncateEllipsis
			rows.Add(container.New(notesBelow{}, what, note(lineWords(i.Line)+i.Why)))
		}
	}
	head := widget.NewLabel(widgets.Shown(importWords(r)))
	head.Wrapping = fyne.TextWrapWord
	body := container.NewBorder(head, container.NewPadded(d.group), nil, nil, container.NewVScroll(rows))
	d.dialog = dialog.NewCustomWithoutButtons(widgets.ShownLine("Import from “"+name+"”"), body, u.win)
	d.yes = widgets.NewButtonWithIcon("Import", theme.DownloadIcon(), func() {
		d.dialog.Hide()
		u.takeImport(d.chosen())
	})
	d.yes.Importance = widget.HighImportance
	d.dialog.SetButtons([]fyne.CanvasObject{widgets.NewButton("Cancel", d.dialog.Hide), d.yes})
	d.count()
	widgets.SetVisible(d.group, len(r.Found) > 0)
	u.importing = d
	size := u.win.Canvas().Size()
	d.dialog.Resize(fyne.NewSize(min(widgets.Zoomed(760), size.Width*0.8), min(widgets.Zoomed(600), size.Height*0.85)))
	u.showDialog(d.dialog)
}

// row shows one profile of the file. What is here already is not chosen.
func (d *importDialog) row(u *Window, f importing.Found) fyne.CanvasObject {
	p, known := u.placeOf(f.Profile)
	name := p.Name
	if name == "" {
		name = "Without a name"
	}
	check := widgets.NewCheck(widgets.ShownLine(name), func(bool) { d.count() })
	check.Checked = !strings.HasPrefix(known, "You have")
	d.checks, d.found = append(d.checks, check), append(d.found, p)
	words := lineWords(f.Line) + subtitle(profiles.Entry{Profile: p})
	notes := append([]string{}, f.Notes...)
	if known != "" {
		notes = append(notes, known)
	}
	objects := []fyne.CanvasObject{container.NewHBox(check), note(words)}
	if len(notes) > 0 {
		objects = append(objects, note(strings.Join(notes, "\n")))
	}
	if len(f.Needs) > 0 {
		var missing []string
		for _, field := range f.Needs {
			missing = append(missing, field.String())
		}
		needs := note("To be entered after the import: " + strings.Join(missing, ", "))
		needs.Importance = widget.WarningImportance
		objects = append(objects, needs)
	}
	return container.New(notesBelow{}, objects...)
}

// count says on the button how many are chosen.
func (d *importDialog) count() {
	if d.yes == nil {
		return
	}
	n := 0
	for _, c := range d.checks {
		if c.Checked {
			n++
		}
	}
	if n == 0 {
		d.yes.Disable()
		d.yes.SetText("Import")
		return
	}
	d.yes.Enable()
	d.yes.SetText("Import " + countOf(n, "profile"))
}

func (d *importDialog) chosen() (list []profiles.Profile) {
	group := strings.TrimSpace(d.group.Text)
	for i, c := range d.checks {
		p := d.found[i]
		if group != "" {
			p.Group, p.Order = group, i+1
		}
		if c.Checked {
			list = append(list, p)
		}
	}
	return list
}

// lineWords names a line of a file; 0 is unknown.
func lineWords(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("Line %d: ", line)
}

// importWords says what a file is and what is in it.
func importWords(r importing.Result) string {
	words := "Recognized as " + r.Format.String() + ": " + countOf(len(r.Found), "profile")
	if len(r.Ignored) > 0 {
		words += ", and " + countOf(len(r.Ignored), "part") + " that cannot be used"
	}
	return words + ". The file stays as it is, keys in it included."
}

// tightRowsOf stacks rows whose text wraps.
type tightRowsOf struct{}

func (tightRowsOf) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(widgets.Zoomed(300), 0)
	for _, o := range objects {
		size.Height += o.MinSize().Height
	}
	return size
}

func (tightRowsOf) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for _, o := range objects {
		o.Resize(fyne.NewSize(size.Width, o.MinSize().Height)) // wraps, and so learns its height
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}
