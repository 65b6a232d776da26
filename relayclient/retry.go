package relayclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// goodFor is how long a control channel must have lived for its loss to count
// as the first one: a relay that drops every channel at once is not besieged.
const goodFor = 5 * time.Second

// open makes the first attempt and, if keepTrying, those after it.
func (l *Listener) open(ctx context.Context, keepTrying bool) (*controlChannel, error) {
	var phases Phases
	ch, err := l.attempt(ctx, 1, &phases)
	if err == nil || !keepTrying || final(err) || ctx.Err() != nil {
		return ch, err
	}
	return l.retry(ctx, err, phases, 1)
}

// reopen replaces a control channel that was lost.
func (l *Listener) reopen(ctx context.Context, lost error, lived time.Duration) (*controlChannel, error) {
	return l.retry(ctx, lost, Phases{}, triesAfter(lived))
}

// triesAfter returns how many delays of the schedule a channel that lived so
// long has used up.
func triesAfter(lived time.Duration) int {
	if lived < goodFor {
		return 1
	}
	return 0
}

// retry waits and attempts until one attempt succeeds, one fails for good, or
// ctx ends. tries is how many delays of the schedule are used up already, and
// phases is how far the attempt that failed with err came.
func (l *Listener) retry(ctx context.Context, err error, phases Phases, tries int) (*controlChannel, error) {
	for {
		delay := l.delay(err, tries)
		l.emit(Event{Kind: StateChanged, State: Waiting, Err: err, RetryIn: delay, Attempt: tries, Phases: phases})
		if !sleep(ctx, delay) {
			return nil, context.Cause(ctx)
		}
		tries++
		var ch *controlChannel
		phases = Phases{}
		if ch, err = l.attempt(ctx, tries, &phases); err == nil {
			return ch, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if final(err) {
			return nil, err
		}
	}
}

// delay looks up the schedule. A rejected token is retried slowly: a new role
// assignment takes minutes to arrive, and a wrong key never will.
func (l *Listener) delay(err error, tries int) time.Duration {
	schedule := l.cfg.Timing.Retry
	i := min(tries, len(schedule)-1)
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrSignIn) {
		i = len(schedule) - 1
	}
	d := schedule[i]
	if d > 0 {
		d += rand.N(d/5 + 1)
	}
	return d
}

// final reports whether trying again cannot help.
func final(err error) bool {
	return errors.Is(err, ErrNotFound) || errors.Is(err, ErrTokenNeeded)
}

// sleep waits for d and reports whether ctx lived that long.
func sleep(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
