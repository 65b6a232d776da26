package relayclient_test

import (
	"errors"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// A client is an implementation of the protocol: Microsoft's or this one.
type client interface {
	// listen goes online. What it returns waits for the next connection.
	listen(t *testing.T, cfg relayclient.Config) (accept func() end)
	// dial begins to connect. What it returns waits until that is done.
	dial(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) (dialled func() end)
	// The others must be refused, and return the answer's status and words.
	refusedListening(t *testing.T, cfg relayclient.Config) (status int, words string)
	refusedSending(t *testing.T, cfg relayclient.Config) (status int, words string)
}

// An end is one end of a relayed connection.
type end interface {
	path() string // this and the query are what the sender asked for
	query() string
	subprotocol() string
	send(t *testing.T, m relayclient.Message)
	receive(t *testing.T) relayclient.Message
	close(t *testing.T, code int, reason string)
	closed(t *testing.T) (code int, reason string) // waits for the other end's Close
}

// ours is the client under test.
type ours struct{}

func (ours) listen(t *testing.T, cfg relayclient.Config) func() end {
	l := listen(t, cfg)
	return func() end {
		c, err := l.Accept(t.Context())
		return newOurEnd(t, c, err)
	}
}

func (ours) dial(t *testing.T, cfg relayclient.Config, opt relayclient.DialOptions) func() end {
	c, err := relayclient.Dial(t.Context(), cfg, opt)
	return func() end { return newOurEnd(t, c, err) }
}

func (ours) refusedListening(t *testing.T, cfg relayclient.Config) (int, string) {
	_, err := relayclient.Listen(t.Context(), cfg)
	return refusal(t, err)
}

func (ours) refusedSending(t *testing.T, cfg relayclient.Config) (int, string) {
	_, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
	return refusal(t, err)
}

func refusal(t *testing.T, err error) (int, string) {
	t.Helper()
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) {
		t.Fatalf("error = %v, want a refusal", err)
	}
	return he.StatusCode, he.Reason
}

type ourEnd struct{ *relayclient.Conn }

func newOurEnd(t *testing.T, c *relayclient.Conn, err error) end {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseNow)
	return ourEnd{c}
}

func (e ourEnd) path() string        { return e.Info().Path }
func (e ourEnd) query() string       { return e.Info().Query }
func (e ourEnd) subprotocol() string { return e.Subprotocol() }

func (e ourEnd) send(t *testing.T, m relayclient.Message) { t.Helper(); mustWrite(t, e.Conn, m) }

func (e ourEnd) receive(t *testing.T) relayclient.Message {
	t.Helper()
	m, err := e.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (e ourEnd) close(t *testing.T, code int, reason string) {
	t.Helper()
	if err := e.CloseWrite(code, reason); err != nil {
		t.Fatal(err)
	}
}

func (e ourEnd) closed(t *testing.T) (int, string) {
	t.Helper()
	_, err := e.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) {
		t.Fatalf("read error = %v, want a Close", err)
	}
	if err := e.Close(1000, ""); err != nil {
		t.Fatal(err)
	}
	return ce.Code, ce.Reason
}

