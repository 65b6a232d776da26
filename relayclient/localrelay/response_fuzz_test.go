package localrelay

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// Whatever a listener answers, its sender gets one answer of HTTP, which says
// what the listener said, or none.
func FuzzResponse(f *testing.F) {
	f.Add(`{"requestId":"7f3a6b1c-9d55-4f0e-a0a1-2f2f7c1f1e55_G12","statusCode":201,"statusDescription":"Created","responseHeaders":{"Content-Type":"application/json","ETag":"\"v9\""},"body":true}`, "GET")
	f.Add(`{"requestId":"1","statusCode":"200","body":false}`, "POST")
	f.Add(`{"requestId":"1","statusCode":204,"responseHeaders":{"x-n":5,"x-b":true,"x-null":null,"via":"1.1 inner"}}`, "DELETE")
	f.Add(`{"requestId":"1","statusCode":304,"responseHeaders":{"content-length":"77","CONTENT-LENGTH":"78"}}`, "HEAD")
	f.Add(`{"requestId":"1","statusCode":200,"statusDescription":"Cr\u00e9ated\r\nX: y","responseHeaders":{"a":"b\r\nX-Evil: 1\r\n\r\nHTTP/1.1 200 OK","Trailer:X":"1","bad name":"2","":"3"}}`, "GET")
	f.Add(`{"requestId":"1","statusCode":599,"responseHeaders":{"Connection":"close","Transfer-Encoding":"chunked","Upgrade":"x","Date":"","Set-Cookie":"a=1, b=2","x":"\ud800\u2028\u0000\u007f"}}`, "GET")
	f.Add(`{"requestId":"1","requestId":"2","statusCode":1e2}`, "GET")
	f.Add(`{"RequestID":"1","statusCode":404,"responseHeaders":{"x-a":"1","X-A":"2"}}`, "GET")
	f.Add(`null`, "GET")
	f.Fuzz(func(t *testing.T, text, method string) {
		if !json.Valid([]byte(text)) { // a command of which it is a member was JSON
			return
		}
		res, problem := parseResponse([]byte(text))
		if problem != "" {
			if len(problem) > 100 || strings.Contains(problem, res.RequestID) && len(res.RequestID) > 20 {
				t.Fatalf("the problem quotes the answer: %q", problem)
			}
			return
		}
		if res.RequestID == "" || res.Status < 200 || res.Status > 599 {
			t.Fatalf("accepted %q as %+v", text, res)
		}
		again, problem := parseResponse(encode(map[string]any{
			"requestId": res.RequestID, "statusCode": int(res.Status), "statusDescription": res.Description, "responseHeaders": res.Headers, "body": res.Body,
		}))
		if again.breaches, res.breaches = nil, nil; problem != "" || !reflect.DeepEqual(again, res) {
			t.Fatalf("%+v became %+v, %q", res, again, problem)
		}
		header, ok := responseHeaders(res, method, "1.1 relay")
		if !ok {
			return
		}
		if second, _ := responseHeaders(res, method, "1.1 relay"); !reflect.DeepEqual(header, second) {
			t.Fatalf("%q became %v, then %v", text, header, second)
		}
		if via := header.Get("Via"); via != "1.1 relay" && !strings.HasSuffix(via, ", 1.1 relay") {
			t.Fatalf("Via is %q", via)
		}
		wantOneAnswer(t, res, header, method)
	})
}

// wantOneAnswer writes an answer as spell does and reads it back.
func wantOneAnswer(t *testing.T, res *response, header http.Header, method string) {
	t.Helper()
	reason := printable(res.Description)
	if reason == "" {
		reason = "Fine"
	}
	req := &http.Request{Method: method}
	sent := &http.Response{
		Status: "200 " + latin1(reason), StatusCode: 200, ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: header, Close: true, ContentLength: 4, Body: io.NopCloser(strings.NewReader("body")),
	}
	var wire bytes.Buffer
	if err := sent.Write(&wire); err != nil {
		t.Fatalf("%v cannot be written: %v", header, err)
	}
	reader := bufio.NewReader(&wire)
	got, err := http.ReadResponse(reader, req)
	if err != nil {
		t.Fatalf("%q cannot be read: %v", wire.String(), err)
	}
	body, err := io.ReadAll(got.Body)
	if err != nil || string(body) != "body" && method != http.MethodHead || reader.Buffered() != 0 && method != http.MethodHead {
		t.Fatalf("of %v remain %q and %d bytes, %v", header, body, reader.Buffered(), err)
	}
	for name, values := range header {
		if name == "Content-Length" {
			continue // has been checked: there is one body
		}
		if want := textproto.TrimString(values[0]); len(got.Header[name]) != 1 || got.Header[name][0] != want {
			t.Fatalf("%s: %q became %q", name, want, got.Header[name])
		}
	}
	for name := range got.Header {
		if header[name] == nil && name != "Content-Length" && name != "Connection" {
			t.Fatalf("%s came from nowhere: %v", name, slices.Sorted(maps.Keys(header)))
		}
	}
}

