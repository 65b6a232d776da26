package live

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/token"
)

// keptChecks is how many of the latest checks a session remembers.
const keptChecks = 20

// TokenChecks are what a person expects of the Bearer tokens of HTTP requests
// that reach the listener. They are not secret, and live as long as a session.
type TokenChecks struct {
	On     bool
	Rules  token.Rules
	Refuse bool // answer requests whose token does not pass with 401
}

// A CheckedRequest says what became of the token of a request.
type CheckedRequest struct {
	Method, Path string // the path has no query
	Result       token.Result
}

// inboundState is guarded by the session's lock.
type inboundState struct {
	checks  TokenChecks
	version int // counts the changes of checks
	latest  []CheckedRequest
}

// TokenChecks returns what is expected of requests' tokens.
func (s *Session) TokenChecks() TokenChecks {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inbound.checks
}

// SetTokenChecks takes effect with the next request, without a restart of the
// listener. It keeps c's slices.
func (s *Session) SetTokenChecks(c TokenChecks) {
	s.mu.Lock()
	s.inbound.checks = c
	s.inbound.version++
	s.mu.Unlock()
	s.notify()
}

// CheckedRequests returns the latest checks, the newest first.
func (s *Session) CheckedRequests() []CheckedRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	latest := slices.Clone(s.inbound.latest)
	slices.Reverse(latest)
	return latest
}

func (s *Session) checked(req *http.Request, r token.Result) {
	path, _, _ := strings.Cut(req.RequestURI, "?")
	s.mu.Lock()
	latest := append(s.inbound.latest, CheckedRequest{Method: req.Method, Path: path, Result: r})
	s.inbound.latest = latest[max(0, len(latest)-keptChecks):]
	s.mu.Unlock()
	s.journal.Append(checkedRow(req.Method+" "+path, r))
	s.notify()
}

// checkedRow says in the message log how a request's token did.
func checkedRow(request string, r token.Result) journal.Row {
	row := journal.Row{Time: time.Now(), Lane: journal.Listener, Kind: journal.Control, Direction: journal.In, Type: "token", Text: "passes: " + request}
	if r.OK() {
		return row
	}
	row.Kind, row.Text = journal.Problem, "does not pass: "+request
	var why []string
	for _, step := range r.Steps {
		if step.Outcome != token.Passed && step.Outcome != token.NotAsked {
			why = append(why, step.Name+": "+step.Detail)
		}
	}
	row.Detail = strings.Join(why, "\n")
	if len(why) > 0 {
		row.Text += ". " + why[0]
	}
	return row
}

// An inboundHandler checks the requests of one start of the listener.
type inboundHandler struct {
	session *Session
	client  *http.Client // fetches keys on the way that the listener goes
	next    http.Handler

	mu      sync.Mutex
	version int
	in      token.Inbound // made for version
}

func newInboundHandler(s *Session, cfg relayclient.Config) *inboundHandler {
	proxy := cfg.Proxy
	if proxy == nil {
		proxy = relayclient.ProxyFromEnvironment
	}
	return &inboundHandler{session: s, next: cfg.Handler, version: -1, client: &http.Client{Transport: &http.Transport{
		Proxy:           proxy,
		TLSClientConfig: &tls.Config{RootCAs: cfg.RootCAs, MinVersion: tls.VersionTLS12},
		IdleConnTimeout: time.Minute,
	}}}
}

func (h *inboundHandler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h.session.mu.Lock()
	checks, version := h.session.inbound.checks, h.session.inbound.version
	h.session.mu.Unlock()
	if !checks.On {
		h.next.ServeHTTP(w, req)
		return
	}
	in := h.inbound(checks, version)
	in.Handler(h.next, func(r token.Result) { h.session.checked(req, r) }).ServeHTTP(w, req)
}

// inbound returns what checks by a version of the settings. Keys that were
// fetched are kept until the settings change.
func (h *inboundHandler) inbound(checks TokenChecks, version int) token.Inbound {
	h.mu.Lock()
	defer h.mu.Unlock()
	if version == h.version {
		return h.in
	}
	in := token.NewInbound(checks.Rules, checks.Refuse, h.client)
	h.in, h.version = in, version
	return in
}
