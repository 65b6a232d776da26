package ui

import (
	"strings"

	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
	"relayscope/ui/widgets"
)

// formHelp is what a form asks of the window.
type formHelp struct {
	// pickFile lets the person choose a file and gives its content, if it is
	// no larger than most bytes.
	pickFile  func(title string, extensions []string, most int64, done func(data []byte))
	clipboard func() string
	groups    func() []string // that exist
}

// A signInForm edits how one role signs in. Only what the chosen way needs is
// shown; what was typed for another way stays until the form is left.
type signInForm struct {
	sender   bool
	onChange func()

	way         *widgets.Select
	about       *widget.Label
	fields      map[profiles.Field]*formField // by the listener's field
	passphrase  *formField                    // FieldSecret of a certificate
	identity    *widgets.Select
	certificate *certificatePicker
	cloud       *cloudForm
	kind        *formRow
	rows        []*formRow
	shown       bool
	namespace   string // the endpoint as it is typed
	entity      string
}

func newSignInForm(sender bool, help *formHelp, onChange func()) *signInForm {
	s := &signInForm{sender: sender, onChange: onChange, about: note("")}
	s.way = widgets.NewSelect(nil, func(string) { s.changed() })
	s.identity = widgets.NewSelect(identityNames[:], func(string) { s.changed() })
	s.certificate = newCertificatePicker(help, func() {
		s.fields[profiles.FieldCertificate].complain("")
		s.changed()
	})
	role := "Sign in with"
	if sender {
		role = "Sender signs in with"
	}
	s.cloud = newCloudForm(s.changed)
	s.passphrase = newFormField("Passphrase", widgets.NewSecretEntry(), "Of the PFX file; empty if it has none")
	s.fields = map[profiles.Field]*formField{
		profiles.FieldWay:         newFormFieldOf(role, s.way, s.about),
		profiles.FieldKeyName:     newFormField("SharedAccessKeyName", widgets.NewEntry(), "RootManageSharedAccessKey"),
		profiles.FieldKey:         newFormField("SharedAccessKey", widgets.NewSecretEntry(), "Primary or secondary key: 44 characters, ending in ="),
		profiles.FieldLifetime:    newFormField("Token lifetime", widgets.NewSuggestEntry(lifetimes), defaultLifetime()+"; renewed ahead of time"),
		profiles.FieldToken:       newFormField("Token", widgets.NewSecretEntry(), "SharedAccessSignature sr=…&sig=…&se=…&skn=…"),
		profiles.FieldTenant:      newFormField("Tenant", widgets.NewEntry(), ""),
		profiles.FieldClientID:    newFormField("Client ID", widgets.NewEntry(), ""),
		profiles.FieldSecret:      newFormField("Client secret", widgets.NewSecretEntry(), "The secret's value, not its ID"),
		profiles.FieldCertificate: newFormFieldOf("Certificate", s.certificate.content),
		profiles.FieldIdentityID:  newFormField("Identity", widgets.NewEntry(), ""),
		profiles.FieldAuthority:   s.cloud.authority,
		profiles.FieldAudience:    s.cloud.audience,
	}
	s.kind = newFormRow("Which identity", s.identity)
	row := func(f profiles.Field) *formRow { return s.fields[f].row }
	s.rows = []*formRow{
		row(profiles.FieldWay), row(profiles.FieldKeyName), row(profiles.FieldKey), row(profiles.FieldLifetime), row(profiles.FieldToken),
		row(profiles.FieldTenant), row(profiles.FieldClientID), row(profiles.FieldSecret), row(profiles.FieldCertificate), s.passphrase.row,
		s.kind, row(profiles.FieldIdentityID), s.cloud.row, s.cloud.authority.row, s.cloud.audience.row,
	}
	for _, f := range append([]*formField{s.passphrase}, fieldsOf(s.fields)...) {
		if f.entry != nil {
			f.alsoOnChange(s.changed)
		}
	}
	s.offer(false)
	return s
}