// Whatever a sender puts into its header, the listener gets JSON that says the
// same, without what is the relay's or the connection's.
func FuzzRequestHeaders(f *testing.F) {
	f.Add("GET /orders/api/items?page=2 HTTP/1.1\r\nHost: fabrikam.servicebus.windows.net\r\nContent-Type: application/json\r\nAccept-Encoding: gzip\r\nUser-Agent: curl/8.9\r\n\r\n", "")
	f.Add("POST /hyco?sb-hc-token=t&a=1 HTTP/1.1\r\nHost: x\r\nServiceBusAuthorization: SharedAccessSignature s3cret\r\nAuthorization: Basic abc\r\nContent-Length: 5\r\n\r\nhello", "ServiceBusAuthorization")
	f.Add("GET / HTTP/1.1\r\nHost: x\r\nauthorization: Bearer s3cret\r\nConnection: X-Hop, close\r\nx-hop: 1\r\nKeep-Alive: 5\r\nCookie: a=1\r\nCookie: b=2\r\n\r\n", "Authorization")
	f.Add("OPTIONS * HTTP/1.1\r\nHost: x\r\nVia: 1.0 a\r\nVia: 1.1 b\r\nTE: trailers\r\nTrailer: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "")
	f.Add("M-SEARCH http://other/hyco HTTP/1.1\r\nHost: x\r\nX: \xff\xfe\r\nX-Y:\ta\tb\t\r\nX-Fold: a\r\n b\r\n\r\n", "")
	f.Add("GET / HTTP/1.0\r\nSec-WebSocket-Key: c2FtcGxl\r\nsec-websocket-version: 13\r\nUpgrade: websocket\r\n\r\n", "")
	f.Fuzz(func(t *testing.T, text, carrier string) {
		if carrier != "" && carrier != "ServiceBusAuthorization" && carrier != "Authorization" {
			return
		}
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
		if err != nil {
			return
		}
		headers := requestHeaders(req, carrier, "1.1 relay")
		for name := range ofConnection {
			if _, ok := headers[name]; ok {
				t.Errorf("%s is left of %q", name, text)
			}
		}
		if _, ok := headers["Servicebusauthorization"]; ok || carrier != "" && headers[carrier] != "" {
			t.Errorf("the token is left of %q: %v", text, headers)
		}
		if via := headers["Via"]; via != "1.1 relay" && !strings.HasSuffix(via, ", 1.1 relay") {
			t.Errorf("Via is %q", via)
		}
		for _, set := range []map[string]string{headers, connectHeaders(req, carrier == "Authorization")} {
			line := encode(set)
			var back map[string]string
			if err := json.Unmarshal(line, &back); err != nil || bytes.ContainsAny(line, "\r\n") {
				t.Fatalf("%q became %s, %v", text, line, err)
			}
			if _, ok := set["Host"]; !ok || len(back) != len(set) {
				t.Errorf("%v became %v", set, back)
			}
			for name, value := range set {
				if utf8.ValidString(value) && back[name] != value {
					t.Errorf("%s: %q became %q", name, value, back[name])
				}
			}
		}
		if c, _ := parseTarget(req.URL); c.hc {
			return
		}
		if target := requestTarget(req, mustTarget(req)); !strings.HasPrefix(target, "/") || strings.ContainsAny(target, " \r\n") {
			t.Errorf("the target of %q is %q", text, target)
		}
	})
}

func mustTarget(req *http.Request) target {
	t, _ := parseTarget(req.URL) // what cannot be decoded is refused before
	return t
}
