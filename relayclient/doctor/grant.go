package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"relayscope/relayclient"
)

// A Tick is one attempt of WatchUntilGranted.
type Tick struct {
	Attempt int       // from 1
	At      time.Time // when it was made
	Next    time.Time // when the next one follows; zero if none does
	Err     error     // why it was refused; nil if it was granted
}

// DefaultWatch is how often WatchUntilGranted asks. A new role assignment
// takes up to five minutes to arrive.
const DefaultWatch = 15 * time.Second

// A Right is what WatchUntilGranted waits for.
type Right struct {
	Role   relayclient.Role
	Config relayclient.Config
}

// Awaited returns the rights that a test of plan found missing and that may
// still come.
func (r Report) Awaited(plan Plan) []Right {
	var rights []Right
	if plan.Send != nil && r.Step(SendRight).MayCome {
		rights = append(rights, Right{relayclient.Sending, *plan.Send})
	}
	if plan.Listen != nil && r.Step(ListenRight).MayCome {
		rights = append(rights, Right{relayclient.Listening, *plan.Listen})
	}
	return rights
}

// WatchUntilGranted tries to listen or to send until the relay grants it, for
// a role assignment that was made just now. Of several rights one will do: who
// has neither was perhaps to get one alone. every is the time between two
// attempts; 0 means DefaultWatch. onTick, which may be nil, is told of each
// attempt on the caller's goroutine. It returns nil as soon as a right is
// granted, the cause of ctx when that ends, and otherwise the failure that
// waiting cannot mend: anything but 401 and 403, and a token that is wrong in
// itself.
//
// An attempt takes at most ten seconds for each right, so a person should have
// signed in before. The listener that it opens is closed at once, and senders
// that reach it meanwhile are told to connect again. No listener is reached by
// its sender.
func WatchUntilGranted(ctx context.Context, rights []Right, every time.Duration, onTick func(Tick)) error {
	if every <= 0 {
		every = DefaultWatch
	}
	pause := time.NewTimer(0)
	defer pause.Stop()
	for attempt := 1; ; attempt++ {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		tick := Tick{Attempt: attempt, At: time.Now()}
		tick.Err = tryAny(ctx, rights)
		if ctx.Err() != nil && tick.Err != nil {
			return context.Cause(ctx)
		}
		again := tick.Err != nil && mayCome(tick.Err)
		if again {
			tick.Next = tick.At.Add(every)
			pause.Reset(time.Until(tick.Next))
		}
		if onTick != nil {
			onTick(tick)
		}
		if !again {
			return tick.Err
		}
	}
}

// tryAny asks for each of the rights once. It returns nil if one is granted, and
// otherwise an error that may end by itself rather than one that will not.
func tryAny(ctx context.Context, rights []Right) error {
	var refused error
	for _, r := range rights {
		err := try(ctx, r)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if refused == nil || !mayCome(refused) {
			refused = err
		}
	}
	return refused
}

// try asks for a right once.
func try(ctx context.Context, r Right) error {
	cfg := r.Config
	ctx, cancel := context.WithTimeoutCause(ctx, DefaultBudget, errNoAnswer)
	defer cancel()
	token := cfg.Token
	if token != nil {
		value, err := fetch(ctx, token, relayclient.Audience(cfg.Namespace, cfg.HybridConnection))
		if err != nil {
			return err
		}
		token = relayclient.StaticToken(value)
	}
	cfg = settings(ctx, &cfg, token)
	if r.Role == relayclient.Sending {
		_, _, err := knock(ctx, cfg)
		return err
	}
	own, err := openListener(ctx, cfg, &Step{})
	if err != nil {
		return err
	}
	own.close()
	return nil
}

// errNoAnswer ends an attempt that hangs.
var errNoAnswer = fmt.Errorf("no answer within %v: %w", DefaultBudget, context.DeadlineExceeded)

// mayCome reports whether a refusal may end by itself. A wrong key never will.
func mayCome(err error) bool {
	var he *relayclient.HandshakeError
	if !errors.As(err, &he) || !errors.Is(err, relayclient.ErrUnauthorized) {
		return false
	}
	switch he.Cause {
	case relayclient.CauseBadSignature, relayclient.CauseWrongAudience, relayclient.CauseMalformedToken, relayclient.CauseMissingToken, relayclient.CauseExpired:
		return false
	}
	return true
}
