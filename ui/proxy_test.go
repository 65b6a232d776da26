package ui

import (
	"net/http"
	"testing"

	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient"
)

func TestProxyOfAProfile(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	test.Tap(u.welcome.fill)
	fillForm(u, map[profiles.Field]string{profiles.FieldProxy: "ftp://eve:s3cret@proxy.example"})
	u.form.paste.SetText("Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=listen;SharedAccessKey=" + someKey + ";EntityPath=orders")
	proxy := u.form.fields[profiles.FieldProxy]
	if proxy.entry.Text == "" || !proxy.entry.Password {
		t.Error("the connection string took the proxy away, or everybody can read it")
	}
	test.Tap(u.form.save)
	if !proxy.wrong.Visible() || len(u.entries) != 0 {
		t.Errorf("saved with a proxy that cannot be used; it is marked %q", proxy.wrong.Text)
	}
	proxy.entry.SetText("eve:s3cret@proxy.example:3128")
	test.Tap(u.form.save)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 && u.live.Visible() })
	saved := u.entries[0].Profile

	cfg, err := u.host.resolve(t.Context(), saved, relayclient.Sending)
	if err != nil {
		t.Fatal(err)
	}
	via, err := cfg.Proxy(&http.Request{})
	if err != nil || via.String() != "http://eve:s3cret@proxy.example:3128" {
		t.Errorf("the client's proxy is %v, %v", via, err)
	}
	u.edit(saved.ID)
	if proxy.entry.Text != "http://eve:s3cret@proxy.example:3128" || u.form.changed() {
		t.Errorf("the form shows the proxy as %q", proxy.entry.Text)
	}
	proxy.entry.SetText("")
	if !u.form.changed() {
		t.Error("taking the proxy out counts as no change")
	}
	test.Tap(u.form.save)
	q.until(t, "saved without", func() bool { e, _ := u.entry(saved.ID); return e.Profile.Proxy.Empty() })
	if cfg, err = u.host.resolve(t.Context(), u.entries[0].Profile, relayclient.Sending); err != nil || cfg.Proxy != nil {
		t.Errorf("without a proxy of its own the profile has one, or %v", err)
	}
	saved.Proxy = relayclient.NewSecret("ftp://eve:s3cret@proxy.example") // as only another program would store it
	if _, err = u.host.resolve(t.Context(), saved, relayclient.Sending); err == nil {
		t.Error("a proxy that cannot be used was passed over")
	}
	closeWindow(t, u, q)
}
