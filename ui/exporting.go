package ui

import (
	"context"
	"fmt"
	"io"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// exportOne lets the person write one profile to a file.
func (u *Window) exportOne(id profiles.ID) {
	if e, ok := u.entry(id); ok && e.Fault == nil {
		u.export([]profiles.Profile{e.Profile})
	}
}

// exportAll lets the person write every profile to a file.
func (u *Window) exportAll() {
	var list []profiles.Profile
	for _, e := range u.entries {
		if e.Fault == nil && !e.Profile.LocalRelay { // that one is made anew anywhere
			list = append(list, e.Profile)
		}
	}
	u.export(list)
}

const (
	exportOpen   = "Without keys and other secrets"
	exportSealed = "With secrets, sealed by a passphrase"
)

// export asks what goes into the file. Without a choice of the person's, no
// secret does.
func (u *Window) export(list []profiles.Profile) {
	if u.ending {
		return
	}
	what := countOf(len(list), "profile")
	if len(list) == 1 {
		what = "“" + list[0].Name + "”"
	}
	about := widget.NewLabel("")
	about.Wrapping = fyne.TextWrapWord
	choice := widget.NewRadioGroup([]string{exportOpen, exportSealed}, func(chosen string) {
		about.SetText("Whoever imports the file enters the secrets there. It names which are missing.")
		if chosen == exportSealed {
			about.SetText("The file has everything, and nobody can read it without the passphrase. Send that by another way than the file.")
		}
	})
	choice.Required = true
	choice.SetSelected(exportOpen)
	d := dialog.NewCustomConfirm(widgets.ShownLine("Export "+what), "Continue…", "Cancel", container.NewVBox(choice, about), func(ok bool) {
		switch {
		case !ok:
		case choice.Selected == exportSealed:
			u.askPassphrase("Passphrase for the export", "Whoever imports the file must type it. Without it the file is of no use.", "Continue…", true,
				func(p *passphraseDialog, s relayclient.Secret) {
					p.close()
					u.saveExport(list, profiles.ExportOptions{Passphrase: s})
				})
		default:
			u.saveExport(list, profiles.ExportOptions{})
		}
	}, u.win)
	d.Resize(fyne.NewSize(widgets.Zoomed(480), widgets.Zoomed(240)))
	u.showDialog(d)
}

// saveExport asks where the file goes, and writes it in the background.
func (u *Window) saveExport(list []profiles.Profile, o profiles.ExportOptions) {
	name := "relayscope-profiles.json"
	if !o.Passphrase.Empty() {
		name = "relayscope-profiles.age" // what it is to others, too
	}
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		switch {
		case err != nil:
			u.explainFile("The file cannot be written", err)
		case file != nil:
			u.background(func(context.Context) {
				err := writeExport(file, list, o)
				u.onMain(func() { u.exported(file.URI(), len(list), o, err) })
			})
		}
	}, u.win)
	d.SetTitleText("Export to")
	d.SetFileName(name)
	u.showFileDialog(d)
}

func writeExport(file io.WriteCloser, list []profiles.Profile, o profiles.ExportOptions) error {
	text, err := profiles.Export(list, o)
	if err != nil {
		file.Close()
		return err
	}
	return writeAll(file, text)
}

func (u *Window) exported(to fyne.URI, count int, o profiles.ExportOptions, err error) {
	if err != nil {
		u.explainFile("“"+to.Name()+"” could not be written", err)
		return
	}
	words := countOf(count, "profile") + " written to " + to.Path() + ",\nwithout keys and other secrets."
	if !o.Passphrase.Empty() {
		words = countOf(count, "profile") + " written to " + to.Path() + ",\nsealed by your passphrase."
	}
	dialog.ShowInformation("Exported", words, u.win)
}

// countOf writes "1 profile" or "3 profiles".
func countOf(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}
