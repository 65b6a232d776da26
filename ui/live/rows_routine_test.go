package live

import (
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// The relay's daily restart of every listener is no problem to look into;
// other trouble of the service is.
func TestDailyRestartIsNoProblem(t *testing.T) {
	for reason, want := range map[string]journal.Kind{
		"InternalServerError: NameRenewalFailed": journal.State,
		"service failure":                        journal.Problem,
	} {
		row, _ := rowOf(relayclient.Event{Time: time.Now(), Role: relayclient.Listening, Kind: relayclient.StateChanged,
			State: relayclient.Waiting, Err: &relayclient.CloseError{Code: 1011, Reason: reason}}, 0)
		if row.Kind != want {
			t.Errorf("%s: the row %q is of kind %v, want %v", reason, row.Text, row.Kind, want)
		}
	}
}
