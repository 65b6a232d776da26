package localrelay_test

import (
	"encoding/xml"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient/localrelay/localrelaytest"
)

func processed(header http.Header) http.Header {
	header.Set("X-PROCESS-AT", "servicebus")
	return header
}

func TestManagementEntry(t *testing.T) {
	r := localrelaytest.New(t)
	listenOpen(t, r, "")
	header := processed(localrelaytest.Header(t, r, "open", "root", time.Hour))
	header.Set("Authorization", header.Get("ServiceBusAuthorization"))
	header.Del("ServiceBusAuthorization")
	a := <-request(t, r, "GET", "/Open?api-version=2016-07&sb-hc-x=1", nil, header)
	if a.err != nil || a.resp.StatusCode != 200 {
		t.Fatalf("got %s, %v", status(a.resp), a.err)
	}
	body := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`).ReplaceAllString(a.body, "TIME")
	want := `<entry xmlns="http://www.w3.org/2005/Atom"><id>https://` + r.Namespace() + `/Open?api-version=2016-07</id>` +
		`<title type="text">open</title><published>TIME</published><updated>TIME</updated><author><name>localhost</name></author>` +
		`<content type="application/xml"><HybridConnectionDescription xmlns="http://schemas.microsoft.com/netservices/2010/10/servicebus/connect" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">` +
		`<CreatedAt>TIME</CreatedAt><UpdatedAt>TIME</UpdatedAt><RequiresClientAuthorization>false</RequiresClientAuthorization><ListenerCount>1</ListenerCount>` +
		`</HybridConnectionDescription></content></entry>`
	if body != want {
		t.Errorf("got\n%s\nwant\n%s", body, want)
	}
	if got := a.resp.Header.Get("Content-Type"); got != "application/atom+xml;type=entry;charset=utf-8" {
		t.Errorf("type is %q", got)
	}
	if _, err := http.ParseTime(a.resp.Header.Get("Date")); err != nil {
		t.Error(err)
	}
}

func TestManagementFeeds(t *testing.T) {
	r := localrelaytest.New(t)
	root := localrelaytest.Header(t, r, "", "root", time.Hour)
	for _, tt := range []struct {
		path    string
		header  http.Header
		entries string
		count   string
	}{
		{"/", nil, "", ""},
		{"/nowhere", processed(root.Clone()), "", ""},
		{"/hyco/sub", processed(root.Clone()), "", ""},
		{"/$Resources/HybridConnections?api-version=2017-04", root, "hyco open", ""},
		{"/$resources/hybridconnections/?$top=0&$inlinecount=allpages", root, "", "2"},
		{"/$Resources/HybridConnections?$skip=1&$top=9", root, "open", ""},
		{"/$Resources/HybridConnections?$skip=9", root, "", ""},
		{"/$Resources/Relays", root, "", ""},
	} {
		a := <-request(t, r, "GET", tt.path, nil, tt.header)
		if a.err != nil || a.resp.StatusCode != 200 {
			t.Fatalf("%s: got %s, %v", tt.path, status(a.resp), a.err)
		}
		var got struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			Count   string   `xml:"http://schemas.microsoft.com/netservices/2010/10/servicebus/connect count"`
			Titles  []string `xml:"entry>title"`
		}
		if err := xml.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%s: %v in %s", tt.path, err, a.body)
		}
		if names := strings.Join(got.Titles, " "); names != tt.entries || got.Count != tt.count {
			t.Errorf("%s: entries %q, count %q; want %q, %q", tt.path, names, got.Count, tt.entries, tt.count)
		}
		if kind := a.resp.Header.Get("Content-Type"); kind != "application/atom+xml;type=feed;charset=utf-8" || a.resp.Header.Get("Date") == "" {
			t.Errorf("%s: header is %v", tt.path, a.resp.Header)
		}
	}
}

func TestManagementRefused(t *testing.T) {
	r := localrelaytest.New(t)
	for _, tt := range []struct {
		method, path string
		header       http.Header
		want         string
	}{
		{"GET", "/hyco", processed(http.Header{}), "401 MissingToken: Relay security token is required"},
		{"GET", "/hyco", processed(token(t, r, "both")), "401 Manage,EntityRead claims required for this operation"},
		{"GET", "/nowhere", processed(token(t, r, "both")), "401 The token has an invalid signature"},
		{"GET", "/$Resources/HybridConnections", localrelaytest.Header(t, r, "hyco", "root", time.Hour), "401 InvalidAudience: The authorization header contains a token with a wrong audience"},
		{"PUT", "/new", processed(localrelaytest.Header(t, r, "", "root", time.Hour)), "405 This relay does not change hybrid connections over its management API"},
	} {
		a := <-request(t, r, tt.method, tt.path, nil, tt.header)
		if a.err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.path, a.err)
		}
		wantStatus(t, a.resp, tt.want)
		var got struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
			Detail  string
		}
		if err := xml.Unmarshal([]byte(a.body), &got); err != nil || got.Code+" "+got.Detail != a.resp.Status {
			t.Errorf("%s %s: body %s, %v", tt.method, tt.path, a.body, err)
		}
		if a.resp.Header.Get("Date") == "" {
			t.Error("there is no Date")
		}
	}
}
