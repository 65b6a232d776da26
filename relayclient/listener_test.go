package relayclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestTextAndBinaryBothWays(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	listening, sending := pair(t, l, config(t, r, "hyco", "send"))
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB, in many fragments
	for _, m := range []relayclient.Message{text("hello"), binary("\x00\xff"), text(""), binary(""), text("grüße 🌍"), text(big), binary(big)} {
		mustWrite(t, sending, m)
		mustRead(t, listening, m)
		mustWrite(t, listening, m)
		mustRead(t, sending, m)
	}
	if listening.ID() != sending.ID() {
		t.Errorf("the ends know the connection as %s and %s", listening.ID(), sending.ID())
	}
}

func TestTextMustBeUTF8(t *testing.T) {
	r := localrelaytest.New(t)
	listening, sending := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	if err := sending.Write(t.Context(), text("\xff")); err == nil {
		t.Error("text that is not UTF-8 was sent")
	}
	mustWrite(t, sending, text("still open"))
	mustRead(t, listening, text("still open"))
}

func TestCloseCodesBothWays(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	for _, fromSender := range []bool{true, false} {
		for _, want := range []relayclient.CloseError{{Code: 1000, Reason: "bye"}, {Code: 4321, Reason: "grüße"}, {Code: 1005}} {
			t.Run(fmt.Sprintf("from sender %v with %d", fromSender, want.Code), func(t *testing.T) {
				closer, other := pair(t, l, config(t, r, "hyco", "send"))
				if fromSender {
					closer, other = other, closer
				}
				closed := make(chan error, 1)
				go func() { closed <- closer.Close(want.Code, want.Reason) }()
				_, err := other.Read(t.Context())
				var ce *relayclient.CloseError
				if !errors.As(err, &ce) || *ce != want {
					t.Errorf("read error = %v, want %v", err, &want)
				}
				if err := other.Close(1000, ""); err != nil {
					t.Error(err)
				}
				if err := <-closed; err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestHalfClose(t *testing.T) {
	r := localrelaytest.New(t)
	listening, sending := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	if err := sending.CloseWrite(1000, "done asking"); err != nil {
		t.Fatal(err)
	}
	if err := sending.Write(t.Context(), text("late")); !errors.Is(err, relayclient.ErrAlreadyClosing) {
		t.Errorf("write after CloseWrite: %v", err)
	}
	var ce *relayclient.CloseError
	if _, err := listening.Read(t.Context()); !errors.As(err, &ce) {
		t.Fatalf("read error = %v, want a close", err)
	}
	mustWrite(t, listening, text("an answer all the same"))
	mustRead(t, sending, text("an answer all the same"))
	if err := listening.Close(1000, ""); err != nil {
		t.Error(err)
	}
	if _, err := sending.Read(t.Context()); !errors.As(err, &ce) {
		t.Errorf("read error = %v, want a close", err)
	}
}

func TestPeerCrash(t *testing.T) {
	r := localrelaytest.New(t)
	listening, sending := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	listening.CloseNow()
	_, err := sending.Read(t.Context())
	var ce *relayclient.CloseError
	if err == nil || errors.As(err, &ce) {
		t.Errorf("read error = %v, want one that is no Close", err)
	}
	<-sending.Done()
}

func TestCancelledReadBreaksTheConnection(t *testing.T) {
	r := localrelaytest.New(t)
	_, sending := pair(t, listen(t, config(t, r, "hyco", "listen")), config(t, r, "hyco", "send"))
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := sending.Read(ctx); !errors.Is(err, stop) {
		t.Errorf("read error = %v", err)
	}
}

func TestRefusals(t *testing.T) {
	r := localrelaytest.New(t)
	wrongKey := config(t, r, "hyco", "both")
	wrongKey.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	unknown := config(t, r, "hyco", "root")
	unknown.HybridConnection = "nowhere"
	other := config(t, r, "hyco", "both")
	other.Token = audience{other.Token, relayclient.Audience(r.Namespace(), "open")}
	expired := config(t, r, "hyco", "both")
	cs, err := r.ConnectionString("hyco", "both")
	if err != nil {
		t.Fatal(err)
	}
	expired.Token = relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key, Lifetime: -time.Hour}

	for name, tt := range map[string]struct {
		cfg      relayclient.Config
		sentinel error
		cause    relayclient.Cause
		sender   bool
	}{
		"wrong key":               {wrongKey, relayclient.ErrUnauthorized, relayclient.CauseBadSignature, false},
		"wrong key, sender":       {wrongKey, relayclient.ErrUnauthorized, relayclient.CauseBadSignature, true},
		"expired":                 {expired, relayclient.ErrUnauthorized, relayclient.CauseExpired, false},
		"other audience":          {other, relayclient.ErrUnauthorized, relayclient.CauseWrongAudience, false},
		"no Listen right":         {config(t, r, "hyco", "send"), relayclient.ErrUnauthorized, relayclient.CauseMissingRight, false},
		"no Send right":           {config(t, r, "hyco", "listen"), relayclient.ErrUnauthorized, relayclient.CauseMissingRight, true},
		"unknown name":            {unknown, relayclient.ErrNotFound, relayclient.CauseNoSuchEntity, false},
		"unknown name, sender":    {unknown, relayclient.ErrNotFound, relayclient.CauseNoSuchEntity, true},
		"nobody listens":          {config(t, r, "hyco", "send"), relayclient.ErrNoListener, relayclient.CauseNoListener, true},
		"anonymous where refused": {func() relayclient.Config { c := config(t, r, "hyco", "send"); c.Token = nil; return c }(), relayclient.ErrUnauthorized, relayclient.CauseMissingToken, true},
	} {
		t.Run(name, func(t *testing.T) {
			op := "listen"
			var err error
			if tt.sender {
				op = "connect"
				_, err = relayclient.Dial(t.Context(), tt.cfg, relayclient.DialOptions{})
			} else {
				_, err = relayclient.Listen(t.Context(), tt.cfg)
			}
			he := wantHandshake(t, err, tt.sentinel, tt.cause)
			if he.Op != op {
				t.Errorf("op = %q, want %q", he.Op, op)
			}
			if strings.Contains(fmt.Sprintf("%v %+v", err, he), "SharedAccessSignature") {
				t.Errorf("the error shows the token: %+v", he)
			}
		})
	}
}

// audience makes a provider sign for another resource.
type audience struct {
	relayclient.TokenProvider
	resource string
}

func (a audience) Token(ctx context.Context, _ string) (relayclient.Token, error) {
	return a.TokenProvider.Token(ctx, a.resource)
}

func TestListenerNeedsToken(t *testing.T) {
	cfg := relayclient.Config{Namespace: "localhost:1", HybridConnection: "hyco"}
	if _, err := relayclient.Listen(t.Context(), cfg); !errors.Is(err, relayclient.ErrTokenNeeded) {
		t.Errorf("error = %v", err)
	}
}

func TestAnonymousSender(t *testing.T) {
	r := localrelaytest.New(t)
	anonymous := config(t, r, "open", "listen")
	anonymous.Token = nil
	listening, sending := pair(t, listen(t, config(t, r, "open", "listen")), anonymous)
	mustWrite(t, sending, text("who am I"))
	mustRead(t, listening, text("who am I"))
}

func TestUntrustedCertificate(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "both")
	cfg.RootCAs = nil
	_, err := relayclient.Listen(t.Context(), cfg)
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("error = %v, want an unknown authority", err)
	}
}

func TestWhatTheSenderAskedFor(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	opt := relayclient.DialOptions{
		Path: "/live/a%2Fb", Query: "room=7&x=%c3%b8&room=8",
		Header: map[string][]string{"X-Tenant": {"blue"}}, Subprotocols: []string{"stomp.v2", "stomp.v1"},
	}
	dialled := make(chan *relayclient.Conn, 1)
	go func() {
		c, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), opt)
		if err != nil {
			t.Error(err)
		}
		dialled <- c
	}()
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	info := c.Info()
	if info.Path != opt.Path || info.Query != opt.Query || info.Header.Get("X-Tenant") != "blue" || info.RemoteAddress == "" {
		t.Errorf("info = %+v, want what was sent", info)
	}
	if info.Header.Get("ServiceBusAuthorization") != "" {
		t.Error("the sender's token reached the listener")
	}
	s := <-dialled
	if s == nil {
		return
	}
	defer s.CloseNow()
	if c.Subprotocol() != "stomp.v2" || s.Subprotocol() != "stomp.v2" {
		t.Errorf("subprotocols %q and %q, want the first offered", c.Subprotocol(), s.Subprotocol())
	}
}

