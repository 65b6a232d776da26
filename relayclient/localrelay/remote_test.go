package localrelay_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestControlEndpoint(t *testing.T) {
	r := localrelaytest.New(t)
	secret := relayclient.NewSecret("the-token")
	server := httptest.NewServer(r.Control(secret))
	t.Cleanup(server.Close)
	control := listen(t, r, "&sb-hc-id="+nobody)
	send(t, control, websocket.BinaryMessage, "")
	synced(t, control)
	const all = `{"name":"hyco","anonymous":false,"listeners":1,"waiting":0,"connections":0},{"name":"open","anonymous":true,"listeners":0,"waiting":0,"connections":0}`
	for _, tt := range []struct {
		method, path, body, host, token string
		status                          int
		want                            string
	}{
		{"GET", "/faults", "", "", "Bearer the-token", 200, `{"armed":[]}`},
		{"POST", "/faults", "refuse:status=503,reason=busy\n", "", "Bearer the-token", 200, `{"armed":["refuse:status=503,reason=busy,times=1"],"hit":0}`},
		{"GET", "/faults", "", "localhost", "bearer the-token", 200, `{"armed":["refuse:status=503,reason=busy,times=1"]}`},
		{"POST", "/faults", "unknown", "[::1]:80", "Bearer the-token", 200, `{"armed":["refuse:status=503,reason=busy,times=1"],"hit":1}`},
		{"DELETE", "/faults", "", "", "Bearer the-token", 200, `{"armed":[]}`},
		{"GET", "/entities", "", "", "Bearer the-token", 200, `{"entities":[` + all + `]}`},
		{"GET", "/deviations", "", "", "Bearer the-token", 200, `"rule":"stray empty binary"`},
		{"POST", "/faults", "explode", "", "Bearer the-token", 400, `{"error":"there is no fault \"explode\"; there are refuse, `},
		{"POST", "/faults", "drop:entity=nowhere", "", "Bearer the-token", 400, `there is no hybrid connection`},
		{"POST", "/faults", strings.Repeat("x", 4<<10+1), "", "Bearer the-token", 413, `{"error":"a fault is one short line of text"}`},
		{"PUT", "/faults", "", "", "Bearer the-token", 405, ""},
		{"GET", "/", "", "", "Bearer the-token", 404, ""},
		{"GET", "/faults", "", "", "", 401, `{"error":"the header Authorization`},
		{"GET", "/faults", "", "", "Bearer other", 401, ""},
		{"GET", "/faults", "", "", "the-token", 401, ""},
		{"GET", "/faults", "", "evil.example", "Bearer the-token", 403, `{"error":"the Host is not a loopback address"}`},
		{"GET", "/faults", "", "127.0.0.1.evil.example:80", "Bearer the-token", 403, ""},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+tt.path, strings.NewReader(tt.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = tt.host
		req.Header.Set("Authorization", tt.token)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != tt.status || !strings.Contains(string(body), tt.want) {
			t.Errorf("%s %s to %q: got %d %s, %v; want %d %s", tt.method, tt.path, tt.host, resp.StatusCode, body, err, tt.status, tt.want)
		}
	}
}

func TestControlEndpointWithoutToken(t *testing.T) {
	r := localrelaytest.New(t)
	w := httptest.NewRecorder()
	req := httptest.NewRequestWithContext(t.Context(), "GET", "http://localhost/faults", nil)
	req.Header.Set("Authorization", "Bearer ")
	r.Control(relayclient.Secret{}).ServeHTTP(w, req)
	if w.Code != 401 {
		t.Errorf("an empty token got %d", w.Code)
	}
}
