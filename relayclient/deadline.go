package relayclient

import (
	"context"
	"os"
	"sync"
	"time"
)

// A deadline is a point in time that can be moved while somebody waits for it.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	over  chan struct{} // closed when the time has come
}

func newDeadline() *deadline { return &deadline{over: make(chan struct{})} }

// set moves the deadline; the zero time is never. Whoever waits already goes by
// the new one only if the old one has not passed, as with every net.Conn.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil && !d.timer.Stop() {
		<-d.over // the timer is about to close it
	}
	d.timer = nil
	passed := false
	select {
	case <-d.over:
		passed = true
	default:
	}
	switch wait := time.Until(t); {
	case t.IsZero() || wait > 0:
		if passed {
			d.over = make(chan struct{})
		}
		if !t.IsZero() {
			over := d.over
			d.timer = time.AfterFunc(wait, func() { close(over) })
		}
	case !passed:
		close(d.over)
	}
}

// passed is closed when the deadline of this moment has come.
func (d *deadline) passed() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.over
}

// cancels calls cancel when the deadline comes, until the function that it
// returns is called.
func (d *deadline) cancels(cancel context.CancelCauseFunc) (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	passed := d.passed()
	go func() {
		defer close(ended)
		select {
		case <-passed:
			cancel(os.ErrDeadlineExceeded)
		case <-done:
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}