func TestReconnectKeepsDataConnections(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Timing = quick
	events := watch(&cfg)
	l := listen(t, cfg)
	await(t, events, "online", state(relayclient.Online))
	listening, sending := pair(t, l, config(t, r, "hyco", "send"))
	for range 3 {
		mustWrite(t, sending, text("before the cut"))
		if n := r.DropControlChannels("hyco"); n != 1 {
			t.Fatalf("dropped %d control channels, want 1", n)
		}
		lost := await(t, events, "waiting", state(relayclient.Waiting))
		if lost.Err == nil {
			t.Error("the loss has no reason")
		}
		await(t, events, "online again", state(relayclient.Online))
		mustRead(t, listening, text("before the cut"))
		mustWrite(t, listening, text("after the cut"))
		mustRead(t, sending, text("after the cut"))
	}
	again, other := pair(t, l, config(t, r, "hyco", "send"))
	mustWrite(t, other, text("new connection"))
	mustRead(t, again, text("new connection"))
}

func TestRoutineRestartIsTriedAtOnce(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	cfg.Timing = quick
	events := watch(&cfg)
	listen(t, cfg)
	await(t, events, "online", state(relayclient.Online))
	r.CloseControlChannels("hyco", 1011, "NameRenewalFailed. TrackingId:abc_G1")
	lost := await(t, events, "waiting", state(relayclient.Waiting))
	var ce *relayclient.CloseError
	if !errors.As(lost.Err, &ce) || ce.Code != 1011 || ce.Reason != "NameRenewalFailed" || ce.TrackingID != "abc_G1" {
		t.Errorf("reason of the loss = %+v", lost.Err)
	}
	await(t, events, "online again", state(relayclient.Online))
}

