package main

import (
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// The token that is written is one that the relay takes.
func TestSign(t *testing.T) {
	r := localrelaytest.New(t)
	cs := connectionString(t, r, "hyco", "listen")
	p := start(t, []string{"CS=" + cs.Reveal()}, "sign", "--connection-string-env=CS")
	var lines []string
	for line := range p.lines {
		lines = append(lines, line)
	}
	if err := p.cmd.Wait(); err != nil || len(lines) != 1 || p.stderr.Len() != 0 {
		t.Fatalf("it writes %d lines, says %q and ends with %v", len(lines), &p.stderr, err)
	}
	l, err := relayclient.Listen(t.Context(), relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.StaticToken{Value: relayclient.NewSecret(lines[0])},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestSignWithoutKey(t *testing.T) {
	got := relayscope(t, nil, "sign", "--namespace=contoso.servicebus.windows.net", "--hybrid-connection=orders")
	if got.status != exitFailed && got.status != exitUsage || len(got.lines) != 0 {
		t.Errorf("status %d with %d lines", got.status, len(got.lines))
	}
}
