package live

import (
	"context"
	"time"

	"relayscope/relayclient"
)

// CountAgain sets how soon the relay is asked again when its count is in doubt.
func (s *Session) CountAgain(in time.Duration) { s.countAgain = in }

// Resolve returns the settings of a sender.
func (s *Session) Resolve() (relayclient.Config, error) {
	return s.resolve(context.Background(), s.Profile(), relayclient.Sending)
}
