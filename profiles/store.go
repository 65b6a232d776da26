package profiles

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// CallTimeout bounds every call of a Store, on top of the caller's context. It
// leaves a person time to answer the keyring's prompt.
const CallTimeout = time.Minute

// A Store keeps profiles in the OS keyring, in a sealed file or, for this run
// only, in memory.
// Its methods are safe for concurrent use; they run one after another on one
// goroutine, because a keyring call cannot be interrupted. A caller waits no
// longer than its context: a call that found the keyring busy past that never
// starts, and one under way stops before its next step. What a step that was
// already under way does later leaves every profile whole.
//
// Besides the errors their comments name, methods return ErrLocked when the
// keyring waits to be unlocked or does not answer in time, ErrRefused when it
// denies access, ErrFull when it has no room, ErrUnavailable when there is
// none, ErrBusy when another running copy of the program does not stop
// changing profiles, ErrClosed after Close, and the context's cause when it is
// cancelled. A sealed file gives ErrFile, ErrFull, ErrDamaged and ErrPassphrase.
// After any of them, what was stored before is still stored.
type Store struct {
	vault vault
	where string
	jobs  chan func()
	quit  chan struct{}
	close sync.Once
	done  chan struct{} // closed once the goroutine has exited
}

// Open returns a Store over the OS keyring. It does not touch the keyring:
// Probe says whether there is one. What is not secret goes into folder, see
// DataFolder: the last results, and the lock with which running copies of the
// program take turns. Without a folder, "", results last for this run, and
// copies do not take turns. The caller must Close it.
func Open(folder string) *Store {
	var k osKeyring
	return start(k, k.where(), folder)
}

// NewMemory returns a Store that forgets everything when it is closed. The
// caller must Close it.
func NewMemory() *Store { return start(newMemory(), "memory, for this run only", "") }

func start(b backend, where, folder string) *Store {
	s := &Store{
		vault: vault{backend: b, now: time.Now},
		where: where,
		jobs:  make(chan func()),
		quit:  make(chan struct{}),
		done:  make(chan struct{}),
	}
	if folder != "" {
		s.vault.lock.path = filepath.Join(folder, lockName)
		s.vault.results.path = filepath.Join(folder, resultsName)
	}
	go s.work()
	return s
}

// Where says in words where profiles are kept.
func (s *Store) Where() string { return s.where }

// Probe reports whether the keyring answers, by asking for an entry that
// never exists. It leaves nothing behind, but may make the system ask the
// person to unlock the keyring.
func (s *Store) Probe(ctx context.Context) error {
	_, err := call(ctx, s, "probe keyring", func(ctx context.Context) (struct{}, error) {
		_, err := s.vault.get(ctx, "probe")
		if err == errNoEntry {
			err = nil
		}
		return struct{}{}, err
	})
	return err
}

// List returns every profile in order of group, Order and name, then every
// entry that could not be read. It also finishes what an earlier crash left
// half done.
func (s *Store) List(ctx context.Context) ([]Entry, error) {
	return call(ctx, s, "list profiles", s.vault.list)
}

// Save normalizes p and adds it, or replaces the profile of the same ID, and
// returns it as it is stored, with its new Revision, or the zero Profile with
// an error. An incomplete profile is a
// *ValidationError; ErrNewer means that a newer version of the program wrote
// the one to be replaced. A *ChangedError, which is ErrChanged, means that what
// is stored is not what p.Revision stands for: another running copy of the
// program changed it. After any error either the old profile is stored or the
// new one, never a mixture; saving again then is harmless.
func (s *Store) Save(ctx context.Context, p Profile) (Profile, error) {
	return call(ctx, s, "save profile", func(ctx context.Context) (Profile, error) {
		return s.vault.save(ctx, p)
	})
}

// Delete removes a profile, or an entry that could not be read, and
// everything stored for it. ErrNotFound means there is none.
func (s *Store) Delete(ctx context.Context, id ID) error {
	_, err := call(ctx, s, "delete profile", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.vault.remove(ctx, id)
	})
	return err
}

// Close waits, no longer than ctx, until the call under way has ended. Closing
// twice is harmless. An error means that the keyring has not answered yet; the
// goroutine that waits for it ends when it does.
func (s *Store) Close(ctx context.Context) error {
	s.close.Do(func() { close(s.quit) })
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close profile store: %w", stopped(ctx))
	}
}

// work owns the vault: nothing else calls the keyring.
func (s *Store) work() {
	defer close(s.done)
	for {
		select {
		case job := <-s.jobs:
			job()
		case <-s.quit:
			return
		}
	}
}

// call runs f on the Store's goroutine and waits for it as long as ctx lasts.
func call[T any](ctx context.Context, s *Store, op string, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	type result struct {
		value T
		err   error
	}
	answer := make(chan result, 1) // nobody may be left to read it
	var r result
	if r.err = s.hand(ctx, func() {
		value, err := f(ctx)
		answer <- result{value, err}
	}); r.err == nil {
		select {
		case r = <-answer:
		case <-ctx.Done():
			r.err = stopped(ctx)
		}
	}
	if r.err != nil {
		r.err = fmt.Errorf("%s: %w", op, r.err)
	}
	return r.value, r.err
}

// hand gives a job to the goroutine once it is free.
func (s *Store) hand(ctx context.Context, job func()) error {
	select {
	case <-s.quit: // first, because a closing Store may still take a job
		return ErrClosed
	default:
	}
	select {
	case s.jobs <- job:
		return nil
	case <-s.quit:
		return ErrClosed
	case <-ctx.Done():
		return stopped(ctx)
	}
}
