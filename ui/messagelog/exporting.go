package messagelog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// What can be exported.
const (
	exportAll = iota
	exportFiltered
	exportSelected
)

// An exportDialog says what a file will hold before it is written, and how far
// the writing is.
type exportDialog struct {
	pane   *Pane
	rows   [3]journal.Export // for each choice; Source is nil where there is nothing
	view   *journal.View     // of rows picked one by one; or nil
	plan   context.CancelFunc
	cancel context.CancelFunc // of the writing; nil while nothing is written
	asked  uint64             // counts the plans, to tell what comes late

	what     *widget.RadioGroup
	format   *widget.RadioGroup
	path     *widgets.Entry
	about    *widget.Label
	progress *widget.ProgressBar
	write    *widgets.Button
	close    *widgets.Button
	dialog   *dialog.CustomDialog
}

// askExport lets the person write rows to a file.
func (p *Pane) askExport() {
	d := &exportDialog{pane: p, plan: func() {}}
	d.choices()
	names := []string{}
	for i, name := range []string{"All rows", "Filtered", "Selected"} {
		if d.rows[i].Source != nil {
			names = append(names, name)
		}
	}
	d.what = widget.NewRadioGroup(names, func(string) { d.changed() })
	d.what.Horizontal, d.what.Required = true, true
	d.what.Selected = names[len(names)-1]
	if n := p.list.SelectedCount(); n == 1 { // somebody looks at it
		d.what.Selected = names[len(names)-2]
	}
	var formats []string
	for _, f := range journal.Formats() {
		formats = append(formats, f.String())
	}
	d.format = widget.NewRadioGroup(formats, func(string) { d.renamed() })
	d.format.Horizontal, d.format.Required = true, true
	d.format.Selected = formats[0]
	d.path = widgets.NewEntry()
	d.path.OnChanged = func(string) { d.changed() }
	d.path.OnSubmitted = func(string) { d.start() }
	d.about = widget.NewLabel("")
	d.about.Wrapping = fyne.TextWrapWord
	d.progress = widget.NewProgressBar()
	d.progress.Hide()
	d.write = widgets.NewButton("Export", d.start)
	d.write.Importance = widget.HighImportance
	d.close = widgets.NewButton("Cancel", func() { d.dialog.Dismiss() })
	folder := widgets.NewButtonWithIcon("", theme.FolderOpenIcon(), d.askFolder)
	form := widget.NewForm(
		widget.NewFormItem("Rows", d.what), widget.NewFormItem("Format", d.format),
		widget.NewFormItem("File", container.NewBorder(nil, nil, nil, folder, d.path)))
	d.dialog = dialog.NewCustomWithoutButtons("Export the message log", container.NewBorder(form, d.progress, nil, nil, d.about), p.window())
	d.dialog.SetButtons([]fyne.CanvasObject{d.close, d.write})
	d.dialog.SetOnClosed(d.closed)
	d.path.SetText(filepath.Join(exportFolder(), "relayscope "+strings.TrimSuffix(recordName(p.about.Name, time.Now()), ".jsonl")+d.chosenFormat().Extension()))
	d.dialog.Resize(fyne.NewSize(640, 340))
	p.export = d
	p.show(d.dialog)
	p.window().Canvas().Focus(d.path)
}

// choices finds out what there is to export.
func (d *exportDialog) choices() {
	p := d.pane
	base := p.about.Base
	d.rows[exportAll] = journal.Export{Source: p.rows, Base: base}
	if v := p.source.view; !v.Query().Everything() {
		d.rows[exportFiltered] = journal.Export{Source: p.rows, View: v, Base: base}
	}
	if p.matches != nil {
		d.rows[exportFiltered] = journal.Export{Source: p.rows, View: p.matches, Base: base}
	}
	if p.list.SelectedCount() == 0 {
		return
	}
	e := journal.Export{Source: p.rows, View: p.source.view, Base: base}
	if first, last := p.list.Selection(); last+1-first == p.list.SelectedCount() {
		a, _ := p.source.row(first)
		b, _ := p.source.row(last)
		e.First, e.Last = a.Number, b.Number
	} else {
		var numbers []string
		for _, at := range p.list.Selected(maxShown) {
			if r, ok := p.source.row(at); ok {
				numbers = append(numbers, fmt.Sprintf("row:%d", r.Number))
			}
		}
		d.view = journal.NewView(p.rows, mustParse(strings.Join(numbers, " or ")))
		e.View = d.view
	}
	d.rows[exportSelected] = e
}

func (d *exportDialog) chosenFormat() journal.Format {
	for _, f := range journal.Formats() {
		if f.String() == d.format.Selected {
			return f
		}
	}
	return journal.JSONLines
}

func (d *exportDialog) chosen() journal.Export {
	e := d.rows[map[string]int{"All rows": exportAll, "Filtered": exportFiltered, "Selected": exportSelected}[d.what.Selected]]
	e.Format = d.chosenFormat()
	return e
}

