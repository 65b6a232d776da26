// Package localrelaytest starts local relays for tests. What such a relay
// models, and what it does not, is said in package localrelay.
package localrelaytest

import (
	"context"
	"net/http"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// leaveTime is how long clients have to close their sockets once a test is
// over. It is only ever used up by a test that fails.
const leaveTime = 3 * time.Second

// New starts a relay on a port of its own with
//
//   - the hybrid connection "hyco" and its rules "listen", "send" and "both",
//   - the hybrid connection "open", which lets senders in without a token, and
//     its rule "listen",
//   - the rule "root" of the namespace, with all rights.
//
// Options may change the configuration before the start. The relay is closed
// when the test ends, and the test fails if a client then still has a socket
// open; a client that belongs to the test must be closed by it or by a later
// t.Cleanup.
func New(t testing.TB, options ...func(*localrelay.Config)) *localrelay.Relay {
	t.Helper()
	rule := func(name string, rights localrelay.Rights) localrelay.Rule {
		return localrelay.Rule{Name: name, PrimaryKey: localrelay.NewKey(), SecondaryKey: localrelay.NewKey(), Rights: rights}
	}
	cfg := localrelay.Config{
		Entities: []localrelay.Entity{
			{Name: "hyco", Rules: []localrelay.Rule{
				rule("listen", localrelay.Listen),
				rule("send", localrelay.Send),
				rule("both", localrelay.Listen|localrelay.Send),
			}},
			{Name: "open", Anonymous: true, Rules: []localrelay.Rule{rule("listen", localrelay.Listen)}},
		},
		Rules: []localrelay.Rule{rule("root", localrelay.Listen|localrelay.Send|localrelay.Manage)},
	}
	for _, change := range options {
		change(&cfg)
	}
	r, err := localrelay.Start(cfg)
	if err != nil {
		t.Fatalf("start local relay: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), leaveTime)
		defer cancel()
		if err := r.WaitIdle(ctx); err != nil {
			t.Errorf("a client left a socket open: %v", err)
		}
		r.Close()
	})
	return r
}

// Header returns request headers with a token for a hybrid connection, signed
// with a rule of it or of the namespace and good for lifetime.
func Header(t testing.TB, r *localrelay.Relay, entity, rule string, lifetime time.Duration) http.Header {
	t.Helper()
	cs, err := r.ConnectionString(entity, rule)
	if err != nil {
		t.Fatal(err)
	}
	key := relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key, Lifetime: lifetime}
	token, err := key.Token(t.Context(), relayclient.Audience(r.Namespace(), entity))
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{}
	header.Set("ServiceBusAuthorization", token.Value.Reveal())
	return header
}
