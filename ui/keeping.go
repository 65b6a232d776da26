package ui

import (
	"context"
	"errors"
	"time"

	"relayscope/profiles"
	"relayscope/profiles/importing"
	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// keeperPatience bounds a keyring call while the window waits for it; a person
// may have to answer the keyring's own prompt.
const keeperPatience = 45 * time.Second

// A keeper holds the store in use and does its slow work away from the main
// goroutine. Its fields belong to the main goroutine.
type keeper struct {
	store   *profiles.Store
	keyring error // why the keyring is not used; nil if it is
	onMain  func(func())
	work    func(func(ctx context.Context)) // runs f in the background and waits for it at the end
}

// open finds out whether the keyring answers, and lists the profiles. Without
// a keyring profiles are kept in memory for this run.
func (k *keeper) open(store *profiles.Store, listed func([]profiles.Entry, error)) {
	k.store = store
	k.work(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, keeperPatience)
		defer cancel()
		err := store.Probe(ctx)
		var entries []profiles.Entry
		if err == nil {
			entries, err = store.List(ctx)
		}
		k.onMain(func() {
			if err != nil {
				k.keyring, k.store = err, profiles.NewMemory()
				k.discard(store)
			}
			listed(entries, err)
		})
	})
}

// discard closes a store that is not used any more.
func (k *keeper) discard(store *profiles.Store) {
	k.work(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = store.Close(ctx) // it may still wait for a prompt; nothing is lost
	})
}

// save stores p and lists anew.
func (k *keeper) save(p profiles.Profile, done func([]profiles.Entry, error)) {
	k.change(func(ctx context.Context, s *profiles.Store) error {
		_, err := s.Save(ctx, p)
		return err
	}, done)
}

// saveNew stores new profiles, up to the first that cannot be, and lists anew,
// also what was stored before that one.
func (k *keeper) saveNew(list []profiles.Profile, done func([]profiles.Entry, error)) {
	var failed error
	k.change(func(ctx context.Context, s *profiles.Store) error {
		for _, p := range list {
			if _, failed = s.Save(ctx, p); failed != nil {
				break
			}
		}
		return nil
	}, func(entries []profiles.Entry, err error) { done(entries, errors.Join(failed, err)) })
}

// readFile reads what another tool keeps, or an export. Opening a sealed one
// takes about a second.
func (k *keeper) readFile(name string, data []byte, passphrase relayclient.Secret, done func(importing.Result, error)) {
	k.work(func(context.Context) {
		r, err := importing.ReadSealed(name, data, passphrase)
		k.onMain(func() { done(r, err) })
	})
}

// list lists anew.
func (k *keeper) list(done func([]profiles.Entry, error)) {
	k.change(func(context.Context, *profiles.Store) error { return nil }, done)
}

// arrange gives profiles new places and lists anew.
func (k *keeper) arrange(places []profiles.Placement, done func([]profiles.Entry, error)) {
	k.change(func(ctx context.Context, s *profiles.Store) error { return s.Arrange(ctx, places) }, done)
}

// note keeps the result of a profile's last test and lists anew.
func (k *keeper) note(id profiles.ID, r profiles.Result, done func([]profiles.Entry, error)) {
	k.change(func(ctx context.Context, s *profiles.Store) error { return s.SetLastResult(ctx, id, r) }, done)
}

// remove deletes a profile and lists anew.
func (k *keeper) remove(id profiles.ID, done func([]profiles.Entry, error)) {
	k.change(func(ctx context.Context, s *profiles.Store) error {
		err := s.Delete(ctx, id)
		if errors.Is(err, profiles.ErrNotFound) {
			return nil // gone already, which is what was wanted
		}
		return err
	}, done)
}

func (k *keeper) change(f func(context.Context, *profiles.Store) error, done func([]profiles.Entry, error)) {
	store := k.store
	k.work(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, keeperPatience)
		defer cancel()
		var entries []profiles.Entry
		err := f(ctx, store)
		if err == nil {
			entries, err = store.List(ctx)
		}
		k.onMain(func() { done(entries, err) })
	})
}

// notice says why profiles are kept for this run only; ok is false when they
// are in the keyring.
func (k *keeper) notice() (f widgets.Failure, ok bool) {
	if k.keyring == nil {
		return f, false
	}
	f = storeFailure(k.keyring)
	if errors.Is(k.keyring, profiles.ErrUnavailable) { // from the beginning
		f.Title = "There is no keyring on this system"
		f.Cause = "None is installed, or it has stopped. Secrets are never stored in clear in a file."
		f.Next = "On Linux, install and start a Secret Service such as gnome-keyring, then start Relayscope again."
	}
	return f, true
}

// storeFailure puts a store's error into words.
func storeFailure(err error) widgets.Failure {
	f := widgets.Failure{Raw: err.Error()}
	var invalid *profiles.ValidationError
	switch {
	case errors.Is(err, profiles.ErrChanged):
		f.Title = "Another window of Relayscope changed this profile"
		f.Cause = "It was saved or deleted there after it was opened here. Nothing was overwritten."
		f.Next = "Look at what is stored now, then save again, or save yours as a new profile."
	case errors.Is(err, profiles.ErrBusy):
		f.Title = "Another window of Relayscope is changing profiles"
		f.Cause = "It may be waiting for somebody to unlock the keyring."
		f.Next = "Finish there, then try again here. Nothing was changed."
	case errors.Is(err, profiles.ErrLocked):
		f.Title = "The keyring is locked"
		f.Cause = "It did not answer in time, or nobody unlocked it."
		f.Next = "Unlock the keyring, then try again or start Relayscope again. Nothing that is stored is lost."
	case errors.Is(err, profiles.ErrRefused):
		f.Title = "The keyring refused Relayscope"
		f.Cause = "Somebody declined its question, or a rule of this computer forbids access."
		f.Next = "Allow Relayscope in the keyring's own settings, then try again. Nothing that is stored is lost."
	case errors.Is(err, profiles.ErrFull):
		f.Title = "There is no room to store the profile"
		f.Cause = "The keyring or the disk is full."
		f.Next = "Remove what is not needed any more, such as old profiles or large certificates, then try again. Nothing that was stored before is lost."
	case errors.Is(err, profiles.ErrUnavailable):
		f.Title = "The keyring has gone away"
		f.Cause = "It answered when Relayscope started, and does not any more. Nothing that is stored is lost."
		f.Next = "Start it again, for example by signing in to this computer anew, then try once more."
	case errors.Is(err, profiles.ErrPassphrase):
		f.Title = "The passphrase does not open the file"
		f.Cause = "It is not the one that the file was sealed with."
		f.Next = "Type it again. Without it, nobody can read the profiles in the file."
	case errors.Is(err, profiles.ErrDamaged):
		f.Title = "The file with the profiles is damaged"
		f.Cause = "It is not as Relayscope wrote it. It was left as it is."
		f.Next = "Restore it from a copy, or choose another file."
	case errors.Is(err, profiles.ErrFile):
		f.Title = "The file with the profiles cannot be used"
		f.Cause = "It is missing, or this account may not read or write it."
		f.Next = "Check that the file and its folder are there and yours, then try again."
	case errors.Is(err, profiles.ErrNewer):
		f.Title = "A newer Relayscope wrote this profile"
		f.Cause = "This version would lose what it does not know."
		f.Next = "Use the newer version, or save under a new name."
	case errors.As(err, &invalid):
		f.Title = "The profile is not complete"
		f.Next = "Mend the fields that are marked."
	default:
		f.Title = "The keyring did not take the change"
		f.Next = "Try again. Nothing that was stored before is lost."
	}
	return f
}
