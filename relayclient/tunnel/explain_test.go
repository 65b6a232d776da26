package tunnel_test

import (
	"fmt"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/tunnel"
)

func TestExplain(t *testing.T) {
	for want, err := range map[string]error{
		"Stopped":                      tunnel.ErrClosed,
		"Too many connections at once": tunnel.ErrFull,
		"The local program broke its connection off":     fmt.Errorf("%w: reset", tunnel.ErrLocal),
		"The listener did not open the bridge's port":    fmt.Errorf("%w: it answered 00 00 ff", tunnel.ErrBridge),
		"The listener could not reach its target":        &relayclient.CloseError{Code: 1011, Reason: "the listener's target: connection refused"},
		"The other side or the relay had trouble":        &relayclient.CloseError{Code: 1011, Reason: "oops"},
		"One side went silent after the other had ended": tunnel.ErrHalfOpen,
	} {
		if m := tunnel.Explain(err); m.Title != want || m.Title != "Stopped" && (m.Cause == "" || m.Next == "" || m.Raw == "") {
			t.Errorf("%v: %+v, want %q", err, m, want)
		}
	}
}
