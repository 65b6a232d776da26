package live

import (
	"context"
	"errors"
	"time"

	"relayscope/relayclient"
)

// Others say how many listeners the relay counts, beside the session's own.
type Others struct {
	Read  bool      // the relay has told; to a policy with the Manage right it does
	Count int       // of all listeners, as the relay told last
	Since time.Time // when more than the session's own were first seen; zero if there are none
	Err   error     // why the relay did not tell

	doubted bool // it counted more once, which may be one that is gone
}

// countEvery is how often the relay is asked.
const countEvery = time.Minute

// Others returns who else listens, as far as is known.
func (s *Session) Others() Others {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.listener.others
}

// countOthers keeps Others up to date while r listens. Of several listeners one
// does so. What a policy does not let it know is asked for again only after the
// listener has come online anew.
func (s *Session) countOthers(ctx context.Context, r *listening, cfg relayclient.Config) {
	cfg.OnEvent = nil
	next := time.NewTimer(countEvery)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.online:
		case <-next.C:
		}
		if !s.counts(r) {
			next.Reset(countEvery)
			continue
		}
		info, err := relayclient.GetRuntimeInfo(ctx, cfg)
		if ctx.Err() != nil {
			return
		}
		switch certain := s.counted(info, err); {
		case errors.Is(err, relayclient.ErrUnauthorized):
			next.Stop()
		case certain:
			next.Reset(countEvery)
		default:
			next.Reset(s.countAgain)
		}
	}
}

// counts reports whether r is the one to ask: the first that is online.
func (s *Session) counts(r *listening) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, other := range s.listener.runs {
		if other.status.State == relayclient.Online {
			return other == r
		}
	}
	return false
}

// counted takes what the relay has told, and reports whether that is certain.
// More than there should be are believed the second time in a row.
func (s *Session) counted(info relayclient.RuntimeInfo, err error) bool {
	s.mu.Lock()
	o := &s.listener.others
	more := err == nil && info.ListenerCount > s.listener.online()
	certain := !more || o.doubted || !o.Since.IsZero()
	switch {
	case err != nil:
		o.Err = err // and what was known before still is
	case more && certain:
		o.Read, o.Count, o.Err = true, info.ListenerCount, nil
		if o.Since.IsZero() {
			o.Since = time.Now()
		}
	case !more:
		*o = Others{Read: true, Count: info.ListenerCount}
	}
	o.doubted = more
	s.mu.Unlock()
	s.notify()
	return certain
}

// online counts the listeners that are. The caller holds the session's mutex.
func (st *listenerState) online() int {
	n := 0
	for _, r := range st.runs {
		if r.status.State == relayclient.Online {
			n++
		}
	}
	return n
}
