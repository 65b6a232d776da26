package responder

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"strings"

	"golang.org/x/net/http/httpguts"

	"relayscope/relayclient/placeholder"
)

// A rule changes one header on its way to the target or back.
type rule struct {
	response bool // of the target's response, not of the request
	remove   bool
	name     string
	value    string
}

// parseRules reads header rules, a line each: "Name: value" sets a header of
// the request, "-Name" removes it, and either after "<" does so to the
// response.
func parseRules(text string) ([]rule, error) {
	var list []rule
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		var r rule
		rest := line
		if after, ok := strings.CutPrefix(rest, "<"); ok {
			r.response, rest = true, strings.TrimSpace(after)
		}
		if after, ok := strings.CutPrefix(rest, "-"); ok {
			r.remove, r.name = true, strings.TrimSpace(after)
			if !httpguts.ValidHeaderFieldName(r.name) {
				return nil, errors.New("a header rule is Name: value, -Name, or either of them after < for the response")
			}
		} else {
			var err error
			if r.name, r.value, err = headerLine(rest); err != nil {
				return nil, err
			}
		}
		r.name = textproto.CanonicalMIMEHeaderKey(r.name)
		list = append(list, r)
	}
	return list, nil
}

// headerLine reads "Name: value". An error names the header and never quotes
// its value.
func headerLine(line string) (name, value string, err error) {
	name, value, found := strings.Cut(line, ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch {
	case !found || !httpguts.ValidHeaderFieldName(name):
		return "", "", errors.New("a header is a line such as Content-Type: text/plain")
	case !httpguts.ValidHeaderFieldValue(value):
		return "", "", fmt.Errorf("the value of the header %s has a character that cannot be sent", name)
	}
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Trailer", "Keep-Alive", "Te":
		return "", "", fmt.Errorf("the header %s follows from the rest and cannot be given", name)
	}
	return name, value, nil
}

// parseHeader reads the headers of a canned reply.
func parseHeader(text string) ([]cannedHeader, error) {
	var list []cannedHeader
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, value, err := headerLine(line)
		if err != nil {
			return nil, err
		}
		filled, err := placeholder.Parse(value, placeholder.Replying)
		if err != nil {
			return nil, err
		}
		list = append(list, cannedHeader{name, filled})
	}
	return list, nil
}

// apply changes the headers of a request, or of a response.
func apply(rules []rule, response bool, header http.Header) {
	for _, r := range rules {
		switch {
		case r.response != response:
		case r.remove:
			header.Del(r.name)
		default:
			header.Set(r.name, r.value)
		}
	}
}

// host returns what the rules want the target to be called, or "".
func host(rules []rule) string {
	for _, r := range rules {
		if !r.response && !r.remove && r.name == "Host" {
			return r.value
		}
	}
	return ""
}
