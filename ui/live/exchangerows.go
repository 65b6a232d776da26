package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/request"
)

// maxBodyKept is how much of a body goes into the message log, in bytes.
const maxBodyKept = 256 << 10

// sentRequestRow shows an HTTP request that the sender sends.
func sentRequestRow(st RequestStatus) journal.Row {
	r := st.Request
	row := journal.Row{Time: st.Since, Lane: journal.Sender, Direction: journal.Out, Kind: journal.Control,
		Connection: fmt.Sprintf("#%d", st.Number), Type: "request", Text: r.Verb() + " " + redactTarget(targetOf(r))}
	row.Size, _ = r.Length()
	row.Payload = r.Body[:min(len(r.Body), maxBodyKept)]
	var b strings.Builder
	b.WriteString("token  " + tokenPlace(r) + "\n")
	writeHeader(&b, r.Header)
	row.Detail = b.String()
	return row
}

// receivedAnswerRow shows the answer to it, or why there is none.
func receivedAnswerRow(st RequestStatus) journal.Row {
	a := st.Answer
	row := journal.Row{Time: a.Start.Add(a.Took), Lane: journal.Sender, Direction: journal.In, Kind: journal.Control,
		Connection: fmt.Sprintf("#%d", st.Number), Type: "response", TrackingID: a.TrackingID, Size: a.Size}
	row.Payload = a.Body[:min(len(a.Body), maxBodyKept)]
	row.Text = st.Verdict.Title
	if st.Verdict.Finding == request.Answered {
		row.Text = a.Status + " from the listener"
	}
	row.Text += ", " + milliseconds(a.Took)
	if st.Verdict.Finding != request.Answered && st.Verdict.Finding != request.Cancelled {
		row.Kind = journal.Problem
	}
	var b strings.Builder
	for _, part := range []string{st.Verdict.Cause, st.Verdict.Next, st.Verdict.Raw} {
		if part != "" {
			b.WriteString(part + "\n")
		}
	}
	for _, leg := range legs(a) {
		fmt.Fprintf(&b, "%-8s %s\n", leg.name, exactTime(leg.took))
	}
	writeHeader(&b, a.Header)
	row.Detail = b.String()
	return row
}

// targetOf is what follows the hybrid connection's name, never empty.
func targetOf(r request.Request) string {
	if r.Target == "" {
		return "/"
	}
	return r.Target
}

func tokenPlace(r request.Request) string {
	if r.Token == 0 {
		return request.InHeader.String()
	}
	return r.Token.String()
}

// A leg is one part of the time that an exchange took.
type leg struct {
	name  string
	start time.Duration
	took  time.Duration
}

// legs are the parts of an exchange, one after the other. Those that did not
// happen are left out.
func legs(a *request.Answer) []leg {
	var list []leg
	at := time.Duration(0)
	for _, l := range []leg{
		{name: "Token", took: a.Phases.Token}, {name: "DNS", took: a.Phases.DNS}, {name: "TCP", took: a.Phases.TCP},
		{name: "Proxy", took: a.Phases.Proxy}, {name: "TLS", took: a.Phases.TLS},
		{name: "Sending", took: a.Writing}, {name: "Waiting", took: a.Waiting}, {name: "Reading", took: a.Reading},
	} {
		if l.took > 0 {
			l.start = at
			at += l.took
			list = append(list, l)
		}
	}
	return list
}

// exactTime is a duration for a table.
func exactTime(d time.Duration) string {
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Second:
		return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// headerLines writes a header for people, a line for each field, without
// credentials.
func headerLines(h map[string][]string) string {
	safe := relayclient.RedactHeader(h)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(safe)) {
		for _, value := range safe[name] {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	return b.String()
}
