package doctor_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// mute accepts connections and never says anything.
func mute(t testing.TB) (address string) {
	t.Helper()
	return serve(t, func(conn net.Conn) { io.Copy(io.Discard, conn) })
}

// serve calls f for every connection, and closes all in the end.
func serve(t testing.TB, f func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	work.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			work.Go(func() { f(conn) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	return l.Addr().String()
}

// closedPort is an address on which nothing listens.
func closedPort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// webServer answers over TLS, but is no relay.
func webServer(t testing.TB, handler http.HandlerFunc) (address string, roots *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	roots = x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server.Listener.Addr().String(), roots
}

// sender has settings for an endpoint that is not a relay of the test's.
func sender(namespace string) *relayclient.Config {
	return &relayclient.Config{
		Namespace: namespace, HybridConnection: "hyco", ProxySource: "the test",
		Token: relayclient.SharedAccessKey{KeyName: "send", Key: relayclient.NewSecret(strings.Repeat("k", 43) + "=")},
		Proxy: func(*http.Request) (*url.URL, error) { return nil, nil },
	}
}

func through(cfg *relayclient.Config, address string) *relayclient.Config {
	cfg.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address, User: url.UserPassword("eve", "s3cret")})
	return cfg
}

// nameServer is a resolver that asks a server of the test's own.
func nameServer(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}}
}

func TestWhatIsInTheWay(t *testing.T) {
	for name, tt := range map[string]struct {
		plan     func(t *testing.T) doctor.Plan
		failed   doctor.ID
		headline string // the beginning
		late     bool
		passed   []doctor.ID
	}{
		"no role at all": {
			plan:   func(*testing.T) doctor.Plan { return doctor.Plan{} },
			failed: doctor.Profile, headline: "There is nothing to test",
		},
		"a namespace that is no host": {
			plan:   func(*testing.T) doctor.Plan { return doctor.Plan{Send: sender("not a host")} },
			failed: doctor.Profile, headline: "The settings cannot be used",
		},
		"a listener without a token": {
			plan: func(*testing.T) doctor.Plan {
				return doctor.Plan{Listen: &relayclient.Config{Namespace: "ns.example", HybridConnection: "hyco"}}
			},
			failed: doctor.Profile, headline: "A listener ",
		},
		"DNS server is silent": {
			plan: func(t *testing.T) doctor.Plan {
				return doctor.Plan{Send: sender("contoso.servicebus.windows.net"), Resolver: nameServer(mute(t)), Budget: time.Second}
			},
			failed: doctor.DNS, headline: "The namespace's name could not be looked up in time (gave up after ", late: true, passed: []doctor.ID{doctor.Profile},
		},
		"port is closed": {
			plan:   func(t *testing.T) doctor.Plan { return doctor.Plan{Send: sender(closedPort(t))} },
			failed: doctor.TCP, headline: "DNS is fine, but port PORT is refused", passed: []doctor.ID{doctor.Profile, doctor.DNS, doctor.TokenSend},
		},
		"proxy's port is closed": {
			plan:   func(t *testing.T) doctor.Plan { return doctor.Plan{Send: through(sender("ns.example"), closedPort(t))} },
			failed: doctor.TCP, headline: "The proxy cannot be reached", passed: []doctor.ID{doctor.DNS},
		},
		"proxy is silent": {
			plan: func(t *testing.T) doctor.Plan {
				return doctor.Plan{Send: through(sender("ns.example"), mute(t)), Budget: time.Second}
			},
			failed: doctor.Proxy, headline: "The proxy does not answer", late: true, passed: []doctor.ID{doctor.DNS, doctor.TCP},
		},
		"proxy refuses": {
			plan: func(t *testing.T) doctor.Plan {
				address := serve(t, func(conn net.Conn) {
					conn.Read(make([]byte, 4096))
					io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
				})
				return doctor.Plan{Send: through(sender("ns.example"), address)}
			},
			failed: doctor.Proxy, headline: "The proxy does not let the connection through", passed: []doctor.ID{doctor.TCP},
		},
		"TLS is not answered": {
			plan: func(t *testing.T) doctor.Plan {
				return doctor.Plan{Send: sender(mute(t)), Budget: time.Second}
			},
			failed: doctor.TLS, headline: "DNS and port PORT are fine, but no answer to the TLS handshake", late: true, passed: []doctor.ID{doctor.Proxy, doctor.TCP},
		},
		"not TLS at all": {
			plan: func(t *testing.T) doctor.Plan {
				return doctor.Plan{Send: sender(serve(t, func(conn net.Conn) {
					conn.Read(make([]byte, 4096))
					io.WriteString(conn, "HTTP/1.0 400 Bad Request\r\n\r\n")
					io.Copy(io.Discard, conn) // or the answer may be lost to a reset
				}))}
			},
			failed: doctor.TLS, headline: "DNS and port PORT are fine, but the endpoint does not speak TLS", passed: []doctor.ID{doctor.TCP},
		},
		"unknown authority": {
			plan: func(t *testing.T) doctor.Plan {
				address, _ := webServer(t, func(http.ResponseWriter, *http.Request) {})
				return doctor.Plan{Send: sender(address)}
			},
			failed: doctor.TLS, headline: "DNS and port PORT are fine, but the certificate is not trusted", passed: []doctor.ID{doctor.TCP},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := tt.plan(t)
			report := test(t, t.Context(), plan)
			want := map[doctor.ID]doctor.Status{tt.failed: doctor.Failed}
			for _, id := range tt.passed {
				want[id] = doctor.Passed
			}
			wantSteps(t, report, want)
			_, port, _ := strings.Cut(report.Namespace, ":")
			headline := strings.ReplaceAll(tt.headline, "PORT", port)
			if report.Status != doctor.Failed || !strings.HasPrefix(report.Headline, headline) {
				t.Errorf("verdict is %v, %q, want %q", report.Status, report.Headline, headline)
			}
			if got := report.Step(tt.failed).OutOfTime; got != tt.late {
				t.Errorf("out of time is %v, want %v", got, tt.late)
			}
			if got := report.Step(doctor.SendRight); got.Status != doctor.Skipped || got.BlockedBy != tt.failed {
				t.Errorf("the right to send is %v, blocked by %q, want %q", got.Status, got.BlockedBy, tt.failed)
			}
			for _, secret := range []string{"kkkk", "s3cret"} {
				if strings.Contains(report.Text(), secret) {
					t.Errorf("the text holds a secret:\n%s", report.Text())
				}
			}
		})
	}
}

