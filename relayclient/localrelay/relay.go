// Package localrelay is a relay for hybrid connections on the loopback
// interface. It speaks Azure Relay's protocol over TLS, strictly enough that
// Microsoft's own clients work with it: registration, rendezvous, rejection,
// renewal, the status lines and the close codes.
//
// HTTP requests are relayed too. One with a body of up to 64 KiB goes over the
// control channel, any other over a rendezvous, where it is streamed. The
// listener may answer on the control channel or over a rendezvous, which the
// relay closes after the answer. Answers may be streamed; the first line of
// one must come within 60 seconds.
//
// It models one namespace, localhost:PORT, with one gateway node. Tokens are
// shared access signatures and, where Config names an Issuer, JSON Web Tokens
// signed by it, as Microsoft Entra ID makes them; it asks no one else about
// them. Of the management API it knows how to read the hybrid connections, not
// how to change them. It does not know throttling. What can go wrong with the
// service goes wrong here on request, with Inject, and Deviations lists what
// clients do otherwise than the protocol asks for.
//
// A fragmented WebSocket message is passed on piece by piece, but a piece
// smaller than 64 KiB waits for more or for the end of its message.
package localrelay

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Config says how a Relay is to work. The zero value is a relay without
// hybrid connections on a port of the system's choice.
type Config struct {
	// Listen is the TCP address, which must be a loopback one. The host
	// localhost stands for 127.0.0.1 and, where there is IPv6, ::1 as well.
	// "" means localhost:0.
	Listen   string
	Entities []Entity
	Rules    []Rule   // shared access policies of the namespace
	Issuers  []Issuer // of JSON Web Tokens; none means that only shared access signatures count

	// AcceptTimeout is how long a sender waits for a listener; 0 means 30
	// seconds, as in the service.
	AcceptTimeout time.Duration
	// ResponseTimeout is how long a listener has to answer an HTTP request; 0
	// means 60 seconds, as in the service.
	ResponseTimeout time.Duration
	// TokenGrace is how long a control channel outlives its token; 0 means 5
	// minutes, roughly as in the service, and a negative value not at all.
	TokenGrace time.Duration
	// Logger receives what happens; nil discards it. No token, key or
	// rendezvous id is ever logged.
	Logger *slog.Logger

	// OnDeviation, if set, is told whenever a client does not do as the
	// protocol asks, with the count so far. It is called from one goroutine at
	// a time, must return quickly and must not call Close.
	OnDeviation func(Deviation)
}

// timings are the durations that the protocol fixes. Tests shorten them.
type timings struct {
	header    time.Duration // for the TLS handshake, and again for the header of a request
	ping      time.Duration // between PINGs on a control channel
	silence   time.Duration // without any frame, a control channel is dead
	idle      time.Duration // without a frame of the listener's own, the service drops it
	write     time.Duration // for one command or handshake answer
	halfClose time.Duration // for the second Close of a data connection
	closeWait time.Duration // for the peer's answer to our Close
	response  time.Duration // for the answer to an HTTP request
	bodyGap   time.Duration // without a byte, the body of an answer is cut off
}

var defaultTimings = timings{
	header:    30 * time.Second,
	ping:      30 * time.Second,
	silence:   5 * time.Minute, // .NET listeners are silent for 3.5 minutes
	idle:      4 * time.Minute,
	write:     10 * time.Second,
	halfClose: 60 * time.Second,
	closeWait: time.Second,
	response:  60 * time.Second,
	bodyGap:   60 * time.Second,
}

const (
	defaultAcceptTimeout = 30 * time.Second
	defaultTokenGrace    = 5 * time.Minute
	bufferSize           = 64 << 10 // of a piece of a message that is passed on
	maxHeaderBytes       = 32 << 10 // limit of the service for header metadata
)

var errClosed = errors.New("local relay closed")

// A Relay is a running relay. Its methods are safe for concurrent use.
type Relay struct {
	acceptTimeout time.Duration
	tokenGrace    time.Duration
	timings       timings
	log           *slog.Logger
	rules         []Rule
	issuers       []Issuer
	port          int
	authority     *x509.Certificate
	upgrader      websocket.Upgrader

	server     *http.Server
	listeners  []net.Listener
	serving    sync.WaitGroup // one per listener
	sockets    sockets
	cancel     context.CancelCauseFunc // wakes every handler
	stopped    <-chan struct{}         // closed by cancel
	handlers   sync.WaitGroup
	closeOnce  sync.Once
	faults     faults
	deviations deviations

	exchanging atomic.Int64 // HTTP requests being relayed

	mu       sync.Mutex // held for bookkeeping only, never while writing to a socket
	closed   bool
	entities []*entity
	pending  map[string]*pending  // by rendezvous id
	requests map[string]*exchange // HTTP requests not answered yet, likewise
	fates    fates
}

