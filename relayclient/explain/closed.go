package explain

import (
	"fmt"
	"strings"

	"relayscope/relayclient"
)

// closed explains how the other end closed a connection.
func closed(ce *relayclient.CloseError) Message {
	if ce.Routine() {
		return Message{
			Title: "The relay's daily restart",
			Cause: "The relay ends the control channel of every listener about once a day. Connections that are open live on.",
			Next:  "Nothing to do: the listener comes back by itself.",
		}
	}
	m := Message{Title: fmt.Sprintf("Closed by the other side with %d", ce.Code)}
	switch ce.Code {
	case 1000, 1005:
		m.Title = "The other side closed the connection"
	case 1001:
		m.Title = "The other side went away"
		m.Cause = "It was shut down, or the hybrid connection was deleted or disabled."
	case 1008:
		m.Title = "Closed for breaking a rule"
		m.Cause = "The other side, or the relay, did not allow what it got."
		m.Next = "Look at the other side's log. A listener comes back by itself."
		if strings.Contains(strings.ToLower(ce.Reason), "token") {
			m.Title, m.Cause = "The token expired and was not renewed in time", ""
			m.Next = "Start again to get a new token. If it happens again, check this computer's clock."
		}
	case 1009:
		m.Title = "A message was too large for the other side"
		m.Next = "Send smaller messages, or raise the limit there."
	case 1011:
		m.Title = "The other side or the relay had trouble"
		m.Cause = "It could not go on. The close has no tracking ID, so the program at the other end has sent it."
		m.Next = "Look at the other side's log. A listener comes back by itself."
		if ce.TrackingID != "" {
			m.Title, m.Cause = "The relay ended the connection", "That is trouble in the service."
			m.Next = "Nothing to do: a listener comes back by itself."
		}
	default:
		m.Next = "Look at the program at the other end: it closed the connection with this code."
		if ce.Code >= 4000 {
			m.Next = "Ask whoever runs the program at the other end what this code means: codes from 4000 are a program's own."
		}
	}
	if ce.Reason != "" {
		m.Cause = join(m.Cause, "Its reason reads: "+sentence(ce.Reason))
	}
	return m
}
