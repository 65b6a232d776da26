package localrelay

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/gorilla/websocket"
)

// role is who sends a request like this one.
func (h *handshake) role() string {
	switch strings.ToLower(h.target.params.action) {
	case "listen", "accept", "request":
		return roleListener
	}
	return roleSender
}

// inspect records what a handshake has wrong that does not stop it.
func (h *handshake) inspect(action string) {
	p, header := h.target.params, h.req.Header
	offers := header.Get("Sec-WebSocket-Extensions") != ""
	if p.key {
		h.deviates(breachQueryKey)
	}
	if action == "accept" || action == "request" {
		if p.token != "" || header.Get("ServiceBusAuthorization") != "" {
			h.deviates(breachToken)
		}
		if offers {
			h.deviates(breachAnswered)
		}
		for name := range header {
			if strings.Trim(name, "0123456789") == "" {
				h.deviates(breachHeaderName)
			}
		}
		if p.plain && action == "accept" {
			h.deviates(breachPlainStatus)
		}
		return
	}
	if offers {
		h.deviates(breachExtensions)
	}
	if action == "listen" && header.Get("Sec-WebSocket-Protocol") != "" {
		h.deviates(breachProtocol)
	}
	id, _, _ := strings.Cut(p.id, "_")
	switch {
	case p.id == "":
		h.deviates(breachNoID)
	case !isUUID(id):
		h.deviates(breachID)
	}
	h.inspectToken()
	if h.bearsAuthorization() {
		h.deviates(breachBearerAlone)
	}
}

// bearsAuthorization reports whether the header Authorization has the token of
// a WebSocket. Where senders need none it is meant for the listener.
func (h *handshake) bearsAuthorization() bool {
	needed := h.role() == roleListener || h.entity == nil || !h.entity.Anonymous
	return needed && h.target.params.token == "" && h.req.Header.Get("ServiceBusAuthorization") == "" && bearer(h.req.Header.Get("Authorization"))
}

// inspectToken records in which wrong way a token travels.
func (h *handshake) inspectToken() {
	if h.target.params.token != "" {
		h.deviates(breachQueryToken)
	}
	if bearer(h.req.Header.Get("ServiceBusAuthorization")) {
		h.deviates(breachBearer)
	}
}

// bearer reports whether a header's value begins with the scheme Bearer.
func bearer(value string) bool { return bare(value) != strings.TrimSpace(value) }

// inspectResponse lists what is wrong with the text of a response that can be
// put up with.
func inspectResponse(text []byte) []*breach {
	var res struct {
		StatusCode, Body json.RawMessage
		ResponseHeaders  map[string]json.RawMessage
	}
	if json.Unmarshal(text, &res) != nil {
		return nil // it is refused as a whole
	}
	var list []*breach
	if strings.HasPrefix(string(res.StatusCode), `"`) {
		list = append(list, breachStatusText)
	}
	if res.Body == nil {
		list = append(list, breachBodyMissing)
	}
	var value, name, hop bool
	for header, text := range res.ResponseHeaders {
		canonical := textproto.CanonicalMIMEHeaderKey(header)
		value = value || text[0] != '"'
		name = name || !isToken(header)
		hop = hop || ofConnection[canonical] && canonical != "Content-Length"
	}
	if value {
		list = append(list, breachHeaderValue)
	}
	if name {
		list = append(list, breachHeader)
	}
	if hop {
		list = append(list, breachHopByHop)
	}
	return list
}

// inspect records what is wrong with an answer to this request.
func (x *exchange) inspect(res *response) {
	for _, b := range res.breaches {
		x.deviates(b)
	}
	if res.Status == http.StatusBadGateway || res.Status == http.StatusGatewayTimeout {
		x.deviates(breachGateway)
	}
	head := x.h.req.Method == http.MethodHead
	if res.Body && (head || res.Status == http.StatusNoContent || res.Status == http.StatusNotModified) {
		x.deviates(breachNoContent)
	}
	for name := range res.Headers {
		if strings.EqualFold(name, "Content-Length") && !head {
			x.deviates(breachHopByHop)
		}
	}
}

// inspectCommand records what is wrong with the form of a command.
func (c *controlChannel) inspectCommand(message []byte, members map[string]json.RawMessage) {
	_, response := members["response"]
	_, renewal := members["renewToken"]
	switch {
	case members == nil:
		c.deviates(breachJSON)
	case !response && !renewal:
		c.deviates(breachCommand)
	case len(members) > 1:
		c.deviates(breachMembers)
	}
	if len(message) >= maxControlMessage {
		c.deviates(breachTooLong)
	}
}

// inspectStray records a binary message that nobody announced.
func (c *controlChannel) inspectStray(message []byte) {
	if len(message) == 0 {
		c.deviates(breachStray)
		return
	}
	c.deviates(breachBinary)
}

// inspectEnd records what is wrong with how reading ended.
func (c *controlChannel) inspectEnd(err error, announced *response) {
	switch {
	case !errors.Is(err, websocket.ErrReadLimit):
	case announced != nil:
		c.deviates(breachBodyTooLong)
	default:
		c.deviates(breachTooLong)
	}
}
