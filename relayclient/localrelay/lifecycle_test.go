package localrelay_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

func TestCloseEndsEverything(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	sender, listener := joined(t, r, control)
	waiting := connect(t, r, "hyco", token(t, r, "send"))
	invited(t, control)
	var readers sync.WaitGroup
	for _, ws := range []*websocket.Conn{control, sender, listener} {
		readers.Go(func() { wantClose(t, ws, websocket.CloseGoingAway) })
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	readers.Wait()
	wantStatus(t, (<-waiting).resp, "503 The relay is being stopped.")
	if err := r.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
	if _, err := net.Dial("tcp", r.Namespace()); err == nil {
		t.Error("the port is still open")
	}
}

// Clients that answer nothing cannot hold up Close, and nothing of the relay
// keeps running behind it.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	r, err := localrelay.Start(localrelay.Config{Entities: []localrelay.Entity{{Name: "hyco", Anonymous: true}},
		Rules: []localrelay.Rule{
			{Name: "listen", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen},
			{Name: "send", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Send},
		}})
	if err != nil {
		t.Fatal(err)
	}
	control := listen(t, r, "")
	joined(t, r, control) // its ends read nothing
	rawUpgrade(t, r, "hyco", nil)
	invited(t, control)
	silent, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: r.RootCAs()})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	tcp, err := net.Dial("tcp", r.Namespace())
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	r.Close()
	wantNoGoroutine(t)
}

// wantNoGoroutine waits until nothing of a relay runs any more.
func wantNoGoroutine(t *testing.T) {
	t.Helper()
	// A goroutine that has told the WaitGroup may need a moment for its return.
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if !strings.Contains(all, "localrelay.(*") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still running:\n%s", all)
		}
	}
}

func TestWaitIdle(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.WaitIdle(ctx); err == nil {
		t.Error("with a listener online the relay is idle")
	}
	control.Close()
	ctx, cancel = context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.WaitIdle(ctx); err != nil {
		t.Error(err)
	}
}

func TestStartRefuses(t *testing.T) {
	rule := localrelay.Rule{Name: "r", PrimaryKey: localrelay.NewKey(), Rights: localrelay.Listen}
	with := func(change func(*localrelay.Rule)) localrelay.Config {
		changed := rule
		change(&changed)
		return localrelay.Config{Entities: []localrelay.Entity{{Name: "a", Rules: []localrelay.Rule{changed}}}}
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, cfg := range map[string]localrelay.Config{
		"every interface":   {Listen: "0.0.0.0:0"},
		"no host":           {Listen: ":0"},
		"another host":      {Listen: "192.0.2.1:0"},
		"a host name":       {Listen: "example.invalid:0"},
		"no port":           {Listen: "127.0.0.1"},
		"port taken":        {Listen: "localhost:" + strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)},
		"no name":           {Entities: []localrelay.Entity{{Name: "/"}}},
		"bad name":          {Entities: []localrelay.Entity{{Name: "a?b"}}},
		"one name twice":    {Entities: []localrelay.Entity{{Name: "a/b"}, {Name: "A/B"}}},
		"one rule twice":    {Rules: []localrelay.Rule{rule, rule}},
		"rule without name": with(func(r *localrelay.Rule) { r.Name = "" }),
		"rule without key":  with(func(r *localrelay.Rule) { r.PrimaryKey = relayclient.Secret{} }),
		"no rights":         with(func(r *localrelay.Rule) { r.Rights = 0 }),
		"unknown right":     with(func(r *localrelay.Rule) { r.Rights = 8 }),
		"Manage alone":      with(func(r *localrelay.Rule) { r.Rights = localrelay.Manage }),
	} {
		if r, err := localrelay.Start(cfg); err == nil {
			r.Close()
			t.Errorf("%s: it started", name)
		}
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:0", "localhost:0"} {
		r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Listen = address })
		conn, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(r.Port())), &tls.Config{RootCAs: r.RootCAs()})
		if err != nil {
			t.Fatalf("%q: %v", address, err)
		}
		conn.Close()
		if want := fmt.Sprintf("%s:%d", r.Host(), r.Port()); r.Namespace() != want || r.Host() != "localhost" {
			t.Errorf("namespace is %q, want %q", r.Namespace(), want)
		}
	}
}

