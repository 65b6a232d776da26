//go:build linux

package windowtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A part is one named part of the window, as the program describes it.
type part struct {
	X, Y, W, H                     int
	Visible, Enabled, Focused, Cut bool
	Text                           string
	Lines                          []string
}

type parts map[string]part

// A window is the running program.
type window struct {
	t       *testing.T
	desktop *desktop
	cmd     *exec.Cmd
	says    string // the file its standard error goes to
	address string // where it describes its parts
	id      string // of its X window
	ended   chan struct{}
}

var announced = regexp.MustCompile(`(?m)^e2e (\S+)$`)

// open starts the program and waits for its window. The test fails if it does
// not end by itself, once told to.
func (d *desktop) open(t *testing.T, args ...string) *window {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	said, err := os.CreateTemp(d.home, "stderr")
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	w := &window{t: t, desktop: d, cmd: exec.Command(path, args...), says: said.Name(), ended: make(chan struct{})}
	w.cmd.Env, w.cmd.Dir, w.cmd.Stderr = d.env(), d.home, said
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = w.cmd.Wait() // what it ended with is in ProcessState
		close(w.ended)
	}()
	t.Cleanup(w.cleanup)
	until(t, "wait for the program's description", func() error {
		text, err := os.ReadFile(w.says)
		if m := announced.FindSubmatch(text); m != nil {
			w.address = string(m[1])
			return nil
		}
		return errors.Join(errors.New("no line e2e on standard error"), err)
	})
	w.wait("window", func(p parts) error { return want(p["window"].Visible, "the window is not on screen") })
	until(t, "find the X window", func() error {
		id, err := d.try("xdotool", "search", "--onlyvisible", "--pid", strconv.Itoa(w.cmd.Process.Pid), "--name", "^Relayscope")
		w.id = id
		return err
	})
	w.xdotool("windowfocus", "--sync", w.id)
	return w
}

func (w *window) cleanup() {
	evidence, err := filepath.Abs(filepath.Join(repository, "dist", "window-failures", fileName(w.t.Name())))
	if err != nil {
		w.t.Fatal(err)
	}
	if w.t.Failed() {
		w.keepEvidence(evidence)
	}
	select {
	case <-w.ended:
	default:
		if err := w.end(); err != nil {
			w.t.Error(err)
		}
	}
	if !w.t.Failed() {
		return
	}
	said, err := os.ReadFile(w.says)
	err = errors.Join(err, os.MkdirAll(filepath.Dir(evidence), 0o755), os.WriteFile(evidence+".txt", said, 0o644))
	w.t.Logf("what the program said: %s.txt %v\n%.4000s", evidence, err, said)
}

// keepEvidence saves what a person needs to understand a failure.
func (w *window) keepEvidence(base string) {
	if err := w.desktop.picture(base + ".png"); err != nil {
		w.t.Log(err)
	}
	text := []byte("null\n")
	if p, err := w.describe(); err == nil {
		text, _ = json.MarshalIndent(p, "", "\t")
	}
	if err := os.WriteFile(base+".json", text, 0o644); err != nil {
		w.t.Log(err)
	}
	w.t.Logf("what the screen showed: %s.png and .json", base)
}

// end asks the program to end, as a logout does, and reports how it did not.
func (w *window) end() error {
	if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return w.gone()
}

// goodbye is how long the program may take to end.
const goodbye = 10 * time.Second

// gone waits for the program's end and reports any but an orderly one.
func (w *window) gone() error {
	limit := time.NewTimer(goodbye)
	defer limit.Stop()
	select {
	case <-w.ended:
	case <-limit.C:
		_ = w.cmd.Process.Signal(syscall.SIGQUIT) // it then says what hangs
		<-w.ended
		return fmt.Errorf("the program did not end within %v", goodbye)
	}
	if code := w.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("the program ended with %v, want exit status 0", w.cmd.ProcessState)
	}
	return nil
}

func (w *window) describe() (parts, error) {
	client := http.Client{Timeout: patience}
	answer, err := client.Get("http://" + w.address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var p parts
	return p, json.Unmarshal(text, &p)
}

// wait waits until the window looks as look wants it, and returns its parts.
func (w *window) wait(what string, look func(parts) error) parts {
	w.t.Helper()
	var p parts
	until(w.t, what, func() (err error) {
		select {
		case <-w.ended:
			w.t.Fatalf("%s: the program has ended with %v", what, w.cmd.ProcessState)
		default:
		}
		if p, err = w.describe(); err == nil {
			err = look(p)
		}
		return err
	})
	return p
}

// want returns an error that says problem, unless ok.
func want(ok bool, problem string, args ...any) error {
	if ok {
		return nil
	}
	return fmt.Errorf(problem, args...)
}

// sees waits until a part is visible and its text, or one of its lines, has
// every one of the words.
func (w *window) sees(name string, words ...string) parts {
	w.t.Helper()
	return w.wait(name, func(p parts) error { return p.shows(name, words...) })
}

func (p parts) shows(name string, words ...string) error {
	q := p[name]
	if !q.Visible {
		return fmt.Errorf("%s is not visible", name)
	}
	text := strings.Join(append([]string{q.Text}, q.Lines...), "\n")
	for _, word := range words {
		if !strings.Contains(text, word) {
			return fmt.Errorf("%s shows %q, want %q in it", name, text, word)
		}
	}
	return nil
}

// settled waits until a part can be used and has stopped moving.
func (w *window) settled(name string) part {
	w.t.Helper()
	var last part
	return w.wait("use "+name, func(p parts) error {
		q, before := p[name], last
		last = q
		switch {
		case !q.Visible || !q.Enabled:
			return fmt.Errorf("%s is not there to be used: %+v", name, q)
		case q.X != before.X || q.Y != before.Y || q.W != before.W || q.H != before.H:
			return fmt.Errorf("%s moves", name)
		}
		return nil
	})[name]
}

// screen waits until everything is drawn, and keeps a picture.
func (w *window) screen(state string) {
	w.t.Helper()
	looks := 0
	w.wait("picture of "+state, func(p parts) error {
		rows, counted := len(p["log"].Lines), p["log.count"].Text
		if p["log"].Visible && rows > 0 && !strings.HasPrefix(counted, fmt.Sprintf("%d row", rows)) && !strings.HasSuffix(counted, fmt.Sprintf("of %d", rows)) {
			return fmt.Errorf("the log counts %q, want %d rows", counted, rows)
		}
		looks++ // the program answers between two frames, and the log lags by one or two
		return want(looks > 4, "not drawn yet")
	})
	folder := os.Getenv("RELAYSCOPE_SCREENSHOTS")
	if folder == "" {
		folder = filepath.Join(repository, "dist", "screens")
	}
	if err := w.desktop.picture(filepath.Join(folder, fileName(w.t.Name())+"-"+state+".png")); err != nil {
		w.t.Fatal(err)
	}
}

func fileName(test string) string {
	return strings.NewReplacer("/", "-", " ", "-", "#", "-").Replace(test)
}
