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
	help     formHelp
	onSave   func(profiles.Profile)
	onTest   func(profiles.Profile) // nil: there is no test
	onCancel func()

	title    *widget.Label
	paste    *widgets.Entry
	pasted   *widget.Label
	pasteRow *formRow
	local    *widget.Label // says that a profile lives on the local relay
	fields   map[profiles.Field]*formField
	signIn   *signInForm // of the listener, or of both
	apart    *widgets.Check
	apartRow *formRow
	send     *signInForm
	network  *disclosure
	where    *widget.Label
	problem  *widgets.Problem
	save     *widgets.Button
	test     *widgets.Button
	cancel   *widgets.Button
	scroll   *container.Scroll
	content  fyne.CanvasObject
	opening  int // counts what was edited, so that a late answer finds its form
	filling  bool
	saving   bool
	proposed string           // the name that a connection string gave
	done     bool             // what it holds is stored
	shown    profiles.Profile // as it was when the form opened
}

func newForm(onSave func(profiles.Profile), onCancel func()) *form {
	f := &form{onSave: onSave, onCancel: onCancel, problem: widgets.NewProblem(), where: note("")}
	f.title = widget.NewLabel("")
	f.title.SizeName = theme.SizeNameSubHeadingText
	f.title.TextStyle.Bold = true
	f.title.Truncation = fyne.TextTruncateEllipsis
	f.local = note("This profile lives on the local relay, which has its own address and certificate.")
	f.buildPaste()
	f.buildFields()
	f.save = widgets.NewButtonWithIcon("Save", theme.DocumentSaveIcon(), f.submit)
	f.save.Importance = widget.HighImportance
	f.test = widgets.NewButtonWithIcon("Test", theme.MediaPlayIcon(), f.runTest)
	f.cancel = widgets.NewButton("Cancel", func() { f.onCancel() })

	rows := []*formRow{
		f.pasteRow,
		f.fields[profiles.FieldName].row, f.fields[profiles.FieldGroup].row,
		f.fields[profiles.FieldNamespace].row, f.fields[profiles.FieldHybridConnection].row,
		ruler(),
	}
	rows = append(rows, f.signIn.rows...)
	rows = append(rows, f.apartRow)
	rows = append(rows, f.send.rows...)
	rows = append(rows, ruler(), f.network.row, f.fields[profiles.FieldCACertificates].row, f.fields[profiles.FieldProxy].row)
	f.scroll = container.NewVScroll(container.NewPadded(container.New(columnOf{formWidth}, f.title, formRows(rows...))))
	keys := container.New(columnOf{formWidth}, container.NewBorder(nil, nil, container.NewHBox(f.save, f.test, f.cancel), nil, f.where))
	bottom := container.NewVBox(widget.NewSeparator(), container.NewPadded(keys))
	f.content = container.New(formFrame{f.problem}, f.scroll, f.problem, bottom)
	f.problem.OnResize = f.content.Refresh
	return f
}

// veil shows dots in place of what names a namespace or a tenant.
func (f *form) veil(on bool) {
	for name, field := range f.named() {
		switch name {
		case "name", "group", "endpoint", "tenant", "sender.tenant", "authority", "sender.authority":
			if field.entry.Password != on {
				field.entry.Password = on
				field.entry.Refresh()
			}
		}
	}
}

