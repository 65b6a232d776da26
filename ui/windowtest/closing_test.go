//go:build linux

package windowtest

import (
	"context"
	"errors"
	"testing"

	"relayscope/relayclient"
)

func TestCloseWhileConnected(t *testing.T) {
	t.Parallel()
	for name, close := range map[string]func(*testing.T, *window) error{
		"asked to end": func(_ *testing.T, w *window) error { return w.end() },
		"window closed": func(t *testing.T, w *window) error {
			w.key("alt+F4")
			return w.gone()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t)
			d := newDesktop(t, "1280x720")
			d.startWindowManager(t)
			w := d.open(t)
			w.paste(r.access("both"), r.certificate())
			w.startBoth()
			far := r.dial(t)
			w.logs("listener||#2|connected|")
			w.screen("connected")
			if err := close(t, w); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			// It answers only now: the program has to wait for it, a little.
			var told *relayclient.CloseError
			if _, err := far.Read(ctx); !errors.As(err, &told) || told.Code != 1001 {
				t.Errorf("a sender elsewhere was told %v, want a Close with 1001", err)
			}
			_ = far.Close(1000, "") // it is closed already, unless it was not told
			if err := r.WaitIdle(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// dial connects a sender that is not the window's.
func (r relay) dial(t *testing.T) *relayclient.Conn {
	t.Helper()
	cs := r.access("both")
	conn, err := relayclient.Dial(t.Context(), relayclient.Config{
		Namespace: cs.Namespace, HybridConnection: cs.HybridConnection, RootCAs: r.RootCAs(),
		Token: relayclient.SharedAccessKey{KeyName: cs.KeyName, Key: cs.Key},
	}, relayclient.DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(1000, "") })
	return conn
}

// startWindowManager starts what gives windows a frame and a close button.
func (d *desktop) startWindowManager(t *testing.T) {
	t.Helper()
	d.start(t, "", "openbox", "--sm-disable")
	until(t, "wait for the window manager", func() error {
		_, err := d.try("xdotool", "get_num_desktops")
		return err
	})
}
