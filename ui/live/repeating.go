package live

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"relayscope/relayclient/journal"
)

// A Repeat says how a message is sent many times.
type Repeat struct {
	Count       int           // 0: until stopped
	Interval    time.Duration // from one message to the next; 0: as fast as they go
	Jitter      time.Duration // a wait is longer by up to that much, at random
	StopOnError bool          // also if only one of several connections fails
}

// RepeatStatus is how far a repetition is, or was.
type RepeatStatus struct {
	Repeat
	Running  bool
	Stopping bool
	Sent     int // messages, each counted once however many connections it goes to
	Began    time.Time
	Ended    time.Time
	Err      error // why it ended early; nil if the person stopped it
}

// repeating is the sender's repetition. The session's mutex guards it.
type repeating struct {
	status RepeatStatus
	cancel context.CancelCauseFunc // nil: nothing is being repeated
}

// ErrRepeating means that a message is being repeated already.
var ErrRepeating = errors.New("a message is being repeated already")

// maxLag is how far a repetition may fall behind its pace and catch up.
const maxLag = 100 * time.Millisecond

// startRepeat sends a message many times on the connections with these IDs, on
// all if there are none.
func (s *Session) startRepeat(p payload, how Repeat, ids ...int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	links := s.sender.links(ids)
	switch {
	case s.sender.repeat.cancel != nil:
		return ErrRepeating
	case len(links) == 0 || s.life.Err() != nil:
		return ErrNotConnected
	}
	ctx, cancel := context.WithCancelCause(s.life)
	s.sender.repeat = repeating{RepeatStatus{Repeat: how, Running: true, Began: time.Now()}, cancel}
	s.work.Go(func() {
		err := s.repeat(ctx, p, how, links)
		cancel(nil)
		s.repeated(err)
	})
	return nil
}

// links returns the open connections with these IDs, all if there are none.
// The caller holds the session's mutex.
func (s *senderState) links(ids []int) []*link {
	var links []*link
	for _, r := range s.chosen(ids) {
		if r.link != nil && !r.link.hungUp {
			links = append(links, r.link)
		}
	}
	return links
}

func (s *Session) repeated(err error) {
	s.mu.Lock()
	st := &s.sender.repeat.status
	st.Running, st.Stopping, st.Ended, st.Err = false, false, time.Now(), err
	s.sender.repeat.cancel = nil
	row := journal.Row{Time: st.Ended, Lane: journal.Sender, Kind: journal.State, Type: "repeated", Text: repeatWords(*st)}
	s.mu.Unlock()
	if err != nil {
		row.Kind = journal.Problem
	}
	s.journal.Append(row)
	s.notify()
}

// repeatWords says how a repetition ended.
func repeatWords(st RepeatStatus) string {
	text := plural(st.Sent, "message") + " sent in " + st.Ended.Sub(st.Began).Round(time.Millisecond).String()
	switch {
	case st.Err != nil:
		text += ", then stopped: " + st.Err.Error()
	case st.Count > 0 && st.Sent < st.Count:
		text += fmt.Sprintf(", stopped by hand before %d", st.Count)
	}
	return text
}

// StopRepeat ends the repetition. What is queued still leaves.
func (s *Session) StopRepeat() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sender.repeat.cancel != nil {
		s.sender.repeat.status.Stopping = true
		s.sender.repeat.cancel(errStopped)
	}
}

// Repeating returns how far the repetition is.
func (s *Session) Repeating() RepeatStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sender.repeat.status
}

// repeat sends p until it is done, and returns nil if nothing went wrong.
func (s *Session) repeat(ctx context.Context, p payload, how Repeat, links []*link) error {
	due := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for sent := 0; how.Count == 0 || sent < how.Count; {
		if err := waitUntil(ctx, timer, due); err != nil {
			return nil // stopped
		}
		m, err := p.number(int64(sent + 1))
		if err != nil {
			return err
		}
		for i := len(links) - 1; i >= 0; i-- { // those that fail are taken out
			err := s.sendPatiently(ctx, links[i], m)
			switch {
			case err == nil:
			case ctx.Err() != nil:
				return nil
			case how.StopOnError || len(links) == 1:
				return fmt.Errorf("connection #%d: %w", links[i].number, err)
			default:
				links = slices.Delete(links, i, i+1)
			}
		}
		sent++
		s.mu.Lock()
		s.sender.repeat.status.Sent = sent
		s.mu.Unlock()
		if due = due.Add(how.Interval); how.Jitter > 0 {
			due = due.Add(rand.N(how.Jitter))
		}
		if late := time.Now().Add(-maxLag); due.Before(late) {
			due = late // it cannot keep this pace, and need not burst later
		}
	}
	return nil
}

// waitUntil waits for a time, and returns an error when ctx has ended.
func waitUntil(ctx context.Context, timer *time.Timer, due time.Time) error {
	if wait := time.Until(due); wait > 0 {
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// sendPatiently queues p on l, and waits for room.
func (s *Session) sendPatiently(ctx context.Context, l *link, p payload) error {
	for {
		s.mu.Lock()
		err := l.send(p)
		s.mu.Unlock()
		if err != ErrBehind {
			return err
		}
		select {
		case <-l.room:
		case <-l.written: // and then it has hung up
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
