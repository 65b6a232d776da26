package live

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"relayscope/relayclient/dialtext"
)

// What is written is there again for its profile, in this run and in the next
// one, but for what may be secret.
func TestOptionsAreKeptForEachProfile(t *testing.T) {
	app := test.NewTempApp(t)
	var asked SendOptions
	newForm := func() *optionsForm {
		return newOptionsForm(func() {}, func(o SendOptions, _ error) { asked = o })
	}
	f := newForm()
	f.show("p1")
	f.path.SetText("/chat/7")
	f.connections.SetText("3")
	f.addHeader(dialtext.Header{Name: "Authorization", Value: "Bearer hidden"})
	if asked.Connections != 3 || asked.Path != "/chat/7" || asked.Header.Get("Authorization") != "Bearer hidden" {
		t.Errorf("asked for %+v", asked)
	}
	if !f.kept.Visible() || !strings.HasPrefix(f.kept.Text, "The value of Authorization may be secret") {
		t.Errorf("it says %q", f.kept.Text)
	}
	f.show("p2")
	if f.path.Text != "" || len(f.headers) != 0 || asked.Connections != 1 {
		t.Errorf("another profile has the path %q, %d headers, %d connections", f.path.Text, len(f.headers), asked.Connections)
	}
	f.show("p1")
	if f.path.Text != "/chat/7" || f.headers[0].value.Text != "Bearer hidden" {
		t.Errorf("in this run the path is %q, the header %q", f.path.Text, f.headers[0].value.Text)
	}
	if stored := app.Preferences().String(optionsKey("p1")); strings.Contains(stored, "hidden") || !strings.Contains(stored, "/chat/7") {
		t.Errorf("stored %s", stored)
	}

	next := newForm()
	next.show("p1")
	if next.path.Text != "/chat/7" || next.connections.Text != "3" || next.headers[0].name.Text != "Authorization" || next.headers[0].value.Text != "" {
		t.Errorf("in the next run %+v", next.texts())
	}
	if next.wrong.Text != "Headers: the value of Authorization was not stored: write it again, or remove the row" {
		t.Errorf("it says %q", next.wrong.Text)
	}
	next.forget("p1")
	if stored := fyne.CurrentApp().Preferences().String(optionsKey("p1")); stored != "" {
		t.Errorf("a profile that is no more has %s", stored)
	}
}
