package profiles

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/zalando/go-keyring"
)

// What a Store answers when it cannot do what was asked; test for them with
// errors.Is. The cause stays in the chain.
var (
	ErrNotFound    = errors.New("profiles: no such profile")
	ErrLocked      = errors.New("profiles: keyring locked, or its prompt unanswered")
	ErrUnavailable = errors.New("profiles: no keyring on this system")
	ErrNewer       = errors.New("profiles: written by a newer version of Relayscope")
	ErrClosed      = errors.New("profiles: store closed")
)

// errNoEntry is a backend's answer to a name it does not hold.
var errNoEntry = errors.New("no such entry")

// classify puts one of the sentinels before an error of a real keyring. Only
// "not found" is typed there; a refused unlock is known by its text or, where
// a helper program speaks for the keyring, by its exit status.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return errNoEntry
	case refused(err):
		return fmt.Errorf("%w: %w", ErrLocked, err)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

func refused(err error) bool {
	if strings.Contains(err.Error(), "failed to unlock") {
		return true
	}
	// macOS: the low byte of errSecInteractionNotAllowed (-25308),
	// errSecAuthFailed (-25293) and errSecUserCanceled (-128).
	// https://developer.apple.com/documentation/security/security-framework-result-codes
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && slices.Contains([]int{36, 51, 128}, exit.ExitCode())
}

// stopped says why ctx ended. A passed deadline is ErrLocked: a keyring answers
// in milliseconds unless it waits for a person. A cancelled call is no more
// than cancelled.
func stopped(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("%w: %w", ErrLocked, context.Cause(ctx))
	}
	return context.Cause(ctx)
}
