package ui

import (
	"fyne.io/fyne/v2"

	"relayscope/profiles"
)

// Objects names the parts of the window that a test drives.
func (u *Window) Objects() map[string]fyne.CanvasObject {
	all := u.page.Objects()
	for name, o := range map[string]fyne.CanvasObject{
		"welcome.try": u.welcome.try, "welcome.paste": u.welcome.paste, "welcome.fill": u.welcome.fill, "welcome.import": u.welcome.importAny, "welcome.keeping": u.welcome.keeping,
		"sidebar.filter": u.sidebar.filter, "sidebar.list": u.sidebar.list, "sidebar.notice": u.sidebar.notice, "sidebar.seal": u.sidebar.seal, "sidebar.more": u.sidebar.more, "sidebar.stopAll": u.sidebar.stopAll, "sidebar.running": u.sidebar.runs,
		"sidebar.new": u.sidebar.fill, "sidebar.paste": u.sidebar.paste, "sidebar.try": u.sidebar.try,
		"bar.toggle": u.bar.toggle, "bar.status": u.bar.status, "bar.name": u.bar.name, "bar.facts": u.bar.facts, "bar.url": u.bar.url, "bar.about": u.bar.about, "bar.copy": u.bar.copyIt, "bar.edit": u.bar.edit,
		"form.paste": u.form.paste, "form.pasted": u.form.pasted, "form.save": u.form.save, "form.cancel": u.form.cancel, "form.problem": u.form.problem,
		"form.title": u.form.title, "form.where": u.form.where, "form.test": u.form.test, "form.apart": u.form.apart,
		"form.network": u.form.network.button, "form.local": u.form.local, "form.scroll": u.form.scroll,
	} {
		all[name] = o
	}
	all["sidebar.hide"], all["view"], all["unfold"] = u.sidebar.hide, u.view, u.unfold.Objects[0].(*fyne.Container).Objects[0]
	if s := u.settings; s != nil {
		all["settings.theme"], all["settings.zoom"], all["settings.panes"] = s.theme, s.zoom, s.panes
		all["settings.notify"], all["settings.presenting"] = s.notify, s.presenting
	}
	if u.palette != nil {
		all["palette.why"] = u.palette.why
	}
	tests := u.test
	if u.trying != nil {
		tests = u.trying
	}
	for name, o := range tests.Objects() {
		all[name] = o
	}
	for name, o := range u.tokens.Objects() {
		all[name] = o
	}
	for _, page := range u.pager.pages {
		all["page."+page.name] = page.button
	}
	for name, field := range u.form.named() {
		if field.entry != nil {
			all["form."+name] = field.entry
		}
		all["form."+name+"Wrong"] = field.wrong
	}
	for role, s := range map[string]*signInForm{"form.": u.form.signIn, "form.sender.": u.form.send} {
		all[role+"way"], all[role+"about"], all[role+"identity"] = s.way, s.about, s.identity
		all[role+"cloud"], all[role+"doubts"], all[role+"advanced"] = s.cloud.name, s.cloud.doubts, s.cloud.fold
		all[role+"certificate"], all[role+"certificateFile"], all[role+"certificatePaste"] = s.certificate.words, s.certificate.choose, s.certificate.paste
	}
	return all
}

// named returns the form's fields under the names that tests know them by.
func (f *form) named() map[string]*formField {
	list := map[string]*formField{"passphrase": f.signIn.passphrase, "sender.passphrase": f.send.passphrase}
	for name, field := range map[string]profiles.Field{
		"name": profiles.FieldName, "group": profiles.FieldGroup, "endpoint": profiles.FieldNamespace, "hybridConnection": profiles.FieldHybridConnection,
		"certificates": profiles.FieldCACertificates, "proxy": profiles.FieldProxy,
	} {
		list[name] = f.fields[field]
	}
	for name, field := range map[string]profiles.Field{
		"way": profiles.FieldWay, "keyName": profiles.FieldKeyName, "key": profiles.FieldKey, "lifetime": profiles.FieldLifetime, "token": profiles.FieldToken,
		"tenant": profiles.FieldTenant, "clientID": profiles.FieldClientID, "secret": profiles.FieldSecret, "certificate": profiles.FieldCertificate,
		"identityID": profiles.FieldIdentityID, "authority": profiles.FieldAuthority, "audience": profiles.FieldAudience,
	} {
		list[name], list["sender."+name] = f.fields[field], f.fields[field.Sender()]
	}
	return list
}
