package ui

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/widgets"
)

// A form edits one profile. It keeps what was typed until it was saved.
type form struct {
	original profiles.Profile
	onSave   func(profiles.Profile)
	onCancel func()

	title      *widget.Label
	paste      *widgets.Entry
	pasteLabel *widget.Label
	pasted     *widget.Label
	fields     map[profiles.Field]*formField
	where      *widget.Label
	problem    *widgets.Problem
	save       *widget.Button
	cancel     *widget.Button
	content    fyne.CanvasObject
	opening    int // counts what was edited, so that a late answer finds its form
	saving     bool
	proposed   string           // the name that a connection string gave
	done       bool             // what it holds is stored
	shown      profiles.Profile // as it was when the form opened
}

// A formField is an entry with what is wrong with it underneath.
type formField struct {
	entry *widgets.Entry
	wrong *widget.Label
}

func newForm(onSave func(profiles.Profile), onCancel func()) *form {
	f := &form{onSave: onSave, onCancel: onCancel, problem: widgets.NewProblem()}
	f.title = widget.NewLabel("")
	f.title.SizeName = theme.SizeNameSubHeadingText
	f.title.TextStyle.Bold = true
	f.paste = widgets.NewPasswordEntry()
	f.paste.SetPlaceHolder("Endpoint=sb://…;SharedAccessKeyName=…;SharedAccessKey=…;EntityPath=…")
	f.paste.OnChanged = f.readPasted
	f.pasteLabel = label("Connection string")
	f.pasted = note("A connection string fills in every field below.")
	f.where = note("")
	f.save = widget.NewButtonWithIcon("Save", theme.DocumentSaveIcon(), f.submit)
	f.save.Importance = widget.HighImportance
	f.cancel = widget.NewButton("Cancel", func() { f.onCancel() })

	f.fields = map[profiles.Field]*formField{
		profiles.FieldName:             newFormField(widgets.NewEntry(), "orders @ contoso"),
		profiles.FieldNamespace:        newFormField(widgets.NewEntry(), "contoso.servicebus.windows.net"),
		profiles.FieldHybridConnection: newFormField(widgets.NewEntry(), "orders"),
		profiles.FieldKeyName:          newFormField(widgets.NewEntry(), "RootManageSharedAccessKey"),
		profiles.FieldKey:              newFormField(widgets.NewPasswordEntry(), "44 characters, ending in ="),
		profiles.FieldCACertificates:   newFormField(widgets.NewMultiLineEntry(), "-----BEGIN CERTIFICATE-----"),
		profiles.FieldProxy:            newFormField(widgets.NewPasswordEntry(), "Empty: as HTTPS_PROXY says. Or http://user:password@proxy:3128, https://… or socks5://…"),
	}
	f.fields[profiles.FieldCACertificates].entry.SetMinRowsVisible(3)

	rows := container.New(formLayout{},
		f.pasteLabel, container.New(noteBelow{}, f.paste, f.pasted),
		label("Name"), f.row(profiles.FieldName),
		label("Endpoint"), f.row(profiles.FieldNamespace),
		label("Hybrid connection"), f.row(profiles.FieldHybridConnection),
		label("SharedAccessKeyName"), f.row(profiles.FieldKeyName),
		label("SharedAccessKey"), f.row(profiles.FieldKey),
		label("CA certificates"), container.New(noteBelow{}, f.row(profiles.FieldCACertificates),
			note("Needed only for a proxy that inspects TLS, or for a relay of your own. Trusted on top of the system's.")),
		label("Proxy"), f.row(profiles.FieldProxy),
		label(""), f.problem,
		label(""), container.NewBorder(nil, nil, container.NewHBox(f.save, f.cancel), nil, f.where),
	)
	for _, field := range f.fields {
		field.entry.OnSubmitted = func(string) { f.submit() }
		field.entry.OnChanged = func(string) { field.complain("") }
		field.entry.OnLargePaste = func(string) { field.complain("What was pasted is too long for this field. Nothing was changed.") }
	}
	f.paste.OnLargePaste = func(string) {
		f.pasted.Importance = widget.DangerImportance
		f.pasted.SetText("What was pasted is too long for a connection string. Nothing was changed.")
	}
	f.content = container.NewVScroll(container.NewPadded(container.New(columnOf{860}, f.title, rows)))
	return f
}

