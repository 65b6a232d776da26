package live

import (
	"strings"
	"testing"

	"relayscope/relayclient"
)

// Whoever looks into a row learns which proxy was on the way, and who set it.
func TestRowsNameTheProxy(t *testing.T) {
	const via = "proxy.example:3128 (this profile)"
	phases := relayclient.Phases{Address: "192.0.2.7:3128", Via: via}
	for name, ev := range map[string]relayclient.Event{
		"online":    {Role: relayclient.Listening, Kind: relayclient.StateChanged, State: relayclient.Online, Phases: phases},
		"connected": {Role: relayclient.Sending, Kind: relayclient.Connected, Info: &relayclient.ConnInfo{}, Phases: phases},
		"failed":    {Role: relayclient.Sending, Kind: relayclient.ConnectFailed, Err: relayclient.ErrProxy, Phases: phases},
	} {
		if row, ok := rowOf(ev, 0); !ok || !strings.Contains(row.Detail, via) {
			t.Errorf("%s: the detail %q does not name the proxy", name, row.Detail)
		}
		ev.Phases.Via = ""
		if row, _ := rowOf(ev, 0); strings.Contains(strings.ToLower(row.Detail), "proxy:") || strings.Contains(row.Detail, "proxy  ") {
			t.Errorf("%s: the detail %q names a proxy where there is none", name, row.Detail)
		}
	}
}