func (f *form) buildFields() {
	f.fields = map[profiles.Field]*formField{
		profiles.FieldName:             newFormField("Name", widgets.NewEntry(), "orders @ contoso"),
		profiles.FieldGroup:            newFormField("Group", widgets.NewSuggestEntry(func() []string { return f.help.groups() }), "Optional: a heading in the list"),
		profiles.FieldNamespace:        newFormField("Endpoint", widgets.NewEntry(), "", f.local),
		profiles.FieldHybridConnection: newFormField("Hybrid connection", widgets.NewEntry(), "orders"),
		profiles.FieldCACertificates: newFormField("CA certificates", widgets.NewMultiLineEntry(), "-----BEGIN CERTIFICATE-----",
			note("Needed only for a proxy that inspects TLS, or for a relay of your own. Trusted on top of the system's.")),
		profiles.FieldProxy: newFormField("Proxy", widgets.NewSecretEntry(), "Empty: as HTTPS_PROXY says. Or http://user:password@proxy:3128, https://… or socks5://…"),
	}
	f.fields[profiles.FieldCACertificates].entry.SetMinRowsVisible(3)
	f.signIn, f.send = newSignInForm(false, &f.help, f.followed), newSignInForm(true, &f.help, f.followed)
	for field, of := range f.signIn.fields {
		f.fields[field] = of
		f.fields[field.Sender()] = f.send.fields[field]
	}
	f.apart = widgets.NewCheck("The sender signs in differently", func(on bool) { f.setApart(on) })
	f.apartRow = newFormRow("", container.NewHBox(f.apart))
	f.network = newDisclosure("Proxy and CA certificates", f.arrange)
	for _, field := range []profiles.Field{profiles.FieldNamespace, profiles.FieldHybridConnection} {
		f.fields[field].alsoOnChange(f.followed)
	}
	for _, field := range append(fieldsOf(f.fields), f.signIn.passphrase, f.send.passphrase) {
		if field.entry != nil {
			field.entry.OnSubmitted = func(string) { f.submit() }
		}
	}
}

// followed brings what depends on other fields up to date.
func (f *form) followed() {
	if f.filling || f.scroll == nil {
		return
	}
	target := f.read().Normalize()
	f.signIn.target(target.Namespace, target.HybridConnection)
	f.send.target(target.Namespace, target.HybridConnection)
	f.scroll.Refresh()
}

// setApart gives the sender a way to sign in of its own, or takes it away.
func (f *form) setApart(on bool) {
	f.signIn.offer(on)
	if on && f.send.way.Selected == "" {
		f.send.fill(f.signIn.read())
	}
	f.arrange()
}

// arrange shows what this profile needs.
func (f *form) arrange() {
	local := f.original.LocalRelay
	widgets.SetVisible(f.local, local)
	f.pasteRow.show(!local)
	f.signIn.show(true)
	f.apartRow.show(!local)
	f.send.show(f.apart.Checked)
	f.network.row.show(!local)
	for _, field := range []profiles.Field{profiles.FieldCACertificates, profiles.FieldProxy} {
		f.fields[field].row.show(!local && f.network.opened)
	}
	f.followed()
}

// tick draws what changes with time alone.
func (f *form) tick() {
	f.signIn.tell()
	f.send.tell()
}

// keptIn says where profiles go, given the store's own words for it.
func keptIn(where string) string {
	if strings.HasPrefix(where, "memory") {
		return "Kept in " + where + "."
	}
	return "Kept in the " + where + "."
}

// edit shows p. where says where it will be kept.
func (f *form) edit(title string, p profiles.Profile, where string) {
	f.original = p
	f.opening++
	f.saving, f.proposed = false, ""
	widgets.SetText(f.title, title)
	f.where.SetText(keptIn(where))
	f.paste.SetText("")
	f.pastedNote(pasteHelp, widget.LowImportance)
	endpoint := f.fields[profiles.FieldNamespace].entry
	if p.LocalRelay {
		endpoint.SetPlaceHolder("localhost, on a port of its own")
		endpoint.Disable()
	} else {
		endpoint.SetPlaceHolder("contoso.servicebus.windows.net")
		endpoint.Enable()
	}
	f.fill(p)
	f.done, f.shown = false, f.read()
	f.complain(nil)
	f.problem.Hide()
	f.content.Refresh()
	f.save.Enable()
	widgets.SetVisible(f.test, f.onTest != nil)
	f.scroll.ScrollToTop()
}

func (f *form) fill(p profiles.Profile) {
	f.filling = true
	for field, text := range map[profiles.Field]string{
		profiles.FieldName:             p.Name,
		profiles.FieldGroup:            p.Group,
		profiles.FieldNamespace:        p.Namespace,
		profiles.FieldHybridConnection: p.HybridConnection,
		profiles.FieldCACertificates:   p.CACertificates,
		profiles.FieldProxy:            p.Proxy.Reveal(),
	} {
		f.fields[field].entry.SetText(text)
	}
	f.network.open(p.CACertificates != "" || !p.Proxy.Empty())
	f.signIn.offer(p.SendSignIn != nil)
	f.signIn.fill(p.SignIn)
	send := signin.Settings{}
	if p.SendSignIn != nil {
		send = *p.SendSignIn
	} else {
		f.send.way.ClearSelected()
	}
	f.send.fill(send)
	f.apart.SetChecked(p.SendSignIn != nil)
	f.filling = false
	f.arrange()
}

