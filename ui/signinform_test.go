package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

const someID = "11111111-2222-3333-4444-555555555555"

// Every way goes through the form as it is, and shows the fields it uses alone.
func TestEveryWayGoesThroughTheForm(t *testing.T) {
	key := relayclient.NewSecret(someKey)
	for name, tt := range map[string]struct {
		settings signin.Settings
		shows    []profiles.Field
	}{
		"key": {signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: key, Lifetime: 3 * time.Minute},
			[]profiles.Field{profiles.FieldKeyName, profiles.FieldKey, profiles.FieldLifetime}},
		"token": {signin.Settings{Way: signin.SharedAccessToken, Token: relayclient.NewSecret("SharedAccessSignature sr=a&sig=b&se=1&skn=c")},
			[]profiles.Field{profiles.FieldToken}},
		"secret": {signin.Settings{Way: signin.ClientSecret, Tenant: someID, ClientID: someID, Secret: key},
			[]profiles.Field{profiles.FieldTenant, profiles.FieldClientID, profiles.FieldSecret}},
		"certificate": {signin.Settings{Way: signin.ClientCertificate, Tenant: someID, ClientID: someID, Certificate: relayclient.NewSecret("MAMCAQM="), Secret: key},
			[]profiles.Field{profiles.FieldTenant, profiles.FieldClientID, profiles.FieldCertificate}},
		"machine": {signin.Settings{Way: signin.ManagedIdentity}, nil},
		"identity": {signin.Settings{Way: signin.ManagedIdentity, Identity: signin.ByObjectID, IdentityID: someID},
			[]profiles.Field{profiles.FieldIdentityID}},
		"cli":     {signin.Settings{Way: signin.AzureCLI, Tenant: someID}, []profiles.Field{profiles.FieldTenant}},
		"code":    {signin.Settings{Way: signin.DeviceCode}, []profiles.Field{profiles.FieldTenant, profiles.FieldClientID}},
		"browser": {signin.Settings{Way: signin.Browser, Audience: "https://relay.azure.net", Authority: "https://login.example"}, []profiles.Field{profiles.FieldTenant, profiles.FieldClientID, profiles.FieldAuthority, profiles.FieldAudience}},
	} {
		t.Run(name, func(t *testing.T) {
			test.NewTempApp(t)

			f := newForm(func(profiles.Profile) {}, func() {})
			p := someProfile("orders")
			p.SignIn = tt.settings
			send := signin.Settings{Way: signin.Anonymous}
			p.SendSignIn = &send
			f.edit("Edit", p, "keyring")
			if got := f.read().Normalize(); !got.SameConnection(p.Normalize()) || f.changed() {
				t.Errorf("the form holds %v, want %v", got, p)
			}
			for _, field := range []profiles.Field{profiles.FieldKeyName, profiles.FieldKey, profiles.FieldLifetime, profiles.FieldToken, profiles.FieldTenant, profiles.FieldClientID,
				profiles.FieldSecret, profiles.FieldCertificate, profiles.FieldIdentityID, profiles.FieldAuthority, profiles.FieldAudience} {
				want := false
				for _, shown := range tt.shows {
					want = want || shown == field
				}
				if got := f.fields[field].row.body.Visible(); got != want {
					t.Errorf("%v is shown: %v, want %v", field, got, want)
				}
			}
			for _, field := range f.fields {
				if field.entry != nil && !field.entry.Password && strings.Contains(field.entry.Text, someKey) {
					t.Error("a secret can be read over somebody's shoulder")
				}
			}
		})
	}
}

// A profile may have no listener, if its sender has a way of its own.
func TestProfileThatOnlySends(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	u.form.help.clipboard = func() string { return "" }
	test.Tap(u.welcome.fill)
	fillForm(u, map[profiles.Field]string{profiles.FieldNamespace: "contoso.servicebus.windows.net", profiles.FieldHybridConnection: "orders"})
	if has := fmt.Sprint(u.form.signIn.way.Options); strings.Contains(has, justSends) || strings.Contains(has, textOf(signin.Anonymous).name+"]") {
		t.Errorf("both roles are offered %s", has)
	}
	u.form.apart.SetChecked(true)
	u.form.signIn.way.SetSelected(justSends)
	u.form.send.way.SetSelected(textOf(signin.Anonymous).name)
	test.Tap(u.form.save)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	p := u.entries[0].Profile
	if p.SignIn.Way != 0 || p.SendSignIn == nil || p.SendSignIn.Way != signin.Anonymous {
		t.Errorf("stored %v", p)
	}
	u.edit(p.ID)
	u.form.apart.SetChecked(false)
	if way := wayNamed(u.form.signIn.way.Selected); way != signin.SharedAccessKey {
		t.Errorf("with one way for both, it is %v", way)
	}
	closeWindow(t, u, q)
}

func TestLifetimeThatIsNoneIsNotSaved(t *testing.T) {
	test.NewTempApp(t)
	saved := 0
	f := newForm(func(profiles.Profile) { saved++ }, func() {})
	f.edit("New", someProfile("orders"), "keyring")
	f.fields[profiles.FieldLifetime].entry.SetText("soon")
	test.Tap(f.save)
	if saved != 0 || !f.fields[profiles.FieldLifetime].wrong.Visible() {
		t.Error("it was saved, or nobody was told why not")
	}
	f.fields[profiles.FieldLifetime].entry.SetText("20 min")
	test.Tap(f.save)
	if saved != 1 {
		t.Error("it was not saved although nothing is wrong any more")
	}
}

func TestWordsAboutAToken(t *testing.T) {
	sas := func(in time.Duration) string {
		return fmt.Sprintf("SharedAccessSignature sr=http%%3a%%2f%%2fcontoso.servicebus.windows.net%%2forders&sig=Zm9v&se=%d&skn=listen", time.Now().Add(in).Unix())
	}
	for name, tt := range map[string]struct {
		text, says string
		importance widget.Importance
	}{
		"good":       {sas(3 * time.Hour), "Expires in 2 h 59 min", widget.LowImportance},
		"soon over":  {sas(90 * time.Second), "Expires in 1:", widget.WarningImportance},
		"expired":    {sas(-2 * time.Hour), "2 h ago: the relay will refuse it", widget.DangerImportance},
		"no token":   {"half of it", "cannot be read as a token", widget.WarningImportance},
		"not yet in": {"", "It cannot be renewed", widget.LowImportance},
	} {
		t.Run(name, func(t *testing.T) {
			words, importance := tokenWords(tt.text)
			if !strings.Contains(words, tt.says) || importance != tt.importance || strings.Contains(words, "Zm9v") {
				t.Errorf("it says %q with importance %v, want %q and %v", words, importance, tt.says, tt.importance)
			}
		})
	}
}
