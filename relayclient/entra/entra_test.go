package entra_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/entra/entratest"
	"relayscope/relayclient/localrelay"
	"relayscope/relayclient/localrelay/localrelaytest"
)

const (
	appID    = "0a1b2c3d-0000-4000-8000-000000000001"
	objectID = "0a1b2c3d-0000-4000-8000-000000000002"
	password = "s3cret~value.of-the-application"
)

// newAuthority starts an authority that knows one application, which may do
// everything.
func newAuthority(t *testing.T) *entratest.Authority {
	t.Helper()
	a := entratest.NewAuthority(t)
	a.Add(entratest.Client{ID: appID, ObjectID: objectID, Name: "Relay tester", Secret: password})
	a.Allow(objectID, localrelay.Listen|localrelay.Send)
	return a
}

func config(a *entratest.Authority) entra.Config {
	return entra.Config{Tenant: entratest.Tenant, ClientID: appID, Authority: a.URL, RootCAs: a.Roots(), Timeout: 10 * time.Second}
}

// ready unwraps a constructor's results.
func ready(t *testing.T) func(*entra.Provider, error) *entra.Provider {
	t.Helper()
	return func(p *entra.Provider, err error) *entra.Provider {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

func token(t *testing.T, p *entra.Provider) relayclient.Token {
	t.Helper()
	got, err := p.Token(t.Context(), "http://whatever/else")
	if err != nil {
		t.Fatalf("no token: %v", err)
	}
	return got
}

// refusal gets no token, and returns why.
func refusal(t *testing.T, p *entra.Provider) *entra.Error {
	t.Helper()
	_, err := p.Token(t.Context(), "")
	var e *entra.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T: %v, want an *entra.Error", err, err)
	}
	return e
}

// relayBelieving starts a relay that believes an authority, and returns the
// settings of a client of its.
func relayBelieving(t *testing.T, a *entratest.Authority, p relayclient.TokenProvider) relayclient.Config {
	t.Helper()
	r := localrelaytest.New(t, func(cfg *localrelay.Config) { cfg.Issuers = append(cfg.Issuers, a.Issuer()) })
	return relayclient.Config{Namespace: r.Namespace(), HybridConnection: "hyco", RootCAs: r.RootCAs(), Token: p}
}

// wantMeeting lets a listener and a sender meet with tokens of p.
func wantMeeting(t *testing.T, a *entratest.Authority, p relayclient.TokenProvider) {
	t.Helper()
	cfg := relayBelieving(t, a, p)
	l, err := relayclient.Listen(t.Context(), cfg)
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	defer l.Close()
	conn, err := relayclient.Dial(t.Context(), cfg, relayclient.DialOptions{})
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	conn.CloseNow()
}

func TestClientSecretReachesTheRelay(t *testing.T) {
	a := newAuthority(t)
	p := ready(t)(entra.ClientSecret(config(a), relayclient.NewSecret(password)))
	if before := p.Identity(); before.AppID != appID || before.ObjectID != "" {
		t.Errorf("before the first token it is %+v, want what the settings say", before)
	}
	wantMeeting(t, a, p)
	want := entra.Identity{Name: "Relay tester", AppID: appID, ObjectID: objectID, Tenant: entratest.Tenant, Source: entra.FromAuthority}
	if got := p.Identity(); got != want {
		t.Errorf("identity is %+v, want %+v", got, want)
	}
	if a.Asked() != 1 {
		t.Errorf("%d tokens were asked for, want 1: listener and sender share it", a.Asked())
	}
	if got := a.Scopes(); !strings.HasPrefix(got[0], "https://relay.azure.net/.default") {
		t.Errorf("asked for %q, want one slash", got)
	}
}

func TestEveryRefusalOfTheAuthorityHasItsKind(t *testing.T) {
	for code, want := range map[int]entra.Kind{
		7000215: entra.WrongSecret, 7000222: entra.ExpiredSecret, 90002: entra.UnknownTenant, 700016: entra.UnknownClient, 7000112: entra.ClientDisabled,
		500011: entra.WrongAudience, 900382: entra.WrongCloud, 700027: entra.BadCertificate, 700024: entra.ClockWrong, 65001: entra.LoginNeeded,
		65004: entra.LoginDeclined, 7000218: entra.NotForPeople, 53003: entra.PolicyBlocked, 99999: 0,
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			a := newAuthority(t)
			a.Refuse(&entratest.Refusal{Code: code, Word: "x", Description: "Because of " + password + "."})
			got := refusal(t, ready(t)(entra.ClientSecret(config(a), relayclient.NewSecret(password))))
			if got.Kind != want || got.Code != code || got.Status != 400 {
				t.Errorf("kind %v, code %d, status %d, want %v, %d, 400", got.Kind, got.Code, got.Status, want, code)
			}
			if got.CorrelationID != "22f0" || got.TraceID != "11f0" || got.Description != "Because of [redacted]." {
				t.Errorf("correlation ID %q, trace ID %q, description %q", got.CorrelationID, got.TraceID, got.Description)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", got, got, got), password) {
				t.Error("the error repeats the secret")
			}
		})
	}
}

