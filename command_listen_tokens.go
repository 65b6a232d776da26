package main

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/token"
)

// inboundSettings are the options about tokens that HTTP requests bring along
// to the listener.
type inboundSettings struct {
	CheckTokens       bool     `name:"check-tokens" group:"Inbound tokens" help:"Check the Bearer token of every HTTP request, and answer 200 instead of 501 unless --http-answer says otherwise."`
	ExpectAudience    []string `name:"expect-audience" group:"Inbound tokens" sep:"none" help:"Audience that a token must be for, character by character; give several for a choice." placeholder:"URI"`
	ExpectIssuer      []string `name:"expect-issuer" group:"Inbound tokens" sep:"none" help:"Issuer that it must come from, such as https://sts.windows.net/TENANT/." placeholder:"URL"`
	ExpectTenant      []string `name:"expect-tenant" group:"Inbound tokens" sep:"none" help:"ID of the tenant that it must come from." placeholder:"ID"`
	ExpectApplication []string `name:"expect-application" group:"Inbound tokens" sep:"none" help:"To whom it may have been issued: ID of an application or principal, or resource ID of a managed identity." placeholder:"ID"`
	RefuseTokens      bool     `name:"refuse-tokens" group:"Inbound tokens" help:"Answer 401 to requests whose token is missing or does not pass."`
}

// check finds options that are missing and such that would have no effect.
func (s *inboundSettings) check() error {
	more := s.RefuseTokens || len(s.ExpectAudience)+len(s.ExpectIssuer)+len(s.ExpectTenant)+len(s.ExpectApplication) > 0
	switch {
	case !s.CheckTokens && more:
		return errors.New("--expect-… and --refuse-tokens go with --check-tokens")
	case s.CheckTokens && len(s.ExpectAudience) == 0:
		return errors.New("--check-tokens needs --expect-audience: a token for somebody else must not pass")
	case s.CheckTokens && len(s.ExpectIssuer)+len(s.ExpectTenant) == 0:
		return errors.New("--check-tokens needs --expect-issuer or --expect-tenant: anybody can have a tenant")
	}
	for _, issuer := range s.ExpectIssuer {
		if u, err := url.Parse(issuer); err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
			return errors.New("--expect-issuer takes a URL that begins with https://")
		}
	}
	return nil
}

// handler checks what cfg's listener gets.
func (s *inboundSettings) handler(cfg relayclient.Config, next http.Handler, report func(*http.Request, token.Result)) http.Handler {
	proxy := cfg.Proxy
	if proxy == nil {
		proxy = relayclient.ProxyFromEnvironment
	}
	client := &http.Client{Transport: &http.Transport{
		Proxy:           proxy,
		TLSClientConfig: &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		IdleConnTimeout: time.Minute,
	}}
	rules := token.Rules{Audiences: s.ExpectAudience, Issuers: s.ExpectIssuer, Tenants: s.ExpectTenant, Applications: s.ExpectApplication}
	in := token.NewInbound(rules, s.RefuseTokens, client)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		in.Handler(next, func(r token.Result) { report(req, r) }).ServeHTTP(w, req)
	})
}

// checked tells what became of the token of a request.
func (r *reporter) checked(req *http.Request, result token.Result) {
	path, _, _ := strings.Cut(req.RequestURI, "?")
	line := reportLine{Event: "token-checked", Time: result.Time, Role: relayclient.Listening.String(), Method: req.Method, Path: path}
	passed := result.OK()
	line.TokenPassed = &passed
	for _, s := range result.Failed() {
		line.TokenFailed = append(line.TokenFailed, tokenStep{s.Name, s.Outcome, s.Detail})
	}
	r.write(line)
}

// verdict is a check for people.
func (l reportLine) verdict() string {
	if *l.TokenPassed {
		return "the token passes"
	}
	var failed []string
	for _, s := range l.TokenFailed {
		failed = append(failed, visible(s.Name+": "+s.Detail))
	}
	return "the token does not pass. " + strings.Join(failed, " ")
}

// A serialReporter lets the listener's events and the checks of its requests
// share one output.
type serialReporter struct {
	mu sync.Mutex
	to *reporter
}

func (s *serialReporter) event(ev relayclient.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.report(ev)
}

func (s *serialReporter) answerFailed(id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.answerFailed(id, err)
}

func (s *serialReporter) checked(req *http.Request, r token.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to.checked(req, r)
}