func TestUnknownNameEndsTheListener(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "root")
	cfg.Timing = quick
	l := listen(t, cfg)
	r.RemoveEntity("hyco")
	if _, err := l.Accept(t.Context()); !errors.Is(err, relayclient.ErrNotFound) {
		t.Errorf("Accept error = %v, want not found", err)
	}
}

func TestKeepTryingUntilItWorks(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "both")
	good := cfg.Token
	cfg.KeepTrying, cfg.Timing = true, quick
	bad := relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	attempts := 0
	cfg.Token = providerFunc(func(ctx context.Context, audience string) (relayclient.Token, error) {
		if attempts++; attempts < 3 {
			return bad.Token(ctx, audience)
		}
		return good.Token(ctx, audience)
	})
	events := watch(&cfg)
	listen(t, cfg)
	for range 2 {
		ev := await(t, events, "waiting", state(relayclient.Waiting))
		if !errors.Is(ev.Err, relayclient.ErrUnauthorized) || ev.RetryIn < 10*time.Millisecond {
			t.Errorf("waiting %v after %v, want the longest delay after a rejected token", ev.RetryIn, ev.Err)
		}
	}
	await(t, events, "online", state(relayclient.Online))
}

func TestKeepTryingStopsWithItsContext(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "both")
	cfg.Token = relayclient.SharedAccessKey{KeyName: "both", Key: localrelay.NewKey()}
	cfg.KeepTrying = true // with the real delays: 30 s after a rejected token
	events := watch(&cfg)
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := relayclient.Listen(ctx, cfg)
		done <- err
	}()
	await(t, events, "waiting", state(relayclient.Waiting))
	cancel(stop)
	if err := <-done; !errors.Is(err, stop) {
		t.Errorf("error = %v", err)
	}
}

type providerFunc func(ctx context.Context, audience string) (relayclient.Token, error)

