//go:build linux

package windowtest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience bounds every wait. It is only ever used up by a test that fails.
const patience = 20 * time.Second

// A desktop is what a login gives a program: a screen, a home and a session
// bus. Programs started on it end with the test.
type desktop struct {
	display string
	home    string
	bus     string // address of the session bus, which need not exist
	scale   string
	theme   string
	path    string   // folders before those of the system, each with a colon; as a rule ""
	more    []string // variables
}

// newDesktop starts a screen. There is no window manager and no session bus.
func newDesktop(t *testing.T, screen string) *desktop {
	t.Helper()
	d := &desktop{home: t.TempDir(), scale: "1", theme: "dark"}
	d.bus = "unix:path=" + filepath.Join(d.home, "none")
	d.display = startDisplay(t, screen)
	return d
}

// startDisplay starts an X server, which picks a free display by itself.
func startDisplay(t *testing.T, screen string) string {
	t.Helper()
	number, its, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer number.Close()
	defer its.Close()
	if err := tools(); err != nil {
		t.Fatal(err)
	}
	// -r: a key that is held up by a busy machine must not repeat. -noreset: a
	// tool that comes and goes while the window manager starts must not take it
	// along, which it does when it is the last client to leave.
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", screen+"x24", "-nolisten", "tcp", "-r", "-noreset")
	cmd.ExtraFiles = []*os.File{its}
	keep(t, cmd)
	its.Close()
	if err := number.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(number).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb gave no display: %v", err)
	}
	return ":" + strings.TrimSpace(line)
}

// env has nothing of the person who runs the test.
func (d *desktop) env() []string {
	return append([]string{
		"PATH=" + d.path + os.Getenv("PATH"), "HOME=" + d.home, "XDG_RUNTIME_DIR=" + d.home, "XDG_CONFIG_HOME=" + d.home,
		"XDG_DATA_HOME=" + d.home, "XDG_CACHE_HOME=" + d.home, "DBUS_SESSION_BUS_ADDRESS=" + d.bus,
		"DISPLAY=" + d.display, "LANG=en_US.UTF-8", "FYNE_SCALE=" + d.scale, "FYNE_THEME=" + d.theme,
		"RELAYSCOPE_E2E=127.0.0.1:0",
	}, d.more...)
}

// try runs a tool to its end and returns what it says.
func (d *desktop) try(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = d.env()
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), err
}

// start starts a tool that stays, and returns its output.
func (d *desktop) start(t *testing.T, input, name string, args ...string) io.Reader {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env, cmd.Stdin = d.env(), strings.NewReader(input)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	keep(t, cmd)
	return out
}

// keep starts cmd and kills it when the test ends.
func keep(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// until looks again and again whether something has come about. The error of
// the last look says what is missing.
func until(t *testing.T, what string, look func() error) {
	t.Helper()
	if err := within(patience, look); err != nil {
		t.Fatalf("%s: %v after %v", what, err, patience)
	}
}

func within(limit time.Duration, look func() error) error {
	again := time.NewTicker(30 * time.Millisecond)
	defer again.Stop()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	for {
		err := look()
		if err == nil {
			return nil
		}
		select {
		case <-again.C:
		case <-deadline.C:
			return err
		}
	}
}

// picture writes what is on the screen to a file.
func (d *desktop) picture(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	_, err := d.try("import", "-window", "root", path)
	return err
}
