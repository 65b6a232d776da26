package doctor

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"relayscope/relayclient"
)

// testHeader carries the nonce by which the test's listener knows the test's
// senders.
const testHeader = "Relayscope-Test"

// sorry is what other people's senders are told.
const sorry = "Relayscope is testing this hybrid connection for a moment; please connect again"

// An ownListener answers the test's own senders and turns all others away.
type ownListener struct {
	nonce    string
	listener *relayclient.Listener
	cancel   context.CancelFunc
	serving  sync.WaitGroup
	admitted atomic.Int64 // the test's own senders
	away     atomic.Int64 // everybody else's
}

// openListener goes online. What the relay says is noted in s.
func openListener(ctx context.Context, cfg relayclient.Config, s *Step) (*ownListener, error) {
	o := &ownListener{nonce: rand.Text()}
	cfg.Admit = func(_ context.Context, info relayclient.ConnInfo) relayclient.Verdict {
		if info.Header.Get(testHeader) != o.nonce {
			o.away.Add(1)
			return relayclient.Verdict{Status: http.StatusServiceUnavailable, Description: sorry}
		}
		o.admitted.Add(1)
		return relayclient.Verdict{Accept: true}
	}
	cfg.Handler = http.HandlerFunc(o.answer)
	var opened sync.Mutex // s is told until Listen returns, not after
	opening := true
	cfg.OnEvent = func(ev relayclient.Event) {
		opened.Lock()
		defer opened.Unlock()
		if opening && ev.Kind == relayclient.StateChanged && ev.State != relayclient.Connecting {
			s.Phases = ev.Phases
			s.track(ev.TrackingID)
		}
	}
	l, err := relayclient.Listen(ctx, cfg)
	opened.Lock()
	opening = false
	opened.Unlock()
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	o.listener, o.cancel = l, cancel
	o.serving.Go(func() { o.serve(life) })
	return o, nil
}

// serve echoes what comes over the test's own connections until the listener
// is closed.
func (o *ownListener) serve(ctx context.Context) {
	for {
		conn, err := o.listener.Accept(ctx)
		if err != nil {
			return
		}
		o.serving.Go(func() {
			defer conn.CloseNow()
			for {
				m, err := conn.Read(ctx)
				if err != nil {
					break
				}
				if conn.Write(ctx, m) != nil {
					break
				}
			}
			_ = conn.CloseWrite(1000, "")
		})
	}
}

// answer serves the test's own request.
func (o *ownListener) answer(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get(testHeader) != o.nonce {
		o.away.Add(1)
		w.Header().Set("Retry-After", "5")
		http.Error(w, sorry, http.StatusServiceUnavailable)
		return
	}
	o.admitted.Add(1)
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.WriteString(w, o.nonce) // the sender finds out
}

// header is what the test's own senders ask with.
func (o *ownListener) header() http.Header {
	return http.Header{steering: {o.listener.ID()}, testHeader: {o.nonce}}
}

func (o *ownListener) turnedAway() int { return int(o.away.Load()) }

// close takes the listener off and waits for what it started.
func (o *ownListener) close() {
	o.cancel()
	o.listener.Close()
	o.serving.Wait()
}
