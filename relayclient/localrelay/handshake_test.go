package localrelay_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestHandshakeRefused(t *testing.T) {
	r := localrelaytest.New(t)
	expired := localrelaytest.Header(t, r, "hyco", "both", -time.Minute)
	altered := token(t, r, "both")
	altered.Set("ServiceBusAuthorization", strings.Replace(altered.Get("ServiceBusAuthorization"), "&se=1", "&se=2", 1))
	const action = "hyco?sb-hc-action="
	for name, tt := range map[string]struct {
		path   string
		header http.Header
		want   string
	}{
		"unknown action":        {action + "dance", token(t, r, "both"), "400 Unsupported action 'dance'"},
		"action with line end":  {action + "a%0d%0aX-Evil:%20b", nil, "400 Unsupported action 'a  x-evil: b'"},
		"no token":              {action + "listen", nil, "401 MissingToken: Relay security token is required."},
		"no token, no entity":   {"nowhere?sb-hc-action=connect", nil, "401 MissingToken: Relay security token is required."},
		"altered token":         {action + "connect", altered, "401 The token has an invalid signature."},
		"rule elsewhere":        {"open?sb-hc-action=listen", token(t, r, "both"), "401 The token has an invalid signature."},
		"other audience":        {"hyco?sb-hc-action=connect", localrelaytest.Header(t, r, "open", "root", time.Hour), "401 InvalidAudience: The authorization header contains a token with a wrong audience."},
		"expired":               {action + "connect", expired, "401 ExpiredToken: The token is expired. Expiration time: "},
		"not a token":           {action + "connect", http.Header{"ServiceBusAuthorization": {"Basic abc"}}, "401 MalformedToken: The token is not a shared access signature"},
		"listening with Send":   {action + "listen", token(t, r, "send"), "401 Authorization failed for specified action: Listen."},
		"sending with Listen":   {action + "connect", token(t, r, "listen"), "401 Authorization failed for specified action: Send."},
		"anonymous listener":    {"open?sb-hc-action=listen", nil, "401 MissingToken: Relay security token is required."},
		"listener, no entity":   {"nowhere?sb-hc-action=listen", localrelaytest.Header(t, r, "", "root", time.Hour), "404 Endpoint does not exist."},
		"listener below entity": {"hyco/sub?sb-hc-action=listen", token(t, r, "listen"), "404 Endpoint does not exist."},
		"sender, no entity":     {"nowhere", localrelaytest.Header(t, r, "", "root", time.Hour), "404 Endpoint does not exist."},
		"no listener":           {"hyco", token(t, r, "send"), "404 There are no listeners connected for the endpoint."},
		"no listener, open":     {"open", http.Header{"ServiceBusAuthorization": {"nonsense"}}, "404 There are no listeners connected for the endpoint."},
		"unknown rendezvous":    {action + "accept&sb-hc-id=" + nobody + "_G0_G1", nil, "403 URL is not valid or has expired"},
		"unknown rejection":     {action + "accept&sb-hc-id=x&sb-hc-statusCode=400", nil, "403 URL is not valid or has expired"},
		"HTTP rendezvous":       {action + "request&sb-hc-id=x", nil, "403 URL is not valid or has expired"},
		"bad status code":       {action + "accept&sb-hc-id=x&sb-hc-statusCode=99", nil, "400 The sb-hc-statusCode must be a number from 100 to 999"},
	} {
		t.Run(name, func(t *testing.T) {
			resp := refused(t, r, address(r, tt.path), tt.header)
			if name == "expired" {
				resp.Status, _, _ = strings.Cut(resp.Status, "'")
			}
			wantStatus(t, resp, tt.want)
		})
	}
}