// What an untrusted server shows is what tells who inspects the traffic.
func TestUntrustedCertificatesAreShown(t *testing.T) {
	address, _ := webServer(t, func(http.ResponseWriter, *http.Request) {})
	step := test(t, t.Context(), doctor.Plan{Send: sender(address)}).Step(doctor.TLS)
	var untrusted *tls.CertificateVerificationError
	if !errors.As(step.Err, &untrusted) || len(step.Seen) == 0 || !strings.Contains(step.Seen[0].Detail, "issued by Acme Co") {
		t.Errorf("error %v, seen %+v", step.Err, step.Seen)
	}
}

func TestClock(t *testing.T) {
	for name, tt := range map[string]struct {
		off    time.Duration
		token  relayclient.TokenProvider // nil: a key
		want   doctor.Status
		detail string
	}{
		"right":                       {0, nil, doctor.Passed, "agrees"},
		"a little behind":             {90 * time.Second, nil, doctor.Warned, "1m30s behind"},
		"an hour behind":              {time.Hour, nil, doctor.Failed, "1h0m0s behind"},
		"an hour ahead":               {-time.Hour, nil, doctor.Failed, "1h0m0s ahead"},
		"an hour, with others' token": {time.Hour, relayclient.StaticToken{Value: relayclient.NewSecret("a.b.c")}, doctor.Warned, "1h0m0s behind"},
	} {
		t.Run(name, func(t *testing.T) {
			address, roots := webServer(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", time.Now().Add(tt.off).UTC().Format(http.TimeFormat))
			})
			cfg := sender(address)
			cfg.RootCAs = roots
			if tt.token != nil {
				cfg.Token = tt.token
			}
			step := test(t, t.Context(), doctor.Plan{Send: cfg}).Step(doctor.Clock)
			// The Date is whole seconds, so the figure may be one off.
			off := strings.NewReplacer("29s", "30s", "31s", "30s", "59m59s", "1h0m0s", "h0m1s", "h0m0s").Replace(step.Detail)
			if step.Status != tt.want || !strings.Contains(off, tt.detail) {
				t.Errorf("step is %v: %s", step.Status, step.Detail)
			}
			var skew *doctor.SkewError
			if errors.As(step.Err, &skew) != (tt.want == doctor.Failed) {
				t.Errorf("error is %v", step.Err)
			}
		})
	}
}

// A portal answers everything; the rights are tried all the same, since it may
// know relays after all.
func TestAPortalAnswers(t *testing.T) {
	address, roots := webServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html>Sign in</html>")
	})
	cfg := sender(address)
	cfg.RootCAs = roots
	report := test(t, t.Context(), doctor.Plan{Send: cfg})
	wantSteps(t, report, map[doctor.ID]doctor.Status{doctor.TLS: doctor.Passed, doctor.Clock: doctor.Warned, doctor.SendRight: doctor.Failed})
	if title := report.Step(doctor.Clock).Finding.Title; title != "Something other than Azure Relay answered" {
		t.Errorf("finding is %q", title)
	}
}

// Everything takes the way through the proxy.
func TestThroughAProxy(t *testing.T) {
	relay := localrelaytest.New(t)
	proxy := serve(t, func(conn net.Conn) {
		defer conn.Close()
		buf := make([]byte, 4096)
		if n, _ := conn.Read(buf); !strings.HasPrefix(string(buf[:n]), "CONNECT "+relay.Namespace()) {
			return
		}
		far, err := net.Dial("tcp", relay.Namespace())
		if err != nil {
			return
		}
		defer far.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		back := make(chan struct{})
		go func() { io.Copy(conn, far); conn.Close(); close(back) }()
		io.Copy(far, conn)
		far.Close()
		<-back
	})
	both := through(role(t, relay, "hyco", "both"), proxy)
	both.ProxySource = "profile"
	report := test(t, t.Context(), doctor.Plan{Listen: both, Send: both, OneCredential: true})
	if report.Status != doctor.Passed {
		t.Errorf("verdict is %v, %q", report.Status, report.Headline)
	}
	if detail := report.Step(doctor.Proxy).Detail; !strings.HasPrefix(detail, "HTTP proxy "+proxy+" (profile) connects to "+relay.Namespace()) {
		t.Errorf("proxy: %s", detail)
	}
	if t.Failed() {
		t.Log(report.Text())
	}
}
