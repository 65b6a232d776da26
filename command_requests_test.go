package main

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// What a terminal says of HTTP requests, which this listener does not serve.
func TestListenReportsRequests(t *testing.T) {
	r := localrelaytest.New(t)
	transport, err := relayclient.NewTransport(clientConfig(t, connectionString(t, r, "hyco", "send").Reveal(), caFile(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	for _, args := range [][]string{nil, {"--json"}} {
		l := online(t, r, "hyco", "listen", args...)
		resp, err := client.Post("https://any/api?q=hush", "text/plain", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 501 {
			t.Errorf("%s, want 501", resp.Status)
		}
		l.line(t, "response")
		l.signal(t, os.Interrupt)
		got := l.wait(t)
		wantStatus(t, got, exitOK)
		if args != nil {
			wantOutline(t, got, "state connecting", "state online", "request ", "response  62 501 false", "state offline")
			continue
		}
		const at, id = `\d\d:\d\d:\d\d\.\d{3}  listener  `, `[0-9a-f]{8}`
		wantLines(t, got.lines, at, "connecting", "online      token good until .*", "request     "+id+`  POST  from \S+  path /api`,
			"response    "+id+"  62 B  501 Not Implemented: this listener serves WebSocket connections, not HTTP requests", "offline")
	}
}