func TestRefusalIsTracked(t *testing.T) {
	r := localrelaytest.New(t)
	resp := refused(t, r, address(r, "hyco/sub?sb-hc-id="+nobody+"_G7"), nil)
	want := fmt.Sprintf(`^401 MissingToken: Relay security token is required\. TrackingId:%s_G0, SystemTracker:sb://%s/hyco/sub, Timestamp:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`, nobody, r.Namespace())
	if !regexp.MustCompile(want).MatchString(resp.Status) {
		t.Errorf("status %q does not match %s", resp.Status, want)
	}
	if got := resp.Header.Get("TrackingId"); got != nobody+"_G0" {
		t.Errorf("TrackingId header is %q", got)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || strings.TrimSpace(string(body)) != strings.TrimPrefix(resp.Status, "401 ") {
		t.Errorf("body is %q, %v; want the reason %q", body, err, resp.Status)
	}
	if !resp.Close || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") || resp.ContentLength < 1 {
		t.Errorf("close %v, type %q, length %d", resp.Close, resp.Header.Get("Content-Type"), resp.ContentLength)
	}
	other := refused(t, r, address(r, "hyco?sb-hc-id=not-a-uuid"), nil).Header.Get("TrackingId")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}_G0$`).MatchString(other) {
		t.Errorf("an id that is no UUID became %q", other)
	}
}

// Every carrier and spelling that clients use must work.
func TestTokenCarriers(t *testing.T) {
	r := localrelaytest.New(t)
	good := token(t, r, "listen").Get("ServiceBusAuthorization")
	query := "&sb-hc-token=" + url.QueryEscape(good)
	wrong := http.Header{"ServiceBusAuthorization": {"junk"}}
	for name, tt := range map[string]struct {
		query  string
		header http.Header
		works  bool
	}{
		"header":             {"", http.Header{"servicebusauthorization": {good}}, true},
		"Bearer":             {"", http.Header{"ServiceBusAuthorization": {"Bearer " + good}}, true},
		"query":              {query, nil, true},
		"query, other case":  {strings.Replace(query, "sb-hc-token", "SB-HC-Token", 1), nil, true},
		"header goes first":  {query, wrong, false},
		"header before junk": {"&sb-hc-token=junk", http.Header{"ServiceBusAuthorization": {good}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			target := address(r, "hyco?sb-hc-action=listen"+tt.query)
			if !tt.works {
				wantStatus(t, refused(t, r, target, tt.header), "401 MalformedToken: The token is not a shared access signature")
				return
			}
			open(t, r, target, tt.header)
		})
	}
}

func TestTokenOfSecondaryKeyAndNamespace(t *testing.T) {
	key := localrelay.NewKey()
	r := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Entities[0].Rules[0].SecondaryKey = key
	})
	second, err := relayclient.SharedAccessKey{KeyName: "LISTEN", Key: key}.Token(t.Context(), relayclient.Audience(r.Namespace(), "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]http.Header{
		"secondary key":      {"ServiceBusAuthorization": {second.Value.Reveal()}},
		"namespace rule":     localrelaytest.Header(t, r, "hyco", "root", time.Hour),
		"namespace audience": localrelaytest.Header(t, r, "", "root", time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			open(t, r, address(r, "HyCo/?sb-hc-action=Listen"), header)
		})
	}
}

func TestPlainRequests(t *testing.T) {
	r := localrelaytest.New(t)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}, ForceAttemptHTTP2: true}}
	t.Cleanup(client.CloseIdleConnections)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/$hc/hyco?sb-hc-action=listen", "400 This endpoint is only for web-socket requests"},
		{"HEAD", "/$hc/hyco", "400 This endpoint is only for web-socket requests"},
		{"POST", "/$hc/hyco", "400 This endpoint is only for web-socket requests"},
		{"POST", "/hyco", "401 MissingToken: Relay security token is required."},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, "https://"+r.Namespace()+tt.path, strings.NewReader("some body"))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatalf("%s %s: %v", tt.method, tt.path, err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Errorf("%s %s: %v", tt.method, tt.path, err)
		}
		resp.Body.Close()
		wantStatus(t, resp, tt.want)
		if resp.ProtoMajor != 1 {
			t.Errorf("answered in %s", resp.Proto)
		}
	}
}

// What is wrong with an upgrade is told before anything else happens.
func TestMalformedUpgrade(t *testing.T) {
	r := localrelaytest.New(t)
	for want, head := range map[string]string{
		"400 A web-socket handshake must use the method GET":   "POST /$hc/hyco HTTP/1.1\r\nSec-WebSocket-Key: c2FtcGxlLWtleS0xMjM0NQ==\r\nSec-WebSocket-Version: 13\r\n",
		"400 A web-socket handshake must not have a body":      "GET /$hc/hyco HTTP/1.1\r\nSec-WebSocket-Key: c2FtcGxlLWtleS0xMjM0NQ==\r\nSec-WebSocket-Version: 13\r\nContent-Length: 1\r\n",
		"400 The web-socket version must be 13":                "GET /$hc/hyco HTTP/1.1\r\nSec-WebSocket-Key: c2FtcGxlLWtleS0xMjM0NQ==\r\nSec-WebSocket-Version: 8\r\n",
		"400 The Sec-WebSocket-Key must be 16 bytes in base64": "GET /$hc/hyco HTTP/1.1\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n",
	} {
		conn, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: r.RootCAs()})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(patience))
		io.WriteString(conn, head+"Host: "+r.Namespace()+"\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n")
		answer, err := io.ReadAll(conn)
		conn.Close()
		if line, _, _ := strings.Cut(string(answer), ". TrackingId:"); err != nil || line != "HTTP/1.1 "+want {
			t.Errorf("got %q, %v; want %q", line, err, want)
		}
	}
}

func TestExtensionOfferIsTolerated(t *testing.T) {
	r := localrelaytest.New(t)
	header := token(t, r, "listen")
	d := dialer(r)
	d.EnableCompression = true
	ws, resp, err := d.DialContext(t.Context(), address(r, "hyco?sb-hc-action=listen"), header)
	if err != nil {
		t.Fatal(err)
	}
	ws.Close()
	if got := resp.Header.Get("Sec-WebSocket-Extensions"); got != "" {
		t.Errorf("extensions %q were accepted", got)
	}
}

func TestListenerQuota(t *testing.T) {
	r := localrelaytest.New(t)
	var last *websocket.Conn
	for range 25 {
		last = listen(t, r, "")
	}
	resp := refused(t, r, address(r, "hyco?sb-hc-action=listen"), token(t, r, "listen"))
	if resp.StatusCode != 403 || !strings.Contains(resp.Status, "MaximumListenersPerEndpoint") {
		t.Errorf("the 26th listener got %q", resp.Status)
	}
	sendClose(t, last, nil)
	wantClose(t, last, websocket.CloseNormalClosure)
	listen(t, r, "")
}
