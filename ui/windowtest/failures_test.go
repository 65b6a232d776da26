//go:build linux

package windowtest

import (
	"testing"

	"relayscope/relayclient"
	"relayscope/relayclient/localrelay"
)

func TestWrongKey(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	right, wrong := r.access("both"), r.access("both")
	wrong.Key = localrelay.NewKey()
	w := newDesktop(t, "1280x720").open(t)
	w.paste(wrong, r.certificate())
	w.click("bar.toggle")
	p := w.sees("listener.problem", "does not accept the key", "Next: ")
	if status := p["listener.status"].Text; status != "Retrying" && status != "Failed" {
		t.Errorf("the listener's status is %q", status)
	}
	w.screen("refused")
	w.click("listener.problem.Details")
	w.wait("raw answer", func(p parts) error {
		for _, line := range p["listener.problem"].Lines {
			if len(line) > 0 && line[0] == '4' {
				return nil
			}
		}
		return want(false, "the details are %q, want an answer 401", p["listener.problem"].Lines)
	})
	w.screen("details")

	w.click("bar.edit")
	w.wait("form", func(p parts) error {
		return want(p["form.key"].Text == wrong.Key.Reveal() && p["form.endpoint"].Text == wrong.Namespace &&
			p["form.certificates"].Text != "", "the form has forgotten what was typed")
	})
	w.fill("form.key", right.Key.Reveal())
	w.click("form.save")
	w.sees("bar.about", "settings have changed")
	w.screen("changed")
	w.sees("bar.toggle", "Restart")
	w.click("bar.toggle")
	w.met()
	w.send("with the right key")
	w.echoes("#1", "with the right key")
}

func TestFailuresInWords(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change      func(*relayclient.ConnectionString)
		certificate bool
		click       string // what is started
		fails       string // where it is told
		says        string
	}{
		"unknown name": {func(cs *relayclient.ConnectionString) { cs.HybridConnection = "nowhere" }, true, "listener.toggle", "listener.problem", "There is no such hybrid connection"},
		"no listener":  {nil, true, "sender.toggle", "sender.problem", "Nobody is listening"},
		"not trusted":  {nil, false, "listener.toggle", "listener.problem", "The certificate is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t)
			cs, certificate := r.access("root"), ""
			if tt.change != nil {
				tt.change(&cs)
			}
			if tt.certificate {
				certificate = r.certificate()
			}
			w := newDesktop(t, "1280x720").open(t)
			w.paste(cs, certificate)
			w.click(tt.click)
			w.sees(tt.fails, tt.says, "Next: ")
			w.screen("failed")
		})
	}
}

func TestPasteMistyped(t *testing.T) {
	t.Parallel()
	w := newDesktop(t, "1280x720").open(t)
	w.click("welcome.fill")
	w.fill("form.name", "mine")
	const mistyped = "Endpoint=sb://contoso.servicebus.windows.net/;SharedAccessKeyName=RootManageSharedAccessKey;SharedAccesKey=c2VjcmV0"
	w.click("form.network")
	w.fill("form.certificates", mistyped) // the nearest place to copy it from
	w.cut("form.certificates")
	w.click("form.paste")
	w.key("ctrl+v")
	p := w.sees("form.pasted", "SharedAccessKey")
	for name, text := range map[string]string{"name": "mine", "endpoint": "", "hybridConnection": "", "keyName": "", "key": "", "certificates": ""} {
		if got := p["form."+name].Text; got != text {
			t.Errorf("the field %s holds %q, want %q", name, got, text)
		}
	}
	w.screen("explained")
}