// keptIn says where profiles go, given the store's own words for it.
func keptIn(where string) string {
	if strings.HasPrefix(where, "memory") {
		return "Kept in " + where + "."
	}
	return "Kept in the " + where + "."
}

func (f *form) row(field profiles.Field) fyne.CanvasObject {
	return container.New(noteBelow{}, f.fields[field].entry, f.fields[field].wrong)
}

func newFormField(e *widgets.Entry, placeholder string) *formField {
	e.SetPlaceHolder(placeholder)
	wrong := widget.NewLabel("")
	wrong.Importance = widget.DangerImportance
	wrong.Wrapping = fyne.TextWrapWord
	wrong.SizeName = theme.SizeNameCaptionText
	wrong.Hide()
	return &formField{e, wrong}
}

func note(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName = theme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	l.Wrapping = fyne.TextWrapWord
	return l
}

func label(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Alignment = fyne.TextAlignTrailing
	return l
}

// edit shows p. where says where it will be kept.
func (f *form) edit(title string, p profiles.Profile, where string) {
	f.original = p
	f.opening++
	f.saving, f.proposed = false, ""
	f.title.SetText(title)
	f.where.SetText(keptIn(where))
	f.paste.SetText("")
	f.fill(p)
	f.done, f.shown = false, f.read()
	f.complain(nil)
	f.problem.Hide()
	f.save.Enable()
	setVisible(f.paste, !p.LocalRelay)
	setVisible(f.pasteLabel, !p.LocalRelay)
	f.pasted.Importance = widget.LowImportance
	f.pasted.SetText("A connection string fills in every field below.")
	endpoint := f.fields[profiles.FieldNamespace].entry
	if p.LocalRelay {
		f.pasted.SetText("This profile lives on the local relay, which has its own address and certificate.")
		endpoint.SetPlaceHolder("localhost, on a port of its own")
		endpoint.Disable()
		f.fields[profiles.FieldCACertificates].entry.Disable()
		f.fields[profiles.FieldProxy].entry.Disable()
	} else {
		endpoint.SetPlaceHolder("contoso.servicebus.windows.net")
		endpoint.Enable()
		f.fields[profiles.FieldCACertificates].entry.Enable()
		f.fields[profiles.FieldProxy].entry.Enable()
	}
}

func (f *form) fill(p profiles.Profile) {
	for field, text := range map[profiles.Field]string{
		profiles.FieldName:             p.Name,
		profiles.FieldNamespace:        p.Namespace,
		profiles.FieldHybridConnection: p.HybridConnection,
		profiles.FieldKeyName:          p.SignIn.KeyName,
		profiles.FieldKey:              p.SignIn.Key.Reveal(),
		profiles.FieldCACertificates:   p.CACertificates,
		profiles.FieldProxy:            p.Proxy.Reveal(),
	} {
		f.fields[field].entry.SetText(text)
	}
}

// read returns the profile as it stands in the form.
func (f *form) read() profiles.Profile {
	p := f.original
	text := func(field profiles.Field) string { return f.fields[field].entry.Text }
	p.Name = text(profiles.FieldName)
	p.Namespace = text(profiles.FieldNamespace)
	p.HybridConnection = text(profiles.FieldHybridConnection)
	if p.SignIn.Way == signin.SharedAccessKey {
		p.SignIn.KeyName = text(profiles.FieldKeyName)
		p.SignIn.Key = relayclient.NewSecret(text(profiles.FieldKey))
	}
	p.CACertificates = text(profiles.FieldCACertificates)
	p.Proxy = relayclient.NewSecret(text(profiles.FieldProxy))
	return p
}