func (f providerFunc) Token(ctx context.Context, audience string) (relayclient.Token, error) {
	return f(ctx, audience)
}

func TestRenewal(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.TokenGrace = -1 })
	cfg := config(t, r, "hyco", "both")
	key := cfg.Token.(relayclient.SharedAccessKey)
	key.Lifetime = 3 * time.Second
	cfg.Token = key
	events := watch(&cfg)
	listen(t, cfg)
	online := await(t, events, "online", state(relayclient.Online))
	renewed := await(t, events, "renewal", kind(relayclient.TokenRenewed))
	if !renewed.TokenExpires.After(online.TokenExpires) {
		t.Errorf("renewed until %v, was good until %v", renewed.TokenExpires, online.TokenExpires)
	}
	// The second one comes after the first token's end: the relay took the first.
	second := await(t, events, "second renewal", func(ev relayclient.Event) bool {
		return ev.Kind == relayclient.TokenRenewed || ev.Kind == relayclient.StateChanged
	})
	if second.Kind != relayclient.TokenRenewed || !second.Time.After(online.TokenExpires) {
		t.Errorf("got %v %v at %v, want a renewal after %v", second.Kind, second.Err, second.Time, online.TokenExpires)
	}
}

// Whoever issues tokens may hand out the old one for a while.
func TestRenewalThatComesLate(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.TokenGrace = -1 })
	cfg := config(t, r, "hyco", "both")
	key := cfg.Token.(relayclient.SharedAccessKey)
	key.Lifetime = 4 * time.Second
	var asked atomic.Int64
	var old relayclient.Token
	cfg.Token = providerFunc(func(ctx context.Context, audience string) (token relayclient.Token, err error) {
		if n := asked.Add(1); n == 2 || n == 3 { // calls for one listener come one after the other
			return old, nil
		}
		old, err = key.Token(ctx, audience)
		return old, err
	})
	cfg.Timing = relayclient.Timing{RenewLate: time.Millisecond}
	events := watch(&cfg)
	listen(t, cfg)
	online := await(t, events, "online", state(relayclient.Online))
	await(t, events, "renewal failed", kind(relayclient.RenewalFailed))
	next := await(t, events, "renewed", func(ev relayclient.Event) bool {
		return ev.Kind == relayclient.RenewalFailed || ev.Kind == relayclient.TokenRenewed || ev.Kind == relayclient.StateChanged
	})
	if next.Kind != relayclient.TokenRenewed || !next.TokenExpires.After(online.TokenExpires) {
		t.Errorf("got %v, want one renewal without another complaint", next)
	}
}

