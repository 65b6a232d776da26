package ui

import (
	"relayscope/ui/widgets"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient"
	"relayscope/relayclient/signin"
)

func someProfile(name string) profiles.Profile {
	return profiles.Profile{ID: profiles.NewID(), Name: name, Namespace: "contoso.servicebus.windows.net", HybridConnection: "orders",
		SignIn: signin.Settings{Way: signin.SharedAccessKey, KeyName: "listen", Key: relayclient.NewSecret(someKey)}}
}

// tapOver taps a button of the dialog that is open.
func tapOver(t *testing.T, u *Window, name string) {
	t.Helper()
	b := overButton(u, name)
	if b == nil {
		t.Fatalf("no dialog offers %q", name)
	}
	test.Tap(b)
}

// overButton returns a button of the dialog that is open, or nil.
func overButton(u *Window, name string) *widgets.Button {
	for _, o := range test.LaidOutObjects(u.win.Canvas().Overlays().Top()) {
		if b, ok := o.(*widgets.Button); ok && b.Text == name {
			return b
		}
	}
	return nil
}

// overText returns what the dialog that is open says.
func overText(u *Window) string {
	var text []string
	for _, o := range test.LaidOutObjects(u.win.Canvas().Overlays().Top()) {
		if l, ok := o.(*widget.Label); ok {
			text = append(text, l.Text)
		}
	}
	return strings.Join(text, "\n")
}

// Another copy of the program saves the profile that is open in the form.
func TestConflictIsForThePersonToDecide(t *testing.T) {
	for answer, want := range map[string]string{"Keep mine": "mine", "Take theirs": "theirs"} {
		t.Run(answer, func(t *testing.T) {
			store := profiles.NewMemory()
			stored, err := store.Save(t.Context(), someProfile("before"))
			if err != nil {
				t.Fatal(err)
			}
			u, q := newWindow(t, store)
			u.edit(stored.ID)
			fillForm(u, map[profiles.Field]string{profiles.FieldName: "mine"})
			other := stored
			other.Name = "theirs"
			if _, err := store.Save(t.Context(), other); err != nil {
				t.Fatal(err)
			}
			test.Tap(u.form.save)
			q.until(t, "somebody is asked", func() bool { return u.win.Canvas().Overlays().Top() != nil })
			if text := overText(u); !strings.Contains(text, "theirs") || !strings.Contains(text, "name") || strings.Contains(text, someKey) {
				t.Errorf("the question is %q", text)
			}
			if u.form.fields[profiles.FieldName].entry.Text != "mine" {
				t.Error("what was typed is gone before anybody has decided")
			}
			tapOver(t, u, answer)
			q.until(t, "decided", func() bool { return u.live.Visible() })
			if e, _ := u.entry(stored.ID); e.Profile.Name != want {
				t.Errorf("stored is %q, want %q", e.Profile.Name, want)
			}
			closeWindow(t, u, q)
		})
	}
}

func TestDeletedElsewhere(t *testing.T) {
	store := profiles.NewMemory()
	stored, err := store.Save(t.Context(), someProfile("before"))
	if err != nil {
		t.Fatal(err)
	}
	u, q := newWindow(t, store)
	u.edit(stored.ID)
	fillForm(u, map[profiles.Field]string{profiles.FieldName: "mine"})
	if err := store.Delete(t.Context(), stored.ID); err != nil {
		t.Fatal(err)
	}
	test.Tap(u.form.save)
	q.until(t, "somebody is asked", func() bool { return u.win.Canvas().Overlays().Top() != nil })
	tapOver(t, u, "Let it go")
	q.until(t, "gone", func() bool { return u.welcome.content.Visible() })
	if len(u.entries) != 0 {
		t.Errorf("the list still has %d profiles", len(u.entries))
	}
	closeWindow(t, u, q)
}
