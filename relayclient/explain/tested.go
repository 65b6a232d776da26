package explain

import (
	"fmt"
	"time"
)

// The findings of a connection test that no error stands for.

// NothingToTest explains a test with neither listener nor sender.
func NothingToTest() Message {
	return Message{
		Title: "There is nothing to test",
		Cause: "Neither a listener nor a sender is set up.",
		Next:  "Give a connection string, or choose how to sign in.",
	}
}

// DifferentTargets explains a test whose two roles would never meet.
func DifferentTargets() Message {
	return Message{
		Title: "Listener and sender are about different hybrid connections",
		Cause: "They can only meet at the same one.",
		Next:  "Give both the same namespace and the same hybrid connection, or test them one by one.",
	}
}

// BadSetting explains a setting that cannot be used; problem is a clause.
func BadSetting(problem string) Message {
	return Message{
		Title: "The settings cannot be used",
		Cause: sentence(problem),
		Next:  "Compare namespace and hybrid connection with the portal, or paste the connection string again.",
	}
}

// PrivateLinkUnused explains that a namespace has a private endpoint which
// this network's DNS does not lead to.
func PrivateLinkUnused(host string) Message {
	return Message{
		Title: "A private endpoint exists, but this network does not use it",
		Cause: host + " has a privatelink alias, yet its address is public. The private DNS zone is not linked to this network, or another DNS server is asked.",
		Next:  "Link the zone privatelink.servicebus.windows.net to this network, unless the public address is what you want.",
	}
}

// GatewayBlocked explains that a host which listeners are sent to cannot be
// reached.
func GatewayBlocked(gateway string) Message {
	return Message{
		Title: "The relay's gateways cannot be reached",
		Cause: "The namespace answers, but " + gateway + " does not. A listener has to connect to such a host for every sender: it will be online, and senders will time out.",
		Next:  "Allow *.servicebus.windows.net on port 443, or the hosts g0 to g127 and gv0 to gv127 of this deployment.",
	}
}

// SomeAddressesSilent explains that only some of a host's addresses can be
// reached.
func SomeAddressesSilent(good, all int) Message {
	return Message{
		Title: fmt.Sprintf("Only %d of %d addresses can be reached", good, all),
		Cause: "A firewall lets some of the endpoint's addresses pass and not others, or one of the two kinds of IP does not work here.",
		Next:  "Allow the endpoint by name rather than by address: connections will fail now and then otherwise.",
	}
}

// Intercepted explains certificates that nobody issues for Azure.
func Intercepted(issuers string) Message {
	return Message{
		Title: "TLS is probably inspected on the way",
		Cause: "The certificate is trusted, but it is " + issuers + ", which does not issue for Azure. A proxy or a security program opens the connection and looks inside.",
		Next:  "If connections drop or upgrades get lost, let traffic to *.servicebus.windows.net pass without inspection.",
	}
}

// ClockOff explains what a wrong clock does; skew is the relay's minus ours.
func ClockOff(skew time.Duration) Message {
	return Message{
		Title: fmt.Sprintf("This computer's clock is %v off", skew.Abs()),
		Cause: clock(skew, "") + " Tokens that it signs are valid too long or not at all; beyond five minutes they are refused.",
		Next:  "Set this computer's date, time and time zone, best by synchronising them.",
	}
}

// NotRelaysPage explains an answer to the first request that no relay gives.
func NotRelaysPage(status int) Message {
	return Message{
		Title: "Something other than Azure Relay answered",
		Cause: fmt.Sprintf("The endpoint's front page came back with %d and marks of a portal, a proxy or another web server.", status),
		Next:  "Check the endpoint. Sign in to this network with a browser if it asks for that.",
	}
}

// TokenOver explains a ready-made token that has expired.
func TokenOver(since time.Duration) Message {
	return Message{
		Title: "The token has expired",
		Cause: fmt.Sprintf("It ended %v ago by this computer's clock, and cannot be renewed.", since),
		Next:  "Get a new token, or sign in with a key or an identity, which renew by themselves.",
	}
}

// AnsweredElsewhere explains that another listener took what a test sent to its
// own.
func AnsweredElsewhere() Message {
	return Message{
		Title: "Another listener answered",
		Cause: "Several listeners are online, and the relay chose another one than the test's own although it was asked for that. The way through the relay works.",
		Next:  "For a round trip, stop the other listener or test with a hybrid connection of its own.",
	}
}
