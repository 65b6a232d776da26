//go:build linux

package windowtest

import (
	"fmt"
	"testing"

	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const (
	personsApp = "0a1b2c3d-0000-4000-8000-000000000001"
	personsID  = "0a1b2c3d-0000-4000-8000-000000000002"
	personName = "ada@contoso.example"
)

// aPerson is known at an authority, and may listen and send at a relay that
// believes it.
func aPerson(t *testing.T) (*entratest.Authority, relay) {
	t.Helper()
	a := entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: personsApp, ObjectID: personsID, Name: personName})
	a.Allow(personsID, localrelay.Listen|localrelay.Send)
	return a, relay{localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) }), t}
}

// signsIn saves a profile by which a person signs in.
func (w *window) signsIn(way string, a *entratest.Authority, r relay) {
	w.t.Helper()
	w.click("welcome.fill")
	w.fill("form.name", "orders")
	w.fill("form.endpoint", r.Namespace())
	w.fill("form.hybridConnection", "hyco")
	w.choose("form.way", way)
	w.fill("form.tenant", entratest.Tenant)
	w.fill("form.clientID", personsApp)
	w.click("form.advanced")
	w.fill("form.authority", a.URL)
	w.click("form.network")
	w.fill("form.certificates", r.certificate()+string(a.CertificatePEM()))
	w.click("form.save")
	w.sees("bar.toggle", "Start both")
}

// polled waits until the program has asked n times more whether the person has
// signed in, a second apart.
func polled(t *testing.T, a *entratest.Authority, n int) {
	t.Helper()
	n += a.Asked()
	until(t, "wait for the person", func() error { return want(a.Asked() >= n, "asked %d times, want %d", a.Asked(), n) })
}

// A person signs in with a code for a test. The live panes need nobody then.
func TestDeviceCodeOnTheTestPage(t *testing.T) {
	t.Parallel()
	a, r := aPerson(t)
	w := newDesktop(t, "1280x720").open(t)
	w.signsIn("Device code", a, r)
	w.click("page.Test")
	w.click("test.again")
	w.sees("over.Copy code")
	polled(t, a, 3)
	w.sees("over.Copy code")
	w.sees("test.step.token", "Running")
	w.sees("test.about", "Waiting until somebody has signed in")
	w.screen("code")
	a.Approve()
	w.sees("test.headline", "Everything works")
	w.wait("code gone", func(p parts) error { return want(!p["over.Copy code"].Visible, "the code is still there") })
	w.sees("test.step.token.line", "device code, as "+personName)
	w.screen("passed")
	w.click("page.Live")
	w.startBoth()
	w.sees("bar.about", "device code: "+personName)
	w.logs("listener|||signed in|as "+personName, "listener|||online", "sender|||signed in|as "+personName, "sender||#1|connected")
	w.send("by a code")
	w.echoes("#1", "by a code")
	w.screen("met")
}

// Whoever calls the sign-in off is not asked again until they start again.
func TestDeviceCodeCalledOff(t *testing.T) {
	t.Parallel()
	a, r := aPerson(t)
	w := newDesktop(t, "1280x720").open(t)
	w.signsIn("Device code", a, r)
	w.click("bar.toggle")
	w.sees("over.Copy code")
	polled(t, a, 2)
	w.sees("listener.status", "Connecting")
	w.click("over.Cancel")
	w.sees("listener.status", "Stopped")
	w.sees("bar.toggle", "Start both")
	w.screen("off")
	w.click("page.Test")
	w.click("test.again")
	w.click("over.Cancel")
	w.sees("test.headline", "sign-in was cancelled")
	w.screen("test-off")
	w.click("page.Identity")
	w.click("identity.listener")
	w.sees("over.Copy code")
	polled(t, a, 2)
	a.Approve()
	w.sees("identity.title", personName)
	w.screen("identity")
}

// The browser of this computer signs in. What it says comes back by itself.
func TestBrowserSignIn(t *testing.T) {
	t.Parallel()
	a, r := aPerson(t)
	d := newDesktop(t, "1280x720")
	folder, variable := entratest.Browser(t)
	d.path, d.more = folder+":", []string{variable}
	w := d.open(t)
	w.signsIn("Browser", a, r)
	w.startBoth()
	w.sees("bar.about", fmt.Sprintf("browser: %s (object %s)", personName, personsID))
	w.send("by a browser")
	w.echoes("#1", "by a browser")
	w.screen("met")
}

// A sender without a token is told that it needs one before it has tried.
func TestAnonymousSender(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	cs := r.access("root")
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.paste")
	w.write("form.paste", cs.Reveal())
	w.click("form.network")
	w.fill("form.certificates", r.certificate())
	w.click("form.network")
	w.click("form.apart")
	w.choose("form.sender.way", "None")
	w.click("form.save")
	w.sees("bar.toggle", "Start both")
	w.click("bar.toggle")
	w.sees("listener.status", "Online")
	w.sees("sender.problem", "This hybrid connection requires authorization")
	w.screen("told")
	w.click("page.Test")
	w.click("test.again")
	w.sees("test.headline", "sending fails: this hybrid connection requires authorization")
}
