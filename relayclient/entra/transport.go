package entra

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"relayscope/relayclient"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// retries are few: somebody waits, and asks again if it is worth it.
var retries = policy.RetryOptions{MaxRetries: 2, RetryDelay: 500 * time.Millisecond, MaxRetryDelay: 2 * time.Second, TryTimeout: 10 * time.Second}

func clientOptions(t http.RoundTripper) azcore.ClientOptions {
	return azcore.ClientOptions{
		Transport: watcher{t},
		Retry:     retries,
		Telemetry: policy.TelemetryOptions{Disabled: true},
	}
}

// authorityTransport reaches the host that issues tokens.
func (c Config) authorityTransport() http.RoundTripper {
	proxy := c.Proxy
	if proxy == nil {
		proxy = relayclient.ProxyFromEnvironment
	}
	t := direct()
	t.Proxy = proxy
	t.TLSClientConfig = &tls.Config{RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}
	t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%w: %s", relayclient.ErrProxy, printable(resp.Status))
		}
		return nil
	}
	return t
}

// metadataTransport reaches the endpoints of managed identities, which are on
// this machine or its network: never through a proxy.
func (c Config) metadataTransport() http.RoundTripper {
	if c.Metadata != nil {
		return c.Metadata
	}
	return direct()
}

// direct makes a transport that keeps no connection: tokens are asked for once
// an hour, and nobody closes a provider.
func direct() *http.Transport {
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: maxAnswer,
		DisableKeepAlives:      true,
	}
}

// An exchange is one request and what came of it.
type exchange struct {
	host   string
	status int
	header http.Header
	body   []byte
	asked  bool // the request carried credentials for this endpoint
	skew   time.Duration
	err    error
}

// A record remembers the last exchange of one request for a token: azidentity
// makes text of what went wrong, and text cannot be tested for.
type record struct {
	mu       sync.Mutex
	exchange exchange
}

func (r *record) last() exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.exchange
}

type recordKey struct{}

func watched(ctx context.Context) (context.Context, *record) {
	r := &record{}
	return context.WithValue(ctx, recordKey{}, r), r
}

func note(ctx context.Context, x exchange) {
	if r, ok := ctx.Value(recordKey{}).(*record); ok {
		r.mu.Lock()
		r.exchange = x
		r.mu.Unlock()
	}
}

// A watcher carries azidentity's requests and remembers the last one.
type watcher struct{ http.RoundTripper }

// Do makes one attempt. Redirects are not followed: none of these endpoints
// sends any, and captive portals do.
func (w watcher) Do(req *http.Request) (*http.Response, error) {
	x := exchange{host: req.URL.Host, asked: req.Header.Get("Authorization") != ""}
	note(req.Context(), x) // in case that nothing ever comes back
	resp, err := w.RoundTrip(req)
	if err == nil {
		x.status, x.header = resp.StatusCode, resp.Header
		if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			x.skew = time.Until(date).Round(time.Second)
		}
		x.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
		resp.Body.Close()
		resp.Body = io.NopCloser(bytes.NewReader(x.body))
	}
	x.err = err
	note(req.Context(), x)
	if err != nil {
		if hopeless(err) {
			err = noRetry{err}
		}
		return nil, err
	}
	return resp, nil
}

// noRetry marks an error that another attempt will not change.
type noRetry struct{ error }

func (e noRetry) Unwrap() error { return e.error }

// NonRetriable is what azidentity's retries look for.
func (noRetry) NonRetriable() {}

func hopeless(err error) bool {
	var certificate *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var dns *net.DNSError
	return errors.As(err, &certificate) || errors.As(err, &unknown) || errors.As(err, &dns) && dns.IsNotFound || errors.Is(err, relayclient.ErrProxy)
}
