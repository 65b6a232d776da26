package localrelay

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// relayRequest serves an HTTP request: one to the relay itself, or one that a
// listener is to answer.
func (r *Relay) relayRequest(h *handshake) {
	if h.forManagement() {
		r.manage(h)
		return
	}
	h.inspectToken()
	if h.req.Method == http.MethodConnect {
		h.deviates(breachConnect)
		h.fail(&refusal{http.StatusBadRequest, "The method CONNECT is not relayed"})
		return
	}
	if h.spoiledRequest() {
		return
	}
	e := h.entity
	var carrier string
	if e == nil || !e.Anonymous {
		var token string
		token, carrier = httpToken(h.req, h.target.params)
		if _, refused := r.authorize(token, e, h.target.texts(), Send, time.Now()); refused != nil {
			h.fail(refused)
			return
		}
	}
	if e == nil {
		h.fail(noEntity)
		return
	}
	r.exchange(h, e, carrier)
}

// httpToken returns the token of an HTTP request and the header that carried
// it, if one did. Authorization comes last: it may be meant for the listener.
func httpToken(req *http.Request, p params) (token, carrier string) {
	if token := strings.TrimSpace(p.token); token != "" {
		return token, ""
	}
	for _, name := range []string{"ServiceBusAuthorization", "Authorization"} {
		if token := bare(req.Header.Get(name)); token != "" {
			return token, name
		}
	}
	return "", ""
}

// bare returns a token from a header without the scheme Bearer.
func bare(token string) string {
	token = strings.TrimSpace(token)
	if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(rest)
	}
	return token
}

var (
	noAnswer     = &refusal{http.StatusGatewayTimeout, "The request was routed to the listener but the listener did not respond in the required time."}
	brokenAnswer = &refusal{http.StatusInternalServerError, "The listener broke the protocol while it answered the request."}
)

// errorCodes has the names that the service gives to its errors.
var errorCodes = map[int]string{
	http.StatusBadRequest:                  "BadRequest",
	http.StatusUnauthorized:                "TokenMissingOrInvalid",
	http.StatusNotFound:                    "EndpointNotFound",
	http.StatusRequestHeaderFieldsTooLarge: "RequestHeaderFieldsTooLarge",
	http.StatusBadGateway:                  "BadGateway",
	http.StatusServiceUnavailable:          "ServiceUnavailable",
	http.StatusGatewayTimeout:              "GatewayTimeout",
}

// fail answers an HTTP request with an error of the relay's own. It has no
// Via, by which senders tell it from a listener's answer.
func (h *handshake) fail(why *refusal) {
	type problem struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	code, ok := errorCodes[why.status]
	if !ok {
		code = "InternalServerError"
	}
	message := h.detailed(why.text)
	h.log.Info("request refused", "op", h.req.Method, "status", why.status, "reason", printable(message))
	body, err := json.Marshal(map[string]problem{"error": {code, message}})
	if err != nil {
		body = nil // two strings can always be encoded
	}
	h.write(why.status, message, "application/json; charset=utf-8", string(body))
}
