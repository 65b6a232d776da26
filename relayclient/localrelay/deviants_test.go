package localrelay_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"relayscope/relayclient/localrelay"
)

// A deviant is a client that breaks one rule.
type deviant struct {
	role string
	act  func(t *testing.T, r *localrelay.Relay)
}

func badHandshake(role, path string, header http.Header) deviant {
	return deviant{role, func(t *testing.T, r *localrelay.Relay) {
		conn := rawUpgrade(t, r, path, header)
		conn.CloseWrite()
		io.Copy(io.Discard, conn)
	}}
}

// badCommand sends messages on a control channel of "hyco".
func badCommand(kind int, text string) deviant {
	return deviant{"listener", func(t *testing.T, r *localrelay.Relay) { send(t, listen(t, r, ""), kind, text) }}
}

// badResponse answers a request to "open" on the control channel.
func badResponse(method, members string, body ...string) deviant {
	return deviant{"listener", func(t *testing.T, r *localrelay.Relay) {
		control := listenOpen(t, r, "")
		pending := request(t, r, method, "/open", nil, nil)
		answer(t, control, *asked(t, control).ID, members, body...)
		<-pending
	}}
}

// badMeeting answers a request to "open" over a rendezvous.
func badMeeting(act func(t *testing.T, ws *websocket.Conn, id string)) deviant {
	return deviant{"listener", func(t *testing.T, r *localrelay.Relay) {
		control := listenOpen(t, r, "")
		pending := request(t, r, "GET", "/open", nil, nil)
		cmd := asked(t, control)
		ws, _ := open(t, r, cmd.Address, nil)
		act(t, ws, *cmd.ID)
		<-pending
	}}
}

// badAccept answers an invitation to "hyco" at a changed address.
func badAccept(change func(address string) string, header http.Header) deviant {
	return deviant{"listener", func(t *testing.T, r *localrelay.Relay) {
		control := listen(t, r, "")
		pending := connect(t, r, "hyco", token(t, r, "send"))
		ws, _, err := dialer(r).DialContext(t.Context(), change(invited(t, control).Address), header)
		if err == nil {
			ws.Close()
		}
		if d := <-pending; d.ws != nil {
			d.ws.Close()
		}
	}}
}

func unchanged(address string) string { return address }

func plainRequest(method, path string) deviant {
	return deviant{"sender", func(t *testing.T, r *localrelay.Relay) {
		conn, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: r.RootCAs()})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\n\r\n", method, path, r.Namespace())
		conn.CloseWrite()
		io.Copy(io.Discard, conn)
	}}
}

func twice(query string) deviant {
	return deviant{"listener", func(t *testing.T, r *localrelay.Relay) {
		listen(t, r, query)
		listen(t, r, query)
	}}
}

// again dials a rendezvous once more after it is over.
func again(t *testing.T, r *localrelay.Relay, address string) {
	t.Helper()
	wantStatus(t, refused(t, r, address, nil), "403 URL is not valid or has expired")
}

