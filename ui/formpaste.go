package ui

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

const pasteHelp = "A connection string fills in every field below."

func (f *form) buildPaste() {
	f.paste = widgets.NewSecretEntry()
	f.paste.SetPlaceHolder("Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…")
	f.paste.OnChanged = f.readPasted
	f.paste.OnLargePaste = func(string) {
		f.pastedNote("What was pasted is too long for a connection string. Nothing was changed.", widget.DangerImportance)
	}
	f.pasted = note(pasteHelp)
	f.pasteRow = newFormRow("Connection string", container.New(notesBelow{}, f.paste, f.pasted))
}

func (f *form) pastedNote(text string, importance widget.Importance) {
	setNote(f.pasted, text, importance)
	if f.scroll != nil {
		f.scroll.Refresh()
	}
}

// readPasted fills the fields from a connection string. What cannot be used
// is explained, and the fields stay as they were.
func (f *form) readPasted(text string) {
	if strings.TrimSpace(text) == "" {
		f.pastedNote(pasteHelp, widget.LowImportance)
		return
	}
	p, notes, err := profiles.FromConnectionString(text)
	if err != nil {
		f.pastedNote(err.Error(), widget.DangerImportance)
		return
	}
	f.pastedNote(strings.Join(notes, "\n"), widget.MediumImportance)
	p.Group = f.fields[profiles.FieldGroup].entry.Text
	p.CACertificates = f.fields[profiles.FieldCACertificates].entry.Text
	p.Proxy = relayclient.NewSecret(f.fields[profiles.FieldProxy].entry.Text)
	if name := f.fields[profiles.FieldName].entry.Text; name != "" && name != f.proposed {
		p.Name = name // the person's own
	} else {
		f.proposed = p.Name
	}
	f.fill(p)
	f.complain(nil)
}
