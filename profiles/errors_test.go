package profiles

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// exitingWith returns the error of a helper program that ended with code: this
// test, run again.
func exitingWith(t *testing.T, code string) error {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestExitAsTold$")
	cmd.Env = append(os.Environ(), "RELAYSCOPE_EXIT="+code)
	err := cmd.Run()
	if err == nil {
		t.Fatal("the helper program did not fail")
	}
	return err
}

func TestExitAsTold(t *testing.T) {
	var code int
	if _, err := fmt.Sscan(os.Getenv("RELAYSCOPE_EXIT"), &code); err == nil {
		os.Exit(code)
	}
}

func TestClassify(t *testing.T) {
	for name, tt := range map[string]struct{ cause, want error }{
		"unlock dismissed":       {errors.New("failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'"), ErrLocked},
		"locked item":            {dbus.Error{Name: "org.freedesktop.Secret.Error.IsLocked"}, ErrLocked},
		"no bus":                 {errors.New("dial unix /nowhere: connect: no such file or directory"), ErrUnavailable},
		"no service":             {dbus.Error{Name: "org.freedesktop.DBus.Error.ServiceUnknown"}, ErrUnavailable},
		"service killed":         {dbus.Error{Name: "org.freedesktop.DBus.Error.NoReply"}, ErrUnavailable},
		"policy of the bus":      {dbus.Error{Name: "org.freedesktop.DBus.Error.AccessDenied"}, ErrRefused},
		"too many":               {dbus.Error{Name: "org.freedesktop.DBus.Error.LimitsExceeded"}, ErrFull},
		"too big":                {keyring.ErrSetDataTooBig, ErrFull},
		"macOS, no interaction":  {exitingWith(t, "36"), ErrLocked},
		"macOS, wrong password":  {exitingWith(t, "51"), ErrRefused},
		"macOS, person declined": {exitingWith(t, "128"), ErrRefused},
		"macOS, disk full":       {exitingWith(t, "222"), ErrFull},
		"macOS, anything else":   {exitingWith(t, "1"), ErrUnavailable},
		"wrapped":                {fmt.Errorf("set entry: %w", keyring.ErrSetDataTooBig), ErrFull},
	} {
		t.Run(name, func(t *testing.T) {
			err := classify(tt.cause)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.cause.Error()) {
				t.Errorf("classify(%v) = %v, want %v and the cause", tt.cause, err, tt.want)
			}
			for _, other := range []error{ErrLocked, ErrRefused, ErrFull, ErrUnavailable} {
				if other != tt.want && errors.Is(err, other) {
					t.Errorf("classify(%v) is %v too", tt.cause, other)
				}
			}
		})
	}
	if classify(nil) != nil || classify(keyring.ErrNotFound) != errNoEntry {
		t.Error("success or a missing entry is taken for an error")
	}
}

func TestFullDiskIsNamed(t *testing.T) {
	errno := syscall.ENOSPC
	if runtime.GOOS == "windows" {
		errno = 112
	}
	err := classifyFile(&os.PathError{Op: "write", Path: "profiles", Err: errno})
	if !errors.Is(err, ErrFull) || errors.Is(err, ErrFile) {
		t.Errorf("classifyFile = %v, want ErrFull", err)
	}
	if err := classifyFile(os.ErrPermission); !errors.Is(err, ErrFile) || !errors.Is(err, os.ErrPermission) {
		t.Errorf("classifyFile = %v, want ErrFile and the cause", err)
	}
}

// A full keyring refuses the new and keeps the old.
func TestFullKeyringLosesNothing(t *testing.T) {
	for room := range 12 {
		m := newMemory()
		v := newVault(m, at(0).Local)
		if err := put(t, v, some("kept", "kept", 6000)); err != nil {
			t.Fatal(err)
		}
		before := listing(t, v)
		err := put(t, newVault(&fullBackend{m, room}, at(0).Local), some("new", "new", 9000))
		if err != nil && !errors.Is(err, ErrFull) {
			t.Fatalf("Save with room for %d = %v, want ErrFull", room, err)
		}
		after := listing(t, v)
		if after["kept"] != before["kept"] {
			t.Errorf("with room for %d: %v, want %v", room, after, before)
		}
	}
}

// A fullBackend has room for a few more entries.
type fullBackend struct {
	*memory
	room int
}

func (f *fullBackend) Set(name, value string) error {
	if _, there := f.entries[name]; !there {
		if f.room--; f.room < 0 {
			return classify(keyring.ErrSetDataTooBig)
		}
	}
	return f.memory.Set(name, value)
}