// read returns the profile as it stands in the form.
func (f *form) read() profiles.Profile {
	p := f.original
	text := func(field profiles.Field) string { return f.fields[field].entry.Text }
	p.Name = text(profiles.FieldName)
	p.Group = text(profiles.FieldGroup)
	p.Namespace = text(profiles.FieldNamespace)
	p.HybridConnection = text(profiles.FieldHybridConnection)
	p.SignIn, p.SendSignIn = f.signIn.read(), nil
	if f.apart.Checked {
		send := f.send.read()
		p.SendSignIn = &send
	}
	p.CACertificates = text(profiles.FieldCACertificates)
	p.Proxy = relayclient.NewSecret(text(profiles.FieldProxy))
	return p
}

// checked returns the profile that the form holds, if nothing is wrong with it.
func (f *form) checked() (profiles.Profile, bool) {
	p := f.read()
	if p.Name == "" && p.HybridConnection != "" {
		p.Name = p.HybridConnection
	}
	p = p.Normalize()
	return p, !f.complain(p.Validate())
}

// submit checks the form and hands the profile on. The form stays as it is
// until saved or failed is called.
func (f *form) submit() {
	if f.saving {
		return
	}
	p, ok := f.checked()
	if !ok {
		return
	}
	f.saving = true
	f.save.Disable()
	f.problem.Hide()
	f.content.Refresh()
	f.onSave(p)
}

// runTest tests what the form holds, saved or not.
func (f *form) runTest() {
	if p, ok := f.checked(); ok && f.onTest != nil {
		f.onTest(p)
	}
}

// changed reports whether something was typed that is not stored.
func (f *form) changed() bool {
	return !f.done && (f.paste.Text != "" || !same(f.read(), f.shown))
}

// same compares what a form can change.
func same(a, b profiles.Profile) bool {
	return a.Name == b.Name && a.Group == b.Group && a.SameConnection(b)
}

// saved says that what the form holds is stored.
func (f *form) saved() { f.done = true }

// waiting lets the person go on with what is not stored yet.
func (f *form) waiting() {
	f.saving = false
	f.save.Enable()
}

// failed says why the profile could not be stored; nothing typed is lost.
func (f *form) failed(err error) {
	f.waiting()
	f.complain(err)
	f.problem.Set(storeFailure(err))
	f.problem.Show()
	f.content.Refresh()
}

// complain puts what is wrong under each field, brings the first of it into
// sight, and reports whether there is any.
func (f *form) complain(err error) bool {
	var invalid *profiles.ValidationError
	errors.As(err, &invalid)
	message := func(id profiles.Field) string {
		if invalid == nil {
			return ""
		}
		return invalid.Message(id)
	}
	for id, field := range f.fields {
		field.complain(message(id))
	}
	f.signIn.complain(message)
	f.send.complain(func(id profiles.Field) string { return message(id.Sender()) })
	if f.fields[profiles.FieldCACertificates].wrong.Visible() || f.fields[profiles.FieldProxy].wrong.Visible() {
		f.network.open(true)
		f.arrange()
	}
	f.content.Refresh()
	return f.reveal()
}

// reveal scrolls to the first field that is wrong, and reports whether one is.
func (f *form) reveal() bool {
	var first *formField
	for _, field := range append(fieldsOf(f.fields), f.signIn.passphrase, f.send.passphrase) {
		if !field.wrong.Visible() || !field.row.body.Visible() {
			continue
		}
		if first == nil || field.row.body.Position().Y < first.row.body.Position().Y {
			first = field
		}
	}
	if first == nil {
		return false
	}
	const above = 60 // of the title and the rows before it
	y := max(0, first.row.body.Position().Y-above)
	if at := f.scroll.Offset.Y; y < at || first.row.body.Position().Y+above > at+f.scroll.Size().Height {
		f.scroll.ScrollToOffset(fyne.NewPos(0, y))
	}
	return true
}
