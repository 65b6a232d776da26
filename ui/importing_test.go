package ui

import (
	"encoding/json"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient"
)

const managersFile = `[
  {"Uri": "https://contoso.servicebus.windows.net/orders", "KeyName": "send", "KeyValue": "` + someKey + `"},
  {"Uri": "https://contoso.servicebus.windows.net/billing", "KeyName": "send", "KeyValue": "` + someKey + `"}
]`

// importText reads a file and waits until it is shown.
func importText(t *testing.T, u *Window, q mainQueue, name, text string) *importDialog {
	t.Helper()
	before := u.importing
	u.readImport(name, []byte(text), relayclient.Secret{}, nil)
	q.until(t, "the file is shown", func() bool { return u.importing != before })
	return u.importing
}

func TestImportStoresWhatIsChosen(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	d := importText(t, u, q, "connections.json", managersFile)
	if len(u.entries) != 0 {
		t.Error("stored before anybody agreed")
	}
	if text := overText(u); !strings.Contains(text, "Hybrid Connection Manager") || strings.Contains(text, someKey) {
		t.Errorf("it says %q", text)
	}
	d.checks[1].SetChecked(false)
	d.group.SetText("From the old tool")
	test.Tap(d.yes)
	q.until(t, "stored", func() bool { return len(u.entries) == 1 })
	if p := u.entries[0].Profile; p.HybridConnection != "orders" || p.Group != "From the old tool" || p.SignIn.Key.Reveal() != someKey {
		t.Errorf("stored %v", p)
	}

	d = importText(t, u, q, "connections.json", managersFile)
	if d.checks[0].Checked || !d.checks[1].Checked {
		t.Error("what is here already is chosen again, or what is new is not")
	}
	d.dialog.Hide()
	closeWindow(t, u, q)
}

// An export without secrets lacks keys: each profile is completed in the form.
func TestImportedProfilesAreCompletedOneByOne(t *testing.T) {
	text, err := profiles.Export([]profiles.Profile{someProfile("first"), someProfile("second")}, profiles.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, q := newWindow(t, profiles.NewMemory())
	test.Tap(importText(t, u, q, "export.json", string(text)).yes)
	for i, title := range []string{"“first”, then 1 more", "“second”"} {
		q.until(t, "the form asks for "+title, func() bool { return u.form.content.Visible() && strings.Contains(u.form.title.Text, title) })
		if !u.form.fields[profiles.FieldKey].wrong.Visible() {
			t.Error("the missing key is not marked")
		}
		fillForm(u, map[profiles.Field]string{profiles.FieldKey: someKey})
		test.Tap(u.form.save)
		q.until(t, "stored", func() bool { return len(u.entries) == i+1 })
	}
	q.until(t, "done", func() bool { return u.live.Visible() })
	closeWindow(t, u, q)
}

// An own export says nothing new, although it lacks the keys.
func TestOwnExportIsKnown(t *testing.T) {
	store := profiles.NewMemory()
	stored, err := store.Save(t.Context(), someProfile("mine"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := profiles.Export([]profiles.Profile{stored}, profiles.ExportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	u, q := newWindow(t, store)
	if d := importText(t, u, q, "export.json", string(text)); d.checks[0].Checked || !d.yes.Disabled() {
		t.Error("what is here already is chosen again")
	}
	closeWindow(t, u, q)
}

// What was exported here and changed since stands beside what is imported.
func TestImportReplacesNothing(t *testing.T) {
	store := profiles.NewMemory()
	stored, err := store.Save(t.Context(), someProfile("mine"))
	if err != nil {
		t.Fatal(err)
	}
	sealed := relayclient.NewSecret("correct horse battery")
	other := stored
	other.HybridConnection = "billing"
	text, err := profiles.Export([]profiles.Profile{other}, profiles.ExportOptions{Passphrase: sealed})
	if err != nil {
		t.Fatal(err)
	}
	u, q := newWindow(t, store)
	u.readImport("export.age", text, relayclient.Secret{}, nil)
	q.until(t, "the passphrase is asked for", func() bool { return u.asking != nil })
	u.asking.first.SetText("something else")
	test.Tap(u.asking.yes)
	q.until(t, "refused", func() bool { return u.asking.wrong.Visible() })
	u.asking.first.SetText(sealed.Reveal())
	test.Tap(u.asking.yes)
	q.until(t, "shown", func() bool { return u.importing != nil })
	test.Tap(u.importing.yes)
	q.until(t, "stored", func() bool { return len(u.entries) == 2 })
	if e, _ := u.entry(stored.ID); e.Profile.HybridConnection != "orders" {
		t.Errorf("the profile that was there now leads to %q", e.Profile.HybridConnection)
	}
	closeWindow(t, u, q)
}

func TestExportHoldsNoSecretUnlessSealed(t *testing.T) {
	for name, passphrase := range map[string]string{"open": "", "sealed": "correct horse battery"} {
		t.Run(name, func(t *testing.T) {
			var file closingBuilder
			if err := writeExport(&file, []profiles.Profile{someProfile("orders")}, profiles.ExportOptions{Passphrase: relayclient.NewSecret(passphrase)}); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(file.String(), someKey) || !file.closed {
				t.Error("the file has the key in clear, or was left open")
			}
			if open := json.Valid([]byte(file.String())); open != (passphrase == "") {
				t.Errorf("anybody can read the file: %v", open)
			}
		})
	}
}

type closingBuilder struct {
	strings.Builder
	closed bool
}

func (b *closingBuilder) Close() error {
	b.closed = true
	return nil
}
