package explain

import (
	"fmt"

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
		m.Title = "The token expired and was not renewed in time"
		m.Next = "Start again to get a new token. If it happens again, check this computer's clock."
	case 1009:
		m.Title = "A message was too large for the other side"
	case 1011:
		m.Title = "The relay ended the connection"
		m.Cause = "That is trouble in the service."
		m.Next = "Nothing to do: a listener comes back by itself."
	}
	if ce.Reason != "" {
		m.Cause = join(m.Cause, "Its reason reads: "+sentence(ce.Reason))
	}
	return m
}
