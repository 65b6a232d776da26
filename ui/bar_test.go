package ui

import (
	"net"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
)

// silent returns the address of somebody who takes connections, as far as the
// system does, and says nothing.
func silent(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestConnectingNamesItsStepAndCanBeCancelled(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := someProfile("mute")
	p.Namespace = silent(t)
	u.save(p)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	u.choose(p.ID)
	test.Tap(u.bar.toggle)
	q.until(t, "the handshake is named", func() bool { return strings.HasPrefix(u.bar.facts.Text, "the TLS handshake, 0 s") })
	if u.bar.toggle.Text != "Cancel" {
		t.Errorf("the button says %q, want Cancel", u.bar.toggle.Text)
	}
	start := time.Now()
	test.Tap(u.bar.toggle)
	q.until(t, "given up", func() bool { return !u.sessions[p.ID].Running() })
	t.Logf("cancelled in %v", time.Since(start))
	q.until(t, "the bar says so", func() bool { return u.bar.toggle.Text == "Start both" && u.bar.facts.Text == "" })
	closeWindow(t, u, q)
}

func TestTheBarSaysWhatIsUsed(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	p := someProfile("orders")
	u.save(p)
	q.until(t, "saved", func() bool { return len(u.entries) == 1 })
	u.choose(p.ID)
	for got, want := range map[string]string{
		u.bar.url.Text: "sb://contoso.servicebus.windows.net/orders", u.bar.about.Text: "listens and sends · SAS listen",
		u.bar.status.Text(): "Idle", u.bar.facts.Text: "",
	} {
		if got != want {
			t.Errorf("the bar says %q, want %q", got, want)
		}
	}
	u.TryLocalRelay()
	q.until(t, "how long it is online", func() bool {
		return strings.HasPrefix(u.bar.facts.Text, "for 00:00:0") && strings.Contains(u.bar.facts.Text, " · token 60 min")
	})
	closeWindow(t, u, q)
}
