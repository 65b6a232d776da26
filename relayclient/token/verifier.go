package token

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"relayscope/relayclient/cloud"
)

// VerifierOptions are what a Verifier needs. The zero value is good for the
// clouds of Azure.
type VerifierOptions struct {
	Client  *http.Client     // fetches issuers' documents; nil is http.DefaultClient. Redirects are not followed.
	Hosts   []string         // issuers to trust beside those of Azure's clouds: hosts, with a port if it is not 443
	Timeout time.Duration    // for all that one verification fetches; 0 is 10 seconds
	Now     func() time.Time // nil is time.Now
}

// A Verifier checks the signatures of JWTs with their issuers' keys, which it
// fetches when it is asked to verify a token, and keeps for a day at most. Its
// methods may be called by several goroutines at once.
type Verifier struct {
	client   *http.Client
	hosts    []string
	timeout  time.Duration
	now      func() time.Time
	fetching chan struct{} // as long as maxFetches

	mu      sync.Mutex
	issuers map[string]*issuerKeys // by the document's address
}

const defaultTimeout = 10 * time.Second

// NewVerifier returns a Verifier that knows no keys yet.
func NewVerifier(o VerifierOptions) *Verifier {
	client := http.Client{}
	if o.Client != nil {
		client = *o.Client
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	v := &Verifier{client: &client, hosts: slices.Clone(o.Hosts), timeout: o.Timeout, now: o.Now, fetching: make(chan struct{}, maxFetches), issuers: map[string]*issuerKeys{}}
	if v.timeout <= 0 {
		v.timeout = defaultTimeout
	}
	if v.now == nil {
		v.now = time.Now
	}
	return v
}

// errSlowIssuer ends a fetch that takes too long.
var errSlowIssuer = errors.New("the issuer does not answer in time")

// trusts reports whether keys may be fetched from host.
func (v *Verifier) trusts(host string) bool {
	return v.own(host) || slices.ContainsFunc(cloud.All(), func(c cloud.Cloud) bool { return c.Issues(host) })
}

// own reports whether host is one of those that the caller added.
func (v *Verifier) own(host string) bool {
	return slices.ContainsFunc(v.hosts, func(h string) bool { return strings.EqualFold(h, host) })
}

// Verify checks a JWT: form, signature and whatever rules ask for. It takes
// every step that can be taken, so that every fault is told. It fetches the
// issuer's document and keys if it does not know them; ctx bounds that.
func (v *Verifier) Verify(ctx context.Context, t Token, rules Rules) Result {
	return v.verify(ctx, t, rules, false)
}

// verify is Verify. If sparing, it fetches nothing for a token that is refused
// anyhow: strangers must not be able to send it all over the internet.
func (v *Verifier) verify(ctx context.Context, t Token, rules Rules, sparing bool) Result {
	r := Result{Token: t, Time: v.now()}
	if t.Kind != KindJWT {
		r.add(StepToken, Failed, "It is not a JWT; the signature of a SAS token is checked with its policy's key.")
		return r
	}
	j := t.JWT
	r.add(StepToken, Passed, "It is a JWT with header, claims and signature.")
	r.check(StepAlgorithm, j.Algorithm == jwt.SigningMethodRS256.Alg(), "It is RS256.", "Only RS256 is accepted, which Microsoft Entra ID uses.")
	r.check(StepKeyID, j.KeyID != "", "The header names the key.", "The header does not name the key that made the signature.")
	r.check(StepTenantID, guid.MatchString(j.Tenant), "The claim tid is the ID of a tenant.", "The claim tid is not the ID of a tenant.")
	authority, refused := v.authority(j, rules)
	r.check(StepIssuerHost, refused == "", "Keys may be fetched from "+hostOfURL(authority)+".", refused)

	claims := Result{}
	rules.check(&claims, j, r.Time)
	stranger := sparing && slices.ContainsFunc(claims.Steps, func(s Step) bool {
		return s.Outcome == Failed && s.Name != StepNotBefore && s.Name != StepExpires
	})
	switch {
	case len(r.Failed()) > 0:
		v.skip(&r, "It needs the steps above.")
	case stranger:
		v.skip(&r, "Nothing is fetched for a token that is not expected.")
	default:
		v.checkSignature(ctx, &r, discoveryURL(authority, j.Tenant, first(j.Version, j.issuerVersion()), rules.KeysOf), rules)
	}
	r.check(StepIssuerTenant, strings.EqualFold(j.issuerTenant(), j.Tenant), "The claims iss and tid name the same tenant.", "The claims iss and tid name different tenants.")
	r.Steps = append(r.Steps, claims.Steps...)
	return r
}

// skip adds the steps that need the issuer's keys.
func (v *Verifier) skip(r *Result, why string) {
	for _, name := range []string{StepDiscovery, StepKey, StepSignature, StepIssuer, StepKeyIssuer} {
		r.add(name, Skipped, why)
	}
}

// authority returns the URL of the host that publishes the keys of a token's
// issuer, or why there is none.
func (v *Verifier) authority(j JWT, rules Rules) (authority, refused string) {
	host := j.issuerHost()
	if rules.Authority != "" {
		u, err := url.Parse(rules.Authority)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return "", "The authority that was chosen is not an https URL."
		}
		c, ok := cloudOfAuthority(rules.Authority)
		if strings.EqualFold(u.Host, host) || v.own(host) || ok && c.Issues(host) {
			return rules.Authority, ""
		}
		return "", "The issuer does not belong to the authority that was chosen."
	}
	if v.own(host) {
		return "https://" + host + "/", ""
	}
	for _, c := range cloud.All() {
		if host != "" && c.Issues(host) {
			return c.Authority, ""
		}
	}
	return "", "The issuer is not one of Microsoft Entra ID in any cloud, so no keys are fetched from there."
}

