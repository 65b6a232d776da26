// Package doctor tests whether a hybrid connection can be used from this
// computer, as a list of steps from looking up a name to a round trip through
// the relay. What it takes and what it gives is plain data: the window, the
// command and the text on the clipboard are renderings of the same Report.
package doctor

import (
	"context"
	"net"
	"time"

	"relayscope/relayclient"
)

// A Plan says what to test.
type Plan struct {
	// Listen and Send are what the two roles would use; nil means that one is
	// not wanted. Both are about the same hybrid connection. Namespace,
	// HybridConnection, Token, RootCAs, Logger, Proxy and ProxySource count: the
	// test decides itself whom it admits and how long it waits. A Token that is a
	// signin.Provider also says as whom.
	Listen, Send *relayclient.Config

	// Reader, if set, may read the runtime information, which says whether a
	// sender without a token is admitted; otherwise Listen is tried. It takes the
	// Manage right.
	Reader *relayclient.Config

	// OneCredential says that both roles sign in with the same thing. Its token
	// is fetched once, and a right that it lacks is worth a warning, not a
	// failure, as long as it has the other one.
	OneCredential bool

	// Budget bounds all of it; 0 means DefaultBudget.
	Budget time.Duration

	// TokenPatience, if set, is how long fetching a token may take, apart from
	// the Budget: for ways to sign in that wait for a person.
	TokenPatience time.Duration

	Resolver *net.Resolver // for the first step; nil: the system's
}

// DefaultBudget is how long a test takes at most, whatever hangs.
const DefaultBudget = 10 * time.Second

// cleanup is what a step may need to end after its time is over. It is kept
// back from the budget.
const cleanup = 400 * time.Millisecond

// How long one step may hang. Together that is more than the budget: as a rule
// only one step hangs, and those that depend on it are skipped.
const (
	lookupLimit = 4 * time.Second
	tcpLimit    = 4 * time.Second
	proxyLimit  = 4 * time.Second
	tlsLimit    = 4 * time.Second
	clockLimit  = 3 * time.Second
	tokenLimit  = 5 * time.Second
	rightLimit  = 4 * time.Second
	tripLimit   = 4 * time.Second
)

// Run makes the test. onStep, which may be nil, is told of every step when it
// begins, with Status Running, and when it has ended or is skipped; it is
// called on Run's goroutine and should be quick. Cancelling ctx ends the test
// at once; what was not reached then is NotRun.
//
// While the test listens, senders that are not its own may reach it. They are
// turned away with 503 and a sentence, and counted. Its own senders ask the
// relay for its own listener, so that nobody else's is disturbed.
func Run(ctx context.Context, plan Plan, onStep func(Step)) Report {
	r := &run{plan: plan, on: onStep, left: plan.Budget}
	if r.left <= 0 {
		r.left = DefaultBudget
	}
	r.left -= min(cleanup, r.left/4)
	r.report = Report{Started: time.Now(), Steps: plan.Steps()}
	defer r.close()

	r.do(ctx, Profile, time.Second, nil, r.profile)
	r.do(ctx, DNS, lookupLimit, need{Profile}, r.lookUp)
	r.do(ctx, TCP, tcpLimit, need{DNS}, r.connect)
	r.do(ctx, Proxy, proxyLimit, need{TCP}, r.proxy)
	r.do(ctx, TLS, tlsLimit, need{Proxy}, r.secure)
	r.do(ctx, Clock, clockLimit, need{TLS}, r.clock)
	// Tokens come from elsewhere, so they are fetched whatever the network to
	// the relay is like.
	if plan.OneCredential && plan.Listen != nil && plan.Send != nil {
		r.do(ctx, Token, tokenLimit, need{Profile}, func(ctx context.Context, s *Step) {
			r.listenToken = r.token(ctx, s, plan.Listen, relayclient.Listening)
			r.sendToken = r.listenToken
		})
	} else {
		r.do(ctx, TokenListen, tokenLimit, need{Profile}, func(ctx context.Context, s *Step) {
			r.listenToken = r.token(ctx, s, plan.Listen, relayclient.Listening)
		})
		r.do(ctx, TokenSend, tokenLimit, need{Profile}, func(ctx context.Context, s *Step) {
			r.sendToken = r.token(ctx, s, plan.Send, relayclient.Sending)
		})
	}
	// Sending comes first: before the test's own listener is there, the answer
	// also tells whether others are.
	r.do(ctx, SendRight, rightLimit, need{TLS, Token, TokenSend}, r.send)
	r.do(ctx, ListenRight, rightLimit, need{TLS, Token, TokenListen}, r.listen)
	r.do(ctx, WebSocketTrip, tripLimit, need{SendRight, ListenRight}, r.webSocketTrip)
	r.do(ctx, HTTPTrip, tripLimit, need{SendRight, ListenRight, WebSocketTrip}, r.httpTrip)
	r.close()
	r.report.Stopped = ctx.Err() != nil
	r.report.Took = time.Since(r.report.Started)
	r.report.judge()
	return r.report
}
