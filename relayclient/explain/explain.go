// Package explain turns a failure of the client into words for people: what
// happened, why that is likely, and what to do next. The window and the
// command line both speak through it, so that they never disagree.
package explain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relayscope/relayclient"
)

// A Message is a failure in words. Title is never empty; the rest may be.
type Message struct {
	Title      string // what happened, one short sentence without a full stop
	Cause      string // why, as far as the evidence goes
	Next       string // what to do
	Raw        string // what came back, verbatim; "" if Title already says it all
	TrackingID string // the service's correlation ID
}

// Text returns the message as a few lines for a terminal or the clipboard.
func (m Message) Text() string {
	text := m.Title + "."
	if m.Cause != "" {
		text += "\n" + m.Cause
	}
	if m.Next != "" {
		text += "\nNext: " + m.Next
	}
	if m.Raw != "" {
		text += "\nAnswer: " + m.Raw
	}
	if m.TrackingID != "" {
		text += "\nTracking ID: " + m.TrackingID
	}
	return text
}

// Error explains err to whoever plays role. A nil error and one that stands
// for the person's own Stop give the Message "Stopped".
func Error(err error, role relayclient.Role) Message {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, relayclient.ErrClosed) {
		return Message{Title: "Stopped"}
	}
	m := explain(err, role)
	m.Raw = err.Error()
	var he *relayclient.HandshakeError
	var ce *relayclient.CloseError
	switch {
	case errors.As(err, &he):
		m.TrackingID = he.TrackingID
		if he.Answer != "" {
			m.Raw = he.Answer
		}
	case errors.As(err, &ce):
		m.TrackingID = ce.TrackingID
	}
	return m
}

func explain(err error, role relayclient.Role) Message {
	var he *relayclient.HandshakeError
	var ce *relayclient.CloseError
	var cs *relayclient.ConnectionStringError
	switch {
	case errors.As(err, &he):
		return refusal(he, role)
	case errors.As(err, &ce):
		return closed(ce)
	case errors.As(err, &cs):
		return Message{
			Title: "This connection string cannot be used",
			Cause: sentence(cs.Error()),
			Next:  "Copy it again from the portal: namespace or hybrid connection, Shared access policies, the policy, Primary connection string.",
		}
	case errors.Is(err, relayclient.ErrTokenNeeded):
		return Message{
			Title: "A listener needs a shared access key",
			Cause: "Only senders can do without a token, and only where the hybrid connection allows it.",
			Next:  "Give a shared access policy with the Listen right, and its key.",
		}
	case errors.Is(err, relayclient.ErrNotRenewable):
		return Message{
			Title: "The token cannot be renewed",
			Cause: "It was made elsewhere and ends when it ends; the relay then closes the listener.",
			Next:  "Get a new token, or use a shared access key, which makes its own.",
		}
	case errors.Is(err, relayclient.ErrNoCertificates):
		return Message{
			Title: "The CA certificates cannot be read",
			Cause: "What was given as CA certificates holds none in PEM form.",
			Next:  "Give text that begins with -----BEGIN CERTIFICATE-----, or leave it out.",
		}
	case errors.Is(err, relayclient.ErrResponseTimeout):
		return Message{
			Title: "The answer came too late",
			Cause: "The relay gives a listener 60 seconds until an answer begins. The sender has got 504 from the relay.",
			Next:  "Let the handler begin its answer earlier and flush it, or answer 202 and let the sender ask again.",
		}
	case errors.Is(err, relayclient.ErrHandlerAborted):
		return Message{
			Title: "The handler of the request failed",
			Cause: "It panicked or gave up. The sender has got 500, or an answer that is cut short.",
			Next:  "Look for the reason in the handler; the listener itself goes on.",
		}
	case errors.Is(err, relayclient.ErrNotText):
		return Message{
			Title: "A text message was not text",
			Cause: "Its bytes are not UTF-8, which the WebSocket protocol asks for; the connection had to be closed with 1007.",
			Next:  "Let the other side send such bytes as a binary message.",
		}
	case errors.Is(err, relayclient.ErrTooLarge):
		return Message{
			Title: "The message is too large to show",
			Cause: fmt.Sprintf("Relayscope takes messages of up to %d MiB.", relayclient.MaxMessage>>20),
			Next:  "Split it into smaller messages.",
		}
	}
	return network(err)
}

