//go:build linux

package windowtest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

// showsNo reports a secret that stands in the window, in the message log or in
// what the program wrote. The hook of the tests reads masked fields, too; those
// of the form are left out.
func (w *window) showsNo(secret relayclient.Secret) {
	w.t.Helper()
	p, err := w.describe()
	if err != nil {
		w.t.Fatal(err)
	}
	for name, q := range p {
		text := q.Text + strings.Join(q.Lines, "\n")
		if !strings.HasPrefix(name, "form.") && strings.Contains(text, secret.Reveal()) {
			w.t.Errorf("the secret is in %s: %q", name, text)
		}
	}
	said, err := os.ReadFile(w.says)
	if err != nil {
		w.t.Fatal(err)
	}
	if strings.Contains(string(said), secret.Reveal()) {
		w.t.Errorf("the program wrote the secret: %s", said)
	}
}

// holdsNo reports files of the home folder with a secret in them.
func (d *desktop) holdsNo(t *testing.T, secret relayclient.Secret) {
	t.Helper()
	err := filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(secret.Reveal())) {
			t.Errorf("the secret is in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoKeyShowsInTheWindow(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	right, wrong := r.access("both"), r.access("both")
	wrong.Key = localrelay.NewKey()
	d := newDesktop(t, "1280x720")
	d.startKeyring(t)
	w := d.open(t)
	w.paste(wrong, r.certificate())
	w.showsNo(wrong.Key)
	w.click("bar.toggle")
	w.sees("listener.problem", "does not accept the key")
	w.click("listener.problem.Details")
	w.showsNo(wrong.Key)
	w.click("page.Test")
	w.click("test.again")
	w.sees("test.step.listen", "Failed")
	w.showsNo(wrong.Key)
	w.click("page.Identity")
	w.click("identity.listener")
	w.sees("identity.status", "Nothing wrong found")
	w.showsNo(wrong.Key)
	w.click("bar.edit")
	w.fill("form.key", right.Key.Reveal())
	w.click("form.save")
	w.sees("bar.toggle", "Restart")
	w.click("bar.toggle")
	w.click("page.Live")
	w.met()
	w.send("in the open")
	w.echoes("#1", "in the open")
	w.showsNo(right.Key)
	w.showsNo(wrong.Key)
	if err := w.end(); err != nil {
		t.Fatal(err)
	}
	d.holdsNo(t, right.Key)
	d.holdsNo(t, wrong.Key)
}
