package localrelay

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// A response is a listener's answer to an HTTP request.
type response struct {
	RequestID   string                `json:"requestId"`
	Status      statusCode            `json:"statusCode"`
	Description string                `json:"statusDescription"`
	Headers     map[string]headerText `json:"responseHeaders"`
	Body        bool                  `json:"body"`

	breaches []*breach // what the relay puts up with
}

// A statusCode is written as a number; some listeners write a string.
type statusCode int

// UnmarshalJSON reads a number or a string of digits.
func (s *statusCode) UnmarshalJSON(text []byte) error {
	n, err := strconv.Atoi(strings.Trim(string(text), `"`))
	if err != nil {
		return errors.New("status code is not a number")
	}
	*s = statusCode(n)
	return nil
}

// A headerText is written as a string; JavaScript listeners also write what
// their program gave them.
type headerText string

// UnmarshalJSON reads a string, a number or a boolean; null is "".
func (h *headerText) UnmarshalJSON(text []byte) error {
	switch text[0] {
	case '"':
		return json.Unmarshal(text, (*string)(h))
	case '{', '[':
		return errors.New("header value is not text")
	case 'n':
		*h = ""
	default:
		*h = headerText(text)
	}
	return nil
}

// parseResponse reads the value of a response command. The problem is what a
// close frame says of it. The request's id is there even then, if it can be
// read at all.
func parseResponse(text []byte) (res *response, problem string) {
	res = new(response)
	if err := json.Unmarshal(text, res); err != nil {
		var id struct {
			RequestID string `json:"requestId"`
		}
		_ = json.Unmarshal(text, &id) // whatever else is wrong
		return &response{RequestID: id.RequestID}, "The 'response' command is malformed."
	}
	res.breaches = inspectResponse(text)
	switch {
	case res.RequestID == "":
		return res, "'response.requestId' is required."
	case res.Status < 200 || res.Status > 599:
		return res, "'response.statusCode' must be a number from 200 to 599."
	}
	return res, ""
}

// respond reads the answer to an HTTP request. It returns the answer if a
// body is to follow, and has dealt with it otherwise.
func (c *controlChannel) respond(text []byte) *response {
	res, problem := parseResponse(text)
	switch {
	case problem != "":
		c.log.Warn("answer refused", "reason", problem)
		c.deviates(breachMalformed)
		c.relay.reply(c.entity, res.RequestID, reply{refused: brokenAnswer})
	case res.Body:
		return res
	default:
		c.relay.answered(c.entity, res, nil)
	}
	return nil
}

// answered passes on an answer that came over a control channel.
func (r *Relay) answered(e *entity, res *response, body []byte) {
	r.reply(e, res.RequestID, reply{response: res, body: body})
}

// unfinished ends the request whose answer lacks the announced body; res may
// be nil.
func (r *Relay) unfinished(e *entity, res *response) {
	if res != nil {
		r.reply(e, res.RequestID, reply{refused: brokenAnswer})
	}
}

// reply ends the wait of a request. One that nobody waits for is dropped: it
// is late, or the request goes over a rendezvous.
func (r *Relay) reply(e *entity, id string, what reply) {
	x := r.claim(id, e, fateUsed)
	if x != nil {
		if x.fetched && what.response != nil {
			x.deviates(breachWrongChannel)
		}
		x.replies <- what
		return
	}
	late := map[fate]*breach{fateUnknown: breachNobodyAsked, fateUsed: breachAgain, fateLate: breachTooLate}
	if b := late[r.fateOf(id)]; b != nil && id != "" {
		r.deviates(roleListener, e.Name, trackingID(trackingUUID(id)), b)
	}
}