// refusal explains an answer of the relay, by its words first and by its
// status where the words say nothing.
func refusal(he *relayclient.HandshakeError, role relayclient.Role) Message {
	right := "Listen"
	if role == relayclient.Sending {
		right = "Send"
	}
	switch he.Cause {
	case relayclient.CauseBadSignature:
		return Message{
			Title: "The relay does not accept the key",
			Cause: "The token's signature is wrong: the key does not belong to this policy, the name of the policy or of the hybrid connection is misspelled, or the key was regenerated.",
			Next:  "Copy policy name and primary key again. Check the hybrid connection's name, and that the policy is on it or on its namespace.",
		}
	case relayclient.CauseWrongAudience:
		return Message{
			Title: "The token is for something else",
			Cause: "It names another namespace or another hybrid connection than the one it was sent to.",
			Next:  "Check endpoint and hybrid connection. A policy of another hybrid connection cannot be used here.",
		}
	case relayclient.CauseExpired:
		return Message{
			Title: "The token has expired",
			Cause: clock(he.Skew, "A token made elsewhere may simply be old."),
			Next:  "Set this computer's clock, or get a new token.",
		}
	case relayclient.CauseMissingToken:
		return Message{
			Title: "The relay wants a token",
			Cause: "This hybrid connection does not admit anonymous senders, and listeners always need a token.",
			Next:  "Give a shared access policy with the " + right + " right, and its key.",
		}
	case relayclient.CauseMalformedToken:
		return Message{
			Title: "The relay cannot read the token",
			Cause: "A part of it is missing, doubled, or escaped in a wrong way.",
			Next:  "Paste the token or the key again, in one piece.",
		}
	case relayclient.CauseMissingRight:
		return Message{
			Title: "The policy lacks the " + right + " right",
			Cause: "The key is right, but its policy may not do this.",
			Next:  "Use a policy with " + right + ", or add the right to this one in the portal.",
		}
	case relayclient.CauseAddressBlocked:
		return Message{
			Title: "The namespace's firewall blocks this address",
			Cause: "IP filtering is on, or public access is off. Key and names have not been looked at.",
			Next:  "Add this network's public address to the namespace's networking rules, or connect through its private endpoint.",
		}
	case relayclient.CauseNoListener:
		return noListener()
	case relayclient.CauseNobodyAccepted:
		return nobodyAccepted()
	case relayclient.CauseTooManyListeners:
		return Message{
			Title: "Too many listeners",
			Cause: "A hybrid connection takes 25 listeners at once. Some may be left over from programs that crashed.",
			Next:  "Stop one elsewhere, or wait a few minutes until the relay notices the dead ones.",
		}
	case relayclient.CauseUpgradeLost:
		return Message{
			Title: "Something on the way removes WebSocket upgrades",
			Cause: "The request reached the relay as plain HTTP. A proxy or a web application firewall does that.",
			Next:  "Let traffic to this namespace pass without inspection, or use another network.",
		}
	}
	return byStatus(he, role, right)
}

func byStatus(he *relayclient.HandshakeError, role relayclient.Role, right string) Message {
	switch {
	case role == relayclient.Listening && (he.Op == "accept" || he.Op == "reject") && he.StatusCode < 500:
		return Message{
			Title: "The sender does not wait any more",
			Cause: "The address at which a sender is met works once, and for half a minute at most. The sender may have left.",
			Next:  "Nothing to do, unless it happens again and again: then the listener accepts too slowly.",
		}
	case role == relayclient.Listening && (he.Op == "fetch" || he.Op == "answer") && he.StatusCode < 500:
		return Message{
			Title: "The request does not wait any more",
			Cause: "The relay knows a request for 60 seconds at most, and only until it was answered. Its sender may have left.",
			Next:  "Nothing to do, unless it happens again and again: then the listener answers too slowly.",
		}
	case role == relayclient.Listening && errors.Is(he, relayclient.ErrNotFound), he.Cause == relayclient.CauseNoSuchEntity:
		return Message{
			Title: "There is no such hybrid connection",
			Cause: "The namespace answered, but does not know this name. It will not be tried again by itself.",
			Next:  "Check the spelling against the portal. It may also have been deleted.",
		}
	case errors.Is(he, relayclient.ErrNotFound):
		return Message{
			Title: "Nothing answers under this name",
			Cause: "Either the hybrid connection does not exist, or nobody listens on it.",
			Next:  "Check the name, then start a listener.",
		}
	case role == relayclient.Sending && he.StatusCode == 503 && he.Reason != "":
		return Message{
			Title: "The listener or the relay is not ready",
			Cause: "The answer reads: " + sentence(he.Reason),
			Next:  "Try again in a little while. If it stays, look at the listener.",
		}
	case role == relayclient.Sending && (he.StatusCode == 502 || he.StatusCode == 503):
		return noListener()
	case role == relayclient.Sending && errors.Is(he, relayclient.ErrAcceptTimeout):
		return nobodyAccepted()
	case errors.Is(he, relayclient.ErrUnauthorized):
		return Message{
			Title: "The relay refused the token",
			Cause: clock(he.Skew, "Its answer does not say more than it shows below."),
			Next:  "Check that the policy has the " + right + " right and that its key is current.",
		}
	case he.StatusCode == 429, he.StatusCode == 503:
		return Message{
			Title: "The relay is busy",
			Cause: "It asks to slow down, or this part of it is being restarted.",
			Next:  "Wait a little; Relayscope tries again by itself where it can.",
		}
	case he.StatusCode >= 500:
		return Message{
			Title: "The relay has trouble of its own",
			Cause: fmt.Sprintf("It answered %d, which is not about your settings.", he.StatusCode),
			Next:  "Try again. If it stays, give the tracking ID to Azure support.",
		}
	}
	m := Message{
		Title: fmt.Sprintf("Refused with %d", he.StatusCode),
		Next:  "Ask whoever runs the listener why it turns this connection away.",
	}
	if he.Reason != "" {
		m.Cause = "The answer reads: " + sentence(he.Reason)
	}
	if role == relayclient.Listening {
		m.Next = "Look at the answer below; a proxy on the way may have made it."
	}
	return m
}

func noListener() Message {
	return Message{
		Title: "Nobody is listening",
		Cause: "The hybrid connection exists, but no listener is online.",
		Next:  "Start a listener, here or where it belongs, and connect again.",
	}
}

func nobodyAccepted() Message {
	return Message{
		Title: "The listener did not accept in time",
		Cause: "A listener is registered, but it does not take up the connection: it hangs, or its network blocks the relay's gateway hosts.",
		Next:  "Restart the listener. On its network, allow the hosts g0 to g127 of this deployment beside the namespace.",
	}
}

// clock says how far this computer's clock is off, if that is enough to
// matter; otherwise it says otherwise.
func clock(skew time.Duration, otherwise string) string {
	switch {
	case skew > time.Minute:
		return fmt.Sprintf("This computer's clock is %v behind the relay's.", skew)
	case skew < -time.Minute:
		return fmt.Sprintf("This computer's clock is %v ahead of the relay's.", -skew)
	}
	return otherwise
}

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

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