func TestCertificate(t *testing.T) {
	r := localrelaytest.New(t)
	block, rest := pem.Decode(r.CertificatePEM())
	if block == nil || len(rest) > 0 {
		t.Fatal("the authority is not one PEM block")
	}
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if got := authority.Subject.CommonName; got != "Relayscope local relay CA" || !authority.IsCA {
		t.Errorf("authority is %q, CA %v", got, authority.IsCA)
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
		conn, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: pool, ServerName: name, NextProtos: []string{"h2", "http/1.1"}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		state := conn.ConnectionState()
		conn.Close()
		leaf := state.PeerCertificates[0]
		if life := leaf.NotAfter.Sub(leaf.NotBefore); life > 397*24*time.Hour || time.Since(leaf.NotBefore) < 59*time.Minute {
			t.Errorf("the certificate is valid from %v for %v", leaf.NotBefore, life)
		}
		if leaf.IsCA || len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageServerAuth {
			t.Errorf("the certificate is a CA: %v, for usages %v", leaf.IsCA, leaf.ExtKeyUsage)
		}
		if state.NegotiatedProtocol != "http/1.1" {
			t.Errorf("negotiated %q", state.NegotiatedProtocol)
		}
	}
	old := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	if conn, err := tls.Dial("tcp", r.Namespace(), old); err == nil {
		conn.Close()
		t.Error("TLS 1.1 was accepted")
	}
}

func TestConnectionString(t *testing.T) {
	r := localrelaytest.New(t)
	for _, tt := range []struct{ entity, rule, wantEntity, wantRule string }{
		{"HYCO", "Both", "hyco", "both"},
		{"hyco", "root", "hyco", "root"},
		{"", "root", "", "root"},
	} {
		cs, err := r.ConnectionString(tt.entity, tt.rule)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := relayclient.ParseConnectionString(cs.Reveal())
		if err != nil || parsed.Namespace != r.Namespace() || parsed.HybridConnection != tt.wantEntity || parsed.KeyName != tt.wantRule || parsed.Key.Empty() {
			t.Errorf("%s, %s: got %v, %v", tt.entity, tt.rule, parsed, err)
		}
	}
	for _, pair := range [][2]string{{"nowhere", "root"}, {"hyco", "nobody"}, {"", "both"}} {
		if cs, err := r.ConnectionString(pair[0], pair[1]); err == nil {
			t.Errorf("%q: got %v", pair, cs)
		}
	}
}

func TestEntities(t *testing.T) {
	r := localrelaytest.New(t)
	control := listen(t, r, "")
	sender, listener := joined(t, r, control)
	want := []localrelay.EntityStatus{{Name: "hyco", Listeners: 1, Connections: 1}, {Name: "open", Anonymous: true}}
	if got := r.Entities(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, ws := range []*websocket.Conn{sender, listener, control} {
		ws.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

// A lockedBuffer may be written to from several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func TestLogHasNoSecret(t *testing.T) {
	var log lockedBuffer
	r := localrelaytest.New(t, func(cfg *localrelay.Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	text := tokenText(t, r, "hyco", "both", time.Hour)
	_, sig, _ := strings.Cut(text, "&sig=")
	sig, _, _ = strings.Cut(sig, "&")
	control := listen(t, r, "")
	send(t, control, websocket.TextMessage, renewal(t, text))
	send(t, control, websocket.TextMessage, `{"unknown":"`+text+`"}`)
	pending := connect(t, r, "hyco", token(t, r, "send"))
	inv := invited(t, control)
	refused(t, r, strings.Replace(inv.Address, "action=accept", "action=dance", 1), nil)
	refused(t, r, inv.Address+"&sb-hc-statusCode=400", nil)
	<-pending
	refused(t, r, address(r, "hyco?sb-hc-action=listen"), token(t, r, "send"))
	r.Close()
	cs, err := r.ConnectionString("hyco", "both")
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{"key": cs.Key.Reveal(), "signature": sig, "rendezvous id": inv.ID} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the %s is in the log:\n%s", name, log.String())
		}
	}
	if !strings.Contains(log.String(), "token renewed") || !strings.Contains(log.String(), "unknown command ignored") {
		t.Errorf("the log says too little:\n%s", log.String())
	}
}
