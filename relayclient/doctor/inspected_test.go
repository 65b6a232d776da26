package doctor_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/doctor"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

// certify makes a certificate for host that vouches for itself.
func certify(t testing.TB, issuer, host string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: issuer}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// inspected lets the client of a relay go through a proxy that opens TLS and
// changes what is said to the relay.
func inspected(t testing.TB, r *localrelay.Relay, cfg *relayclient.Config, change func([]byte) []byte) *relayclient.Config {
	t.Helper()
	certificate, roots := certify(t, "Corporate Inspection", "localhost")
	address := serve(t, func(conn net.Conn) {
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 4096)); err != nil {
			return
		}
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		near := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}})
		far, err := tls.Dial("tcp", r.Namespace(), &tls.Config{RootCAs: r.RootCAs()})
		if err != nil {
			return
		}
		back := make(chan struct{})
		go func() { io.Copy(near, far); conn.Close(); close(back) }()
		buf := make([]byte, 32<<10)
		for {
			n, err := near.Read(buf)
			if n > 0 {
				far.Write(change(buf[:n]))
			}
			if err != nil {
				break
			}
		}
		far.Close()
		<-back
	})
	changed := *cfg
	changed.RootCAs = roots
	changed.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address})
	return &changed
}

// unsteered makes the relay one that does not know how to choose a listener.
func unsteered(sent []byte) []byte {
	return bytes.ReplaceAll(sent, []byte("Microsoft-Relay-AllowedListeners"), []byte("Microsoft-Relay-Whatever"))
}

// Where the relay does not know the header that asks for the test's own
// listener, others may be met. They are left at once, and the verdict is not
// that the way is broken.
func TestRelayDoesNotChooseAsAsked(t *testing.T) {
	for name, verdict := range map[string]relayclient.Verdict{
		"others accept":    {Accept: true},
		"others turn away": {Status: http.StatusTeapot, Description: "not today"},
	} {
		t.Run(name, func(t *testing.T) {
			relay := localrelaytest.New(t)
			both := role(t, relay, "hyco", "both")
			for range 8 { // of nine listeners one is the test's
				other := *both
				other.Admit = func(context.Context, relayclient.ConnInfo) relayclient.Verdict { return verdict }
				l, err := relayclient.Listen(t.Context(), other)
				if err != nil {
					t.Fatal(err)
				}
				accepting := make(chan struct{})
				go func() {
					defer close(accepting)
					for {
						conn, err := l.Accept(context.WithoutCancel(t.Context()))
						if err != nil {
							return
						}
						m, err := conn.Read(context.WithoutCancel(t.Context()))
						if err == nil {
							t.Errorf("another listener was sent %q", m.Data)
						}
						conn.CloseNow()
					}
				}()
				t.Cleanup(func() { l.Close(); <-accepting })
			}
			way := inspected(t, relay, both, unsteered)
			elsewhere := false
			for range 6 { // each finds its own listener in three tries by 30 %
				report := test(t, t.Context(), doctor.Plan{Listen: way, Send: way, OneCredential: true})
				if report.Status != doctor.Passed && report.Status != doctor.Warned {
					t.Fatalf("verdict is %v, %q:\n%s", report.Status, report.Headline, report.Text())
				}
				if got := report.Step(doctor.SendRight); got.Status != doctor.Passed || got.Detail != "granted; a listener is online" {
					t.Errorf("sending is %v: %s", got.Status, got.Detail)
				}
				if got := report.Step(doctor.HTTPTrip); got.Status != doctor.Skipped {
					t.Errorf("the HTTP round trip is %v, others' listeners may have got it", got.Status)
				}
				if step := report.Step(doctor.WebSocketTrip); step.Status == doctor.Warned {
					elsewhere = step.Finding.Title == "Another listener answered"
					break
				}
			}
			if !elsewhere {
				t.Error("no test met another listener")
			}
		})
	}
}

// A certificate that is trusted, but of an authority that does not issue for
// Azure, tells that somebody looks inside.
func TestAuthorityIsNotAzures(t *testing.T) {
	const host = "contoso.servicebus.windows.net"
	for issuer, want := range map[string]doctor.Status{"Corporate Inspection": doctor.Warned, "Microsoft Azure RSA TLS Issuing CA 03": doctor.Passed} {
		certificate, roots := certify(t, issuer, host)
		address := serve(t, func(conn net.Conn) {
			tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{certificate}}).Handshake()
			io.Copy(io.Discard, conn)
		})
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		cfg := sender(net.JoinHostPort(host, port))
		cfg.RootCAs = roots
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		report := doctor.Run(ctx, doctor.Plan{Send: cfg, Resolver: serveDNS(t, zone{host: "127.0.0.1"})}, func(s doctor.Step) {
			if s.ID == doctor.TLS && s.Status != doctor.Running {
				cancel() // what follows would leave this computer
			}
		})
		step := report.Step(doctor.TLS)
		if step.Status != want || (step.Finding.Title == "TLS is probably inspected on the way") != (want == doctor.Warned) {
			t.Errorf("%s: TLS is %v, %q: %s", issuer, step.Status, step.Finding.Title, step.Detail)
		}
	}
}

// What opens TLS on the way shows itself by its certificate; one that takes
// the upgrade away is named, too.
func TestInspectionIsSeen(t *testing.T) {
	relay := localrelaytest.New(t)
	way := inspected(t, relay, role(t, relay, "hyco", "both"), func(sent []byte) []byte {
		return bytes.ReplaceAll(sent, []byte("Upgrade: websocket"), []byte("X-Nothing: special"))
	})
	report := test(t, t.Context(), doctor.Plan{Listen: way, Send: way, OneCredential: true})
	step := report.Step(doctor.TLS)
	if step.Status != doctor.Passed || step.Detail != "TLS 1.3, issued by Corporate Inspection" {
		t.Errorf("TLS is %v: %s", step.Status, step.Detail)
	}
	if want := "The network is fine, but neither sending nor listening works: something on the way removes WebSocket upgrades"; report.Headline != want {
		t.Errorf("headline is %q, want %q", report.Headline, want)
	}
}
