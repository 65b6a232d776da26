package live

import (
	"context"
	"fmt"
	"time"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// following returns a context that notes how far opening a connection has got.
func (s *Session) following(ctx context.Context, role relayclient.Role) context.Context {
	return relayclient.WithProgress(ctx, func(stage relayclient.Stage) {
		s.mu.Lock()
		s.stages[role] = stage
		s.mu.Unlock()
		s.notify()
	})
}

// stage returns what a role that is connecting is doing.
func (s *Session) stage(role relayclient.Role) relayclient.Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stages[role]
}

// Progress says in a few words how a session is getting on: what it is doing
// and for how long, or how long it has been online and its token still lasts.
// It is "" when there is nothing to say.
func (s *Session) Progress(now time.Time) string {
	listener, _ := s.Listener()
	sender := s.Sender()
	switch {
	case listener.State == relayclient.Connecting:
		text := doing(s.stage(relayclient.Listening)) + ", " + elapsed(now.Sub(listener.Since))
		if listener.Attempt > 1 {
			text += fmt.Sprintf(", attempt %d", listener.Attempt)
		}
		return text
	case listener.State == relayclient.Online:
		text := "for " + clock(now.Sub(listener.Since))
		if !listener.TokenExpires.IsZero() {
			text += " · token " + remaining(listener.TokenExpires.Sub(now))
		}
		return text
	case listener.State == relayclient.Waiting:
		return "next try " + in(listener.RetryAt.Sub(now))
	case sender.State == SenderConnecting:
		return doing(s.stage(relayclient.Sending)) + ", " + elapsed(now.Sub(sender.Since))
	case sender.State == SenderConnected:
		return "for " + clock(now.Sub(sender.Since))
	}
	return ""
}

func doing(stage relayclient.Stage) string {
	if stage == 0 {
		return "beginning"
	}
	return stage.String()
}

// clock writes a duration as hours, minutes and seconds.
func clock(d time.Duration) string {
	seconds := int(max(0, d) / time.Second)
	return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

// ConnectingNow reports whether nothing is connected yet, so that stopping
// means giving up.
func ConnectingNow(s *Session) bool {
	kind, _ := StateOf(s)
	return kind == widgets.StatusBusy && s.Running() && !s.Stopping()
}
