package live

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/journal"
)

// rowOf turns an event into its row of the message log. Some events are only
// for the panes and have none.
func rowOf(ev relayclient.Event, number int) (journal.Row, bool) {
	row := journal.Row{Time: ev.Time, Lane: journal.Listener, Kind: journal.State, TrackingID: ev.TrackingID}
	if ev.Role == relayclient.Sending {
		row.Lane = journal.Sender
	}
	if number > 0 {
		row.Connection = "#" + strconv.Itoa(number)
	}
	switch ev.Kind {
	case relayclient.StateChanged:
		return row, stateRow(&row, ev)
	case relayclient.TokenRenewed:
		row.Kind, row.Direction, row.Type = journal.Control, journal.Out, "renew"
		row.Text = "token renewed, good until " + ev.TokenExpires.Format("15:04:05")
	case relayclient.RenewalFailed:
		failed(&row, "renew", ev)
	case relayclient.CommandReceived:
		if ev.Reason == "" {
			return row, false // the connection or request that follows has a row of its own
		}
		row.Kind, row.Direction, row.Type = journal.Control, journal.In, "command"
		row.Text = strings.TrimSpace("ignored " + ev.Command)
		row.Detail = ev.Reason
	case relayclient.Connected:
		row.Type = "connected"
		row.Text = connectedText(ev)
		row.Detail = strings.TrimSpace(openingText(ev.Phases) + "\n" + headerText(ev))
		row.TrackingID = ev.Connection
		row.Facts = connectionFacts(ev)
	case relayclient.ConnectFailed:
		failed(&row, "refused", ev)
		if row.TrackingID == "" {
			row.TrackingID = ev.Connection
		}
	case relayclient.Rejected:
		row.Kind, row.Direction, row.Type = journal.Control, journal.Out, "rejected"
		row.Text = fmt.Sprintf("sender turned away with %d %s", ev.Code, ev.Reason)
		if ev.Code == 0 {
			row.Text = "sender left without an answer"
		}
		row.Status, row.Facts = ev.Code, connectionFacts(ev)
	case relayclient.MessageReceived:
		messageRow(&row, journal.In, ev.Message)
	case relayclient.MessageSent:
		messageRow(&row, journal.Out, ev.Message)
		if ev.Bytes > row.Size {
			row.Detail = "of " + exactly(int(ev.Bytes)) + " the log keeps the first " + exactly(int(row.Size))
			row.Size = ev.Bytes
		}
	case relayclient.PingAnswered:
		row.Kind, row.Direction, row.Type = journal.Control, journal.In, "pong"
		row.Text = "the relay answered a PING in " + tenths(ev.Took)
	case relayclient.SendFailed:
		row.Direction = journal.Out
		failed(&row, "not sent", ev)
	case relayclient.Closed:
		closedRow(&row, ev)
	case relayclient.RequestReceived:
		requestRow(&row, ev)
	case relayclient.ResponseSent:
		responseRow(&row, ev)
	case relayclient.RequestFailed:
		row.Direction, row.TrackingID = journal.Out, ev.Connection
		failed(&row, "no answer", ev)
		row.Facts = &journal.Facts{Exchange: ev.Connection, Legs: journal.Legs(ev.Phases)}
	default:
		return row, false
	}
	return row, true
}

func stateRow(row *journal.Row, ev relayclient.Event) bool {
	row.Type = ev.State.String()
	switch ev.State {
	case relayclient.Connecting:
		if ev.Attempt > 1 {
			return false // the row before it said when this would be
		}
		row.Text = "opening the control channel"
	case relayclient.Online:
		row.Text = "registered in " + milliseconds(ev.Took)
		if !ev.TokenExpires.IsZero() {
			row.Text += ", token good until " + ev.TokenExpires.Format("15:04:05")
		}
		row.Detail = openingText(ev.Phases)
		row.Facts = &journal.Facts{Legs: journal.Legs(ev.Phases)}
	case relayclient.Waiting:
		failed(row, ev.State.String(), ev)
		var ce *relayclient.CloseError
		if errors.As(ev.Err, &ce) && ce.Routine() {
			row.Kind = journal.State // nothing that anybody should look into
		}
		row.Text += ", next try " + in(ev.RetryIn)
	case relayclient.Offline:
		if ev.Err != nil && explain.Error(ev.Err, ev.Role).Title != "Stopped" {
			failed(row, ev.State.String(), ev)
			return true
		}
		row.Text = "stopped"
	}
	return true
}

// openingText says how a connection was opened, for the detail pane.
func openingText(p relayclient.Phases) string {
	text := "time  " + p.String() + "\nto    " + p.Address
	if p.Via != "" {
		text += "\nproxy " + p.Via
	}
	return text
}

