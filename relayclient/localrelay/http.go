package localrelay

import "net/http"

// relayRequest serves a request that is to be relayed over HTTP.
func (r *Relay) relayRequest(h *handshake) {
	h.refuse(http.StatusNotImplemented, "This relay does not relay HTTP requests yet; connect with a web-socket below /$hc/")
}

// fetchRequest serves a listener that dials a rendezvous to fetch a request
// or to answer it. No such rendezvous has been handed out.
func (r *Relay) fetchRequest(h *handshake) {
	h.refuse(http.StatusForbidden, textRendezvous)
}
