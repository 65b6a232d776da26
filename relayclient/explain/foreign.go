package explain

import (
	"fmt"
	"strings"

	"relayscope/relayclient"
)

// foreign explains an answer that somebody gave in the relay's place.
func foreign(he *relayclient.HandshakeError) Message {
	m := Message{
		Title: "Something other than Azure Relay answered",
		Cause: fmt.Sprintf("It answered %d, without the tracking ID that the relay gives. That is the work of a proxy, a captive portal or an inspection of TLS, or the endpoint is wrong and leads to another server.", he.StatusCode),
		Next:  "Check the endpoint. Let traffic to *.servicebus.windows.net pass without inspection, or use another network.",
	}
	switch {
	case he.StatusCode == 407:
		m.Next = "A proxy on the way wants a name and password. Give its URL with them, or let traffic to *.servicebus.windows.net pass."
	case he.StatusCode == 511, he.Location != "":
		m.Next = "Sign in to this network with a browser if it asks for that. Otherwise check the endpoint, and the proxy on the way."
	}
	return m
}

// marks lists what shows who gave an answer. What has a tracking ID is the
// relay's and needs none.
func marks(he *relayclient.HandshakeError) string {
	if he.TrackingID != "" {
		return ""
	}
	var list []string
	for _, mark := range []struct{ name, value string }{{"Server", he.Server}, {"Content-Type", he.ContentType}, {"Location", he.Location}} {
		if mark.value != "" {
			list = append(list, mark.name+": "+mark.value)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, ", ") + ")"
}
