package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// A run is one test under way. It belongs to the goroutine that Run is on.
type run struct {
	plan   Plan
	on     func(Step)
	report Report
	left   time.Duration // of the budget
	spent  ID            // the step that used it up

	cfg         relayclient.Config // for what does not depend on the role
	route       relayclient.Route
	addresses   []netip.Addr
	deployment  string   // the part of Azure that the namespace is on, if DNS told
	conn        net.Conn // the way to the relay as far as it has been made
	listenToken relayclient.TokenProvider
	sendToken   relayclient.TokenProvider
	others      presence
	unsteered   bool // the relay does not choose listeners as it is asked
	own         *ownListener
}

// need lists the steps that another one builds on.
type need []ID

// do makes one step, if it is in the plan, can be made and there is time.
func (r *run) do(ctx context.Context, id ID, limit time.Duration, needs need, step func(context.Context, *Step)) {
	i := slices.IndexFunc(r.report.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 || ctx.Err() != nil {
		return
	}
	s := &r.report.Steps[i]
	defer func() { r.tell(*s) }()
	if blocked, by := r.blocked(needs); blocked {
		s.Status, s.BlockedBy = Skipped, by
		return
	}
	own := r.plan.TokenPatience > 0 && (id == Token || id == TokenListen || id == TokenSend)
	switch {
	case own:
		limit = r.plan.TokenPatience
	case r.left <= 0:
		s.Status, s.BlockedBy, s.Detail = Skipped, r.spent, "no time was left"
		return
	default:
		limit = min(limit, r.left)
	}
	s.Status, s.Began = Running, time.Now()
	r.tell(*s)
	bounded, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("no answer within %v: %w", limit.Round(10*time.Millisecond), context.DeadlineExceeded))
	step(bounded, s)
	late := over(bounded, s.Err)
	cancel()
	s.Took = time.Since(s.Began)
	if !own {
		r.left -= s.Took
		if r.left <= 0 {
			r.spent = id
		}
	}
	switch {
	case ctx.Err() != nil && s.Status != Passed:
		s.Status, s.Detail, s.Err, s.Finding = NotRun, "stopped", nil, explain.Message{}
	case s.Status == Skipped: // it found that it does not apply
		s.Began, s.Took = time.Time{}, 0
	case s.Status == Failed && late:
		s.OutOfTime = true
	case s.Status == Running: // a step that forgot to say so is not healthy
		s.Status = NotRun
	}
}

// blocked returns the step that is in the way of one that needs these. A step
// that is not in the plan or does not apply is in nobody's way.
func (r *run) blocked(needs need) (blocked bool, by ID) {
	for _, id := range needs {
		i := slices.IndexFunc(r.report.Steps, func(s Step) bool { return s.ID == id })
		if i < 0 || r.report.Steps[i].Healthy() {
			continue
		}
		switch s := r.report.Steps[i]; {
		case s.Status == Skipped && s.BlockedBy == "":
			continue
		case s.Status == Skipped:
			return true, s.BlockedBy
		}
		return true, id
	}
	return false, ""
}

func (r *run) tell(s Step) {
	if r.on != nil {
		s.Seen, s.TrackingIDs = slices.Clone(s.Seen), slices.Clone(s.TrackingIDs)
		r.on(s)
	}
}

// fail notes why a step failed, in the words that everything else uses, too.
func (s *Step) fail(err error, role relayclient.Role) {
	s.Status, s.Err, s.Finding = Failed, err, explain.Error(err, role)
	s.track(s.Finding.TrackingID)
}

// warn notes what is not as it should be.
func (s *Step) warn(m explain.Message) {
	s.Status, s.Finding = Warned, m
	s.track(m.TrackingID)
}

// notApplicable skips a step that makes no sense in this plan.
func (s *Step) notApplicable(why string) { s.Status, s.Detail = Skipped, why }

// track notes a tracking ID. The service adds to the one that a sender chose;
// the longer form says all.
func (s *Step) track(id string) {
	if id == "" {
		return
	}
	for i, known := range s.TrackingIDs {
		if strings.HasPrefix(known, id) {
			return
		}
		if strings.HasPrefix(id, known) {
			s.TrackingIDs[i] = id
			return
		}
	}
	s.TrackingIDs = append(s.TrackingIDs, id)
}

// timeout puts the end of a step's time into the client's own error.
func timeout(ctx context.Context, stage relayclient.Stage, proxied bool, err error) error {
	if !over(ctx, err) || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return err
	}
	return &relayclient.TimeoutError{Op: "test", Stage: stage, Proxied: proxied, Err: context.Cause(ctx)}
}

// over reports whether ctx has ended. A socket that was given its deadline may
// notice it a moment earlier.
func over(ctx context.Context, err error) bool {
	if deadline, ok := ctx.Deadline(); ok && isTimeout(err) && !time.Now().Before(deadline) {
		<-ctx.Done()
	}
	return ctx.Err() != nil
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}

// close ends whatever is still open. Calling it twice is harmless.
func (r *run) close() {
	if r.conn != nil {
		r.conn.Close()
		r.conn = nil
	}
	if r.own != nil {
		r.own.close()
		r.report.TurnedAway = r.own.turnedAway()
		r.own = nil
	}
}
