package ui

import (
	"errors"
	"fmt"
	"testing"

	"relayscope/profiles"
)

// Every answer of a store has a title of its own and says what to do.
func TestEveryStoreErrorHasItsSentence(t *testing.T) {
	titles := map[string]error{}
	for _, err := range []error{
		profiles.ErrLocked, profiles.ErrRefused, profiles.ErrFull, profiles.ErrUnavailable, profiles.ErrNewer, profiles.ErrBusy,
		&profiles.ChangedError{}, &profiles.ValidationError{}, profiles.ErrPassphrase, profiles.ErrDamaged, profiles.ErrFile,
		errors.New("anything else"),
	} {
		f := storeFailure(fmt.Errorf("save profile: %w", err))
		if other, taken := titles[f.Title]; taken || f.Title == "" || f.Next == "" || f.Raw == "" {
			t.Errorf("%v: %+v, which is also said of %v", err, f, other)
		}
		titles[f.Title] = err
	}
}
