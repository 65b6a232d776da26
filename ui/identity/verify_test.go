package identity_test

import (
	"relayscope/ui/widgets"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/signin"
)

// signsInAt returns a profile that signs in at an issuer and trusts its
// certificate.
func signsInAt(i *entratest.Publisher) profiles.Profile {
	p := profile()
	p.SignIn = signin.Settings{Way: signin.AzureCLI, Authority: i.URL + "/", Tenant: entratest.Tenant}
	p.CACertificates = string(i.CertificatePEM())
	return p
}

func TestSignatureIsCheckedWithTheIssuerWhenAsked(t *testing.T) {
	i := entratest.NewPublisher(t)
	b := newBench(t, signsInAt(i))
	b.paste("Bearer " + i.Sign(nil))
	b.wantText("JWT of object "+entratest.PublishedObject, "Taken out of the word Bearer", "Fetches public keys from "+strings.TrimPrefix(i.URL, "https://"))
	if n := i.Fetched(); n > 0 {
		t.Errorf("%d documents were fetched before anybody asked", n)
	}
	b.tap("identity.verify")
	b.until("the signature is checked", func() bool { return b.status() == "Fits, and the signature is good" })
	b.wantText("[Passed] Signature", "[Passed] Discovery", "[Passed] Audience", "[Right] Signature")
	b.keep("jwt-good")
}

func TestSignatureOfAnotherIssuer(t *testing.T) {
	i, other := entratest.NewPublisher(t), entratest.NewPublisher(t)
	b := newBench(t, signsInAt(i))
	b.paste(other.Sign(map[string]any{"iss": i.Issuer()}))
	b.tap("identity.verify")
	b.until("the signature is checked", func() bool { return b.status() == "Does not fit: Signature" })
	b.wantText("[Failed] Signature")
}

func TestIssuerCannotBeReached(t *testing.T) {
	i := entratest.NewPublisher(t)
	b := newBench(t, signsInAt(i))
	b.paste(i.Sign(nil))
	i.Close()
	b.tap("identity.verify")
	b.until("a problem", func() bool { return b.problem().Title != "" })
	b.wantText("[Failed] Discovery", "[Skipped] Signature")
	if b.object("identity.verify").(*widgets.Button).Disabled() {
		t.Error("nobody can try again")
	}
}

func TestRoleAssignmentsCanBeCopied(t *testing.T) {
	i := entratest.NewPublisher(t)
	b := newBench(t, signsInAt(i))
	b.paste(i.Sign(nil))
	for role, name := range map[string]string{"identity.role.listen": "Azure Relay Listener", "identity.role.send": "Azure Relay Sender"} {
		test.Tap(b.object(role).(*widgets.Button))
		for _, part := range []string{"az role assignment create", `"` + entratest.PublishedObject + `"`, "ServicePrincipal", `"` + name + `"`, "namespaces/contoso/hybridConnections/orders"} {
			if !strings.Contains(b.copied, part) {
				t.Errorf("%s copies %q, which lacks %q", role, b.copied, part)
			}
		}
	}
}

func TestWrongAudience(t *testing.T) {
	i := entratest.NewPublisher(t)
	b := newBench(t, signsInAt(i))
	b.paste(i.Sign(map[string]any{"aud": "https://servicebus.azure.net/"}))
	if got := b.status(); got != "Does not fit: Audience" {
		t.Errorf("the verdict is %q", got)
	}
	b.wantText("[Wrong] Audience", "classic mistake")
}

// A token of which nobody knows what it is for does not look good for not
// having expired.
func TestNobodyKnowsWhetherItFits(t *testing.T) {
	p := profile()
	p.Namespace = "localhost:5671" // in no cloud, and so without an audience
	b := newBench(t, p)
	b.paste(entratest.NewPublisher(t).Sign(map[string]any{"aud": "api://upstream"}))
	if got := b.status(); got != "Not known whether it fits" {
		t.Errorf("the verdict is %q", got)
	}
}
