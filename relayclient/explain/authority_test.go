package explain_test

import (
	"errors"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
)

// Which port to open is said once, and it is the one that was tried.
func TestAuthorityOutOfReachNamesItsPort(t *testing.T) {
	for host, want := range map[string]string{
		"login.microsoftonline.com": "Let traffic to login.microsoftonline.com on port 443 pass",
		"login.example:8443":        "Let traffic to login.example:8443 pass",
	} {
		m := explain.Error(&entra.Error{Kind: entra.Unreachable, Host: host, Err: errors.New("connection refused")}, relayclient.Sending)
		if !strings.Contains(m.Next, want) {
			t.Errorf("%s: it says %q, want %q", host, m.Next, want)
		}
	}
}
