package relayclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// A Config says which hybrid connection to use and how. Listen and Dial copy
// it; the same Config may serve both.
type Config struct {
	Namespace        string         // host of the namespace, with ":port" unless that is 443
	HybridConnection string         // name of the hybrid connection, unescaped
	Token            TokenProvider  // nil: anonymous, which only senders may be
	RootCAs          *x509.CertPool // nil: the system's roots
	Logger           *slog.Logger   // nil: no log

	// Proxy returns the proxy for a request to the relay, an http, https or
	// socks5 URL with credentials in it if need be, or nil for none. Of the
	// request's URL only scheme, host and port are set. A nil Proxy goes by
	// HTTPS_PROXY and NO_PROXY.
	Proxy func(*http.Request) (*url.URL, error)

	// ProxySource says in a word or two where Proxy is set, for Phases.Via. It
	// is HTTPS_PROXY if Proxy is nil.
	ProxySource string

	// OnEvent, if set, is told everything that happens. It is called from one
	// goroutine at a time, must return quickly and must not call Close.
	OnEvent func(Event)

	// Admit, if set, decides about every sender that wants to connect to the
	// listener; otherwise all are accepted. Several calls may run at once, each
	// on a goroutine of its own. A call that takes longer than Timing.Decide
	// is told through ctx and counts as a refusal with 503; Close waits for it.
	Admit func(ctx context.Context, info ConnInfo) Verdict

	// Handler, if set, serves the HTTP requests that reach the listener, each on
	// a goroutine of its own and at most 256 at once; otherwise they are
	// answered with 501. The path of a request's URL begins after the hybrid
	// connection's name, which only RequestURI still has.
	//
	// A response of up to 64 KiB that is complete within Timing.Flush goes back
	// on the control channel, any other over a WebSocket of its own: at once,
	// piece by piece, as soon as the handler calls Flush. A request's context
	// ends when its rendezvous is lost, with ErrResponseTimeout as its cause
	// when no response has begun within Timing.Response, and some time after
	// Close. The relay does not tell a listener of a sender that gave up before
	// its response began.
	//
	// The relay carries one value for each header. Several Set-Cookie lines are
	// joined, which no browser understands, and told in the ResponseSent event.
	Handler http.Handler

	// KeepTrying makes Listen go on after a first attempt that failed, as it
	// always does after losing a control channel, until it is online or its
	// context ends. Otherwise Listen returns the first failure.
	KeepTrying bool

	Timing Timing

	resolver *net.Resolver // nil: the system's; tests have their own names
}

// Timing holds the waits of a client. A zero field means its default.
type Timing struct {
	Handshake       time.Duration   // one attempt to open a control channel; default 30 s
	SenderHandshake time.Duration   // a sender waits for a listener to accept; default 70 s, as in the service's SDKs
	Decide          time.Duration   // one call of Admit; default 5 s
	Accept          time.Duration   // dialling a rendezvous; default 20 s, the address is dead after 30 s
	Ping            time.Duration   // between PINGs on every WebSocket; default 30 s, at most 200 s
	Pong            time.Duration   // how much longer than Ping a peer may be silent; default 15 s
	Stall           time.Duration   // how long a write may make no progress; default 2 min
	Close           time.Duration   // waiting for the peer's Close, and for requests being served when the listener closes; default 10 s
	Response        time.Duration   // until a handler's response begins; default 60 s, after which the relay itself answers
	Flush           time.Duration   // how long a response is buffered in the hope that it is small; default 2 s
	Idle            time.Duration   // how long a rendezvous waits for a further request; default 60 s
	Retry           []time.Duration // before each attempt to reconnect, the last one repeats; default 0, 1, 2, 5, 10, 30 s
	TokenRetry      []time.Duration // before each further attempt to get a token for a renewal; default 5, 10 s
	RenewLate       time.Duration   // how much of a token must be left for another renewal after one that failed; default 1 min
}

func orDefault(d *time.Duration, def time.Duration) {
	if *d <= 0 {
		*d = def
	}
}

func (t Timing) withDefaults() Timing {
	orDefault(&t.Handshake, 30*time.Second)
	orDefault(&t.SenderHandshake, 70*time.Second)
	orDefault(&t.Decide, 5*time.Second)
	orDefault(&t.Accept, 20*time.Second)
	orDefault(&t.Ping, 30*time.Second)
	orDefault(&t.Pong, 15*time.Second)
	orDefault(&t.Stall, 2*time.Minute)
	orDefault(&t.Close, 10*time.Second)
	orDefault(&t.Response, 60*time.Second)
	orDefault(&t.Flush, 2*time.Second)
	orDefault(&t.Idle, 60*time.Second)
	orDefault(&t.RenewLate, time.Minute)
	t.Ping = min(t.Ping, 200*time.Second)
	if len(t.Retry) == 0 {
		t.Retry = []time.Duration{0, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second}
	}
	if t.TokenRetry == nil {
		t.TokenRetry = []time.Duration{5 * time.Second, 10 * time.Second}
	}
	return t
}

// prepare checks cfg and fills in what was left out.
func (cfg Config) prepare() (Config, error) {
	namespace, err := CleanNamespace(cfg.Namespace)
	if err != nil {
		return cfg, fmt.Errorf("namespace %w", err)
	}
	name, err := CleanHybridConnection(cfg.HybridConnection)
	if err != nil {
		return cfg, fmt.Errorf("hybrid connection %w", err)
	}
	cfg.Namespace, cfg.HybridConnection = namespace, name
	cfg.Timing = cfg.Timing.withDefaults()
	if cfg.Proxy == nil {
		cfg.Proxy, cfg.ProxySource = ProxyFromEnvironment, "HTTPS_PROXY"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Logger = cfg.Logger.With("namespace", namespace, "hybrid_connection", name)
	return cfg, nil
}

func (cfg *Config) tls(host string, curves []tls.CurveID) *tls.Config {
	return &tls.Config{
		ServerName:       host,
		RootCAs:          cfg.RootCAs,
		MinVersion:       tls.VersionTLS12,
		CurvePreferences: curves,
		NextProtos:       []string{"http/1.1"}, // WebSocket upgrades do not exist in HTTP/2 here
	}
}

// ErrNoCertificates means that a PEM text holds no certificate.
var ErrNoCertificates = errors.New("no certificate in the PEM text")

// Roots returns the system's roots with the certificates in pem added, for
// Config.RootCAs. An empty pem gives nil, which means the system's roots.
func Roots(pem []byte) (*x509.CertPool, error) {
	if len(pem) == 0 {
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's certificates: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, ErrNoCertificates
	}
	return pool, nil
}
