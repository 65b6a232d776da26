package doctor

import (
	"fmt"
	"strings"
	"time"
)

// Text renders the report for the clipboard and the terminal, the verdict
// first. It holds tracking IDs and the time in UTC, and no secret.
func (r Report) Text() string {
	var b strings.Builder
	b.WriteString(r.Summary() + "\n")
	for _, s := range r.Steps {
		b.WriteString(s.Text(r))
	}
	return b.String()
}

// Summary renders the verdict and what it is about, without the steps.
func (r Report) Summary() string {
	text := r.Headline + ".\nTested "
	if r.Namespace != "" {
		text += r.HybridConnection + " at " + r.Namespace + " "
	}
	if r.Via != "" {
		text += "through the proxy " + r.Via + " "
	}
	text += r.Started.UTC().Format("on 2006-01-02 at 15:04:05 UTC") + ", in " + ms(r.Took) + ".\n"
	switch {
	case r.TurnedAway == 1:
		text += "One sender of somebody else reached the test's listener and was told to connect again (503).\n"
	case r.TurnedAway > 1:
		text += fmt.Sprintf("%d senders of others reached the test's listener and were told to connect again (503).\n", r.TurnedAway)
	}
	return text
}

// Text renders one row, with what was found below it. The report is for the
// titles of other steps and for what has been said before; a zero one will do.
func (s Step) Text(r Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-7s  %-22s", mark(s.Status), s.Title)
	if s.Took > 0 {
		fmt.Fprintf(&b, "  %9s", rounded(s.Took))
	} else {
		fmt.Fprintf(&b, "  %9s", "")
	}
	if detail := s.Line(r); detail != "" {
		b.WriteString("  " + detail)
	}
	text := strings.TrimRight(b.String(), " ") + "\n"
	if len(s.Seen) > 1 || s.Status == Failed {
		for _, o := range s.Seen {
			text += indent(o.Line())
		}
	}
	if s.Finding.Title != "" {
		finding := s.Finding
		if before := r.Said(s); before != "" {
			finding.Cause, finding.Next = "The cause is likely the same as of: "+before+".", ""
		}
		text += indent(finding.Text())
		if s.Command != "" {
			text += indent("Command: " + s.Command)
		}
	}
	for _, id := range s.TrackingIDs {
		if id != s.Finding.TrackingID {
			text += indent("Tracking ID: " + id)
		}
	}
	return text
}

// Said returns the title of an earlier step that has been explained in the same
// words, or "".
func (r Report) Said(s Step) string {
	for _, before := range r.Steps {
		if before.ID == s.ID || s.Finding.Title == "" {
			break
		}
		f := before.Finding
		if f.Title == s.Finding.Title && f.Cause == s.Finding.Cause && f.Next == s.Finding.Next {
			return before.Title
		}
	}
	return ""
}

// Line is a step's detail, or why there is none.
func (s Step) Line(r Report) string {
	if s.BlockedBy == "" {
		return s.Detail
	}
	title := r.Step(s.BlockedBy).Title
	if title == "" {
		title = string(s.BlockedBy)
	}
	if s.Detail != "" {
		return s.Detail + " after: " + title
	}
	return "needs: " + title
}

// Line renders an observation in one line.
func (o Observation) Line() string {
	text := o.Name
	if o.Detail != "" {
		text += ": " + o.Detail
	}
	if o.Took > 0 {
		text += " (" + ms(o.Took) + ")"
	}
	return text
}

func indent(text string) string {
	return "           " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n           ") + "\n"
}

func mark(s Status) string {
	switch s {
	case Passed:
		return "ok"
	case Warned:
		return "warning"
	case Failed:
		return "FAILED"
	}
	return s.String()
}

func rounded(d time.Duration) string { return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1)) }