// checkSignature gets the issuer's keys and takes the steps that need them.
func (v *Verifier) checkSignature(ctx context.Context, r *Result, address string, rules Rules) {
	ctx, cancel := context.WithTimeoutCause(ctx, v.timeout, errSlowIssuer)
	defer cancel()
	j := r.Token.JWT
	issuer, key, found, err := v.lookUp(ctx, address, j.KeyID)
	if err != nil {
		r.Steps = append(r.Steps, Step{StepDiscovery, Failed, sentence(err), err})
		for _, name := range []string{StepKey, StepSignature, StepIssuer, StepKeyIssuer} {
			r.add(name, Skipped, "There are no keys to check it with.")
		}
		return
	}
	r.add(StepDiscovery, Passed, "The issuer's document and keys are from "+hostOfURL(address)+".")
	if !found {
		r.add(StepKey, Failed, "The issuer does not publish a key with this ID, or it withdrew it.")
		r.add(StepSignature, Skipped, "There is no key to check it with.")
	} else {
		r.add(StepKey, Passed, "The issuer publishes a key with this ID.")
		r.checkKey(key, rules)
	}
	named := strings.ReplaceAll(issuer, "{tenantid}", j.Tenant)
	r.check(StepIssuer, j.Issuer == named, "It is the one in the issuer's document.", "The issuer's document names another one: "+named+".")
	switch keyIssuer := strings.ReplaceAll(key.issuer, "{tenantid}", j.Tenant); {
	case !found:
		r.add(StepKeyIssuer, Skipped, "There is no key.")
	case keyIssuer == "":
		r.add(StepKeyIssuer, NotAsked, "The key does not say for whom it signs; those of version 1.0 do not.")
	default:
		r.check(StepKeyIssuer, keyIssuer == j.Issuer, "The key signs for this issuer.", "The key signs for another issuer: "+keyIssuer+".")
	}
}

// checkKey adds whether key made the token's signature.
func (r *Result) checkKey(key signingKey, rules Rules) {
	text := r.Token.Text.Reveal()
	end := strings.LastIndexByte(text, '.')
	if end < 0 {
		r.add(StepSignature, Failed, "The text of the token is missing.") // not from Read
		return
	}
	signature, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text[end+1:], "="))
	if err == nil {
		err = jwt.SigningMethodRS256.Verify(text[:end], signature, key.public)
	}
	switch {
	case err == nil:
		r.add(StepSignature, Passed, "The issuer's key made it.")
	case r.Token.JWT.Nonce:
		r.add(StepSignature, Undecided, "Only the audience can check it: the header has a nonce, as tokens for Microsoft Graph do.")
	case r.Token.JWT.foreign(rules):
		r.add(StepSignature, Undecided, "The issuer's key did not make it as it stands; tokens for other services of Microsoft may be made so on purpose.")
	default:
		r.add(StepSignature, Failed, "The issuer's key did not make it: the token was changed, or is not from there.")
	}
}

// foreign reports whether the token is for somebody else's API.
func (t JWT) foreign(rules Rules) bool {
	ours := rules.Audiences
	if len(ours) == 0 {
		for _, c := range cloud.All() {
			ours = append(ours, c.Audience)
		}
	}
	return !slices.ContainsFunc(t.Audiences, func(a string) bool {
		return slices.ContainsFunc(ours, func(b string) bool { return sameAudience(a, b) })
	})
}

// hostOfURL returns the host of a URL, for people.
func hostOfURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// sentence makes a sentence of an error of fetching.
func sentence(err error) string {
	text := strings.TrimPrefix(err.Error(), "token: ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
