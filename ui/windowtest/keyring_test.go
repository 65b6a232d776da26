//go:build linux

package windowtest

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"relayscope/profiles"
)

// A keyring is a real Secret Service, unlocked and empty, on a session bus of
// its own.
type keyring struct{ bus *dbus.Conn }

// startKeyring gives the desktop a session bus with a keyring on it.
func (d *desktop) startKeyring(t *testing.T) *keyring {
	t.Helper()
	config := filepath.Join(d.home, "bus.conf")
	err := os.WriteFile(config, fmt.Appendf(nil, `<busconfig><type>session</type><listen>unix:tmpdir=%s</listen>
		<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/>
		<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, d.home), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	address, err := bufio.NewReader(d.start(t, "", "dbus-daemon", "--nofork", "--print-address", "--config-file="+config)).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon gave no address: %v", err)
	}
	d.bus = strings.TrimSpace(address)
	bus, err := dbus.Connect(d.bus)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bus.Close() })
	d.start(t, "correct horse", "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	until(t, "wait for the Secret Service", func() error {
		var owned bool
		err := bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned)
		if err == nil && !owned {
			err = errors.New("nobody owns its name")
		}
		return err
	})
	k := &keyring{bus}
	if n := k.entries(t); n != 0 {
		t.Fatalf("a new keyring has %d entries of Relayscope, want none", n)
	}
	return k
}

// entries asks the Secret Service itself how many entries Relayscope has.
func (k *keyring) entries(t *testing.T) int {
	t.Helper()
	var unlocked, locked []dbus.ObjectPath
	err := k.bus.Object("org.freedesktop.secrets", "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.SearchItems", 0, map[string]string{"service": profiles.Service}).Store(&unlocked, &locked)
	if err != nil {
		t.Fatal(err)
	}
	return len(unlocked) + len(locked)
}
