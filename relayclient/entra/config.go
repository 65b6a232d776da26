// Package entra gets tokens for Azure Relay from Microsoft Entra ID, over
// azidentity: as a service principal, a managed identity, the Azure CLI's
// account, or a person with a device code or a browser. Why it was refused is
// told in an *Error.
package entra

import (
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
	"time"

	"relayscope/relayclient/cloud"
)

// A Config is what all ways to sign in share.
type Config struct {
	Tenant    string // ID or domain; a service principal needs it, a managed identity has none
	ClientID  string // of the application; a person's sign-in goes by the Azure CLI's if it is empty
	Authority string // URL of the host that issues tokens; "" is the public cloud's
	Audience  string // what the token is for; "" is the public cloud's

	RootCAs *x509.CertPool                        // for the authority; nil: the system's roots
	Proxy   func(*http.Request) (*url.URL, error) // to the authority; nil: by HTTPS_PROXY and NO_PROXY. Metadata endpoints are asked directly

	// Prompt is shown to the person who signs in by device code or browser. It
	// must return quickly. Without it a device code cannot be used.
	Prompt func(Prompt)

	// Timeout bounds one attempt to get a token, retries included. 0 means 15 s,
	// or 5 min where a person has to do something.
	Timeout time.Duration

	// Metadata, if set, carries the requests to the endpoints of managed
	// identities; tests and demonstrations lead them elsewhere.
	Metadata http.RoundTripper
}

// A Prompt asks a person to sign in.
type Prompt struct {
	URL     string // where; "" if the browser has been opened there
	Code    string // what to enter there; "" if a browser does without
	Message string // all of it in a sentence
}

const (
	defaultTimeout = 15 * time.Second
	personTimeout  = 5 * time.Minute
)

func (c Config) withDefaults() Config {
	public := cloud.All()[0]
	if c.Authority == "" {
		c.Authority = public.Authority
	}
	if c.Audience == "" {
		c.Audience = public.Audience
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	return c
}

// Scope returns what is asked for to get a token for audience.
func Scope(audience string) string {
	audience = strings.TrimSuffix(strings.TrimSpace(audience), "/.default")
	return strings.TrimRight(audience, "/") + "/.default"
}