// renamed gives the file the ending of its format.
func (d *exportDialog) renamed() {
	for _, f := range journal.Formats() {
		if name, ok := strings.CutSuffix(d.path.Text, f.Extension()); ok {
			d.path.SetText(name + d.chosenFormat().Extension()) // calls changed
			break
		}
	}
	d.changed()
}

// changed says what the file will hold. Counting happens in the background.
func (d *exportDialog) changed() {
	d.plan()
	ctx, cancel := context.WithCancel(d.pane.life)
	d.plan = cancel
	d.asked++
	asked, e, path := d.asked, d.chosen(), d.path.Text
	setEnabled(d.write, strings.TrimSpace(path) != "")
	widgets.SetText(d.about, "Counting…")
	d.pane.background(func(context.Context) {
		plan, err := e.Plan(ctx)
		_, there := os.Stat(path)
		d.pane.opt.OnMain(func() {
			if d.asked == asked && d.cancel == nil {
				widgets.SetText(d.about, planText(e.Format, plan, err, there == nil))
			}
		})
	})
}

// planText says what a file will hold.
func planText(f journal.Format, plan journal.Plan, err error, there bool) string {
	if err != nil {
		return sentence(err.Error()) + "."
	}
	about := ""
	if plan.Estimated {
		about = "about "
	}
	text := sentence(fmt.Sprintf("%s, %s%s.", count(plan.Rows, "row"), about, sizeText(plan.Bytes)))
	if plan.Written < plan.Rows {
		text += fmt.Sprintf(" A %s holds HTTP exchanges only: %s%s of them.", f, about, count(plan.Written, "row"))
	}
	switch plan.Masked {
	case 0:
		text += "\nNo credentials were found in them; any that are there are replaced."
	default:
		text += "\nCredentials are replaced in " + about + count(plan.Masked, "row") + "."
	}
	if there {
		text += "\nA file of this name is there. It is replaced."
	}
	return text
}

// start writes the file.
func (d *exportDialog) start() {
	if d.cancel != nil || d.write.Disabled() {
		return
	}
	d.plan()
	ctx, cancel := context.WithCancel(d.pane.life)
	d.cancel = cancel
	e, path := d.chosen(), strings.TrimSpace(d.path.Text)
	total := d.total()
	d.write.Disable()
	d.progress.Show()
	widgets.SetText(d.about, "Writing "+filepath.Base(path)+"…")
	prefs().SetString(folderKey, filepath.Dir(path))
	d.pane.background(func(context.Context) {
		plan, err := e.Write(ctx, path, func(rows uint64) {
			d.pane.opt.OnMain(func() { d.progress.SetValue(min(1, float64(rows)/float64(max(1, total)))) })
		})
		d.pane.opt.OnMain(func() { d.written(path, plan, err) })
	})
}

// total is how many rows there are to look at.
func (d *exportDialog) total() uint64 {
	e := d.chosen()
	if e.View != nil {
		return e.View.Counts().Shown
	}
	first, last := e.Source.Bounds()
	return last + 1 - first
}

// written says what became of it.
func (d *exportDialog) written(path string, plan journal.Plan, err error) {
	d.cancel = nil
	d.progress.Hide()
	switch {
	case errors.Is(err, context.Canceled):
		return
	case err != nil:
		widgets.SetText(d.about, "The file could not be written: "+err.Error()+".\nCheck that the folder exists, that you may write there, and that there is room.")
		d.write.Enable()
		return
	}
	d.dialog.Hide()
	text := sentence(count(plan.Written, "row")) + ", " + sizeText(plan.Bytes) + ", written to " + path
	if plan.Masked > 0 {
		text += "; credentials replaced in " + count(plan.Masked, "row")
	}
	d.pane.notice.set(aboutFile, text, "Copy path", func() {
		d.pane.opt.Copy(path)
		d.pane.notice.hide()
	})
}

// closed ends what is under way.
func (d *exportDialog) closed() {
	d.plan()
	if d.cancel != nil {
		d.cancel()
	}
	if d.view != nil {
		d.view.Close()
	}
	d.pane.export = nil
}

// askFolder lets the person choose the folder.
func (d *exportDialog) askFolder() {
	folder := dialog.NewFolderOpen(func(chosen fyne.ListableURI, err error) {
		if err == nil && chosen != nil {
			d.path.SetText(filepath.Join(chosen.Path(), filepath.Base(d.path.Text)))
		}
	}, d.pane.window())
	if at, err := storage.ListerForURI(storage.NewFileURI(filepath.Dir(d.path.Text))); err == nil {
		folder.SetLocation(at)
	}
	d.pane.showFileDialog(folder)
}

// exportFolder is where files went last, or the home folder.
func exportFolder() string {
	if folder := prefs().String(folderKey); folder != "" {
		return folder
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return home
}