func fieldsOf(fields map[profiles.Field]*formField) (list []*formField) {
	for _, f := range fields {
		list = append(list, f)
	}
	return list
}

// offer sets the ways to choose from. A sender can do without a token, and
// only a profile whose sender has a way of its own can do without a listener.
func (s *signInForm) offer(apart bool) {
	var names []string
	for _, t := range wayTexts {
		if t.way != signin.Anonymous || s.sender {
			names = append(names, t.name)
		}
	}
	name := "Sign in with"
	if apart && !s.sender {
		names, name = append(names, justSends), "Listener signs in with"
	}
	if !s.sender {
		s.fields[profiles.FieldWay].row.name.SetText(name)
	}
	if !apart && s.way.Selected == justSends {
		s.way.SetSelected(textOf(signin.SharedAccessKey).name)
	}
	s.way.SetOptions(names)
}

// show shows the rows of the chosen way, or none.
func (s *signInForm) show(on bool) {
	s.shown = on
	s.arrange()
}

// changed follows a change of anything.
func (s *signInForm) changed() {
	s.arrange()
	s.onChange()
}

func (s *signInForm) arrange() {
	way := wayNamed(s.way.Selected)
	service := way == signin.ClientSecret || way == signin.ClientCertificate
	person := way == signin.DeviceCode || way == signin.Browser
	kind := s.kindOf()
	show := func(r *formRow, on bool) { r.show(s.shown && on) }
	for f, on := range map[profiles.Field]bool{
		profiles.FieldWay:         true,
		profiles.FieldKeyName:     way == signin.SharedAccessKey,
		profiles.FieldKey:         way == signin.SharedAccessKey,
		profiles.FieldLifetime:    way == signin.SharedAccessKey,
		profiles.FieldToken:       way == signin.SharedAccessToken,
		profiles.FieldTenant:      service || person || way == signin.AzureCLI,
		profiles.FieldClientID:    service || person,
		profiles.FieldSecret:      way == signin.ClientSecret,
		profiles.FieldCertificate: way == signin.ClientCertificate,
		profiles.FieldIdentityID:  way == signin.ManagedIdentity && kind != signin.SystemAssigned,
	} {
		show(s.fields[f].row, on)
	}
	show(s.passphrase.row, way == signin.ClientCertificate && strings.HasPrefix(s.certificate.words.Text, "PFX"))
	show(s.kind, way == signin.ManagedIdentity)
	s.cloud.show(s.shown && usesEntra(way))

	tenant, client := "Optional: directory (tenant) ID, or a domain such as contoso.onmicrosoft.com", "Optional: of an app registration of your own; empty is the Azure CLI's"
	if service {
		tenant, client = "Directory (tenant) ID, or a domain such as contoso.onmicrosoft.com", "Application (client) ID of the app registration"
	}
	s.placeholder(profiles.FieldTenant, tenant)
	s.placeholder(profiles.FieldClientID, client)
	name, shape := "Client ID", "00000000-0000-0000-0000-000000000000"
	switch kind {
	case signin.ByObjectID:
		name = "Object ID"
	case signin.ByResourceID:
		name, shape = "Resource ID", "/subscriptions/…/providers/Microsoft.ManagedIdentity/userAssignedIdentities/…"
	}
	widgets.SetText(s.fields[profiles.FieldIdentityID].row.name, name)
	s.placeholder(profiles.FieldIdentityID, shape)
	s.tell()
}

func (s *signInForm) placeholder(f profiles.Field, text string) {
	if e := s.fields[f].entry; e.PlaceHolder != text {
		e.SetPlaceHolder(text)
	}
}

func (s *signInForm) kindOf() signin.IdentityKind {
	return signin.IdentityKind(max(0, s.identity.SelectedIndex()))
}

// target says what is signed in to, as far as it is known.
func (s *signInForm) target(namespace, entity string) {
	s.namespace, s.entity = namespace, entity
	s.cloud.target(namespace)
	s.tell()
}

