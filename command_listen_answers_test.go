package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// Canned answers to messages and to requests, with placeholders.
func TestListenCanned(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--json", "--answer=canned", "--http-answer=canned", "--reply={{counter}} {{message}}", "--status=202", "--header=X-N: {{counter}}", "--delay=1ms", "--jitter=1ms")
	got := send(t, r, "--json", "--text=a", "--text=b", "--expect-reply")
	wantStatus(t, got, exitOK)
	wantOutline(t, got, "connected ", "sent text 1 a", "received text 3 1 a", "sent text 1 b", "received text 3 2 b", "closed 1000 false")
	transport, err := relayclient.NewTransport(clientConfig(t, connectionString(t, r, "hyco", "send").Reveal(), caFile(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	resp, err := client.Post("https://any/", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if resp.StatusCode != 202 || string(body) != "1 x" || resp.Header.Get("X-N") != "1" {
		t.Errorf("%s %q %v", resp.Status, body, resp.Header)
	}
	l.line(t, "response")
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}

// A sender is connected to a TCP target; one that is not there is told of.
func TestListenForwardsToTCP(t *testing.T) {
	target, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		c, err := target.Accept()
		if err != nil {
			return
		}
		io.CopyN(c, c, 4)
		c.Close()
	}()
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--answer=forward-tcp", "--target="+target.Addr().String())
	got := send(t, r, "--json", "--hex=01020304", "--expect-reply")
	wantStatus(t, got, exitOK)
	<-served
	target.Close()
	send(t, r, "--text=nobody", "--expect-reply", "--timeout=10s")
	if line := l.line(t, "answer-failed"); !strings.Contains(line, "The target "+target.Addr().String()+": connection refused; nothing listens there") {
		t.Errorf("the listener says %q", line)
	}
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}

func TestListenRejects(t *testing.T) {
	r := localrelaytest.New(t)
	l := online(t, r, "hyco", "listen", "--answer=reject", "--status=429", "--reason=later, please")
	got := send(t, r, "--json", "--text=x")
	if wantStatus(t, got, exitFailed); !strings.Contains(strings.Join(got.lines, "\n"), "later, please") {
		t.Errorf("the sender says %q", got.lines)
	}
	l.line(t, "later, please")
	l.signal(t, os.Interrupt)
	wantStatus(t, l.wait(t), exitOK)
}

// Mistakes are named by their options.
func TestListenAnswerOptions(t *testing.T) {
	for args, want := range map[string]string{
		"--answer=nonsense":                           "--answer",
		"--answer=canned":                             "--answer canned needs --reply",
		"--answer=canned --reply={{x}}":               "--reply: there is no placeholder {{x}}",
		"--reply=x":                                   "--reply goes with the answer canned",
		"--answer=forward-tcp":                        "--target: give the target as host:port",
		"--answer=forward-tcp --target=http://a":      "--target: ",
		"--http-answer=forward-http --target=ftp://a": "--target: the target's URL must begin with http:// or https://",
		"--target=a:1":                                "--target goes with",
		"--answer=reject --status=99":                 "--status and --reason: ",
		"--status=200":                                "--status goes with",
		"--echo --answer=silence":                     "--echo does not go with another --answer",
		"--delay=1h":                                  "--delay: ",
		"--http-answer=canned --header=X":             "--header: a header is a line such as",
	} {
		got := relayscope(t, nil, append([]string{"listen", "--connection-string-env", "CS"}, strings.Fields(args)...)...)
		wantStatus(t, got, exitUsage)
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %q, want …%s…", args, got.stderr, want)
		}
	}
}