func TestWrongTenantClientAndSecret(t *testing.T) {
	a := newAuthority(t)
	for name, tt := range map[string]struct {
		change func(*entra.Config)
		secret string
		want   entra.Kind
	}{
		"secret":          {func(*entra.Config) {}, "another", entra.WrongSecret},
		"client":          {func(c *entra.Config) { c.ClientID = "0a1b2c3d-0000-4000-8000-00000000000f" }, password, entra.UnknownClient},
		"tenant":          {func(c *entra.Config) { c.Tenant = "fabrikam.example" }, password, entra.UnknownTenant},
		"authority's CA":  {func(c *entra.Config) { c.RootCAs = nil }, password, entra.Unreachable},
		"authority's URL": {func(c *entra.Config) { c.Authority = "https://127.0.0.1:1" }, password, entra.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(a)
			tt.change(&cfg)
			got := refusal(t, ready(t)(entra.ClientSecret(cfg, relayclient.NewSecret(tt.secret))))
			if got.Kind != tt.want {
				t.Errorf("kind is %v, want %v: %v", got.Kind, tt.want, got)
			}
			if got.Kind == entra.Unreachable && got.Err == nil {
				t.Error("what happened on the way is lost")
			}
		})
	}
}

func TestConfigThatCannotWork(t *testing.T) {
	good := entra.Config{Tenant: entratest.Tenant, ClientID: appID}
	secret := relayclient.NewSecret(password)
	for name, tt := range map[string]struct {
		change func(*entra.Config)
		secret relayclient.Secret
		want   entra.Kind
	}{
		"no tenant":      {func(c *entra.Config) { c.Tenant = "" }, secret, entra.UnknownTenant},
		"tenant's name":  {func(c *entra.Config) { c.Tenant = "Contoso Ltd" }, secret, entra.UnknownTenant},
		"no client":      {func(c *entra.Config) { c.ClientID = "" }, secret, entra.UnknownClient},
		"no secret":      {func(*entra.Config) {}, relayclient.Secret{}, entra.WrongSecret},
		"http authority": {func(c *entra.Config) { c.Authority = "http://login.example" }, secret, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			tt.change(&cfg)
			_, err := entra.ClientSecret(cfg, tt.secret)
			var e *entra.Error
			if !errors.As(err, &e) || e.Kind != tt.want {
				t.Errorf("error is %v, want kind %v", err, tt.want)
			}
		})
	}
}

func TestConcurrentCallersShareOneRequest(t *testing.T) {
	a := newAuthority(t)
	a.Hold()
	p := ready(t)(entra.ClientSecret(config(a), relayclient.NewSecret(password)))
	var all sync.WaitGroup
	values := make([]string, 20)
	for i := range values {
		all.Go(func() {
			got, err := p.Token(t.Context(), "")
			if err != nil {
				t.Error(err)
			}
			values[i] = got.Value.Reveal()
		})
	}
	a.Release()
	all.Wait()
	for _, v := range values {
		if v != values[0] {
			t.Error("callers got different tokens")
		}
	}
	if a.Asked() != 1 {
		t.Errorf("%d requests, want 1", a.Asked())
	}
}

