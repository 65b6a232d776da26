package main

import (
	"context"
	"os"
	"strings"
	"sync"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestSendRepeatsAndFillsIn(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--echo")
	got := send(t, r, "--json", "--text=no {{counter:08}}", "--hex=00", "--repeat=3", "--interval=1ms", "--jitter=1ms", "--fill", "--expect-reply")
	wantStatus(t, got, exitOK)
	var want []string
	for _, text := range []string{"no 08", "no 09", "no 10"} {
		want = append(want, "sent text 5 "+text, "received text 5 "+text, "sent binary 1 00", "received binary 1 00")
	}
	wantOutline(t, got, append(append([]string{"connected "}, want...), "closed 1000 false")...)
	got = send(t, r, "--json", "--text={{counter}}")
	wantStatus(t, got, exitOK)
	wantOutline(t, got, "connected ", "sent text 11 {{counter}}", "closed 1000 false")
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}

func TestSendAsksTheListener(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := clientConfig(t, connectionString(t, r, "hyco", "listen").Reveal(), caFile(t, r))
	asked := make(chan relayclient.ConnInfo, 1)
	cfg.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
		asked <- info
		return relayclient.Verdict{Accept: true, Subprotocol: "v1"}
	}
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var peer sync.WaitGroup
	peer.Go(func() {
		c, err := l.Accept(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = c.Read(t.Context()) // its Close
		_ = c.Close(1000, "")
	})
	env := []string{"CS=" + connectionString(t, r, "hyco", "send").Reveal(), "HEADER=Authorization: Bearer 5eed"}
	got := relayscope(t, env, "send", "--json", "--connection-string-env=CS", "--ca-file="+caFile(t, r),
		"--path=/chat/7", "--query=room=1", "--header=X-Order: 7", "--header-env=HEADER", "--subprotocol=v2", "--subprotocol=v1")
	wantStatus(t, got, exitOK)
	info := <-asked
	if info.Path != "/chat/7" || info.Query != "room=1" || info.Header.Get("X-Order") != "7" || info.Header.Get("Authorization") != "Bearer 5eed" {
		t.Errorf("the listener got %+v", info)
	}
	if text := strings.Join(got.lines, "\n"); !strings.Contains(text, `"subprotocol":"v1"`) || strings.Contains(text, "5eed") {
		t.Errorf("the sender reports %s", text)
	}
	peer.Wait()
}

func TestSendOptionsThatAreWrong(t *testing.T) {
	for arg, want := range map[string]string{
		"--path=/a b":                  "path: write ' ' as %20",
		"--query=sb-hc-id=1":           "between Relayscope and the relay",
		"--header=X-Order":             "a name, a colon and a value",
		"--header=Host: x":             "Host cannot be chosen",
		"--header=X-Api-Key: 5eed":     "--header-env",
		"--header-env=not a name":      "the name of an environment variable",
		"--header-env=NOT_SET_AT_ALL":  "a name, a colon and a value",
		"--subprotocol=a b":            "subprotocols:",
		"--repeat=0":                   "give a number from 1",
		"--interval=-1s":               "cannot be less than nothing",
		"--text={{nobody}} {{counter":  "there is no placeholder {{nobody}}",
		"--text={{counter}} {{random}": "is not closed",
	} {
		got := relayscope(t, []string{"CS=Endpoint=sb://x/"}, "send", "--connection-string-env=CS", "--fill", arg)
		wantStatus(t, got, exitUsage)
		if !strings.Contains(got.stderr, want) || strings.Contains(got.stderr, "5eed") {
			t.Errorf("%s: standard error has %q, want %q", arg, got.stderr, want)
		}
	}
}
