package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"relayscope/relayclient/doctor"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// testConnection runs relayscope test with a rule.
func testConnection(t *testing.T, r *localrelay.Relay, rule string, args ...string) result {
	t.Helper()
	env := []string{"CS=" + connectionString(t, r, "hyco", rule).Reveal()}
	return relayscope(t, env, append([]string{"test", "--connection-string-env=CS", "--ca-file=" + caFile(t, r)}, args...)...)
}

func TestTestPassesInWords(t *testing.T) {
	r := localrelaytest.New(t)
	got := testConnection(t, r, "both")
	wantStatus(t, got, exitOK)
	text := strings.Join(got.lines, "\n")
	for _, want := range []string{"ok       Name lookup", "ok       HTTP round trip", "Everything works: a message went there and back in ", "Tested hyco at " + r.Namespace(), " UTC, in "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if got.stderr != "" {
		t.Errorf("standard error has %q", got.stderr)
	}
}

// statuses reads the lines of relayscope test --json.
func statuses(t *testing.T, got result) (map[doctor.ID]testLine, testLine) {
	t.Helper()
	steps := map[doctor.ID]testLine{}
	var last testLine
	for _, text := range got.lines {
		last = testLine{}
		if err := json.Unmarshal([]byte(text), &last); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if last.Event == "step" {
			steps[last.Step] = last
		}
	}
	if last.Event != "verdict" {
		t.Fatalf("the last line is no verdict: %+v", last)
	}
	return steps, last
}

func TestTestExitStatus(t *testing.T) {
	r := localrelaytest.New(t)
	for name, tt := range map[string]struct {
		rule, role string
		exit       int
		status     string
		steps      map[doctor.ID]string
	}{
		"all rights":                        {"both", "both", exitOK, "passed", map[doctor.ID]string{doctor.HTTPTrip: "passed"}},
		"one right, tested for what it can": {"send", "both", exitOK, "warning", map[doctor.ID]string{doctor.ListenRight: "warning", doctor.HTTPTrip: "skipped"}},
		"the right asked for":               {"send", "send", exitOK, "passed", map[doctor.ID]string{doctor.SendRight: "passed", doctor.ListenRight: "skipped"}},
		"a right asked for and missing":     {"send", "listen", exitFailed, "failed", map[doctor.ID]string{doctor.ListenRight: "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := testConnection(t, r, tt.rule, "--json", "--role="+tt.role)
			wantStatus(t, got, tt.exit)
			steps, verdict := statuses(t, got)
			if verdict.Status != tt.status || verdict.Headline == "" || verdict.HybridConnection != "hyco" {
				t.Errorf("verdict is %+v, want %s", verdict, tt.status)
			}
			for id, want := range tt.steps {
				if got := steps[id]; got.Status != want {
					t.Errorf("step %s is %q, want %q: %+v", id, got.Status, want, got)
				}
			}
			if (got.stderr == "relayscope: "+verdict.Headline+"\n") != (tt.exit != exitOK) {
				t.Errorf("standard error has %q, the headline is %q", got.stderr, verdict.Headline)
			}
		})
	}
}

// A connection string's key may tell beforehand that senders need a token.
func TestTestAnonymous(t *testing.T) {
	r := localrelaytest.New(t)
	for rule, want := range map[string]string{"root": "This hybrid connection requires authorization", "send": "The relay wants a token"} {
		got := testConnection(t, r, rule, "--json", "--sign-in=anonymous")
		wantStatus(t, got, exitFailed)
		steps, verdict := statuses(t, got)
		if step := steps[doctor.SendRight]; step.Status != "failed" || step.Error != want || verdict.Status != "failed" {
			t.Errorf("with the policy %s: %+v, want %q", rule, step, want)
		}
	}
}

func TestTestWrongCommandLine(t *testing.T) {
	wantStatus(t, relayscope(t, nil, "test", "--connection-string-env=CS", "--role=everything"), exitUsage)
	wantStatus(t, relayscope(t, nil, "test", "--connection-string-env=CS"), exitFailed)
}

// An interrupt ends the test whatever hangs.
func TestTestIsInterrupted(t *testing.T) {
	r := localrelaytest.New(t)
	inject(t, r, "delay:on=connect,by=1m")
	defer r.ClearFaults()
	env := []string{"CS=" + connectionString(t, r, "hyco", "both").Reveal()}
	p := start(t, env, "test", "--connection-string-env=CS", "--ca-file="+caFile(t, r))
	p.line(t, "Token")
	p.signal(t, os.Interrupt)
	got := p.wait(t)
	wantStatus(t, got, exitFailed)
	if !strings.Contains(got.stderr, "stopped before everything was tested") {
		t.Errorf("standard error has %q", got.stderr)
	}
}

// A role that was assigned just now is waited for, then everything is tested
// once more.
func TestTestUntilGranted(t *testing.T) {
	a, r, ca := signInWorld(t)
	inject(t, r, "refuse:on=connect,status=401,reason=Authorization failed for specified action: Send")
	env := []string{"SECRET=" + testerSecret}
	got := relayscope(t, env, "test", "--json", "--until-granted", "--ca-file="+ca, "--namespace="+r.Namespace(), "--hybrid-connection=hyco",
		"--sign-in=secret", "--tenant="+entratest.Tenant, "--client-id="+testerApp, "--client-secret-env=SECRET", "--authority="+a.URL)
	wantStatus(t, got, exitOK)
	steps, verdict := statuses(t, got)
	if verdict.Status != "passed" || !strings.Contains(steps[doctor.Token].Detail, "as Relay tester (object "+testerObject+")") {
		t.Errorf("verdict is %+v, token %+v", verdict, steps[doctor.Token])
	}
	text := strings.Join(got.lines, "\n")
	for _, want := range []string{`"step":"send","title":"Right to send","status":"warning"`, `az role assignment create`, `"event":"waiting"`, `"attempt":1`} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
}

// What has been explained once is not explained again in the same words.
func TestTestExplainsOnce(t *testing.T) {
	r := localrelaytest.New(t)
	wrong := connectionString(t, r, "hyco", "both")
	wrong.Key = localrelay.NewKey()
	got := relayscope(t, []string{"CS=" + wrong.Reveal()}, "test", "--connection-string-env=CS", "--ca-file="+caFile(t, r))
	wantStatus(t, got, exitFailed)
	text := strings.Join(got.lines, "\n")
	if strings.Count(text, "Next: Copy policy name") != 1 || !strings.Contains(text, "the same as of: Right to send.") || strings.Count(text, "Answer: 401") != 2 {
		t.Errorf("it printed\n%s", text)
	}
}