func TestWaitEndsAtOnceWhenCancelled(t *testing.T) {
	a := newAuthority(t)
	a.Hold()
	p := ready(t)(entra.ClientSecret(config(a), relayclient.NewSecret(password)))
	impatient, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped by a person")
	first := make(chan error, 1)
	go func() {
		_, err := p.Token(impatient, "")
		first <- err
	}()
	patient := make(chan error, 1)
	waiting := make(chan struct{})
	go func() {
		close(waiting)
		_, err := p.Token(t.Context(), "")
		patient <- err
	}()
	<-waiting
	began := time.Now()
	cancel(stopped)
	if err := <-first; !errors.Is(err, stopped) {
		t.Errorf("error is %v, want the reason of the context", err)
	}
	if took := time.Since(began); took > 200*time.Millisecond {
		t.Errorf("giving up took %v", took)
	}
	a.Release()
	if err := <-patient; err != nil {
		t.Errorf("the caller who stayed got %v, want the token", err)
	}
}

func TestDeadlineIsTyped(t *testing.T) {
	a := newAuthority(t)
	a.Hold()
	cfg := config(a)
	cfg.Timeout = 50 * time.Millisecond
	p := ready(t)(entra.ClientSecret(cfg, relayclient.NewSecret(password)))
	if got := refusal(t, p); got.Kind != entra.TimedOut || !errors.Is(got, context.DeadlineExceeded) || !strings.HasPrefix(a.URL, "https://"+got.Host) {
		t.Errorf("the provider's own patience: %v", got)
	}
	cfg.Timeout = time.Minute
	p = ready(t)(entra.ClientSecret(cfg, relayclient.NewSecret(password)))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := p.Token(ctx, "")
	var e *entra.Error
	if !errors.As(err, &e) || e.Kind != entra.TimedOut || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the caller's patience: %v", err)
	}
}

func TestRefusedTokenIsAskedForAgain(t *testing.T) {
	a := newAuthority(t)
	a.Refuse(&entratest.Refusal{Code: 7000222})
	p := ready(t)(entra.ClientSecret(config(a), relayclient.NewSecret(password)))
	refusal(t, p)
	a.Refuse(nil)
	token(t, p)
}

func TestCaptivePortalIsNotEntra(t *testing.T) {
	const jwt = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"
	for _, status := range []int{200, 302, 403} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			portal := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://127.0.0.1:1/login")
				w.WriteHeader(status)
				fmt.Fprint(w, "<html>Welcome to the hotel</html>"+jwt)
			}))
			defer portal.Close()
			cfg := entra.Config{Tenant: entratest.Tenant, ClientID: appID, Authority: portal.URL, RootCAs: x509.NewCertPool()}
			cfg.RootCAs.AddCert(portal.Certificate())
			got := refusal(t, ready(t)(entra.ClientSecret(cfg, relayclient.NewSecret(password))))
			if got.Kind != entra.Unreachable || got.Status != status {
				t.Errorf("got %v with status %d, want unreachable with %d", got, got.Status, status)
			}
			if strings.Contains(got.Error(), "eyJ") {
				t.Errorf("it repeats a token: %v", got)
			}
		})
	}
}

func TestProxyToTheAuthority(t *testing.T) {
	a := newAuthority(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	u, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg := config(a)
	cfg.Proxy = http.ProxyURL(u)
	got := refusal(t, ready(t)(entra.ClientSecret(cfg, relayclient.NewSecret(password))))
	if got.Kind != entra.Unreachable || !errors.Is(got, relayclient.ErrProxy) || !strings.Contains(got.Error(), "407") {
		t.Errorf("got %v, want the proxy's refusal", got)
	}
}
