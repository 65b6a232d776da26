package relayclient

import (
	"context"
	"sync"
)

// A watch breaks a connection when the context of the call under way ends. It
// stays with a context from call to call, because watching one anew for every
// message would cost as much as sending it. One call may be under way at a
// time.
type watch struct {
	abort func(error) error

	mu    sync.Mutex
	done  <-chan struct{} // of the context being watched
	stop  func() bool
	calls bool // a call is under way
	over  bool // there is nothing left to break
}

// begin says that a call under ctx begins.
func (w *watch) begin(ctx context.Context) {
	done := ctx.Done()
	if done == nil {
		return
	}
	w.mu.Lock()
	w.calls = true
	if w.done != done && !w.over {
		if w.stop != nil {
			w.stop()
		}
		w.done = done
		w.stop = context.AfterFunc(ctx, func() {
			if w.concerns(done) {
				w.abort(context.Cause(ctx))
			}
		})
	}
	w.mu.Unlock()
	// It may have ended when no call was under way yet.
	if ctx.Err() != nil {
		w.abort(context.Cause(ctx))
	}
}

// concerns reports whether the end of a context is that of the call under way.
func (w *watch) concerns(done <-chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls && w.done == done
}

// end says that the call has ended.
func (w *watch) end() {
	w.mu.Lock()
	w.calls = false
	w.mu.Unlock()
}

// drop lets go of the context: it may live much longer than the connection.
func (w *watch) drop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		w.stop()
	}
	w.done, w.stop, w.over = nil, nil, true
}
