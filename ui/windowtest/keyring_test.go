//go:build linux

package windowtest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"relayscope/profiles"
)

// A keyring is a real Secret Service, unlocked and empty, on a session bus of
// its own.
type keyring struct {
	bus    *dbus.Conn
	daemon *os.Process
}

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
	k := &keyring{bus: bus}
	d.unlock(t, k)
	if n := k.entries(t); n != 0 {
		t.Fatalf("a new keyring has %d entries of Relayscope, want none", n)
	}
	return k
}

// unlock starts the keyring's daemon and waits until it answers.
func (d *desktop) unlock(t *testing.T, k *keyring) {
	t.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Env, cmd.Stdin = d.env(), strings.NewReader("correct horse")
	keep(t, cmd)
	k.daemon = cmd.Process
	until(t, "wait for the Secret Service", func() error { return want(k.answers(t), "nobody owns its name") })
}

// answers reports whether somebody is the Secret Service.
func (k *keyring) answers(t *testing.T) bool {
	t.Helper()
	var owned bool
	if err := k.bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets").Store(&owned); err != nil {
		t.Fatal(err)
	}
	return owned
}

// kill ends the keyring's daemon without a goodbye.
func (k *keyring) kill(t *testing.T) {
	t.Helper()
	if err := k.daemon.Kill(); err != nil {
		t.Fatal(err)
	}
	until(t, "wait for the end of the Secret Service", func() error { return want(!k.answers(t), "it is still there") })
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