func TestTokenThatCannotBeRenewed(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.TokenGrace = -1 })
	cfg := config(t, r, "hyco", "both")
	key := cfg.Token.(relayclient.SharedAccessKey)
	key.Lifetime = 3 * time.Second
	token, err := key.Token(t.Context(), relayclient.Audience(r.Namespace(), "hyco"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Token, cfg.Timing = relayclient.StaticToken(token), quick
	events := watch(&cfg)
	listen(t, cfg)
	ev := await(t, events, "renewal failed", kind(relayclient.RenewalFailed))
	if !errors.Is(ev.Err, relayclient.ErrNotRenewable) {
		t.Errorf("renewal failed with %v", ev.Err)
	}
	lost := await(t, events, "waiting", state(relayclient.Waiting))
	var ce *relayclient.CloseError
	if !errors.As(lost.Err, &ce) || ce.Code != 1008 {
		t.Errorf("lost with %v, want 1008", lost.Err)
	}
	refused := await(t, events, "refused", func(ev relayclient.Event) bool {
		return ev.State == relayclient.Waiting && errors.Is(ev.Err, relayclient.ErrUnauthorized)
	})
	wantHandshake(t, refused.Err, relayclient.ErrUnauthorized, relayclient.CauseExpired)
}

func TestKeepAliveNoticesADeadPeer(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	cfg := config(t, r, "hyco", "send")
	cfg.Timing = relayclient.Timing{Ping: 20 * time.Millisecond, Pong: 300 * time.Millisecond}
	listening, sending := pair(t, l, cfg)
	// Many times the keep-alive's patience: PONGs alone keep it open.
	quiet, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	reading := make(chan error, 1)
	go func() {
		_, err := sending.Read(t.Context())
		reading <- err
	}()
	select {
	case err := <-reading:
		t.Fatalf("a quiet connection broke: %v", err)
	case <-quiet.Done():
	}
	mustWrite(t, listening, text("still there"))
	if err := <-reading; err != nil {
		t.Fatal(err)
	}
}

func TestCloseListenerLeavesAcceptedConnections(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	listening, sending := pair(t, l, config(t, r, "hyco", "send"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(t.Context()); !errors.Is(err, relayclient.ErrClosed) {
		t.Errorf("Accept error = %v", err)
	}
	mustWrite(t, sending, text("still here"))
	mustRead(t, listening, text("still here"))
	_, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
	wantHandshake(t, err, relayclient.ErrNoListener, relayclient.CauseNoListener)
}

func TestCloseTellsThoseNotAccepted(t *testing.T) {
	r := localrelaytest.New(t)
	cfg := config(t, r, "hyco", "listen")
	events := watch(&cfg)
	l := listen(t, cfg)
	sending, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	await(t, events, "connected", kind(relayclient.Connected))
	closed := make(chan struct{})
	go func() { l.Close(); close(closed) }()
	_, err = sending.Read(t.Context())
	var ce *relayclient.CloseError
	if !errors.As(err, &ce) || ce.Code != 1001 {
		t.Errorf("read error = %v, want 1001", err)
	}
	sending.Close(1000, "")
	<-closed
}

func TestCancelDialQuickly(t *testing.T) {
	r := localrelaytest.New(t)
	// A listener that never takes up an invitation: a raw control channel.
	silentListener(t, r, "hyco")
	cfg := config(t, r, "hyco", "send")
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer time.AfterFunc(50*time.Millisecond, func() { cancel(stop) }).Stop()
	if _, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{}); !errors.Is(err, stop) {
		t.Errorf("error = %v", err) // 30 s later it would be the relay's refusal
	}
}

func TestAcceptTimeout(t *testing.T) {
	r := localrelaytest.New(t, func(c *localrelay.Config) { c.AcceptTimeout = 50 * time.Millisecond })
	silentListener(t, r, "hyco")
	_, err := relayclient.Dial(t.Context(), config(t, r, "hyco", "send"), relayclient.DialOptions{})
	wantHandshake(t, err, relayclient.ErrAcceptTimeout, relayclient.CauseNobodyAccepted)
}

func TestTextThatIsNotUTF8EndsWith1007(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{RootCAs: r.RootCAs()}}
	ws, _, err := dialer.DialContext(t.Context(), "wss://"+r.Namespace()+"/$hc/hyco", localrelaytest.Header(t, r, "hyco", "send", time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	c, err := l.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.TextMessage, []byte{0xff, 0xfe}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(t.Context()); !errors.Is(err, relayclient.ErrNotText) {
		t.Errorf("read error = %v", err)
	}
	if _, _, err := ws.ReadMessage(); !websocket.IsCloseError(err, 1007) {
		t.Errorf("the sender got %v, want 1007", err)
	}
}

// A write that nobody takes ends after a while; then the reason is told.
func TestWriteThatNobodyReads(t *testing.T) {
	r := localrelaytest.New(t)
	l := listen(t, config(t, r, "hyco", "listen"))
	cfg := config(t, r, "hyco", "send")
	cfg.Timing.Stall = 200 * time.Millisecond
	events := watch(&cfg)
	_, sending := pair(t, l, cfg) // the listening end reads nothing
	var err error
	for range 200 { // far more than every buffer on the way
		if err = sending.Write(t.Context(), relayclient.Message{Binary: true, Data: make([]byte, 1<<20)}); err != nil {
			break
		}
	}
	if !errors.Is(err, relayclient.ErrPeerSilent) {
		t.Fatalf("write error = %v", err)
	}
	closed := await(t, events, "closed", kind(relayclient.Closed))
	if !errors.Is(closed.Err, relayclient.ErrPeerSilent) {
		t.Errorf("closed with %v", closed.Err)
	}
}
