package localrelay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestRequestOverControlChannel(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	header := http.Header{
		"ServiceBusAuthorization": {"junk"}, "Authorization": {"Basic abc"}, "Via": {"1.0 proxy"},
		"X-Two": {"a", "b"}, "Cookie": {"c=1", "d=2"}, "Connection": {"X-Hop"}, "X-Hop": {"1"}, "Keep-Alive": {"5"},
		"Proxy-Connection": {"x"}, "Te": {"trailers"}, "Content-Type": {"text/x"}, "User-Agent": {"test"},
	}
	pending := request(t, r, "POST", "/Open/a%2fb//?a=1&sb-hc-token=t&a=2&&SB-HC-Id="+nobody+"&q=%c3%b8&sb-hc-x", strings.NewReader("hello"), header)
	cmd := full(t, asked(t, control))
	if want := "/Open/a%2fb//?a=1&a=2&&q=%c3%b8&sb-hc-x"; cmd.RequestTarget != want {
		t.Errorf("target is %q, want %q", cmd.RequestTarget, want)
	}
	if *cmd.Method != "POST" || !*cmd.Body || !strings.HasPrefix(*cmd.ID, nobody+"_G0_G") || cmd.RemoteEndpoint.Port == 0 {
		t.Errorf("request is %+v", cmd)
	}
	if want := address(r, "open?sb-hc-action=request&sb-hc-id="+*cmd.ID); cmd.Address != want {
		t.Errorf("address is %q, want %q", cmd.Address, want)
	}
	want := map[string]string{
		"Host": r.Namespace(), "Authorization": "Basic abc", "Via": "1.0 proxy, 1.1 " + r.Namespace(), "X-Two": "a, b",
		"Cookie": "c=1; d=2", "Content-Type": "text/x", "User-Agent": "test",
	}
	if fmt.Sprint(cmd.RequestHeaders) != fmt.Sprint(want) {
		t.Errorf("headers are %v, want %v", cmd.RequestHeaders, want)
	}
	wantMessage(t, control, websocket.BinaryMessage, "hello")
	answer(t, control, *cmd.ID, `"statusCode":"201","statusDescription":"Cr\u00e9ated\r\nX: y","body":true,"responseHeaders":{
		"x-n":5,"x-b":true,"x-s":"s\r\nX-Evil: 1","x-null":null,"Connection":"close","Transfer-Encoding":"chunked","Content-Length":"1","upgrade":"x",
		"Trailer:X":"1","bad name":"1","via":"1.1 inner"}`, "world")
	resp := wantAnswer(t, pending, "201 Cr\xe9ated  X: y", "world")
	got := resp.Header
	got.Del("Date")
	if want := fmt.Sprint(http.Header{"X-N": {"5"}, "X-B": {"true"}, "X-S": {"s  X-Evil: 1"}, "X-Null": {""}, "Via": {"1.1 inner, 1.1 " + r.Namespace()}, "Content-Length": {"5"}}); fmt.Sprint(got) != want || !resp.Close {
		t.Errorf("headers are %v, want %v; close %v", got, want, resp.Close)
	}
}

