package relayclient_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func conformKill(t *testing.T, m microsoft) {
	t.Run("WebSocket", func(t *testing.T) {
		r := localrelaytest.New(t)
		cfg := config(t, r, "hyco", "both")
		p := hycoWS{m.trusting(t, r)}.startListener(t, cfg)
		p.await(t, "listening")
		c, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseNow)
		newNodeEnd(t, p).send(t, text("begun"))
		mustRead(t, c, text("begun"))
		if err := p.kill(); err != nil {
			t.Fatal(err)
		}
		wantLost(t, c)
	})
	t.Run("WebSocket, in the middle of a message", func(t *testing.T) {
		ws, c := acceptRaw(t, localrelaytest.New(t), relayclient.DialOptions{})
		if err := writeFrame(ws, websocket.BinaryMessage, false, []byte("begun")); err != nil {
			t.Fatal(err)
		}
		ws.NetConn().Close()
		wantLost(t, c)
	})
	t.Run("HTTP", func(t *testing.T) {
		r := localrelaytest.New(t)
		cfg := config(t, r, "hyco", "both")
		p := hycoHTTPS{m.trusting(t, r)}.startListener(t, cfg)
		p.await(t, "listening")
		x := exchange{method: "GET", length: -1, answer: answerAsked{Status: 200, Length: 70000, Unfinished: true}}
		req, err := http.NewRequestWithContext(t.Context(), x.method, "https://anything", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = x.header()
		resp, err := clientWith(t, cfg).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		begun := make([]byte, x.answer.Length)
		if _, err := io.ReadFull(resp.Body, begun); err != nil {
			t.Fatal(err)
		}
		wantBody(t, "answer", len(begun), digest(begun), noise(0, x.answer.Length))
		if err := p.kill(); err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, resp.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the answer goes on with %d bytes and %v, want an unexpected end", n, err)
		}
	})
}

func wantLost(t *testing.T, c *relayclient.Conn) {
	t.Helper()
	m, err := c.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.Is(err, relayclient.ErrLost) || errors.As(err, &ce) {
		t.Errorf("read %q and %v, want a loss without a Close", m.Data, err)
	}
}

// The real 60 seconds are two here.
func conformTimeout(t *testing.T, m microsoft) {
	for name, with := range map[string]func(hycoHTTPS) httpListener{
		"hyco-https listener": func(h hycoHTTPS) httpListener { return h },
		"our listener":        func(hycoHTTPS) httpListener { return ours{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := localrelaytest.New(t, func(c *localrelay.Config) { c.ResponseTimeout = 2 * time.Second })
			h := hycoHTTPS{m.trusting(t, r)}
			listener, cfg := with(h), config(t, r, "hyco", "both")
			listener.serve(t, cfg, 1)
			senders := map[string]httpSender{"our sender": ours{}.sender(t, cfg), "hyco-https sender": h.sender(t, cfg)}
			lengths := []int{-1, 70000} // on the control channel, over a rendezvous
			late := map[string][]func() httpAnswer{}
			for name, sender := range senders { // they all wait at the same time
				for _, length := range lengths {
					late[name] = append(late[name], sender.send(t, exchange{method: "POST", length: length, answer: answerAsked{Status: 200, Late: 5000}}))
				}
			}
			for name, sender := range senders {
				for i, length := range lengths {
					got := late[name][i]()
					if _, via := got.Headers["via"]; got.Status != 504 || via || !strings.HasPrefix(got.Reason, "The request was routed to the listener but the listener did not respond in the required time") {
						t.Errorf("%s got %d %q, Via %v; want 504 from the relay itself", name, got.Status, got.Reason, via)
					}
					quick := exchange{method: "POST", length: length, answer: answerAsked{Status: 200, Length: 10}}
					quick.check(t, sender.send(t, quick)(), r.Namespace(), listener.target(cfg, ""))
				}
			}
		})
	}
}

func conformTokens(t *testing.T, _ microsoft) {
	r := localrelaytest.New(t)
	ours{}.echo(t, config(t, r, "hyco", "listen"))
	namespace := config(t, r, "hyco", "root")
	namespace.Token = audience{namespace.Token, relayclient.Audience(r.Namespace(), "")}
	wrongKey, unknownRule, expired, other := config(t, r, "hyco", "both"), config(t, r, "hyco", "both"), config(t, r, "hyco", "both"), config(t, r, "hyco", "both")
	good := wrongKey.Token.(relayclient.SharedAccessKey)
	wrongKey.Token = relayclient.SharedAccessKey{KeyName: good.KeyName, Key: localrelay.NewKey()}
	unknownRule.Token = relayclient.SharedAccessKey{KeyName: "nobody", Key: good.Key}
	expired.Token = relayclient.SharedAccessKey{KeyName: good.KeyName, Key: good.Key, Lifetime: -time.Second}
	other.Token = audience{good, relayclient.Audience(r.Namespace(), "open")}

	for op, tt := range map[string]struct {
		try         func(*testing.T, relayclient.Config) error
		wrongRights relayclient.Config
	}{
		"listen":  {tryListen, config(t, r, "hyco", "send")},
		"connect": {tryConnect, config(t, r, "hyco", "listen")},
		"request": {tryRequest, config(t, r, "hyco", "listen")},
	} {
		t.Run(op, func(t *testing.T) {
			for name, token := range map[string]struct {
				cfg   relayclient.Config
				cause relayclient.Cause
			}{
				"wrong key":              {wrongKey, relayclient.CauseBadSignature},
				"unknown rule":           {unknownRule, relayclient.CauseBadSignature},
				"rule without the right": {tt.wrongRights, relayclient.CauseMissingRight},
				"expired":                {expired, relayclient.CauseExpired},
				"other entity":           {other, relayclient.CauseWrongAudience},
			} {
				var he *relayclient.HandshakeError
				if err := tt.try(t, token.cfg); !errors.Is(err, relayclient.ErrUnauthorized) || !errors.As(err, &he) || he.Cause != token.cause || he.TrackingID == "" {
					t.Errorf("%s: error = %v, want 401 with cause %d and a tracking ID", name, err, token.cause)
				}
			}
			if err := tt.try(t, namespace); err != nil {
				t.Errorf("audience of the whole namespace: %v", err)
			}
		})
	}
}

func tryListen(t *testing.T, cfg relayclient.Config) error {
	l, err := relayclient.Listen(t.Context(), cfg)
	if err == nil {
		l.Close()
	}
	return err
}

func tryConnect(t *testing.T, cfg relayclient.Config) error {
	c, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
	if err == nil {
		err = c.Close(1000, "")
	}
	return err
}

// tryRequest returns nil if the listener has answered, whatever it said.
func tryRequest(t *testing.T, cfg relayclient.Config) error {
	resp, err := clientWith(t, cfg).Get("https://anything/")
	if err != nil {
		return err
	}
	if relayclient.AnsweredByRelay(resp) {
		return relayclient.RelayError(resp)
	}
	return resp.Body.Close()
}
