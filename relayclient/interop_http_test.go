package relayclient_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// An httpListener is an implementation of the listener's HTTP part:
// Microsoft's or this one.
type httpListener interface {
	// serve starts listeners that do as the header X-Answer says. What it
	// returns waits until each of them has lost its control channel and has
	// come back.
	serve(t *testing.T, cfg relayclient.Config, listeners int) (online func())
	// target returns what a listener's application sees of what is asked for.
	target(cfg relayclient.Config, asked string) string
}

// An requestClient is the same of the sender's.
type requestClient interface {
	sender(t *testing.T, cfg relayclient.Config) httpSender
}

// An httpSender sends requests.
type httpSender interface {
	// send begins to send. What it returns waits for the answer.
	send(t *testing.T, x exchange) (answered func() httpAnswer)
}

// TestMicrosoftsHTTP runs hyco-https as the listener of our sender, as the
// sender to our listener, and as both. There are two listeners everywhere.
func TestMicrosoftsHTTP(t *testing.T) {
	m := needMicrosoft(t)
	for name, with := range map[string]func(hycoHTTPS) (httpListener, requestClient){
		"hyco-https listener, our sender": func(h hycoHTTPS) (httpListener, requestClient) { return h, ours{} },
		"our listener, hyco-https sender": func(h hycoHTTPS) (httpListener, requestClient) { return ours{}, h },
		"hyco-https listener and sender":  func(h hycoHTTPS) (httpListener, requestClient) { return h, h },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t)
			listener, client := with(hycoHTTPS{m.trusting(t, r)})
			cfg := config(t, r, "hyco", "both")
			sender := client.sender(t, cfg)
			send := func(t *testing.T, x exchange) requestSeen {
				t.Helper()
				return x.check(t, sender.send(t, x)(), r.Namespace(), listener.target(cfg, x.target))
			}
			t.Run("errors of the relay", func(t *testing.T) {
				for carrier, status := range map[string]int{"header": 404, "none": 401} {
					got := sender.send(t, exchange{method: "GET", length: -1, carrier: carrier})()
					if via, ok := got.Headers["via"]; got.Status != status || ok || !strings.Contains(got.Reason, "TrackingId:") {
						t.Errorf("token in %s: answered with %d %q, Via %q; want %d from the relay itself", carrier, got.Status, got.Reason, via, status)
					}
				}
			})
			online := listener.serve(t, cfg, 2)
			t.Run("bodies", func(t *testing.T) {
				for i, x := range bodies() {
					x.answer.Seed = 2 * i
					t.Run(x.String(), func(t *testing.T) { send(t, x) })
				}
			})
			t.Run("errors of the listener", func(t *testing.T) {
				for _, status := range []int{400, 401, 404, 418, 500, 501, 502, 503, 504} {
					send(t, exchange{method: "GET", length: -1, answer: answerAsked{Status: status, Length: 9}})
				}
			})
			if _, can := listener.(hycoHTTPS); can { // a handler of package net/http cannot choose one
				t.Run("reason phrase", func(t *testing.T) {
					send(t, exchange{method: "GET", length: -1, answer: answerAsked{Status: 299, Reason: "Made to measure: a=b; \"c\" (d)"}})
				})
			}
			t.Run("target and token", func(t *testing.T) {
				for _, target := range []string{"", "/", "?", "/a%20b/%c3%b8/x%2Fy//z/?room=7&x=%c3%b8&room=8&&empty=&bare", "?a=1&a=2&", "/%2e%2E/;p=1/@:!$'()*+,="} {
					for _, carrier := range []string{"header", "query"} {
						if target == "?" && carrier == "query" {
							continue // it is an empty query no longer
						}
						seen := send(t, exchange{method: "GET", target: target, carrier: carrier, length: -1, answer: answerAsked{Status: 200}})
						if seen.Headers["servicebusauthorization"] != "" {
							t.Error("the listener sees the sender's token")
						}
					}
				}
			})
			t.Run("headers", func(t *testing.T) {
				x := exchange{
					method: "POST", length: 3,
					headers: http.Header{
						"x-lower": {"a"}, "X-UPPER": {"B"}, "X-Twice": {"one", "two"}, "X-Odd": {`"q" , ; = \ ~`},
						"Authorization": {"Bearer mine"}, "Content-Type": {"text/x; charset=utf-8"},
					},
					answer: answerAsked{Status: 201, Headers: map[string]any{"x-lower": "c", "X-UPPER": "D", "X-Odd": `~ \ "q" ; ,`, "X-Number": 5}},
				}
				got := sender.send(t, x)()
				wantHeaders(t, "sender", got.Headers, map[string]string{"x-lower": "c", "x-upper": "D", "x-odd": `~ \ "q" ; ,`, "x-number": "5"})
				seen := x.check(t, got, r.Namespace(), listener.target(cfg, ""))
				wantHeaders(t, "listener", seen.Headers, map[string]string{
					"x-lower": "a", "x-upper": "B", "x-twice": "one, two", "x-odd": `"q" , ; = \ ~`,
					"authorization": "Bearer mine", "content-type": "text/x; charset=utf-8", "host": r.Namespace(), "via": "1.1 " + r.Namespace(),
				})
			})
			t.Run("64 at once, shared by two listeners", func(t *testing.T) {
				var begun [64]func() httpAnswer
				at := func(i int) exchange {
					return exchange{method: "PUT", target: fmt.Sprint("/", i), length: i * 1500, answer: answerAsked{Status: 200, Length: 96000 - i*1500, Seed: 2 * i}}
				}
				for i := range begun {
					begun[i] = sender.send(t, at(i))
				}
				share := map[int]int{}
				for i, answered := range begun {
					share[at(i).check(t, answered(), r.Namespace(), listener.target(cfg, at(i).target)).Listener]++
				}
				// Fewer than 10 of 64 is a matter of one in a hundred million.
				if share[1] < 10 || share[2] < 10 || share[1]+share[2] != len(begun) {
					t.Errorf("the listeners got %v of %d requests", share, len(begun))
				}
			})
			t.Run("after the control channels were lost", func(t *testing.T) {
				if n := r.DropControlChannels("hyco"); n != 2 {
					t.Fatalf("dropped %d control channels, want 2", n)
				}
				online()
				send(t, exchange{method: "POST", length: 70000, answer: answerAsked{Status: 200, Length: 70000}})
			})
		})
	}
}

func wantHeaders(t *testing.T, who string, got, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got[name] != value {
			t.Errorf("the %s sees %s: %s, want %s", who, name, got[name], value)
		}
	}
}

// bodies returns requests and answers of all the sizes around the limit of
// what travels on a control channel.
func bodies() []exchange {
	var all []exchange
	for _, size := range []int{0, 1, 65535, 65536, 65537, 1 << 20} {
		for _, bitByBit := range []bool{false, true} {
			answer := answerAsked{Status: 200, Length: size, Pieces: bitByBit}
			all = append(all, exchange{method: "GET", length: -1, answer: answer})
			for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS"} {
				all = append(all, exchange{method: method, length: size, chunked: bitByBit, answer: answer})
			}
		}
	}
	for _, method := range []string{"GET", "DELETE"} {
		for _, status := range []int{204, 304} {
			all = append(all, exchange{method: method, length: -1, answer: answerAsked{Status: status}})
		}
	}
	return append(all,
		exchange{method: "HEAD", length: -1, answer: answerAsked{Status: 200}},
		exchange{method: "HEAD", length: -1, answer: answerAsked{Status: 404}},
		exchange{method: "POST", length: 65537, answer: answerAsked{Status: 204}},
	)
}