func TestAnswersWithoutBody(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	client := httpClient(t, r)
	for _, tt := range []struct {
		method, members string
		body            []string
		status          string
		length          int64
	}{
		{"GET", `"statusCode":200,"body":true`, []string{""}, "200 OK", 0},
		{"GET", `"statusCode":200`, nil, "200 OK", 0},
		{"GET", `"statusCode":204,"body":false`, []string{""}, "204 No Content", 0}, // and an empty message nobody announced
		{"PUT", `"statusCode":304,"body":true`, []string{"dropped"}, "304 Not Modified", 0},
		{"HEAD", `"statusCode":200,"body":false,"responseHeaders":{"content-length":"77"}`, []string{""}, "200 OK", 77},
		{"HEAD", `"statusCode":418,"statusDescription":"Tea","body":false,"responseHeaders":{"content-length":"78"}`, nil, "418 Tea", 78},
		{"TRACE", `"statusCode":599,"statusDescription":"Own","body":false`, nil, "599 Own", 0},
		{"GET", `"statusCode":502,"body":false`, nil, "502 Bad Gateway", 0},
	} {
		pending := requestWith(t.Context(), t, client, r, tt.method, "/open", nil, nil)
		cmd := full(t, asked(t, control))
		if *cmd.Body || *cmd.Method != tt.method || cmd.RequestTarget != "/open" {
			t.Errorf("request is %+v", cmd)
		}
		answer(t, control, *cmd.ID, tt.members, tt.body...)
		resp := wantAnswer(t, pending, tt.status, "")
		if resp.ContentLength != tt.length || resp.Header.Get("Via") != "1.1 "+r.Namespace() || resp.Header.Get("Content-Type") != "" {
			t.Errorf("%s %s: length %d, header %v", tt.method, tt.status, resp.ContentLength, resp.Header)
		}
	}
	if r.Entities()[1].Waiting != 0 {
		t.Errorf("entities are %+v", r.Entities())
	}
}

func TestBodyLimitOfControlChannel(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	body := strings.Repeat("x", 65536)
	pending := request(t, r, "POST", "/open?", strings.NewReader(body), http.Header{"Expect": {"100-continue"}})
	cmd := full(t, asked(t, control))
	wantMessage(t, control, websocket.BinaryMessage, body)
	if cmd.RequestTarget != "/open?" {
		t.Errorf("target is %q", cmd.RequestTarget)
	}
	answer(t, control, *cmd.ID, `"statusCode":200,"body":true`, body)
	wantAnswer(t, pending, "200 OK", body)
}

// Answers may come in any order, late ones and those to nobody do no harm.
func TestAnswersInAnyOrder(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	first := request(t, r, "GET", "/open/1", nil, nil)
	one := full(t, asked(t, control))
	second := request(t, r, "GET", "/open/2", nil, nil)
	two := full(t, asked(t, control))
	if n := r.Entities()[1].Waiting; n != 2 {
		t.Errorf("%d senders wait, want 2", n)
	}
	answer(t, control, nobody, `"statusCode":200,"body":true`, "nobody's")
	answer(t, control, *two.ID, `"statusCode":200,"body":true`, "two")
	wantAnswer(t, second, "200 OK", "two")
	answer(t, control, *two.ID, `"statusCode":200,"body":true`, "again")
	answer(t, control, *one.ID, `"statusCode":200,"body":true`, "one")
	wantAnswer(t, first, "200 OK", "one")
}

func TestBrokenAnswers(t *testing.T) {
	r := localrelaytest.New(t)
	control := listenOpen(t, r, "")
	large, err := json.Marshal(bytes.Repeat([]byte("x"), 30<<10)) // 40 KiB of base64
	if err != nil {
		t.Fatal(err)
	}
	for name, members := range map[string]string{
		"status is a word":  `"statusCode":"ok"`,
		"no status":         `"body":false`,
		"status too small":  `"statusCode":101`,
		"status too large":  `"statusCode":600`,
		"header is a list":  `"statusCode":200,"responseHeaders":{"a":["b"]}`,
		"header too large":  `"statusCode":200,"responseHeaders":{"a":` + string(large) + `}`,
		"body is not there": `"statusCode":200,"body":true`,
	} {
		pending := request(t, r, "GET", "/open", nil, nil)
		cmd := full(t, asked(t, control))
		answer(t, control, *cmd.ID, members)
		if strings.HasPrefix(name, "body") {
			send(t, control, websocket.TextMessage, `{"something":"else"}`)
		}
		wantError(t, pending, 500, "InternalServerError", "The listener broke the protocol")
	}
	pending := request(t, r, "GET", "/open", nil, nil)
	cmd := full(t, asked(t, control))
	answer(t, control, *cmd.ID, `"statusCode":200,"body":true`)
	control.Close()
	wantError(t, pending, 500, "InternalServerError", "The listener broke the protocol")
}
