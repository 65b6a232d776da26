package signin

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/cloud"
	"relayscope/relayclient/entra"
)

// Options are what New needs to know beside the Settings.
type Options struct {
	Namespace        string                                // host; its suffix tells the cloud
	HybridConnection string                                // for Who.Scope; "": the whole namespace
	RootCAs          *x509.CertPool                        // for the authority; nil: the system's roots
	Proxy            func(*http.Request) (*url.URL, error) // to the authority; nil: by HTTPS_PROXY and NO_PROXY
	Prompt           func(entra.Prompt)                    // what a person must do; DeviceCode cannot do without
	Timeout          time.Duration                         // of one attempt to sign in; 0: 15 s, or 5 min for a person
	Metadata         http.RoundTripper                     // to the endpoints of managed identities; nil: direct
}

// A Provider gets tokens for the relay and knows for whom.
type Provider interface {
	relayclient.TokenProvider

	// Who returns whom the last token was issued to. Before there is one, it
	// returns what the settings say. It does not wait.
	Who() Who
}

// Who is whom the relay sees: a policy or an identity.
type Who struct {
	Way      Way
	KeyName  string         // SharedAccessKey and SharedAccessToken: name of the policy
	Resource string         // the same: URI that the token is signed for
	Identity entra.Identity // the other ways
	Audience string         // the other ways: what the token is for
	Expires  time.Time      // SharedAccessToken: when it ends; the others are renewed
}

// String says who it is in a few words.
func (w Who) String() string {
	switch w.Way {
	case Anonymous:
		return "nobody"
	case SharedAccessKey, SharedAccessToken:
		if w.KeyName == "" {
			return "a policy without a name"
		}
		return "policy " + w.KeyName
	}
	text := w.Identity.String()
	if w.Identity.Source != 0 && w.Identity.Source != entra.FromAuthority {
		text += ", by " + w.Identity.Source.String()
	}
	return text
}

// ErrNoWay means that no way to sign in has been chosen.
var ErrNoWay = errors.New("signin: no way to sign in is chosen")

// New makes the provider for what a person chose. Nothing is asked for yet. For
// Anonymous it is nil, as relayclient.Config.Token wants it.
func New(s Settings, o Options) (Provider, error) {
	switch s.Way {
	case Anonymous:
		return nil, nil
	case SharedAccessKey:
		key := relayclient.SharedAccessKey{KeyName: s.KeyName, Key: s.Key, Lifetime: s.Lifetime}
		return policy{key, Who{Way: s.Way, KeyName: s.KeyName, Resource: relayclient.Audience(o.Namespace, o.HybridConnection)}}, nil
	case SharedAccessToken:
		return newReadyMade(s.Token), nil
	}
	p, err := newEntra(s, o)
	if err != nil {
		return nil, err
	}
	return identity{p, s.Way}, nil
}

func newEntra(s Settings, o Options) (*entra.Provider, error) {
	c, _ := cloud.Of(o.Namespace)
	cfg := entra.Config{
		Tenant: s.Tenant, ClientID: s.ClientID, Authority: c.Authority, Audience: c.Audience,
		RootCAs: o.RootCAs, Proxy: o.Proxy, Prompt: o.Prompt, Timeout: o.Timeout, Metadata: o.Metadata,
	}
	if s.Authority != "" {
		cfg.Authority = s.Authority
	}
	if s.Audience != "" {
		cfg.Audience = s.Audience
	}
	switch s.Way {
	case ClientSecret:
		return entra.ClientSecret(cfg, s.Secret)
	case ClientCertificate:
		return entra.ClientCertificate(cfg, s.Certificate, s.Secret)
	case ManagedIdentity:
		if s.Authority == "" { // a workload identity is told where to ask
			cfg.Authority = cmp.Or(os.Getenv("AZURE_AUTHORITY_HOST"), c.Authority)
		}
		return entra.ManagedIdentity(cfg, s.selector())
	case AzureCLI:
		return entra.AzureCLI(cfg)
	case DeviceCode:
		return entra.DeviceCode(cfg)
	case Browser:
		return entra.Browser(cfg)
	}
	return nil, ErrNoWay
}

func (s Settings) selector() entra.Selector {
	switch s.Identity {
	case ByClientID:
		return entra.Selector{ClientID: s.IdentityID}
	case ByObjectID:
		return entra.Selector{ObjectID: s.IdentityID}
	case ByResourceID:
		return entra.Selector{ResourceID: s.IdentityID}
	}
	return entra.Selector{}
}

// An identity signs in at Microsoft Entra ID.
type identity struct {
	*entra.Provider
	way Way
}

func (i identity) Who() Who {
	return Who{Way: i.way, Identity: i.Identity(), Audience: i.Audience()}
}

// A policy signs its own tokens.
type policy struct {
	relayclient.SharedAccessKey
	who Who
}

func (p policy) Who() Who { return p.who }

// A readyMade is one token that somebody else made.
type readyMade struct {
	token relayclient.Token
	who   Who
}

// newReadyMade reads what a SAS token says about itself. What it does not say,
// or says in a way that cannot be read, stays unknown: the relay will tell.
func newReadyMade(text relayclient.Secret) readyMade {
	r := readyMade{relayclient.Token{Value: text}, Who{Way: SharedAccessToken}}
	_, fields, _ := strings.Cut(strings.TrimSpace(text.Reveal()), " ")
	for field := range strings.SplitSeq(fields, "&") {
		name, value, _ := strings.Cut(field, "=")
		value, err := url.QueryUnescape(value)
		if err != nil {
			continue
		}
		switch name {
		case "se":
			if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds > 0 && seconds <= maxSeconds {
				r.token.Expires = time.Unix(seconds, 0)
			}
		case "skn":
			r.who.KeyName = value
		case "sr":
			r.who.Resource = value
		}
	}
	r.who.Expires = r.token.Expires
	return r
}

// maxSeconds is the end of the year 9999. What is later was meant as
// milliseconds, which the relay does not read either.
const maxSeconds = 253402300799

// Token returns the token until it has expired.
func (r readyMade) Token(context.Context, string) (relayclient.Token, error) {
	if !r.token.Expires.IsZero() && !time.Now().Before(r.token.Expires) {
		return relayclient.Token{}, &ExpiredTokenError{r.token.Expires}
	}
	return r.token, nil
}

func (r readyMade) Who() Who { return r.who }

// An ExpiredTokenError reports that a ready-made token has come to its end.
// Nobody here can renew it.
type ExpiredTokenError struct{ Expired time.Time }

func (e *ExpiredTokenError) Error() string {
	return fmt.Sprintf("the token expired at %s and cannot be renewed", e.Expired.Format(time.RFC3339))
}

// Is makes it match relayclient.ErrNotRenewable, and ErrSignIn: asking again
// is of no use.
func (e *ExpiredTokenError) Is(target error) bool {
	return target == relayclient.ErrNotRenewable || target == relayclient.ErrSignIn
}
