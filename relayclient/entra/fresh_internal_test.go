package entra

import (
	"testing"
	"time"

	"relayscope/relayclient"
)

// A listener asks for the next token when a quarter of the life of the old one
// is left, or five minutes; it must get another one then.
func TestTokenIsDueBeforeAListenerAsks(t *testing.T) {
	issued := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ life, asked time.Duration }{
		{time.Hour, 45 * time.Minute},
		{24 * time.Hour, 18 * time.Hour},
		{12 * time.Minute, 7 * time.Minute},
		{10 * time.Minute, 7*time.Minute + 30*time.Second},
		{3 * time.Minute, 2*time.Minute + 15*time.Second},
	} {
		p := &Provider{issued: issued, token: relayclient.Token{Expires: issued.Add(tt.life)}}
		if p.fresh(issued.Add(tt.asked)) {
			t.Errorf("of %v, after %v: it is handed out again", tt.life, tt.asked)
		}
		if !p.fresh(issued.Add(tt.life / 3)) {
			t.Errorf("of %v: it is thrown away in its first third", tt.life)
		}
	}
}
