package profiles

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// A lock makes running copies of the program take turns at changing profiles:
// a keyring cannot change an entry on condition that it is still the same. The
// zero lock, and one whose file cannot be had, hold nobody back.
type lock struct{ path string }

const lockName = "profiles.lock"

// How long a change waits for another copy, which may be waiting for a person,
// and how often it looks.
const (
	lockPatience = 10 * time.Second
	lockPoll     = 20 * time.Millisecond
)

// hold waits for the lock; release gives it back. ErrBusy means that another
// copy kept it all the time.
func (l lock) hold(ctx context.Context) (release func(), err error) {
	f := l.file()
	if f == nil {
		return func() {}, nil
	}
	short, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	held, _ := f.TryLockContext(short, lockPoll)
	if held {
		return func() { _ = f.Close() }, nil
	}
	_ = f.Close()
	switch {
	case ctx.Err() == context.Canceled:
		return nil, context.Cause(ctx)
	case short.Err() != nil:
		return nil, fmt.Errorf("%w: it keeps %s", ErrBusy, lockName)
	}
	return func() {}, nil // no locks on this file system
}

// try takes the lock if it is free.
func (l lock) try() (release func(), ok bool) {
	f := l.file()
	if f == nil {
		return func() {}, true
	}
	held, err := f.TryLock()
	if err == nil && !held {
		_ = f.Close()
		return nil, false
	}
	return func() { _ = f.Close() }, true
}

func (l lock) file() *flock.Flock {
	if l.path == "" || os.MkdirAll(filepath.Dir(l.path), 0o700) != nil {
		return nil
	}
	return flock.New(l.path, flock.SetPermissions(0o600))
}
