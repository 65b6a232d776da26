//go:build linux

package windowtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"relayscope/relayclient/entra/entratest"
)

// repository is where this package's tests run from, two folders up.
const repository = "../.."

// buildDir is where program builds, if it has to.
var buildDir = filepath.Join(os.TempDir(), fmt.Sprintf("relayscope-windowtest-%d", os.Getpid()))

func TestMain(m *testing.M) {
	entratest.BeBrowser()
	code := m.Run()
	_ = os.RemoveAll(buildDir)
	os.Exit(code)
}

// program returns the path of the program, which tells where its widgets are.
// Without RELAYSCOPE_WINDOW it is built first.
var program = sync.OnceValues(func() (string, error) {
	if err := tools(); err != nil {
		return "", err
	}
	if path := os.Getenv("RELAYSCOPE_WINDOW"); path != "" {
		return path, nil
	}
	path := filepath.Join(buildDir, "relayscope")
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags", "migrated_fynedo,e2e", "-o", path, "."}
	if modules := "dist/gl/window.mod"; exists(filepath.Join(repository, modules)) {
		args = append([]string{"build", "-modfile=" + modules}, args[1:]...)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program with a window: %w\n%s", err, out)
	}
	return path, nil
})

// tools reports what is missing to drive a window, by its names in Debian.
func tools() error {
	var missing []string
	for _, tool := range [...][2]string{
		{"Xvfb", "xvfb"}, {"xdotool", "xdotool"}, {"import", "imagemagick"}, {"openbox", "openbox"},
		{"dbus-daemon", "dbus-daemon"}, {"gnome-keyring-daemon", "gnome-keyring"},
	} {
		if _, err := exec.LookPath(tool[0]); err != nil {
			missing = append(missing, tool[1])
		}
	}
	if missing != nil {
		return errors.New("these tests drive a real window: install the packages " + strings.Join(missing, " "))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
