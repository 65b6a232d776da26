package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
)

type testCommand struct {
	clientSettings
	Role         string `help:"What to test: listen, send, or both with the same credential. With both, a right that is missing is a warning if the other is there." enum:"both,listen,send" default:"both"`
	UntilGranted bool   `name:"until-granted" help:"If a role is missing, ask again every 15 seconds until it is there, then test once more."`
}

// Validate makes a wrong option a wrong command line.
func (c *testCommand) Validate() error { return c.check() }

// Run tests the connection step by step. It succeeds if nothing failed;
// warnings are no failure.
func (c *testCommand) Run(t *terminal) error {
	plan, err := c.plan(t)
	if err != nil {
		return err
	}
	out := testReporter{t.out, c.JSON, doctor.Report{Steps: plan.Steps()}}
	report := doctor.Run(t, plan, out.step)
	if c.UntilGranted {
		granted, err := c.watch(t, plan, report, out)
		if err != nil {
			return err
		}
		if granted {
			report = doctor.Run(t, plan, out.step)
		}
	}
	out.verdict(report)
	switch {
	case report.Stopped:
		return errors.New("stopped before everything was tested")
	case report.Status == doctor.Passed, report.Status == doctor.Warned:
		return nil
	}
	return errors.New(report.Headline)
}

// personPatience is how long a person may take to sign in.
const personPatience = 5 * time.Minute

// plan tests the roles that are asked for with the one credential there is.
func (c *testCommand) plan(t *terminal) (doctor.Plan, error) {
	role := relayclient.Sending // what an anonymous credential can be
	if c.Role == "listen" {
		role = relayclient.Listening
	}
	cfg, err := c.config(t, role)
	if err != nil {
		return doctor.Plan{}, err
	}
	plan := doctor.Plan{OneCredential: true}
	if c.Role != "send" && (c.Role == "listen" || cfg.Token != nil) { // only senders may be anonymous
		plan.Listen = &cfg
	}
	if c.Role != "listen" {
		plan.Send = &cfg
	}
	if cfg.Token == nil { // the string's key may still tell whether that will do
		if cs, err := c.connectionString(role); err == nil && !cs.Key.Empty() {
			reader := cfg
			reader.Token = relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key}
			plan.Reader = &reader
		}
	}
	if interactive(cfg) {
		plan.TokenPatience = personPatience
	}
	return plan, nil
}

// watch waits for a right that may still come. granted is false if there was
// nothing to wait for.
func (c *testCommand) watch(t *terminal, plan doctor.Plan, report doctor.Report, out testReporter) (granted bool, err error) {
	rights := report.Awaited(plan)
	if len(rights) == 0 {
		return false, nil
	}
	id := doctor.ListenRight
	if rights[0].Role == relayclient.Sending {
		id = doctor.SendRight
	}
	err = doctor.WatchUntilGranted(t, rights, doctor.DefaultWatch, func(tick doctor.Tick) { out.tick(id, tick) })
	switch {
	case t.Err() != nil:
		return false, errors.New("stopped while waiting for a role")
	case err != nil:
		return false, explained(err, rights[0].Role)
	}
	return true, nil
}

// A testReporter writes the steps of a test as they end.
type testReporter struct {
	out   io.Writer
	json  bool
	soFar doctor.Report // titles, and what was found
}

// A testLine is one line with --json. Others script against it: members are
// added, never renamed.
type testLine struct {
	Event       string     `json:"event"` // step, waiting, verdict
	Time        time.Time  `json:"time"`
	Step        doctor.ID  `json:"step,omitempty"`
	Title       string     `json:"title,omitempty"`
	Status      string     `json:"status,omitempty"` // passed, warning, failed, skipped, not run
	TookMS      int64      `json:"took_ms,omitempty"`
	Detail      string     `json:"detail,omitempty"`
	Seen        []seenLine `json:"seen,omitempty"`
	BlockedBy   doctor.ID  `json:"blocked_by,omitempty"`
	OutOfTime   bool       `json:"out_of_time,omitempty"`
	Error       string     `json:"error,omitempty"` // what happened
	Why         string     `json:"why,omitempty"`
	Next        string     `json:"next,omitempty"`
	Command     string     `json:"command,omitempty"` // that should mend it
	Answer      string     `json:"answer,omitempty"`
	TrackingIDs []string   `json:"tracking_ids,omitempty"`

	Attempt   int   `json:"attempt,omitempty"` // waiting
	RetryInMS int64 `json:"retry_in_ms,omitempty"`

	Headline         string `json:"headline,omitempty"` // verdict
	Namespace        string `json:"namespace,omitempty"`
	HybridConnection string `json:"hybrid_connection,omitempty"`
	Proxy            string `json:"proxy,omitempty"`
	TurnedAway       int    `json:"turned_away,omitempty"`
	Stopped          bool   `json:"stopped,omitempty"`
}

// A seenLine is one of several things that a step looked at.
type seenLine struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	TookMS int64  `json:"took_ms,omitempty"`
	Detail string `json:"detail,omitempty"`
}

func (r testReporter) write(line testLine) {
	line.Time = time.Now()
	// A pipe that is closed ends the program by itself.
	_ = json.NewEncoder(r.out).Encode(line)
}

func (r testReporter) step(s doctor.Step) {
	switch {
	case s.Status == doctor.Running:
		return
	case !r.json:
		fmt.Fprint(r.out, s.Text(r.soFar))
		for i := range r.soFar.Steps {
			if r.soFar.Steps[i].ID == s.ID {
				r.soFar.Steps[i] = s
			}
		}
		return
	}
	line := testLine{
		Event: "step", Step: s.ID, Title: s.Title, Status: s.Status.String(), TookMS: s.Took.Milliseconds(), Detail: s.Detail,
		BlockedBy: s.BlockedBy, OutOfTime: s.OutOfTime, TrackingIDs: s.TrackingIDs, Command: s.Command,
		Error: s.Finding.Title, Why: s.Finding.Cause, Next: s.Finding.Next, Answer: s.Finding.Raw,
	}
	for _, o := range s.Seen {
		line.Seen = append(line.Seen, seenLine{o.Name, o.Status.String(), o.Took.Milliseconds(), o.Detail})
	}
	r.write(line)
}

func (r testReporter) tick(id doctor.ID, tick doctor.Tick) {
	wait := time.Until(tick.Next).Round(time.Second)
	switch {
	case r.json:
		line := testLine{Event: "waiting", Step: id, Attempt: tick.Attempt, RetryInMS: max(wait.Milliseconds(), 0)}
		if tick.Err != nil {
			line.Error = explained(tick.Err, 0).(problem).Title
		}
		r.write(line)
	case tick.Err == nil:
		fmt.Fprintf(r.out, "Granted at attempt %d.\n", tick.Attempt)
	case !tick.Next.IsZero():
		fmt.Fprintf(r.out, "Not granted yet (attempt %d), the next in %v.\n", tick.Attempt, wait)
	}
}

func (r testReporter) verdict(report doctor.Report) {
	if !r.json {
		fmt.Fprint(r.out, report.Summary())
		return
	}
	r.write(testLine{
		Event: "verdict", Status: report.Status.String(), Headline: report.Headline, TookMS: report.Took.Milliseconds(),
		Namespace: report.Namespace, HybridConnection: report.HybridConnection, Proxy: report.Via, TurnedAway: report.TurnedAway, Stopped: report.Stopped,
	})
}
