package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// maxTries is how often the test connects until it reaches its own listener. It
// does at once, unless the relay does not know the header that asks for it.
const maxTries = 3

// errElsewhere means that another listener took what was meant for the test's.
var errElsewhere = errors.New("doctor: another listener answered")

// webSocketTrip sends a nonce through the relay to the test's own listener and
// waits for its echo.
func (r *run) webSocketTrip(ctx context.Context, s *Step) {
	if r.oneSided(s) {
		return
	}
	cfg := settings(ctx, r.plan.Send, r.sendToken)
	cfg.OnEvent = func(ev relayclient.Event) { s.opened(ev) }
	var err error
	for range maxTries {
		var conn *relayclient.Conn
		before := r.own.admitted.Load()
		began := time.Now()
		conn, err = relayclient.Dial(ctx, cfg, relayclient.DialOptions{Header: r.own.header()})
		if turnedAway(err) { // the test's own listener does not do that
			err = errElsewhere
			continue
		}
		if err != nil {
			break
		}
		if r.own.admitted.Load() == before {
			err = errElsewhere
			goodbye(ctx, conn)
			continue
		}
		opening := time.Since(began)
		var echo time.Duration
		echo, err = exchange(ctx, conn, r.own.nonce)
		goodbye(ctx, conn)
		if err == nil {
			s.Status, s.Detail = Passed, fmt.Sprintf("there and back in %s, after %s to connect", ms(echo), ms(opening))
			return
		}
		break
	}
	r.tripFailed(ctx, s, err)
}

// goodbye closes conn in an orderly way, but at once when ctx ends.
func goodbye(ctx context.Context, conn *relayclient.Conn) {
	stop := context.AfterFunc(ctx, conn.CloseNow)
	defer stop()
	_ = conn.Close(1000, "a connection test")
}

// exchange writes nonce and returns how long its echo took.
func exchange(ctx context.Context, conn *relayclient.Conn, nonce string) (time.Duration, error) {
	sent := time.Now()
	if err := conn.Write(ctx, relayclient.Message{Data: []byte(nonce)}); err != nil {
		return 0, err
	}
	m, err := conn.Read(ctx)
	switch {
	case err != nil:
		return 0, err
	case m.Binary || string(m.Data) != nonce:
		return 0, errElsewhere
	}
	return time.Since(sent), nil
}

// httpTrip sends a request through the relay to the test's own listener.
func (r *run) httpTrip(ctx context.Context, s *Step) {
	if r.oneSided(s) {
		return
	}
	if r.unsteered || errors.Is(r.report.Step(WebSocketTrip).Err, errElsewhere) {
		s.notApplicable("a request would reach other people's listeners")
		return
	}
	transport, err := relayclient.NewTransport(settings(ctx, r.plan.Send, r.sendToken))
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	for range maxTries {
		if err = r.request(ctx, client, s); !errors.Is(err, errElsewhere) {
			break
		}
	}
	if err != nil {
		r.tripFailed(ctx, s, err)
		return
	}
	s.Status = Passed
}

// request makes one request and compares the answer.
func (r *run) request(ctx context.Context, client *http.Client, s *Step) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.cfg.Namespace, nil)
	if err != nil {
		return err
	}
	req.Header = r.own.header()
	before, sent := r.own.admitted.Load(), time.Now()
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if relayclient.AnsweredByRelay(resp) {
		if err := relayclient.RelayError(resp); err != nil {
			return err
		}
		return fmt.Errorf("request: %w", relayclient.ErrNotRelay) // it relays, or it refuses
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	switch {
	case err != nil:
		return err
	case r.own.admitted.Load() == before, string(body) != r.own.nonce:
		return errElsewhere
	}
	s.Detail = fmt.Sprintf("%s in %s", plain(resp.Status, 40), ms(time.Since(sent)))
	return nil
}

// oneSided skips a round trip that has only one end.
func (r *run) oneSided(s *Step) bool {
	switch {
	case r.plan.Send == nil:
		s.notApplicable("a round trip needs a sender, too")
	case r.plan.Listen == nil:
		s.notApplicable("a round trip needs a listener, too")
	case r.report.Step(SendRight).lacking:
		s.notApplicable("a round trip needs the right to send")
	case r.report.Step(ListenRight).lacking:
		s.notApplicable("a round trip needs the right to listen")
	default:
		return false
	}
	return true
}

// tripFailed says why a round trip did not come about.
func (r *run) tripFailed(ctx context.Context, s *Step, err error) {
	if errors.Is(err, errElsewhere) {
		s.Err = err
		s.warn(explain.AnsweredElsewhere())
		return
	}
	s.fail(timeout(ctx, relayclient.Upgrading, r.route.Proxy != "", err), relayclient.Sending)
}