// readPasted fills the fields from a connection string. What cannot be used
// is explained, and the fields stay as they were.
func (f *form) readPasted(text string) {
	if strings.TrimSpace(text) == "" {
		f.pasted.Importance = widget.LowImportance
		f.pasted.SetText("A connection string fills in every field below.")
		return
	}
	p, notes, err := profiles.FromConnectionString(text)
	if err != nil {
		f.pasted.Importance = widget.DangerImportance
		f.pasted.SetText(err.Error())
		return
	}
	f.pasted.Importance = widget.MediumImportance
	f.pasted.SetText(strings.Join(notes, "\n"))
	f.original.SignIn, f.original.SendSignIn = p.SignIn, nil
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

// submit checks the form and hands the profile on. The form stays as it is
// until saved or failed is called.
func (f *form) submit() {
	if f.saving {
		return
	}
	p := f.read()
	if p.Name == "" && p.HybridConnection != "" {
		p.Name = p.HybridConnection
	}
	p = p.Normalize()
	err := p.Validate()
	f.complain(err)
	if err != nil {
		return
	}
	f.saving = true
	f.save.Disable()
	f.problem.Hide()
	f.onSave(p)
}

// changed reports whether something was typed that is not stored.
func (f *form) changed() bool {
	return !f.done && (f.paste.Text != "" || !same(f.read(), f.shown))
}

// same compares what a form can change.
func same(a, b profiles.Profile) bool {
	return a.Name == b.Name && a.SameConnection(b)
}

// saved says that what the form holds is stored.
func (f *form) saved() { f.done = true }

// failed says why the profile could not be stored; nothing typed is lost.
func (f *form) failed(err error) {
	f.saving = false
	f.save.Enable()
	f.complain(err)
	f.problem.Set(storeFailure(err))
	f.problem.Show()
}

// complain puts what is wrong under each field.
func (f *form) complain(err error) {
	var invalid *profiles.ValidationError
	errors.As(err, &invalid)
	for id, field := range f.fields {
		message := ""
		if invalid != nil {
			message = invalid.Message(id)
		}
		field.complain(message)
	}
	f.content.Refresh()
}

// complain says what is wrong with the field; "" is nothing.
func (f *formField) complain(message string) {
	if f.wrong.Text == message {
		return
	}
	f.wrong.SetText(message)
	setVisible(f.wrong, message != "")
}

func setVisible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// noteBelow puts a note close under what it is about.
type noteBelow struct{}

func (noteBelow) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := objects[0].MinSize()
	if note := objects[1]; note.Visible() {
		size.Height += note.MinSize().Height - theme.InnerPadding()
	}
	return size
}

func (noteBelow) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	field, note := objects[0], objects[1]
	field.Resize(fyne.NewSize(size.Width, field.MinSize().Height))
	field.Resize(fyne.NewSize(size.Width, field.MinSize().Height))
	if note.Visible() {
		note.Resize(fyne.NewSize(size.Width, note.MinSize().Height)) // wraps, and so learns its height
		note.Move(fyne.NewPos(0, field.Size().Height-theme.InnerPadding()/2))
		note.Resize(fyne.NewSize(size.Width, note.MinSize().Height))
	}
}

// formLayout puts labels in a column of one width and fields beside them, each
// label level with the first line of its field.
type formLayout struct{}

const formLabelWidth = 170

func (formLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(formLabelWidth+200, 0)
	for i := 1; i < len(objects); i += 2 {
		if !objects[i].Visible() {
			continue
		}
		size.Height += objects[i].MinSize().Height + theme.Padding()
	}
	return size
}

func (formLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var y float32
	for i := 0; i+1 < len(objects); i += 2 {
		name, field := objects[i], objects[i+1]
		if !field.Visible() {
			continue
		}
		width := size.Width - formLabelWidth
		field.Resize(fyne.NewSize(width, field.MinSize().Height))
		h := field.MinSize().Height
		name.Move(fyne.NewPos(0, y))
		name.Resize(fyne.NewSize(formLabelWidth, name.MinSize().Height))
		field.Move(fyne.NewPos(formLabelWidth, y))
		field.Resize(fyne.NewSize(width, h))
		y += h + theme.Padding()
	}
}
