package doctor_test

import (
	"context"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// TestMain fails when a test leaves one of the module's goroutines behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if left := goroutinesLeft(); left != "" {
			os.Stderr.WriteString("goroutines left behind:\n" + left)
			code = 1
		}
	}
	os.Exit(code)
}

// goroutinesLeft returns the stacks of goroutines in this module's code. Those
// that are on their way out get a moment.
func goroutinesLeft() string {
	deadline := time.Now().Add(3 * time.Second)
	for {
		buf := make([]byte, 1<<20)
		stacks := strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")
		var left []string
		for _, s := range stacks[1:] { // the first is this one
			if strings.Contains(s, "relayscope/relayclient") {
				left = append(left, s)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			return strings.Join(left, "\n\n")
		}
		runtime.Gosched()
	}
}

// role returns what it takes to act on a hybrid connection of r under a rule.
func role(t testing.TB, r *localrelay.Relay, entity, rule string) *relayclient.Config {
	t.Helper()
	cs, err := r.ConnectionString(entity, rule)
	if err != nil {
		t.Fatal(err)
	}
	return &relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}
}

// test runs a plan, and checks what every report must fulfil.
func test(t testing.TB, ctx context.Context, plan doctor.Plan) doctor.Report {
	t.Helper()
	last := map[doctor.ID]doctor.Step{}
	var order []doctor.ID
	began := time.Now()
	report := doctor.Run(ctx, plan, func(s doctor.Step) {
		if _, seen := last[s.ID]; !seen {
			order = append(order, s.ID)
		}
		last[s.ID] = s
	})
	if took := time.Since(began); took > doctor.DefaultBudget+time.Second {
		t.Errorf("the test took %v", took)
	}
	if report.Headline == "" {
		t.Error("there is no headline")
	}
	reached := 0
	for i, s := range report.Steps {
		told, seen := last[s.ID]
		switch {
		case !seen && (s.Status != doctor.NotRun || ctx.Err() == nil):
			t.Errorf("step %s is %v but was never told", s.ID, s.Status)
		case seen && told.Status != s.Status:
			t.Errorf("step %s was told as %v and reported as %v", s.ID, told.Status, s.Status)
		case seen && order[i] != s.ID:
			t.Errorf("step %d is %s, but %s was told", i, s.ID, order[i])
		case s.Status == doctor.Running:
			t.Errorf("step %s is still running", s.ID)
		case s.Status == doctor.Failed && (s.Err == nil || s.Finding.Title == ""):
			t.Errorf("step %s failed with error %v and the finding %q", s.ID, s.Err, s.Finding.Title)
		case s.Status == doctor.Skipped && s.BlockedBy == "" && s.Detail == "":
			t.Errorf("step %s is skipped without a reason", s.ID)
		}
		if seen {
			reached++
		}
	}
	if t.Failed() {
		t.Log(report.Text())
	}
	return report
}

// wantSteps compares the statuses that are given; others may be anything.
func wantSteps(t testing.TB, report doctor.Report, want map[doctor.ID]doctor.Status) {
	t.Helper()
	for id, status := range want {
		if got := report.Step(id); got.Status != status {
			t.Errorf("step %s is %v, want %v (%v)", id, got.Status, status, got.Err)
		}
	}
	if t.Failed() {
		t.Log(report.Text())
	}
}

func TestEverythingWorks(t *testing.T) {
	relay := localrelaytest.New(t)
	both := role(t, relay, "hyco", "both")
	report := test(t, t.Context(), doctor.Plan{Listen: both, Send: both, OneCredential: true})
	if report.Status != doctor.Passed || !strings.HasPrefix(report.Headline, "Everything works: ") {
		t.Errorf("verdict is %v, %q", report.Status, report.Headline)
	}
	for _, s := range report.Steps {
		if s.Status != doctor.Passed {
			t.Errorf("step %s is %v", s.ID, s.Status)
		}
	}
	if key := both.Token.(relayclient.SharedAccessKey).Key.Reveal(); strings.Contains(report.Text(), key) {
		t.Error("the text holds the key")
	}
	if t.Failed() || testing.Verbose() {
		t.Log("\n" + report.Text())
	}
}