// TestMicrosoftsClient runs hyco-ws as the listener of our sender, as the
// sender to our listener, and as both.
func TestMicrosoftsClient(t *testing.T) {
	m := needMicrosoft(t)
	for name, with := range map[string]func(hycoWS) (listener, sender client){
		"hyco-ws listener, our sender": func(h hycoWS) (client, client) { return h, ours{} },
		"our listener, hyco-ws sender": func(h hycoWS) (client, client) { return ours{}, h },
		"hyco-ws listener and sender":  func(h hycoWS) (client, client) { return h, h },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // starting Node takes a while
			start := func(t *testing.T) (r *localrelay.Relay, listener, sender client) {
				r = localrelaytest.New(t)
				listener, sender = with(hycoWS{m.trusting(t, r)})
				return r, listener, sender
			}
			t.Run("conversation, closed by the sender", func(t *testing.T) {
				r, listener, sender := start(t)
				accept := listener.listen(t, config(t, r, "hyco", "listen"))
				dialled := sender.dial(t, config(t, r, "hyco", "send"), relayclient.DialOptions{})
				l, s := accept(), dialled()
				converse(t, s, l)
				wantClosed(t, s, l)
			})
			t.Run("subprotocol, path and query, closed by the listener", func(t *testing.T) {
				r, listener, sender := start(t)
				accept := listener.listen(t, config(t, r, "hyco", "listen"))
				opt := relayclient.DialOptions{Path: "/live/a%20b", Query: "room=7&x=%c3%b8&room=8", Subprotocols: []string{"stomp.v2", "stomp.v1"}}
				dialled := sender.dial(t, config(t, r, "hyco", "send"), opt)
				l, s := accept(), dialled()
				if l.path() != opt.Path || l.query() != opt.Query {
					t.Errorf("the listener sees path %q and query %q, want %q and %q", l.path(), l.query(), opt.Path, opt.Query)
				}
				if l.subprotocol() != "stomp.v2" || s.subprotocol() != "stomp.v2" {
					t.Errorf("subprotocols are %q at the listener and %q at the sender, want the first offered", l.subprotocol(), s.subprotocol())
				}
				converse(t, l, s)
				wantClosed(t, l, s)
			})
			t.Run("refusals", func(t *testing.T) {
				r, listener, sender := start(t)
				wrong := config(t, r, "hyco", "both")
				wrong.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
				unknown := config(t, r, "hyco", "root")
				unknown.HybridConnection = "nowhere"

				status, words := listener.refusedListening(t, wrong)
				wantRefusal(t, "listening with a wrong key", status, words, 401, "The token has an invalid signature")
				status, words = sender.refusedSending(t, wrong)
				wantRefusal(t, "sending with a wrong key", status, words, 401, "The token has an invalid signature")
				status, words = sender.refusedSending(t, config(t, r, "hyco", "send"))
				wantRefusal(t, "sending to nobody", status, words, 404, "There are no listeners connected for the endpoint")
				status, words = listener.refusedListening(t, unknown)
				wantRefusal(t, "listening under an unknown name", status, words, 404, "Endpoint does not exist")
			})
		})
	}
}

// TestMicrosoftsListenerComesBack cuts the control channel under hyco-ws, as
// a failing network would.
func TestMicrosoftsListenerComesBack(t *testing.T) {
	m := needMicrosoft(t)
	r := localrelaytest.New(t)
	p := hycoWS{m.trusting(t, r)}.startListener(t, config(t, r, "hyco", "listen"))
	p.await(t, "listening")
	dialled := ours{}.dial(t, config(t, r, "hyco", "send"), relayclient.DialOptions{})
	l, s := newNodeEnd(t, p), dialled()
	if n := r.DropControlChannels("hyco"); n != 1 {
		t.Fatalf("dropped %d control channels, want 1", n)
	}
	p.await(t, "lost")
	p.await(t, "listening")
	converse(t, l, s) // the data connection is still the same
	wantClosed(t, l, s)
}

// converse sends each kind of message from one end to the other and back.
func converse(t *testing.T, one, other end) {
	t.Helper()
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	for _, m := range []relayclient.Message{text("hello"), binary("\x00\xff"), text("grüße 🌍"), text(""), binary(""), text(big), binary(big)} {
		for _, way := range [][2]end{{one, other}, {other, one}} {
			way[0].send(t, m)
			got := way[1].receive(t)
			if got.Binary != m.Binary || string(got.Data) != string(m.Data) {
				t.Fatalf("received binary=%v %.60q (%d bytes), want binary=%v %.60q (%d bytes)",
					got.Binary, got.Data, len(got.Data), m.Binary, m.Data, len(m.Data))
			}
		}
	}
}

// wantClosed closes one end and looks at what both see of it.
func wantClosed(t *testing.T, closer, other end) {
	t.Helper()
	const code, reason = 4321, "grüße"
	closer.close(t, code, reason)
	if gotCode, gotReason := other.closed(t); gotCode != code || gotReason != reason {
		t.Errorf("the other end was closed with %d %q, want %d %q", gotCode, gotReason, code, reason)
	}
	closer.closed(t) // with a code that each client chooses by itself
}

func wantRefusal(t *testing.T, what string, gotStatus int, gotWords string, status int, words string) {
	t.Helper()
	if gotStatus != status || !strings.HasPrefix(gotWords, words) {
		t.Errorf("%s was answered with %d %q, want %d %q", what, gotStatus, gotWords, status, words)
	}
}
