package responder_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/responder"
)

// client returns what sends requests to the stage.
func (st *stage) client(t *testing.T) *http.Client {
	t.Helper()
	transport, err := relayclient.NewTransport(config(t, st.relay))
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// ask sends a request and returns the response with its body.
func (st *stage) ask(t *testing.T, method, target string, body io.Reader, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "https://any"+target, body)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := st.client(t).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("%s %s: %v", method, target, err)
	}
	return resp, string(data)
}

func requests(a responder.Answer) responder.Settings {
	return with(func(s *responder.Settings) { s.HTTP = a })
}

func TestEchoRequests(t *testing.T) {
	st := listen(t, requests(responder.Echo))
	resp, body := st.ask(t, "POST", "/x", strings.NewReader("<a/>"), "Content-Type", "text/xml")
	if resp.StatusCode != 200 || body != "<a/>" || resp.Header.Get("Content-Type") != "text/xml" {
		t.Errorf("%s %q, %v", resp.Status, body, resp.Header)
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<18) // 4 MiB: over rendezvous both ways
	if _, body := st.ask(t, "PUT", "/", bytes.NewReader(large)); body != string(large) {
		t.Errorf("%d of %d bytes came back", len(body), len(large))
	}
	_, body = st.ask(t, "GET", "/a%20b?page=2&sig=hush", nil, "X-Api-Key", "hush", "X-Trace", "7")
	if !strings.HasPrefix(body, "GET /a%20b?page=2&sig=[redacted]\n") || !strings.Contains(body, "\nX-Trace: 7\n") || strings.Contains(body, "hush") {
		t.Errorf("without a body the answer is %q", body)
	}
	if _, n := st.Counters(); n.Connections != 3 || n.Answered != 3 || n.BytesIn != 4+4<<20 || n.BytesOut != n.BytesIn+int64(len(body)) {
		t.Errorf("counters = %+v", n)
	}
}

func TestCannedReply(t *testing.T) {
	st := listen(t, with(func(s *responder.Settings) {
		s.HTTP, s.Delay = responder.Canned, time.Millisecond
		s.Reply = responder.Reply{Status: 202, Header: "X-Number: {{counter}}\nX-Path: {{path}}\n\nX-Sent: {{message}}", Body: `{{method}} {{query}} {{message:id}} {{header:x-trace}}`}
	}))
	resp, body := st.ask(t, "POST", "/a?b=1", strings.NewReader("{\"id\":5,\n\"x\":1}"), "X-Trace", "t1")
	if resp.StatusCode != 202 || body != "POST b=1 5 t1" || resp.Header.Get("X-Number") != "1" || resp.Header.Get("X-Path") != "/a" || resp.Header.Get("X-Sent") != `{"id":5, "x":1}` {
		t.Errorf("%s %q %v", resp.Status, body, resp.Header)
	}
	if resp, _ := st.ask(t, "GET", "/", nil); resp.Header.Get("X-Number") != "2" {
		t.Errorf("the second reply is number %s", resp.Header.Get("X-Number"))
	}
	if err := st.Set(with(func(s *responder.Settings) { s.HTTP, s.Reply = responder.Canned, responder.Reply{Status: 204} })); err != nil {
		t.Fatal(err)
	}
	if resp, body := st.ask(t, "GET", "/", nil); resp.StatusCode != 204 || body != "" {
		t.Errorf("%s %q, want an empty 204", resp.Status, body)
	}
}

func TestForwardRequests(t *testing.T) {
	st := listen(t, toHTTP(page(t).URL+"/base"))
	resp, body := st.ask(t, "PATCH", "/api/items?x=1", strings.NewReader("body"), "X-Removed", "gone?")
	seen := strings.Split(resp.Header.Get("X-Seen"), "|")
	if resp.StatusCode != 418 || body != "PATCH /base/api/items?x=1 body" || !strings.HasPrefix(seen[0], "127.0.0.1:") || seen[1] != "by rule" || seen[2] != "" || seen[3] != "https" {
		t.Errorf("%s %q %v", resp.Status, body, resp.Header)
	}
	if resp.Header.Get("X-Secret") != "" || resp.Header.Get("X-Also") != "yes" {
		t.Errorf("the response has the headers %v", resp.Header)
	}
	if _, n := st.Counters(); n.Answered != 1 || n.Failures != 0 {
		t.Errorf("counters = %+v", n)
	}
	again := st.Settings()
	again.Rules = "Host: shop.example"
	if err := st.Set(again); err != nil {
		t.Fatal(err)
	}
	if resp, _ := st.ask(t, "GET", "/api/", nil); !strings.HasPrefix(resp.Header.Get("X-Seen"), "shop.example|") {
		t.Errorf("the target saw %q", resp.Header.Get("X-Seen"))
	}
}

func TestForwardRequestsFails(t *testing.T) {
	address := "http://" + closedPort(t)
	st := listen(t, toHTTP(address))
	resp, body := st.ask(t, "GET", "/", nil)
	if resp.StatusCode != 502 || !strings.Contains(body, "the listener's target: connection refused") || strings.Contains(body, "127.0.0.1") {
		t.Errorf("%s %q", resp.Status, body)
	}
	if err := <-st.failed; !strings.Contains(err.Error(), address+": connection refused") {
		t.Errorf("told of %v", err)
	}
	if _, n := st.Counters(); n.Failures != 1 || n.Answered != 0 {
		t.Errorf("counters = %+v", n)
	}
	if err := st.Set(toHTTP(page(t).URL + "/base")); err != nil {
		t.Fatal(err)
	}
	resp, err := st.client(t).Get("https://any/broken")
	if err == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("a response that broke off came whole")
	}
	if err := <-st.failed; !strings.Contains(err.Error(), "it ended in the middle") {
		t.Errorf("told of %v", err)
	}
}

// Requests that nothing answers do not hold up a listener that stops.
func TestSilentToRequests(t *testing.T) {
	st := listen(t, requests(responder.Silence))
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, "GET", "https://any/", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	client := st.client(t)
	go func() {
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode != 503 {
				err = errors.New(resp.Status)
			}
		}
		ended <- err
	}()
	for n := int64(0); n == 0; {
		_, c := st.Counters()
		n = c.Connections
		select {
		case err := <-ended:
			t.Fatalf("answered: %v", err)
		default:
		}
	}
	st.stop()
	if err := <-ended; err != nil {
		t.Errorf("at the end: %v", err)
	}
	cancel()
}
