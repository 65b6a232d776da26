package explain

import "relayscope/relayclient"

// timedOut explains by what was under way when the time was over.
func timedOut(te *relayclient.TimeoutError) Message {
	switch {
	case te.Proxied && te.Stage <= relayclient.ConnectingTCP:
		return Message{
			Title: "The proxy does not answer",
			Cause: "A proxy is set, but no connection to it came about in time. The namespace was not tried.",
			Next:  "Check the proxy's address and port, and that this network has it. Without a proxy, take it out of the settings or of HTTPS_PROXY.",
		}
	case te.Stage == relayclient.AskingProxy:
		return Message{
			Title: "The proxy does not answer",
			Cause: "It was reached, but did not say in time whether it connects further.",
			Next:  "Look at the proxy: it may hang, speak another protocol on this port, or not reach the namespace on port 443 itself.",
		}
	case te.Stage == relayclient.LookingUp:
		return Message{
			Title: "The namespace's name could not be looked up in time",
			Cause: "The DNS server did not answer.",
			Next:  "Check this computer's network and DNS settings.",
		}
	case te.Stage == relayclient.SecuringTLS:
		return Message{
			Title: "No answer to the TLS handshake",
			Cause: "The connection was made, but TLS was not answered. A firewall or proxy that inspects or drops such traffic looks like this.",
			Next:  "Let TLS to *.servicebus.windows.net pass on port 443, and check the endpoint's port.",
		}
	case te.Stage == relayclient.Upgrading && te.Op == "connect":
		return Message{
			Title: "Stopped waiting for a listener to accept",
			Cause: "The relay was reached and has the request, but this side's time was over first: the relay itself waits for 30 seconds. Probably a listener was asked and has not accepted, or the relay is slow.",
			Next:  "Look at what the listener does, or allow more time.",
		}
	case te.Stage == relayclient.Upgrading:
		return Message{
			Title: "The relay does not answer",
			Cause: "It was reached, but did not answer the request in time.",
			Next:  "Try again. If it stays, see whether something on the way holds WebSocket upgrades back.",
		}
	}
	return silence()
}

func silence() Message {
	return Message{
		Title: "No answer in time",
		Cause: "Nothing came back from the endpoint. A firewall that drops traffic looks like this.",
		Next:  "Check that outbound TCP port 443 to the namespace is open.",
	}
}
