package relayclient_test

import (
	"strings"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// expireAndRenew has Microsoft's listeners, which renew their token once an
// hour, lose their control channel to a shorter one and come back, and ours
// outlive several.
func expireAndRenew(t *testing.T, m microsoft) {
	strict := func(c *localrelay.Config) { c.TokenGrace = 100 * time.Millisecond }
	const soon = "RELAY_TOKEN_SECONDS=3"

	// All three wait at the same time.
	viaWS, viaHTTPS, viaOurs := localrelaytest.New(t, strict), localrelaytest.New(t, strict), localrelaytest.New(t, func(c *localrelay.Config) { c.TokenGrace = time.Second })
	ws := hycoWS{m.trusting(t, viaWS)}.startListener(t, config(t, viaWS, "hyco", "listen"), soon)
	https := hycoHTTPS{m.trusting(t, viaHTTPS)}.startListener(t, config(t, viaHTTPS, "hyco", "listen"), soon)
	cfg := config(t, viaOurs, "hyco", "both")
	key := cfg.Token.(relayclient.SharedAccessKey)
	key.Lifetime = 2 * time.Second
	cfg.Token = key
	events := watch(&cfg)
	l := listen(t, cfg)
	online := await(t, events, "online", state(relayclient.Online))

	for name, p := range map[string]*nodeProcess{"hyco-ws": ws, "hyco-https": https} {
		p.await(t, "listening")
		if lost := p.await(t, "lost"); lost.Code != 1008 || !strings.HasPrefix(lost.Reason, "The token is expired. TrackingId:") {
			t.Errorf("%s lost its control channel with %d %q", name, lost.Code, lost.Reason)
		}
		p.await(t, "listening")
	}
	dialled := ours{}.dial(t, config(t, viaWS, "hyco", "send"), relayclient.DialOptions{})
	converse(t, dialled(), newNodeEnd(t, ws))
	httpConfig := config(t, viaHTTPS, "hyco", "both")
	x := exchange{method: "POST", length: 10, answer: answerAsked{Status: 200, Length: 10}}
	x.check(t, ours{}.sender(t, httpConfig).send(t, x)(), viaHTTPS.Namespace(), hycoHTTPS{}.target(httpConfig, ""))

	long := online.TokenExpires.Add(2 * key.Lifetime)
	last := await(t, events, "renewals after several lifetimes", func(ev relayclient.Event) bool {
		return ev.Kind != relayclient.TokenRenewed || ev.Time.After(long)
	})
	if last.Kind != relayclient.TokenRenewed {
		t.Errorf("got %v %v %v instead of a renewal", last.Kind, last.State, last.Err)
	}
	pair(t, l, config(t, viaOurs, "hyco", "send"))
}
