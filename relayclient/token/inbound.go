package token

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"relayscope/relayclient/cloud"
)

// An Inbound checks the tokens of requests that reach a listener, such as
// those that Azure SignalR Service puts into its upstream calls. It expects at
// least one audience; without, no token passes.
type Inbound struct {
	Rules
	Verifier *Verifier // fetches issuers' keys; it must not be nil

	// Refuse lets Handler answer requests whose token does not pass. Otherwise
	// they are only reported, and served.
	Refuse bool
}

// NewInbound returns checks by these rules whose Verifier fetches keys with
// client. The issuers among the rules are trusted, because a person expects
// them: one that is of no Azure cloud publishes its keys at its own host.
func NewInbound(rules Rules, refuse bool, client *http.Client) Inbound {
	options := VerifierOptions{Client: client}
	for _, issuer := range rules.Issuers {
		u, err := url.Parse(issuer)
		if err != nil || u.Host == "" || slices.ContainsFunc(cloud.All(), func(c cloud.Cloud) bool { return c.Issues(u.Host) }) {
			continue
		}
		options.Hosts = append(options.Hosts, u.Host)
		rules.Authority = "https://" + u.Host + "/"
	}
	return Inbound{Rules: rules, Verifier: NewVerifier(options), Refuse: refuse}
}

// Check verifies the token in a request's header Authorization. Only Bearer
// tokens count: a SAS token or a password is none. ctx bounds what has to be
// fetched.
func (in Inbound) Check(ctx context.Context, req *http.Request) Result {
	missing := func(detail string) Result {
		return Result{Steps: []Step{{Name: StepToken, Outcome: Failed, Detail: detail}}, Time: in.Verifier.now()}
	}
	values := req.Header.Values("Authorization")
	switch {
	case len(values) == 0:
		return missing("The request has no header Authorization.")
	case len(values) > 1:
		return missing("The request has more than one header Authorization.")
	}
	scheme, text, _ := strings.Cut(strings.TrimSpace(values[0]), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return missing("The header Authorization does not hold a Bearer token.")
	}
	// Read takes wrapping off, which a person may forget about but a peer may
	// not send.
	t, err := Read(text)
	if err != nil {
		return missing(sentence(err))
	}
	if len(t.Wrapping) > 0 {
		return missing("There is something around the token: " + string(t.Wrapping[0]) + ".")
	}
	r := in.Verifier.verify(ctx, t, in.Rules, true)
	if len(in.Audiences) == 0 {
		for i := range r.Steps {
			if r.Steps[i].Name == StepAudience {
				r.Steps[i] = Step{Name: StepAudience, Outcome: Failed, Detail: "No audience is expected, so none can be right."}
			}
		}
	}
	return r
}

// Handler checks the token of every request, tells report, and lets next serve
// the request; if in.Refuse is set, only one whose token passes. Others get
// 401 with a header WWW-Authenticate, or 503 if the issuer's keys cannot be
// had, which is not the sender's fault. report may be nil; it is called by
// several goroutines at once, before the request is served.
func (in Inbound) Handler(next http.Handler, report func(Result)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r := in.Check(req.Context(), req)
		if report != nil {
			report(r)
		}
		if !in.Refuse || r.OK() {
			next.ServeHTTP(w, req)
			return
		}
		if failed := r.Failed(); len(failed) == 1 && failed[0].Name == StepDiscovery {
			w.Header().Set("Retry-After", retryAfter)
			http.Error(w, "the token cannot be checked now", http.StatusServiceUnavailable)
			return
		}
		w.Header().Set("WWW-Authenticate", challenge(r))
		http.Error(w, "the token is missing or not accepted", http.StatusUnauthorized)
	})
}

const retryAfter = "30" // seconds, as long as a failure to fetch is remembered

// challenge says in a header what a client must bring (RFC 6750, section 3).
// It names the steps that failed, not what was expected: that is for the
// listener's owner to see.
func challenge(r Result) string {
	if r.Token.Kind == 0 {
		return `Bearer realm="relay listener"`
	}
	var names []string
	for _, s := range r.Steps {
		if s.Outcome == Failed || s.Outcome == Undecided {
			names = append(names, s.Name)
		}
	}
	return `Bearer realm="relay listener", error="invalid_token", error_description="not accepted: ` + strings.Join(names, ", ") + `"`
}
