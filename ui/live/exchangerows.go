package live

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/request"
)

func exchangeOf(st RequestStatus) exchange {
	return exchange{Lane: journal.Sender, Number: st.Number, ID: st.id, Method: st.Request.Verb(), Target: targetOf(st.Request)}
}

// sentRequestRow shows an HTTP request that the sender sends. It may read a
// file.
func sentRequestRow(st RequestStatus) journal.Row {
	r := st.Request
	p := half{Time: st.Since, Header: r.Header, Body: r.Body, Detail: "token  " + tokenPlace(r) + "\n"}
	if r.File != "" {
		p.Size, _ = r.Length() // if it cannot be read, the answer says so
		p.Body = beginning(r.File)
		p.Detail += "file   " + r.File + "\n"
	}
	row := exchangeOf(st).request(p)
	row.TrackingID = "" // only the relay gives one
	return row
}

// beginning returns what the log keeps of a file.
func beginning(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	data, _ := io.ReadAll(io.LimitReader(f, bodyKept))
	return data
}

// receivedAnswerRow shows the answer to it, or why there is none.
func receivedAnswerRow(st RequestStatus) journal.Row {
	a, v := st.Answer, st.Verdict
	p := half{Time: a.Start.Add(a.Took), Header: a.Header, Body: a.Body, Size: a.Size, TrackingID: a.TrackingID,
		Status: a.Code, Latency: a.Took, AnsweredBy: a.By.String(), Legs: legs(a)}
	if a.By == request.Foreign {
		p.AnsweredBy = ""
	}
	var b strings.Builder
	for _, part := range []string{v.Title + ".", v.Cause, v.Next, v.Raw} {
		if part != "" {
			b.WriteString(part + "\n")
		}
	}
	p.Detail = b.String()
	row := exchangeOf(st).response(p)
	row.TrackingID = a.TrackingID
	switch {
	case v.Finding == request.Answered:
		row.Text += ", from the listener, " + milliseconds(a.Took)
	case v.Finding == request.Cancelled:
		row.Text = "cancelled after " + milliseconds(a.Took)
	default:
		row.Kind = journal.Problem
		row.Text = strings.TrimSpace(fmt.Sprintf("%s, after %s", v.Title, milliseconds(a.Took)))
	}
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

// legs are the parts of an exchange, one after the other. Those that did not
// happen are left out.
func legs(a *request.Answer) []journal.Leg {
	list := journal.Legs(a.Phases)
	at := time.Duration(0)
	if n := len(list); n > 0 {
		at = list[n-1].Start + list[n-1].Took
	}
	for _, l := range []journal.Leg{{Name: "Sending", Took: a.Writing}, {Name: "Waiting", Took: a.Waiting}, {Name: "Reading", Took: a.Reading}} {
		if l.Took > 0 {
			l.Start = at
			at += l.Took
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
	var b strings.Builder
	for _, f := range journal.HeaderFields(h) {
		b.WriteString(f.Name + ": " + f.Value + "\n")
	}
	return b.String()
}