func failed(row *journal.Row, kind string, ev relayclient.Event) {
	m := explain.Error(ev.Err, ev.Role)
	row.Kind, row.Type, row.Text, row.Detail = journal.Problem, kind, m.Title, m.Text()
	if phases := ev.Phases.String(); phases != "" {
		row.Detail += "\nTime: " + phases
	}
	if ev.Phases.Via != "" {
		row.Detail += "\nProxy: " + ev.Phases.Via
	}
	if legs := journal.Legs(ev.Phases); legs != nil {
		row.Facts = &journal.Facts{Legs: legs}
	}
	row.Status = statusOf(ev.Err)
	if m.TrackingID != "" {
		row.TrackingID = m.TrackingID
	}
	if m.Title == "Stopped" {
		row.Kind, row.Text, row.Detail, row.Status = journal.State, "given up", "", 0
	}
}

// statusOf is the number that the relay answered with, 0 if there was none.
func statusOf(err error) int {
	var he *relayclient.HandshakeError
	var ce *relayclient.CloseError
	switch {
	case errors.As(err, &he):
		return he.StatusCode
	case errors.As(err, &ce):
		return ce.Code
	}
	return 0
}

func messageRow(row *journal.Row, d journal.Direction, m relayclient.Message) {
	row.Kind, row.Direction, row.Type = journal.Data, d, "text"
	if m.Binary {
		row.Type = "binary"
	}
	row.Size, row.Payload = int64(len(m.Data)), m.Data
}

func closedRow(row *journal.Row, ev relayclient.Event) {
	row.Type, row.Status = "closed", ev.Code
	switch {
	case ev.ByPeer:
		row.Direction = journal.In
		row.Text = "closed by the other side" + codeText(ev)
	case ev.Err == nil || errors.Is(ev.Err, relayclient.ErrClosed):
		row.Direction = journal.Out
		row.Text = "closed" + codeText(ev)
	default:
		failed(row, "closed", ev)
		row.Status = max(row.Status, ev.Code)
	}
}

func codeText(ev relayclient.Event) string {
	switch {
	case ev.Code == 0:
		return " without a Close"
	case ev.Code == 1005:
		return ", no code given"
	case ev.Reason == "":
		return fmt.Sprintf(" with %d", ev.Code)
	}
	return fmt.Sprintf(" with %d: %s", ev.Code, ev.Reason)
}

func connectedText(ev relayclient.Event) string {
	text := "connected in " + milliseconds(ev.Took)
	if ev.Role == relayclient.Listening {
		text = "accepted in " + milliseconds(ev.Took)
	}
	if ev.Info != nil && ev.Role == relayclient.Listening && ev.Info.RemoteAddress != "" {
		text += " from " + ev.Info.RemoteAddress
	}
	if ev.Info != nil && ev.Info.Path != "" {
		text += ", path " + ev.Info.Path
	}
	if ev.Subprotocol != "" {
		text += ", subprotocol " + relayclient.RedactSubprotocol(ev.Subprotocol)
	}
	return text
}

// connectionFacts is what a sender asked for, and how long opening took.
func connectionFacts(ev relayclient.Event) *journal.Facts {
	facts := &journal.Facts{Legs: journal.Legs(ev.Phases)}
	if ev.Info != nil {
		facts.Path, facts.Remote = ev.Info.Path, ev.Info.RemoteAddress
		if ev.Info.Query != "" {
			facts.Path += "?" + relayclient.RedactQuery(ev.Info.Query)
		}
		facts.Header = journal.HeaderFields(ev.Info.Header)
	}
	return facts
}

// headerText lists what the sender sent, for the detail pane.
func headerText(ev relayclient.Event) string {
	if ev.Info == nil || ev.Role != relayclient.Listening {
		return ""
	}
	var b strings.Builder
	if ev.Info.Path != "" {
		b.WriteString("path  " + ev.Info.Path + "\n")
	}
	if ev.Info.Query != "" {
		b.WriteString("query " + relayclient.RedactQuery(ev.Info.Query) + "\n")
	}
	writeHeader(&b, ev.Info.Header)
	return b.String()
}

// writeHeader writes one line for each header, after an empty one.
func writeHeader(b *strings.Builder, header http.Header) {
	header = relayclient.RedactHeader(header)
	for _, name := range slices.Sorted(maps.Keys(header)) {
		b.WriteString("\n" + name + ": " + strings.Join(header[name], ", "))
	}
}

func milliseconds(d time.Duration) string {
	return strconv.FormatInt(max(1, d.Milliseconds()), 10) + " ms"
}

// tenths is a short time to a tenth of a millisecond, or a hundredth if it is
// very short.
func tenths(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

func in(d time.Duration) string {
	if d < time.Second {
		return "at once"
	}
	return fmt.Sprintf("in %d s", int(d.Round(time.Second)/time.Second))
}
