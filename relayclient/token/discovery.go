package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what an issuer can make a Verifier hold or wait for.
const (
	maxDocument = 1 << 20          // bytes of a document or a key set
	maxIssuers  = 64               // whose keys are kept
	maxFetches  = 4                // at a time
	keysLast    = 24 * time.Hour   // how long keys are kept
	forcedPause = 5 * time.Minute  // between fetches for the sake of an unknown key
	failedPause = 30 * time.Second // between fetches from an issuer that cannot be reached
)

// ErrFetch says that an issuer's document or keys could not be had, which
// says nothing about the token.
var ErrFetch = errors.New("token: the issuer's keys cannot be fetched")

// An issuerKeys is what is known of one issuer. Whoever holds the turn may
// read and change it.
type issuerKeys struct {
	turn    chan struct{}
	issuer  string // as the document names it
	keys    map[string]signingKey
	fetched time.Time // zero if never
	forced  time.Time // the last fetch for an unknown key
	failed  time.Time
	err     error // of the fetch at failed
}

// discoveryURL returns where the document for a tenant's tokens is. keysOf, if
// not empty, is an application with signing keys of its own.
func discoveryURL(authority, tenant, version, keysOf string) string {
	address := strings.TrimRight(authority, "/") + "/" + tenant
	if version == "2.0" {
		address += "/v2.0"
	}
	address += "/.well-known/openid-configuration"
	if keysOf != "" {
		address += "?appid=" + url.QueryEscape(keysOf)
	}
	return address
}

// known returns what is known of the issuer with the document at address, and
// makes room for it.
func (v *Verifier) known(address string) *issuerKeys {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e, ok := v.issuers[address]; ok {
		return e
	}
	for other := range v.issuers {
		if len(v.issuers) < maxIssuers {
			break
		}
		delete(v.issuers, other) // any will do: it is fetched again if need be
	}
	e := &issuerKeys{turn: make(chan struct{}, 1)}
	v.issuers[address] = e
	return e
}

// lookUp returns the issuer that the document at address names, and its key
// kid if there is one. It fetches what is not known, too old or, not too
// often, lacks the key.
func (v *Verifier) lookUp(ctx context.Context, address, kid string) (issuer string, key signingKey, found bool, err error) {
	e := v.known(address)
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return "", signingKey{}, false, fmt.Errorf("%w: %w", ErrFetch, context.Cause(ctx))
	}
	now := v.now()
	fresh := false
	if age := now.Sub(e.fetched); e.fetched.IsZero() || age >= keysLast || age < 0 {
		if e.err != nil && now.Sub(e.failed) < failedPause {
			return "", signingKey{}, false, e.err
		}
		if err := v.fetch(ctx, address, e); err != nil {
			return "", signingKey{}, false, err
		}
		fresh = true
	}
	key, found = e.keys[kid]
	if !found && !fresh && (e.forced.IsZero() || now.Sub(e.forced) >= forcedPause) {
		e.forced = now
		if err := v.fetch(ctx, address, e); err != nil {
			e.forced = now.Add(failedPause - forcedPause) // keys may just have been exchanged
			return "", signingKey{}, false, err
		}
		key, found = e.keys[kid]
	}
	return e.issuer, key, found, nil
}

// fetch gets document and keys anew. A failure leaves those that are there.
func (v *Verifier) fetch(ctx context.Context, address string, e *issuerKeys) error {
	err := v.fetchInto(ctx, address, e)
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrFetch, err)
		if ctx.Err() == nil || errors.Is(context.Cause(ctx), errSlowIssuer) {
			e.failed, e.err = v.now(), err // not if it was the caller who gave up
		}
		return err
	}
	e.fetched, e.err = v.now(), nil
	return nil
}

func (v *Verifier) fetchInto(ctx context.Context, address string, e *issuerKeys) error {
	select {
	case v.fetching <- struct{}{}:
		defer func() { <-v.fetching }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	data, err := v.get(ctx, address)
	if err != nil {
		return err
	}
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if json.Unmarshal(data, &document) != nil || document.Issuer == "" || document.Keys == "" {
		return errors.New("the answer is not a discovery document")
	}
	u, err := url.Parse(document.Keys)
	if err != nil || u.Scheme != "https" || u.User != nil || !v.trusts(u.Host) && !sameHost(u, address) {
		return errors.New("the discovery document names a place for its keys that is not the issuer's")
	}
	if data, err = v.get(ctx, document.Keys); err != nil {
		return err
	}
	keys, err := parseKeys(data)
	if err != nil {
		return fmt.Errorf("keys of %s: %w", u.Host, err)
	}
	e.issuer, e.keys = document.Issuer, keys
	return nil
}

func sameHost(u *url.URL, address string) bool {
	other, err := url.Parse(address)
	return err == nil && strings.EqualFold(u.Host, other.Host)
}

// get fetches one document over HTTPS. It follows no redirect.
func (v *Verifier) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the address of the issuer's document is not a URL")
	}
	req.Header.Set("Accept", "application/json")
	resp, err := v.client.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("%s: %w", req.URL.Host, cause)
		}
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers with status %d", req.URL.Host, resp.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: reading its answer: %w", req.URL.Host, err)
	case len(data) > maxDocument:
		return nil, fmt.Errorf("%s: its answer is longer than %d bytes", req.URL.Host, maxDocument)
	}
	return data, nil
}
