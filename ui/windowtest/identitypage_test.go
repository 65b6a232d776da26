//go:build linux

package windowtest

import (
	"strings"
	"testing"

	"relayscope/relayclient"
)

func TestIdentityPage(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.try")
	w.met()
	w.click("page.Identity")
	w.sees("identity.listener", "Listener's token")
	w.screen("empty")
	w.click("inbound.on")
	w.sees("inbound.wrong", "name the audience")
	w.fill("inbound.audience", "api://upstream")
	w.sees("inbound.wrong", "the tenant or the issuer")
	w.screen("inbound")
	w.click("inbound.on")
	w.wait("section closed", func(p parts) error { return want(!p["inbound.audience"].Visible, "it is open") })
	w.click("identity.listener")
	w.sees("identity.title", "SAS token")
	w.sees("identity.status", "Nothing wrong found")
	w.screen("own")

	// A token for another hybrid connection, as somebody might send one.
	key := relayclient.SharedAccessKey{KeyName: "theirs", Key: relayclient.NewSecret(strings.Repeat("c2VjcmV0", 5) + "a2U=")}
	foreign, err := key.Token(t.Context(), relayclient.Audience("contoso.servicebus.windows.net", "orders"))
	if err != nil {
		t.Fatal(err)
	}
	w.click("identity.paste")
	w.xdotool("type", "--delay", "1", "--", foreign.Value.Reveal())
	w.key("Return")
	w.sees("identity.status", "Does not fit", "Namespace", "Scope")
	w.screen("foreign")
	w.click("identity.paste")
	w.xdotool("type", "--delay", "1", "--", "no token at all")
	w.key("Return")
	p := w.sees("identity.problem")
	if strings.Contains(p["identity.problem"].Text, "no token at all") {
		t.Error("the problem repeats what was pasted")
	}
	w.screen("garbage")
}
