package localrelay_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestRequestRefused(t *testing.T) {
	r := localrelaytest.New(t)
	root := localrelaytest.Header(t, r, "", "root", time.Hour)
	const nobodyThere = "There are no listeners connected for the endpoint"
	for name, tt := range map[string]struct {
		method, path  string
		header        http.Header
		status        int
		code, message string
	}{
		"no token":            {"GET", "/hyco", nil, 401, "TokenMissingOrInvalid", "MissingToken"},
		"no token, no entity": {"GET", "/nowhere", nil, 401, "TokenMissingOrInvalid", "MissingToken"},
		"wrong right":         {"POST", "/hyco/sub", token(t, r, "listen"), 401, "TokenMissingOrInvalid", "Authorization failed for specified action: Send"},
		"not a token":         {"GET", "/hyco", http.Header{"Authorization": {"Bearer x.y.z"}}, 401, "TokenMissingOrInvalid", "MalformedToken"},
		"no entity":           {"GET", "/nowhere", root, 404, "EndpointNotFound", "Endpoint does not exist"},
		"no listener":         {"DELETE", "/hyco", token(t, r, "send"), 404, "EndpointNotFound", nobodyThere},
		"no listener, open":   {"GET", "/open/x", http.Header{"ServiceBusAuthorization": {"junk"}}, 404, "EndpointNotFound", nobodyThere},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, request(t, r, tt.method, tt.path, nil, tt.header), tt.status, tt.code, tt.message)
		})
	}
}

// Only the header that authorized a request is kept from the listener.
func TestRequestTokenCarriers(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	good := tokenText(t, r, "hyco", "send", time.Hour)
	query := "?sb-hc-token=" + url.QueryEscape(good)
	for name, tt := range map[string]struct {
		query  string
		header http.Header
		passed string // of Authorization
	}{
		"query":          {query, http.Header{"ServiceBusAuthorization": {"junk"}, "Authorization": {"mine"}}, "mine"},
		"header":         {"", http.Header{"ServiceBusAuthorization": {good}, "Authorization": {"mine"}}, "mine"},
		"header, Bearer": {"", http.Header{"ServiceBusAuthorization": {"Bearer " + good}}, ""},
		"Authorization":  {"", http.Header{"Authorization": {good}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			pending := request(t, r, "GET", "/hyco"+tt.query, nil, tt.header)
			cmd := full(t, asked(t, control))
			if got := cmd.RequestHeaders["Authorization"]; got != tt.passed || cmd.RequestHeaders["Servicebusauthorization"] != "" || cmd.RequestTarget != "/hyco" {
				t.Errorf("request is %+v", cmd)
			}
			answer(t, control, *cmd.ID, `"statusCode":200`)
			wantAnswer(t, pending, "200 OK", "")
		})
	}
	wantError(t, request(t, r, "GET", "/hyco?sb-hc-token=junk", nil, token(t, r, "send")), 401, "TokenMissingOrInvalid", "MalformedToken")
}

func TestRequestSteered(t *testing.T) {
	r := localrelaytest.New(t)
	const other = "22222222-2222-4333-8444-555555555555"
	listenOpen(t, r, "&sb-hc-id="+other)
	control := listenOpen(t, r, "&sb-hc-id="+nobody)
	for _, header := range []http.Header{
		{"Microsoft-Relay-AllowedListeners": {nobody}},
		{"Microsoft-Relay-DisallowedListeners": {other}},
	} {
		pending := request(t, r, "GET", "/open", nil, header)
		answer(t, control, *full(t, asked(t, control)).ID, `"statusCode":200`)
		wantAnswer(t, pending, "200 OK", "")
	}
	wantError(t, request(t, r, "GET", "/open", nil, http.Header{"Microsoft-Relay-AllowedListeners": {"x"}}), 404, "EndpointNotFound", "None of the connected listeners")
}
