//go:build linux

package profiles_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/profiles"
)

// The Secret Service library keeps one connection to the session bus per
// process, so each situation is a process of its own: this test binary, with
// the name of a script in the environment.
const scriptVariable = "RELAYSCOPE_KEYRING_SCRIPT"

func TestMain(m *testing.M) {
	if name := os.Getenv(scriptVariable); name != "" {
		if err := keyringScripts[name](); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A session is what a login gives a program: a home and a session bus.
type session struct {
	home string
	env  []string
}

// newSession starts a D-Bus session on which nothing starts by itself.
func newSession(t *testing.T) session {
	t.Helper()
	home := t.TempDir()
	config := filepath.Join(home, "bus.conf")
	err := os.WriteFile(config, fmt.Appendf(nil, `<busconfig><type>session</type><listen>unix:tmpdir=%s</listen>
		<auth>EXTERNAL</auth><policy context="default"><allow send_destination="*" eavesdrop="true"/>
		<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`, home), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	s := session{home: home, env: environment(home, "")}
	address, err := bufio.NewReader(s.run(t, "", "dbus-daemon", "--nofork", "--print-address", "--config-file="+config)).ReadString('\n')
	if err != nil {
		t.Fatalf("dbus-daemon gave no address: %v", err)
	}
	s.env = environment(home, strings.TrimSpace(address))
	return s
}

// environment has nothing of the person who runs the test.
func environment(home, bus string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "XDG_RUNTIME_DIR=" + home, "XDG_CONFIG_HOME=" + home,
		"XDG_DATA_HOME=" + home, "XDG_CACHE_HOME=" + home, "DBUS_SESSION_BUS_ADDRESS=" + bus,
	}
}

// run starts a program and returns its output; it is killed when the test ends.
func (s session) run(t *testing.T, input, name string, args ...string) io.Reader {
	t.Helper()
	cmd := s.command(t, input, name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	return out
}

// start starts a program whose output nobody reads; it is killed when the test
// ends, or before.
func (s session) start(t *testing.T, input string, command ...string) *exec.Cmd {
	t.Helper()
	cmd := s.command(t, input, command[0], command[1:]...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { end(cmd) })
	return cmd
}

func (s session) command(t *testing.T, input, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("this test needs a real Secret Service: install the packages dbus-daemon and gnome-keyring (%v)", err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader(input)
	return cmd
}

func end(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}

// script runs one of keyringScripts in this session.
func (s session) script(t *testing.T, name string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	// The race detector otherwise holds every process up for a second.
	cmd.Env = append(s.env, scriptVariable+"="+name, "GORACE=atexit_sleep_ms=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	} else if len(out) > 0 {
		t.Logf("%s: %s", name, out)
	}
}

func TestKeyringHoldsProfiles(t *testing.T) {
	s := newSession(t)
	if err := os.WriteFile(filepath.Join(s.home, "roots.pem"), certificates(t, 9), 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "correct horse", "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	for _, name := range []string{"wait for service", "fill", "reopen and edit", "delete", "two copies", "nothing is left"} {
		if s.script(t, name); t.Failed() {
			return
		}
	}
}

func TestKeyringLocked(t *testing.T) {
	s := newSession(t)
	t.Run("first login", func(t *testing.T) {
		s.run(t, "correct horse", "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
		s.script(t, "wait for service")
		s.script(t, "is available")
	})
	s.run(t, "", "gnome-keyring-daemon", "--foreground", "--components=secrets")
	s.script(t, "wait for service")
	s.script(t, "is locked")
}

// A keyring that is killed in the middle of a save, and comes back, has every
// profile that was saved before.
func TestKeyringKilledInTheMiddle(t *testing.T) {
	s := newSession(t)
	if err := os.WriteFile(filepath.Join(s.home, "roots.pem"), certificates(t, 9), 0o600); err != nil {
		t.Fatal(err)
	}
	daemon := []string{"gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"}
	first := s.start(t, "correct horse", daemon...)
	s.script(t, "wait for service")

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	saving := exec.CommandContext(t.Context(), self)
	saving.Env = append(s.env, scriptVariable+"=save until killed", "GORACE=atexit_sleep_ms=0")
	var failed strings.Builder
	saving.Stderr = &failed
	out, err := saving.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := saving.Start(); err != nil {
		t.Fatal(err)
	}
	var saved []byte
	for lines := bufio.NewScanner(out); lines.Scan(); {
		saved = fmt.Appendln(saved, lines.Text())
		if strings.Count(string(saved), "\n") == 3 {
			if err := first.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := saving.Wait(); err != nil {
		t.Fatalf("save until killed: %v\n%s", err, failed.String())
	}
	if err := os.WriteFile(filepath.Join(s.home, "saved"), saved, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start(t, "correct horse", daemon...)
	s.script(t, "wait for service")
	s.script(t, "all saved is there")
}

func TestKeyringLockedWhileInUse(t *testing.T) {
	s := newSession(t)
	daemon := []string{"gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"}
	first := s.start(t, "correct horse", daemon...)
	s.script(t, "wait for service")
	s.script(t, "locked meanwhile")
	end(first)
	s.start(t, "correct horse", daemon...)
	s.script(t, "wait for service")
	s.script(t, "all saved is there")
}

func TestKeyringUnavailable(t *testing.T) {
	t.Run("bus without service", func(t *testing.T) { newSession(t).script(t, "is unavailable") })
	t.Run("no bus", func(t *testing.T) {
		home := t.TempDir()
		// An address without a bus: with no address at all, the library
		// would look for the bus of the person who runs the test.
		session{home, environment(home, "unix:path="+filepath.Join(home, "none"))}.script(t, "is unavailable")
	})
}

func answers(want error) func() error {
	return func() error {
		s := profiles.Open("")
		ctx, cancel := scriptContext()
		defer cancel()
		if err := s.Probe(ctx); !errors.Is(err, want) || want != nil && err == want {
			return fmt.Errorf("Probe = %v, want %v and the cause", err, want)
		}
		p := orders()
		if _, err := s.Save(ctx, p); !errors.Is(err, want) || err != nil && strings.Contains(err.Error(), secret) {
			return fmt.Errorf("Save = %v, want %v", err, want)
		}
		entries, err := s.List(ctx)
		if !errors.Is(err, want) || want == nil && len(entries) != 1 {
			return fmt.Errorf("List = %v, %v; want %v", entries, err, want)
		}
		return s.Close(ctx)
	}
}
