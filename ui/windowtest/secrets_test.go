//go:build linux

package windowtest

import (
	"os"
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

func TestNoKeyShowsInTheWindow(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	right, wrong := r.access("both"), r.access("both")
	wrong.Key = localrelay.NewKey()
	w := newDesktop(t, "1280x720").open(t)
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
}
