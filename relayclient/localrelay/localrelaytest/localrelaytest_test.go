package localrelaytest_test

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A recorder is a test that keeps its errors and cleanups to itself.
type recorder struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(text string, v ...any) {
	r.errors = append(r.errors, fmt.Sprintf(text, v...))
}

func (r *recorder) finish() {
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		r.cleanups[i]()
	}
}

func TestNewReportsSocketLeftOpen(t *testing.T) {
	for name, leave := range map[string]bool{"left open": true, "closed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{TB: t}
			relay := localrelaytest.New(rec)
			conn, err := tls.Dial("tcp", relay.Namespace(), &tls.Config{RootCAs: relay.RootCAs()})
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if !leave {
				conn.Close()
			}
			rec.finish()
			reported := len(rec.errors) == 1 && strings.Contains(rec.errors[0], "left a socket open")
			if reported != leave {
				t.Errorf("reported %v, want a report: %v", rec.errors, leave)
			}
		})
	}
}

func TestNewTakesOptions(t *testing.T) {
	relay := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Entities = append(cfg.Entities, localrelay.Entity{Name: "more"})
	})
	var names []string
	for _, e := range relay.Entities() {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "hyco open more" {
		t.Errorf("hybrid connections are %q", got)
	}
}
