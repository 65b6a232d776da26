package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/entra"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/signin"
)

// A presence says whether other listeners are online.
type presence int

const (
	unknown presence = iota
	nobody
	somebody
)

// steering is the header by which a sender names the listeners that may get
// it. It is not documented, but Microsoft's own clients use it.
const steering = "Microsoft-Relay-AllowedListeners"

// closePatience is how long the test waits for somebody's Close. The frame has
// left by then, which is what matters.
const closePatience = 150 * time.Millisecond

// settings are those of a role, reduced to what a test may take over.
func settings(ctx context.Context, from *relayclient.Config, token relayclient.TokenProvider) relayclient.Config {
	limit := tripLimit
	if deadline, ok := ctx.Deadline(); ok {
		limit = time.Until(deadline) + time.Second // ctx ends first
	}
	return relayclient.Config{
		Namespace: from.Namespace, HybridConnection: from.HybridConnection, Token: token,
		RootCAs: from.RootCAs, Logger: from.Logger, Proxy: from.Proxy, ProxySource: from.ProxySource,
		Timing: relayclient.Timing{Handshake: limit, SenderHandshake: limit, Accept: limit, Close: closePatience},
	}
}

// send tests the right to send without reaching any listener.
func (r *run) send(ctx context.Context, s *Step) {
	if r.plan.Send == nil {
		s.notApplicable("no sender is to be tested")
		return
	}
	admitted, err := r.anonymous(ctx)
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	cfg := settings(ctx, r.plan.Send, r.sendToken)
	cfg.OnEvent = func(ev relayclient.Event) { s.opened(ev) }
	others, steered, err := knock(ctx, cfg)
	r.unsteered = !steered
	if err != nil {
		r.refused(s, err, relayclient.Sending, r.plan.Send.Token, r.plan.OneCredential && r.plan.Listen != nil)
		return
	}
	r.others = others
	s.Status, s.Detail = Passed, "granted"
	if admitted {
		s.Detail += " to everybody, as the runtime information says"
	}
	switch others {
	case somebody:
		s.Detail += "; a listener is online"
	default:
		s.Detail += "; nobody listens"
	}
}

// anonymous looks beforehand whether a sender without a token will do. known is
// false if it has one, or if that cannot be read.
func (r *run) anonymous(ctx context.Context) (known bool, err error) {
	reader, token := r.plan.Listen, r.listenToken
	if r.plan.Reader != nil {
		reader, token = r.plan.Reader, r.plan.Reader.Token
	}
	if r.sendToken != nil || reader == nil || token == nil {
		return false, nil
	}
	return signin.CheckAnonymous(ctx, settings(ctx, reader, token))
}

// opened notes what the client tells of a connection's opening. The sender's
// UUID is the ID by which the service knows the connection.
func (s *Step) opened(ev relayclient.Event) {
	if ev.Kind == relayclient.Connected || ev.Kind == relayclient.ConnectFailed {
		s.Phases = ev.Phases
		s.track(ev.Connection)
	}
}

// knock connects as a sender that asks for a listener which does not exist. The
// relay looks at the token first, and then says whether it has any listener at
// all, and none of them notices. Where a relay does not know the header that
// asks for it, steered is false, and the connection is closed as soon as it is
// there.
func knock(ctx context.Context, cfg relayclient.Config) (others presence, steered bool, err error) {
	conn, err := relayclient.Dial(ctx, cfg, relayclient.DialOptions{Header: http.Header{steering: {rand.Text()}}})
	var he *relayclient.HandshakeError
	switch {
	case err == nil:
		stop := context.AfterFunc(ctx, conn.CloseNow)
		defer stop()
		_ = conn.Close(1000, "a connection test") // whether it was granted is known
		return somebody, false, nil
	case turnedAway(err):
		return somebody, false, nil
	case !errors.As(err, &he) || he.Foreign || he.Cause != relayclient.CauseNoListener:
		return unknown, true, err
	case strings.Contains(strings.ToLower(he.Reason), "none of the connected listeners"):
		return somebody, true, nil
	}
	return nobody, true, nil
}

// turnedAway reports whether a listener said no, for which it must have been
// asked: the status is none that the relay has for its own reasons.
func turnedAway(err error) bool {
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || he.Foreign || he.Cause != relayclient.CauseUnknown || he.StatusCode < 400 || he.StatusCode >= 500 {
		return false
	}
	switch he.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusRequestTimeout, http.StatusTooManyRequests:
		return false
	}
	return true
}

// listen tests the right to listen, and keeps the listener for the round trips.
func (r *run) listen(ctx context.Context, s *Step) {
	if r.plan.Listen == nil {
		s.notApplicable("no listener is to be tested")
		return
	}
	own, err := openListener(ctx, settings(ctx, r.plan.Listen, r.listenToken), s)
	if err != nil {
		r.refused(s, err, relayclient.Listening, r.plan.Listen.Token, r.plan.OneCredential && r.report.Step(SendRight).Status == Passed)
		return
	}
	r.own = own
	s.Status, s.Detail = Passed, "granted; online in "+ms(time.Since(s.Began))
	if r.others == somebody {
		s.Detail += ", beside other listeners"
	}
}

// refused judges a refusal. A right that is missing where the same credential
// has the other one is how a policy should be made.
func (r *run) refused(s *Step, err error, role relayclient.Role, provider relayclient.TokenProvider, other bool) {
	s.fail(err, role)
	needed, lacks := explain.LacksRole(err, role)
	if who, _ := whoIs(provider); lacks {
		s.MayCome = true
		s.Command = entra.RoleAssignment(needed, who.Identity, entra.AssignmentScope{Namespace: r.cfg.Namespace, HybridConnection: r.cfg.HybridConnection})
	}
	if other && lacksRight(err) {
		s.Status, s.Detail, s.lacking = Warned, "not granted", true
	}
}

// lacksRight reports whether the relay accepted the token but not what it was
// used for.
func lacksRight(err error) bool {
	var he *relayclient.HandshakeError
	return errors.As(err, &he) && !he.Foreign &&
		(he.Cause == relayclient.CauseMissingRight || he.Cause == relayclient.CauseUnknown && he.StatusCode == http.StatusForbidden)
}
