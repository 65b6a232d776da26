package explain

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"relayscope/relayclient"
)

// refusal explains an answer of the relay, by its words first and by its
// status where the words say nothing.
func refusal(he *relayclient.HandshakeError, role relayclient.Role) Message {
	if he.Foreign {
		return foreign(he)
	}
	right := "Listen"
	if role == relayclient.Sending {
		right = "Send"
	}
	if he.Entra {
		if m := refusedIdentity(he, role); m.Title != "" {
			return m
		}
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
	m := byStatus(he, role, right)
	if he.TrackingID == "" && he.StatusCode != 0 {
		m.Cause = join(m.Cause, "The answer has no tracking ID, so something on the way may have given it in the relay's place.")
	}
	return m
}

func byStatus(he *relayclient.HandshakeError, role relayclient.Role, right string) Message {
	switch {
	case role == relayclient.Listening && (he.Op == "accept" || he.Op == "reject") && he.StatusCode < 500:
		return Message{
			Title: "The sender does not wait any more",
			Cause: "The invitation came too late or was used already: it works once, and for half a minute at most. Or the sender has left.",
			Next:  "Nothing to do, unless it happens again and again: then the listener's network is slow to reach the relay's gateway hosts.",
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
	case role == relayclient.Sending && errors.Is(he, relayclient.ErrUnauthorized) && hasWords(he):
		// The relay has words of its own for what is wrong with a token, and
		// they make a Cause; a listener says what it likes.
		return Message{
			Title: fmt.Sprintf("Refused with %d", he.StatusCode),
			Cause: "The answer reads: " + sentence(he.Reason) + " Most likely these are the listener's words; the relay has others for a token.",
			Next:  "Ask whoever runs the listener why. If it refused nothing, check the policy's " + right + " right and its key.",
		}
	case errors.Is(he, relayclient.ErrUnauthorized):
		return Message{
			Title: "The relay refused the token",
			Cause: clock(he.Skew, "Its answer does not say why."),
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

// hasWords reports whether an answer says more than its status does.
func hasWords(he *relayclient.HandshakeError) bool {
	return he.Reason != "" && !strings.EqualFold(he.Reason, http.StatusText(he.StatusCode))
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
