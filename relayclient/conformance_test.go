package relayclient_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// TestConformance is the shortest run that shows a client and a relay to speak
// the protocol. Its items have the numbers that the specification gives them.
func TestConformance(t *testing.T) {
	m := needMicrosoft(t)
	for _, item := range []struct {
		name string
		run  func(*testing.T, microsoft)
	}{
		{"(1) hyco-ws listener and sender echo", conformEcho},
		{"(2) hyco-https requests and answers", conformHTTP},
		{"(3) two listeners, 200 connects, both used", conformTwoListeners},
		{"(4) reject with 403", conformReject},
		{"(5) subprotocol choice", conformSubprotocol},
		{"(6) expire and renew", expireAndRenew},
		{"(7) kill the listener's TCP mid-stream", conformKill},
		{"(8) handler that takes too long", conformTimeout},
		{"(9) wrong tokens", conformTokens},
		{"(9) signatures of the test vectors", conformVectors},
	} {
		t.Run(item.name, func(t *testing.T) {
			t.Parallel()
			item.run(t, m)
		})
	}
}

func conformEcho(t *testing.T, m microsoft) {
	r := localrelaytest.New(t)
	h := hycoWS{m.trusting(t, r)}
	h.echo(t, config(t, r, "hyco", "listen"))
	got := h.crowd(t, config(t, r, "hyco", "send"), 2)
	for i := range 2 {
		if back, want := got[i], crowdMessage(i); back.Binary != want.Binary || string(back.Data) != string(want.Data) {
			t.Errorf("the echo is binary=%v %q, want binary=%v %q", back.Binary, back.Data, want.Binary, want.Data)
		}
	}
}

func conformHTTP(t *testing.T, m microsoft) {
	r := localrelaytest.New(t)
	h := hycoHTTPS{m.trusting(t, r)}
	cfg := config(t, r, "hyco", "both")
	h.startListener(t, cfg, "RELAY_PONG_MILLISECONDS=5").await(t, "listening")
	sender := h.sender(t, cfg)
	for name, x := range map[string]exchange{
		"GET, empty":                  {method: "GET", length: -1, answer: answerAsked{Status: 200}},
		"GET, 204":                    {method: "GET", length: -1, answer: answerAsked{Status: 204}},
		"HEAD":                        {method: "HEAD", length: -1, answer: answerAsked{Status: 200}},
		"65,536 bytes in the answer":  {method: "GET", length: -1, answer: answerAsked{Status: 200, Length: 65536}},
		"65,537 bytes in the answer":  {method: "GET", length: -1, answer: answerAsked{Status: 200, Length: 65537}},
		"POST of 1 MiB in chunks":     {method: "POST", length: 1 << 20, chunked: true, answer: answerAsked{Status: 200}},
		"POST of 1 MiB, answer alike": {method: "POST", length: 1 << 20, chunked: true, answer: answerAsked{Status: 200, Length: 1 << 20, Pieces: true}},
	} {
		t.Run(name, func(t *testing.T) {
			x.check(t, sender.send(t, x)(), r.Namespace(), h.target(cfg, ""))
		})
	}
}

func conformTwoListeners(t *testing.T, _ microsoft) {
	r := localrelaytest.New(t)
	var asked [2]atomic.Int64
	for i := range asked {
		cfg := config(t, r, "hyco", "listen")
		cfg.Admit = func(context.Context, relayclient.ConnInfo) relayclient.Verdict {
			asked[i].Add(1)
			return relayclient.Verdict{Accept: true}
		}
		ours{}.echo(t, cfg)
	}
	const count = 200
	for range 4 {
		if got := (ours{}).crowd(t, config(t, r, "hyco", "send"), count/4); len(got) != count/4 {
			t.Errorf("%d connections worked, want %d", len(got), count/4)
		}
	}
	// Fewer than 60 of 200 is a matter of one in a hundred million.
	if a, b := asked[0].Load(), asked[1].Load(); a < 60 || b < 60 || a+b != count {
		t.Errorf("the listeners got %d and %d of %d senders", a, b, count)
	}
}

func conformReject(t *testing.T, m microsoft) {
	r := localrelaytest.New(t)
	const words = `Not today: 100% full & "busy" #1?`
	cfg := config(t, r, "hyco", "listen")
	cfg.Admit = func(context.Context, relayclient.ConnInfo) relayclient.Verdict {
		return relayclient.Verdict{Status: 403, Description: words}
	}
	events := watch(&cfg)
	listen(t, cfg)
	for name, sender := range map[string]client{"our sender": ours{}, "hyco-ws sender": hycoWS{m.trusting(t, r)}} {
		status, got := sender.refusedSending(t, config(t, r, "hyco", "send"))
		wantRefusal(t, name, status, got, 403, words)
		await(t, events, "the relay confirms", kind(relayclient.Rejected))
	}
}

func conformSubprotocol(t *testing.T, m microsoft) {
	r := localrelaytest.New(t)
	h := hycoWS{m.trusting(t, r)}
	last := config(t, r, "open", "listen")
	last.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
		offered := info.Subprotocols()
		if !slices.Equal(offered, []string{"v3", "v2", "v1"}) {
			return relayclient.Verdict{Status: 500, Description: fmt.Sprint("offered ", offered)}
		}
		return relayclient.Verdict{Accept: true, Subprotocol: offered[2]}
	}
	ourAccept := ours{}.listen(t, last)
	theirAccept := h.listen(t, config(t, r, "hyco", "listen"))
	opt := relayclient.DialOptions{Subprotocols: []string{"v3", "v2", "v1"}}
	for name, sender := range map[string]client{"our sender": ours{}, "hyco-ws sender": h} {
		for want, listener := range map[string]struct {
			entity, rule string
			accept       func() end
		}{"v3": {"hyco", "send", theirAccept}, "v1": {"open", "root", ourAccept}} {
			dialled := sender.dial(t, config(t, r, listener.entity, listener.rule), opt)
			l, s := listener.accept(), dialled()
			if l.subprotocol() != want || s.subprotocol() != want {
				t.Errorf("%s: subprotocols are %q at the listener and %q at the sender, want %q", name, l.subprotocol(), s.subprotocol(), want)
			}
			wantClosed(t, s, l)
		}
	}
}
