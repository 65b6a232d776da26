package ui

import (
	"fyne.io/fyne/v2"

	"relayscope/profiles"
)

// Objects names the parts of the window that a test drives.
func (u *Window) Objects() map[string]fyne.CanvasObject {
	all := u.page.Objects()
	for name, o := range map[string]fyne.CanvasObject{
		"welcome.try": u.welcome.try, "welcome.paste": u.welcome.paste, "welcome.fill": u.welcome.fill, "welcome.keeping": u.welcome.keeping,
		"sidebar.filter": u.sidebar.filter, "sidebar.list": u.sidebar.list, "sidebar.notice": u.sidebar.notice,
		"sidebar.new": u.sidebar.fill, "sidebar.paste": u.sidebar.paste, "sidebar.try": u.sidebar.try,
		"bar.toggle": u.bar.toggle, "bar.status": u.bar.status, "bar.name": u.bar.name, "bar.address": u.bar.address, "bar.copy": u.bar.copyIt, "bar.edit": u.bar.edit,
		"form.paste": u.form.paste, "form.pasted": u.form.pasted, "form.save": u.form.save, "form.cancel": u.form.cancel, "form.problem": u.form.problem,
		"form.name": u.form.fields[profiles.FieldName].entry, "form.endpoint": u.form.fields[profiles.FieldNamespace].entry,
		"form.hybridConnection": u.form.fields[profiles.FieldHybridConnection].entry,
		"form.keyName":          u.form.fields[profiles.FieldKeyName].entry, "form.key": u.form.fields[profiles.FieldKey].entry,
		"form.certificates": u.form.fields[profiles.FieldCACertificates].entry,
		"form.title":        u.form.title, "form.where": u.form.where,
		"form.nameWrong": u.form.fields[profiles.FieldName].wrong, "form.endpointWrong": u.form.fields[profiles.FieldNamespace].wrong,
		"form.hybridConnectionWrong": u.form.fields[profiles.FieldHybridConnection].wrong,
		"form.keyNameWrong":          u.form.fields[profiles.FieldKeyName].wrong, "form.keyWrong": u.form.fields[profiles.FieldKey].wrong,
		"form.certificatesWrong": u.form.fields[profiles.FieldCACertificates].wrong,
		"form.proxy":             u.form.fields[profiles.FieldProxy].entry, "form.proxyWrong": u.form.fields[profiles.FieldProxy].wrong,
	} {
		all[name] = o
	}
	return all
}