// deviants has one for every rule that needs no change of the relay's fixed
// durations.
func deviants() map[string]deviant {
	const listening, connecting = "hyco?sb-hc-action=listen", "hyco?sb-hc-action=connect"
	offer := http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate; client_max_window_bits"}}
	large := strings.Repeat("x", 33<<10)
	return map[string]deviant{
		"plain request on $hc":              plainRequest("GET", "/$hc/hyco"),
		"handshake malformed":               {"sender", func(t *testing.T, r *localrelay.Relay) { malformed(t, r) }},
		"unknown action":                    badHandshake("sender", "hyco?sb-hc-action=dance", nil),
		"no sb-hc-id":                       badHandshake("listener", listening, nil),
		"sb-hc-id is no UUID":               badHandshake("sender", connecting+"&sb-hc-id=me", nil),
		"extensions offered":                badHandshake("sender", connecting, offer),
		"subprotocol on listen":             badHandshake("listener", listening, http.Header{"Sec-WebSocket-Protocol": {"chat"}}),
		"token in the query":                badHandshake("sender", connecting+"&sb-hc-token=x", nil),
		"key in the query":                  badHandshake("sender", connecting+"&sb-hc-sas-key-name=a&sb-hc-sas-key=b", nil),
		"method CONNECT":                    plainRequest("CONNECT", "/hyco"),
		"listener id twice online":          twice("&sb-hc-id=" + nobody),
		"Bearer in ServiceBusAuthorization": badHandshake("listener", listening, http.Header{"ServiceBusAuthorization": {"Bearer x"}}),
		"Authorization on a WebSocket":      badHandshake("listener", listening, http.Header{"Authorization": {"Bearer x"}}),

		"token on a rendezvous":          badAccept(unchanged, http.Header{"ServiceBusAuthorization": {"x"}}),
		"extensions on accept":           badAccept(unchanged, offer),
		"header named by a number":       badAccept(unchanged, http.Header{"0": {"permessage-deflate"}}),
		"several subprotocols on accept": badAccept(unchanged, http.Header{"Sec-WebSocket-Protocol": {"a, b"}}),
		"subprotocol not offered":        badAccept(unchanged, http.Header{"Sec-WebSocket-Protocol": {"a"}}),
		"status without sb-hc-":          badAccept(func(a string) string { return a + "&statusCode=403&statusDescription=no" }, nil),
		"status code of rejection":       badAccept(func(a string) string { return a + "&sb-hc-statusCode=9999" }, nil),
		"address altered":                badAccept(func(a string) string { return strings.Replace(a, "?", "/more?", 1) }, nil),
		"rendezvous unknown":             badHandshake("listener", "hyco?sb-hc-action=accept&sb-hc-id="+nobody, nil),
		"rendezvous used twice": {"listener", func(t *testing.T, r *localrelay.Relay) {
			control := listen(t, r, "")
			pending := connect(t, r, "hyco", token(t, r, "send"))
			inv := invited(t, control)
			open(t, r, inv.Address, nil)
			(<-pending).ws.Close()
			again(t, r, inv.Address)
		}},
		"rendezvous used late": {"listener", func(t *testing.T, r *localrelay.Relay) {
			control := listen(t, r, "")
			pending := connect(t, r, "hyco", token(t, r, "send"))
			inv := invited(t, control)
			<-pending
			again(t, r, inv.Address)
		}},
		"sender left waiting": {"listener", func(t *testing.T, r *localrelay.Relay) {
			listen(t, r, "")
			<-connect(t, r, "hyco", token(t, r, "send"))
		}},
		"first message not text":    badMeeting(func(t *testing.T, ws *websocket.Conn, id string) { send(t, ws, websocket.BinaryMessage, "x") }),
		"no response on rendezvous": badMeeting(func(t *testing.T, ws *websocket.Conn, id string) { send(t, ws, websocket.TextMessage, `{"accept":{}}`) }),
		"rendezvous closed early":   badMeeting(func(t *testing.T, ws *websocket.Conn, id string) { sendClose(t, ws, nil) }),
		"requestId of another request": badMeeting(func(t *testing.T, ws *websocket.Conn, id string) {
			answer(t, ws, nobody, `"statusCode":200,"body":false`)
		}),
		"body as text": badMeeting(func(t *testing.T, ws *websocket.Conn, id string) {
			answer(t, ws, id, `"statusCode":200,"body":true`)
			send(t, ws, websocket.TextMessage, "x")
		}),
		"body ended by Close": badMeeting(func(t *testing.T, ws *websocket.Conn, id string) {
			answer(t, ws, id, `"statusCode":200,"body":true`)
			sendClose(t, ws, websocket.FormatCloseMessage(1000, "NormalClosure"))
		}),

		"command is not JSON":          badCommand(websocket.TextMessage, `{"renew`),
		"command with several members": badCommand(websocket.TextMessage, `{"response":{"requestId":"x","statusCode":200},"more":1}`),
		"unknown command":              badCommand(websocket.TextMessage, `{"injectFault":{"delay":"00:01:00"}}`),
		"command of 64 KiB":            badCommand(websocket.TextMessage, `{"a":"`+strings.Repeat("x", 64<<10-8)+`"}`),
		"stray empty binary":           badCommand(websocket.BinaryMessage, ""),
		"binary nobody announced":      badCommand(websocket.BinaryMessage, "x"),
		"renewal refused":              badCommand(websocket.TextMessage, `{"renewToken":{"token":"com.microsoft.azure.relay.SecurityToken@1b2c3d"}}`),
		"Close without status":         {"listener", func(t *testing.T, r *localrelay.Relay) { sendClose(t, listen(t, r, ""), nil) }},
		"body over 64 KiB":             badResponse("GET", `"statusCode":200,"body":true`, strings.Repeat("x", 64<<10+1)),
		"text in place of a body": {"listener", func(t *testing.T, r *localrelay.Relay) {
			control := listen(t, r, "")
			for range 2 {
				answer(t, control, "x", `"statusCode":200,"body":true`)
			}
		}},

		"response malformed":            badResponse("GET", `"statusCode":99,"body":false`),
		"statusCode is a string":        badResponse("GET", `"statusCode":"200","body":false`),
		"response without body flag":    badResponse("GET", `"statusCode":200`),
		"header value is no string":     badResponse("GET", `"statusCode":200,"body":false,"responseHeaders":{"x-n":5}`),
		"malformed response header":     badResponse("GET", `"statusCode":200,"body":false,"responseHeaders":{"a b":"c"}`),
		"connection header in response": badResponse("GET", `"statusCode":200,"body":false,"responseHeaders":{"transfer-encoding":"chunked"}`),
		"response header over 32 KiB":   badResponse("GET", `"statusCode":200,"body":false,"responseHeaders":{"a":"`+large+`"}`),
		"502 or 504 from a listener":    badResponse("GET", `"statusCode":504,"body":false`),
		"body where none can be":        badResponse("HEAD", `"statusCode":200,"body":true`, "x"),
		"requestId unknown":             badCommand(websocket.TextMessage, `{"response":{"requestId":"x","statusCode":200,"body":false}}`),
		"request answered twice": {"listener", func(t *testing.T, r *localrelay.Relay) {
			control := listenOpen(t, r, "")
			pending := request(t, r, "GET", "/open", nil, nil)
			id := *asked(t, control).ID
			for range 2 {
				answer(t, control, id, `"statusCode":200,"body":false`)
			}
			<-pending
		}},
		"answer on the control channel": {"listener", func(t *testing.T, r *localrelay.Relay) {
			control := listenOpen(t, r, "")
			pending := request(t, r, "POST", "/open", io.MultiReader(strings.NewReader("x")), nil)
			u, err := url.Parse(asked(t, control).Address)
			if err != nil {
				t.Fatal(err)
			}
			answer(t, control, u.Query().Get("sb-hc-id"), `"statusCode":200,"body":false`)
			<-pending
		}},
	}
}

func malformed(t *testing.T, r *localrelay.Relay) {
	resp, err := httpClient(t, r).Do(&http.Request{
		Method: "GET", URL: &url.URL{Scheme: "https", Host: r.Namespace(), Path: "/$hc/hyco"},
		Header: http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"8"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}

// byTimings are the rules that need other durations; TestNoKeepAlive and TestLateResponse break them.
var byTimings = []string{"no keep-alive", "request not answered", "response too late"}