// tell says what the chosen way does. What a token says changes with time.
func (s *signInForm) tell() {
	way := wayNamed(s.way.Selected)
	text, importance := textOf(way).about, widget.LowImportance
	switch way {
	case signin.SharedAccessKey:
		text = s.scope()
	case signin.SharedAccessToken:
		text, importance = tokenWords(s.fields[profiles.FieldToken].entry.Text)
	}
	setNote(s.about, text, importance)
}

// scope says what a policy's tokens open.
func (s *signInForm) scope() string {
	if s.namespace == "" || s.entity == "" {
		return "Signs for the hybrid connection alone, by a policy of it or of its namespace."
	}
	return "Signs for " + relayclient.Audience(s.namespace, s.entity) + " alone, by a policy of it or of its namespace."
}

// fill shows settings.
func (s *signInForm) fill(v signin.Settings) {
	if v.Way != 0 || !s.sender {
		s.way.SetSelected(textOf(v.Way).name)
	}
	s.identity.SetSelectedIndex(int(v.Identity))
	secret, passphrase := v.Secret, relayclient.Secret{}
	if v.Way == signin.ClientCertificate {
		secret, passphrase = passphrase, secret
	}
	for f, text := range map[profiles.Field]string{
		profiles.FieldKeyName: v.KeyName, profiles.FieldKey: v.Key.Reveal(), profiles.FieldLifetime: lifetimeText(v.Lifetime), profiles.FieldToken: v.Token.Reveal(),
		profiles.FieldTenant: v.Tenant, profiles.FieldClientID: v.ClientID, profiles.FieldSecret: secret.Reveal(),
		profiles.FieldIdentityID: v.IdentityID, profiles.FieldAuthority: v.Authority, profiles.FieldAudience: v.Audience,
	} {
		s.fields[f].entry.SetText(text)
	}
	s.passphrase.entry.SetText(passphrase.Reveal())
	s.certificate.set(v.Certificate)
	s.cloud.open(v.Authority != "" || v.Audience != "")
	s.arrange()
}

// read returns the settings as they stand, with what other ways were given:
// a profile drops that when it is normalized.
func (s *signInForm) read() signin.Settings {
	text := func(f profiles.Field) string { return s.fields[f].entry.Text }
	secret := func(f profiles.Field) relayclient.Secret { return relayclient.NewSecret(text(f)) }
	lifetime, _ := readLifetime(text(profiles.FieldLifetime))
	v := signin.Settings{
		Way: wayNamed(s.way.Selected), KeyName: text(profiles.FieldKeyName), Key: secret(profiles.FieldKey), Lifetime: lifetime, Token: secret(profiles.FieldToken),
		Tenant: text(profiles.FieldTenant), ClientID: text(profiles.FieldClientID), Secret: secret(profiles.FieldSecret), Certificate: s.certificate.secret,
		Identity: s.kindOf(), IdentityID: text(profiles.FieldIdentityID), Authority: text(profiles.FieldAuthority), Audience: text(profiles.FieldAudience),
	}
	if v.Way == signin.ClientCertificate {
		v.Secret = relayclient.NewSecret(s.passphrase.entry.Text)
	}
	return v
}

// complain puts under each field what message says about it.
func (s *signInForm) complain(message func(profiles.Field) string) {
	for f, field := range s.fields {
		text := message(f)
		if _, problem := readLifetime(s.fields[profiles.FieldLifetime].entry.Text); f == profiles.FieldLifetime && problem != "" && wayNamed(s.way.Selected) == signin.SharedAccessKey {
			text = problem
		}
		if f == profiles.FieldSecret && wayNamed(s.way.Selected) == signin.ClientCertificate {
			s.passphrase.complain(text)
			continue
		}
		field.complain(text)
	}
	if s.fields[profiles.FieldAuthority].wrong.Visible() || s.fields[profiles.FieldAudience].wrong.Visible() {
		s.cloud.open(true)
		s.arrange()
	}
}