// Start starts a relay. The caller must Close it.
func Start(cfg Config) (*Relay, error) { return start(cfg, defaultTimings) }

func start(cfg Config, t timings) (*Relay, error) {
	if cfg.ResponseTimeout > 0 {
		t.response = cfg.ResponseTimeout
	}
	r := &Relay{
		acceptTimeout: cfg.AcceptTimeout,
		tokenGrace:    cfg.TokenGrace,
		timings:       t,
		log:           cfg.Logger,
		rules:         append([]Rule(nil), cfg.Rules...),
		pending:       map[string]*pending{},
		requests:      map[string]*exchange{},
		upgrader: websocket.Upgrader{
			HandshakeTimeout: t.write,
			WriteBufferSize:  bufferSize,
			// Buffers are held only while a message is on its way.
			WriteBufferPool: &sync.Pool{},
			// Any page may connect: the token decides, not the origin.
			CheckOrigin: func(*http.Request) bool { return true },
		},
	}
	r.deviations.on = cfg.OnDeviation
	if r.acceptTimeout <= 0 {
		r.acceptTimeout = defaultAcceptTimeout
	}
	if r.tokenGrace == 0 {
		r.tokenGrace = defaultTokenGrace
	}
	r.tokenGrace = max(r.tokenGrace, 0)
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if err := checkRules(r.rules); err != nil {
		return nil, fmt.Errorf("start local relay: %w", err)
	}
	issuers, err := checkIssuers(cfg.Issuers)
	if err != nil {
		return nil, fmt.Errorf("start local relay: %w", err)
	}
	r.issuers = issuers
	for _, e := range cfg.Entities {
		if err := r.AddEntity(e); err != nil {
			return nil, fmt.Errorf("start local relay: %w", err)
		}
	}
	authority, certificate, err := newCertificate(time.Now())
	if err != nil {
		return nil, fmt.Errorf("start local relay: %w", err)
	}
	r.authority = authority
	if r.listeners, err = listenLoopback(cfg.Listen); err != nil {
		return nil, fmt.Errorf("start local relay: %w", err)
	}
	r.port = r.listeners[0].Addr().(*net.TCPAddr).Port
	r.serve(certificate)
	r.log.Info("local relay started", "namespace", r.Namespace())
	return r, nil
}

func (r *Relay) serve(certificate tls.Certificate) {
	ctx, cancel := context.WithCancelCause(context.Background())
	r.cancel, r.stopped = cancel, ctx.Done()
	var protocols http.Protocols
	protocols.SetHTTP1(true) // a WebSocket needs the HTTP/1.1 upgrade
	r.server = &http.Server{
		Handler:           http.HandlerFunc(r.handle),
		Protocols:         &protocols,
		ReadHeaderTimeout: r.timings.header,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(r.log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withSocket,
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
	}
	for _, l := range r.listeners {
		r.serving.Go(func() {
			// It always ends with an error: the listener was closed.
			_ = r.server.Serve(tls.NewListener(r.sockets.listener(l), config))
		})
	}
}

// Host returns "localhost", the one host name of the namespace.
func (r *Relay) Host() string { return hostName }

// Port returns the TCP port.
func (r *Relay) Port() int { return r.port }

// Namespace returns "localhost:PORT".
func (r *Relay) Namespace() string { return net.JoinHostPort(hostName, strconv.Itoa(r.port)) }

// WaitIdle waits until no client has a socket open, or for ctx.
func (r *Relay) WaitIdle(ctx context.Context) error {
	select {
	case <-r.sockets.idle():
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for clients to leave: %d sockets are open: %w", r.sockets.count(), context.Cause(ctx))
	}
}

// Close ends everything and waits for every goroutine. Control channels and
// data connections are closed with 1001; whoever does not answer within a
// second is cut off. Closing twice is harmless.
func (r *Relay) Close() error {
	r.closeOnce.Do(r.shutdown)
	return nil
}

func (r *Relay) shutdown() {
	for _, l := range r.listeners {
		l.Close()
	}
	r.mu.Lock()
	r.closed = true
	entities := append([]*entity(nil), r.entities...)
	r.mu.Unlock()
	r.cancel(errClosed)
	for _, e := range entities {
		r.end(e, closing{closeGoingAway, "The relay was stopped"}, stopping)
	}
	r.serving.Wait() // nothing is accepted any more
	finished := make(chan struct{})
	go func() {
		r.handlers.Wait()
		close(finished)
	}()
	patience := time.NewTimer(2 * r.timings.closeWait)
	defer patience.Stop()
	select {
	case <-finished:
	case <-patience.C:
	}
	r.server.Close()
	r.sockets.cut()
	<-finished
	<-r.sockets.idle()
	r.log.Info("local relay stopped", "namespace", r.Namespace())
}
