package live

import (
	"net/http"
	"strconv"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
)

// requestRow shows an HTTP request that has reached the listener.
func requestRow(row *journal.Row, ev relayclient.Event) {
	row.Kind, row.Direction, row.Type, row.TrackingID = journal.Control, journal.In, "request", ev.Connection
	row.Text = ev.Request.Method + " " + redactTarget(ev.Request.Target)
	var b strings.Builder
	if ev.Request.RemoteAddress != "" {
		b.WriteString("from  " + ev.Request.RemoteAddress + "\n")
	}
	b.WriteString("over  " + way(ev.Request.Rendezvous) + "\n")
	writeHeader(&b, ev.Request.Header)
	row.Detail = b.String()
}

// responseRow shows the answer to it. What the listener had to change or
// refuse is a problem.
func responseRow(row *journal.Row, ev relayclient.Event) {
	row.Kind, row.Direction, row.Type, row.TrackingID = journal.Control, journal.Out, "response", ev.Connection
	row.Text = strings.TrimSpace(strconv.Itoa(ev.Code)+" "+http.StatusText(ev.Code)) + ", " + byteCount(ev.Bytes) + ", " + way(ev.Rendezvous)
	row.Detail = "began after  " + milliseconds(ev.FirstByte) + "\ntook         " + milliseconds(ev.Took)
	if ev.Phases.Address != "" {
		row.Detail += "\nrendezvous   " + ev.Phases.String() + "\nto           " + ev.Phases.Address
	}
	if ev.Reason != "" {
		row.Kind = journal.Problem
		row.Text += ": " + ev.Reason
	}
}

func way(rendezvous bool) string {
	if rendezvous {
		return "rendezvous"
	}
	return "control channel"
}

// redactTarget hides what usually is a credential in a target's query.
func redactTarget(target string) string {
	path, query, asked := strings.Cut(target, "?")
	if !asked {
		return path
	}
	return path + "?" + relayclient.RedactQuery(query)
}
