package relayclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// renewAfter returns how long to use a token of this lifetime before it is
// replaced: three quarters of it, or five minutes before its end if that comes
// first and the token lives long enough for it to make sense.
func renewAfter(lifetime time.Duration) time.Duration {
	after := lifetime * 3 / 4
	if early := lifetime - 5*time.Minute; early > lifetime/2 {
		after = min(after, early)
	}
	return after
}

// ErrNotRenewable means that the token provider has no token that lasts
// longer than the one in use.
var ErrNotRenewable = errors.New("relayclient: token cannot be renewed")

// renew offers a new token on renewals whenever one is due. If none can be
// had, it asks again when half of what is left of the old one is over: whoever
// issues tokens may be out of reach, or hand out the old one for a while. The
// channel lives on until the relay closes it.
func (ch *controlChannel) renew(ctx context.Context, renewals chan<- Token) {
	token, asked, told := ch.token, ch.asked, false
	for !token.Expires.IsZero() {
		wait := renewAfter(token.Expires.Sub(asked)) - time.Since(asked)
		if told {
			wait = time.Until(token.Expires) / 2
		}
		if !sleep(ctx, wait) {
			return
		}
		now := time.Now()
		next, err := ch.nextToken(ctx, token)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			token, asked, told = next, now, false
			select {
			case renewals <- token:
			case <-ctx.Done():
				return
			}
			continue
		case !told:
			ch.l.cfg.Logger.Error("token not renewed", "op", "listen", "err", err)
			ch.l.emit(Event{Kind: RenewalFailed, Err: err, TokenExpires: token.Expires})
			told = true
		}
		if time.Until(token.Expires) < 2*ch.l.cfg.Timing.RenewLate {
			return
		}
	}
}

// nextToken asks the provider for a token that lasts longer than the old one.
func (ch *controlChannel) nextToken(ctx context.Context, old Token) (Token, error) {
	retries := ch.l.cfg.Timing.TokenRetry
	for try := 0; ; try++ {
		attempt, cancel := context.WithTimeout(ctx, ch.l.cfg.Timing.Handshake)
		token, err := ch.l.cfg.authorize(attempt, http.Header{}, &Phases{})
		cancel()
		switch {
		case err == nil && !token.Expires.After(old.Expires):
			return Token{}, ErrNotRenewable
		case err == nil:
			return token, nil
		case try == len(retries) || !sleep(ctx, retries[try]):
			return Token{}, fmt.Errorf("renew token: %w", err)
		}
	}
}
