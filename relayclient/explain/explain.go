// Package explain turns a failure of the client into words for people: what
// happened, why that is likely, and what to do next. The window and the
// command line both speak through it, so that they never disagree.
package explain

import (
	"context"
	"errors"
	"fmt"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/signin"
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
	var ie *entra.Error
	switch {
	case errors.As(err, &he):
		m.TrackingID = he.TrackingID
		if he.Answer != "" {
			m.Raw = he.Answer + marks(he)
		}
	case errors.As(err, &ce):
		m.TrackingID = ce.TrackingID
	case errors.As(err, &ie):
		m.TrackingID = ie.CorrelationID
	}
	return m
}

func explain(err error, role relayclient.Role) Message {
	var he *relayclient.HandshakeError
	var ce *relayclient.CloseError
	var cs *relayclient.ConnectionStringError
	var ie *entra.Error
	var over *signin.ExpiredTokenError
	switch {
	case errors.As(err, &ie):
		return identity(ie)
	case errors.As(err, &over):
		return Message{
			Title: "The token has expired",
			Cause: "It ended at " + over.Expired.Local().Format("2006-01-02 15:04:05") + ". It was made elsewhere and cannot be renewed here; a wrong clock on this computer looks the same.",
			Next:  "Get a new token, or use a shared access key or an identity, which renew by themselves.",
		}
	case errors.Is(err, signin.ErrNoWay):
		return Message{
			Title: "No way to sign in is chosen",
			Cause: "A listener always has to sign in; a sender need not where the hybrid connection lets everybody send.",
			Next:  "Choose one: a shared access key, an identity, or anonymous for a sender.",
		}
	case errors.Is(err, signin.ErrAuthorizationRequired):
		return Message{
			Title: "This hybrid connection requires authorization",
			Cause: "Its runtime information says that senders need a token, and this one has none.",
			Next:  "Let the sender sign in, by a policy with the Send right or an identity with the role Azure Relay Sender. Whether senders need a token is settled when a hybrid connection is made.",
		}
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
			Title: "A listener has to sign in",
			Cause: "Only senders can do without a token, and only where the hybrid connection allows it.",
			Next:  "Give a shared access policy with the Listen right and its key, or an identity with the role Azure Relay Listener.",
		}
	case errors.Is(err, relayclient.ErrNotRenewable):
		return Message{
			Title: "The token cannot be renewed",
			Cause: "It was made elsewhere and ends when it ends; the relay then closes the listener.",
			Next:  "Get a new token, or use a shared access key or an identity, which renew by themselves.",
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
	if m, ok := unreadable(err); ok {
		return m
	}
	return network(err)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
