//go:build linux

package windowtest

import "testing"

func TestControlChannelLost(t *testing.T) {
	t.Parallel()
	r := newRelay(t)
	w := newDesktop(t, "1280x720").open(t)
	w.paste(r.access("both"), r.certificate())
	w.startBoth()
	w.send("before")
	w.echoes("#1", "before")

	// A control channel that lived for a while is replaced at once. The second
	// one has not, so the listener waits, and a person sees that.
	drop := func() {
		if n := r.DropControlChannels("hyco"); n != 1 {
			t.Fatalf("%d control channels were dropped, want 1", n)
		}
	}
	drop()
	w.logs("listener|||waiting|", "listener|||online|")
	w.sees("listener.status", "Online")
	drop()
	w.sees("listener.status", "Reconnecting")
	w.sees("sender.status", "Connected")
	w.screen("reconnecting")
	w.sees("listener.status", "Online")
	w.logs("listener|||online|", "listener|||waiting|", "listener|||online|", "listener|||waiting|", "listener|||online|")

	w.send("after")
	w.echoes("#1", "after")
	w.screen("online-again")
}
