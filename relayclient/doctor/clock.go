package doctor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/signin"
)

// Limits of a clock's being wrong: from the first on people should know, from
// the second on tokens are refused.
const (
	noticeableSkew = time.Minute
	breakingSkew   = 5 * time.Minute
)

// maxPage bounds what is read of the namespace's front page.
const maxPage = 64 << 10

// clock gets the namespace's front page, without a token, over the connection
// there is, and compares its Date.
func (r *run) clock(ctx context.Context, s *Step) {
	conn := r.conn
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // interrupts it
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+r.cfg.Namespace+"/", nil)
	if err != nil {
		s.fail(err, relayclient.Sending)
		return
	}
	req.Header.Set("User-Agent", "relayscope")
	req.Close = true
	asked := time.Now()
	if err = req.Write(conn); err != nil {
		s.fail(timeout(ctx, relayclient.Upgrading, r.route.Proxy != "", err), relayclient.Sending)
		return
	}
	resp, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxPage)), req)
	if err == nil && ctx.Err() != nil { // it may be about our giving up
		resp.Body.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		var broken interface{ Timeout() bool }
		if ctx.Err() == nil && !errors.As(err, &broken) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("get the namespace's page: %w", relayclient.ErrNotRelay)
		}
		s.fail(timeout(ctx, relayclient.Upgrading, r.route.Proxy != "", err), relayclient.Sending)
		return
	}
	defer resp.Body.Close()
	took := time.Since(asked)
	s.Detail = "the namespace answers " + plain(resp.Status, 80)
	if r.stranger(s, resp) {
		return
	}
	date, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		s.Status, s.Detail = Warned, s.Detail+", without a date to compare"
		return
	}
	// A Date is cut to whole seconds, and was written half-way.
	skew := date.Add(time.Second / 2).Sub(asked.Add(took / 2)).Round(time.Second)
	r.compare(s, skew)
}

// compare judges how far the clock is off.
func (r *run) compare(s *Step, skew time.Duration) {
	off := skew.Abs()
	switch {
	case off <= 2*time.Second:
		s.Detail += "; this computer's clock agrees with its date"
	case skew > 0:
		s.Detail += fmt.Sprintf("; this computer's clock is %v behind", off)
	default:
		s.Detail += fmt.Sprintf("; this computer's clock is %v ahead", off)
	}
	switch {
	case off > breakingSkew && r.signsTokens():
		s.Status, s.Err, s.Finding = Failed, &SkewError{Skew: skew}, explain.ClockOff(skew)
	case off > noticeableSkew:
		s.warn(explain.ClockOff(skew))
	default:
		s.Status = Passed
	}
}

// A SkewError reports that this computer's clock is too far off for the tokens
// that it signs.
type SkewError struct {
	Skew time.Duration // the relay's clock minus ours
}

func (e *SkewError) Error() string {
	if e.Skew > 0 {
		return fmt.Sprintf("this computer's clock is %v behind the relay's", e.Skew)
	}
	return fmt.Sprintf("this computer's clock is %v ahead of the relay's", -e.Skew)
}

// signsTokens reports whether a token's times come from this computer's clock.
func (r *run) signsTokens() bool {
	for _, cfg := range []*relayclient.Config{r.plan.Listen, r.plan.Send} {
		if cfg == nil {
			continue
		}
		if who, _ := whoIs(cfg.Token); who.Way == signin.SharedAccessKey {
			return true
		}
	}
	return false
}

// stranger looks for signs that somebody answered in the relay's place, or
// keeps this computer out.
func (r *run) stranger(s *Step, resp *http.Response) bool {
	if resp.StatusCode < 400 {
		page := strings.HasPrefix(strings.ToLower(resp.Header.Get("Content-Type")), "text/html")
		if page || resp.StatusCode >= 300 {
			s.warn(explain.NotRelaysPage(resp.StatusCode))
			return true
		}
		if strings.Contains(resp.Header.Get("Content-Type"), "atom+xml") {
			s.Detail = "the namespace answers with its public feed"
		}
		return false
	}
	var he *relayclient.HandshakeError
	if err := relayclient.RelayError(resp); errors.As(err, &he) {
		s.track(he.TrackingID)
		switch {
		case he.Cause == relayclient.CauseAddressBlocked:
			s.fail(err, relayclient.Sending)
			return true
		case he.Foreign:
			s.warn(explain.NotRelaysPage(resp.StatusCode))
			s.Err = err
			return true
		}
	}
	return false
}

// plain makes words of the other side fit to show.
func plain(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
