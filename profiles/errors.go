package profiles

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// What a Store answers when it cannot do what was asked; test for them with
// errors.Is. The cause stays in the chain.
var (
	ErrNotFound    = errors.New("profiles: no such profile")
	ErrLocked      = errors.New("profiles: keyring locked, or its prompt unanswered")
	ErrRefused     = errors.New("profiles: keyring refused access")
	ErrFull        = errors.New("profiles: no room for more")
	ErrUnavailable = errors.New("profiles: no keyring on this system, or it has gone away")
	ErrNewer       = errors.New("profiles: written by a newer version of Relayscope")
	ErrChanged     = errors.New("profiles: changed by another running copy of Relayscope") // a *ChangedError
	ErrBusy        = errors.New("profiles: another running copy of Relayscope keeps changing profiles")
	ErrClosed      = errors.New("profiles: store closed")

	// Of a sealed file.
	ErrPassphrase = errors.New("profiles: the passphrase does not open the file")
	ErrDamaged    = errors.New("profiles: the sealed file is damaged")
	ErrFile       = errors.New("profiles: the file cannot be read or written")
)

// A ChangedError refuses to save a profile that was changed or deleted since
// it was read. Nothing was written. To replace what is stored all the same,
// save again with Stored.Revision; to keep both, save a duplicate.
type ChangedError struct {
	Stored Profile // as it is now; of a deleted profile, the zero Profile, whose Revision is ""
}

// Deleted reports whether the profile is no longer there.
func (e *ChangedError) Deleted() bool { return e.Stored.ID == "" }

// Error says what happened, without the profile.
func (e *ChangedError) Error() string {
	if e.Deleted() {
		return "the profile was deleted meanwhile"
	}
	return "the profile was changed meanwhile"
}

// Unwrap returns ErrChanged.
func (e *ChangedError) Unwrap() error { return ErrChanged }

// errNoEntry is a backend's answer to a name it does not hold.
var errNoEntry = errors.New("no such entry")

// classify puts one of the sentinels before an error of a real keyring.
func classify(err error) error {
	if err == nil || errors.Is(err, keyring.ErrNotFound) {
		if err != nil {
			err = errNoEntry
		}
		return err
	}
	for _, kind := range []struct {
		is       bool
		sentinel error
	}{
		{locked(err), ErrLocked},
		{refused(err), ErrRefused},
		{full(err), ErrFull},
	} {
		if kind.is {
			return fmt.Errorf("%w: %w", kind.sentinel, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// A keyring's own answer: the name of a D-Bus error, the exit status of the
// helper program that speaks for macOS, which is the low byte of a result
// code, or the number of a Windows error.
// https://developer.apple.com/documentation/security/security-framework-result-codes
// https://learn.microsoft.com/windows/win32/debug/system-error-codes

func locked(err error) bool {
	return strings.Contains(err.Error(), "failed to unlock") || // go-keyring has no type for it
		busError(err, "org.freedesktop.Secret.Error.IsLocked") ||
		exitStatus(err, 36) // errSecInteractionNotAllowed (-25308)
}

func refused(err error) bool {
	return busError(err, "org.freedesktop.DBus.Error.AccessDenied", "org.freedesktop.DBus.Error.AuthFailed") ||
		exitStatus(err, 51, 128, 195) || // errSecAuthFailed (-25293), errSecUserCanceled (-128), errSecWrPerm (-61)
		windowsError(err, 5) // ERROR_ACCESS_DENIED
}

func full(err error) bool {
	return errors.Is(err, keyring.ErrSetDataTooBig) ||
		busError(err, "org.freedesktop.DBus.Error.LimitsExceeded", "org.freedesktop.DBus.Error.NoMemory") ||
		exitStatus(err, 222) || // errSecDskFull (-34)
		windowsError(err, 8, 14, 112, 1450, 1783, 1816) // no memory, disk full, no resources, too long, no quota
}

func busError(err error, names ...string) bool {
	answer, ok := errors.AsType[dbus.Error](err)
	return ok && slices.Contains(names, answer.Name)
}

func exitStatus(err error, codes ...int) bool {
	exit, ok := errors.AsType[*exec.ExitError](err)
	return ok && slices.Contains(codes, exit.ExitCode())
}

func windowsError(err error, codes ...syscall.Errno) bool {
	errno, ok := asErrno(err)
	return ok && runtime.GOOS == "windows" && slices.Contains(codes, errno)
}

func asErrno(err error) (syscall.Errno, bool) { return errors.AsType[syscall.Errno](err) }

// stopped says why ctx ended. A passed deadline is ErrLocked: a keyring answers
// in milliseconds unless it waits for a person. A cancelled call is no more
// than cancelled.
func stopped(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return fmt.Errorf("%w: %w", ErrLocked, context.Cause(ctx))
	}
	return context.Cause(ctx)
}
