package relayclient

import (
	"testing"
	"time"
)

// What the protocol allows for: a dead relay is noticed within a minute, and a
// living one is asked before anything on the way forgets the connection.
func TestDefaultKeepAlive(t *testing.T) {
	d := Timing{}.withDefaults()
	if d.Ping+d.Pong > time.Minute || d.Pong < 10*time.Second || d.Ping > 30*time.Second {
		t.Errorf("PING every %v, PONG within %v; want both within a minute", d.Ping, d.Pong)
	}
	if got := (Timing{Ping: time.Hour}).withDefaults().Ping; got != 200*time.Second {
		t.Errorf("PING every %v, want at most every 200 s", got)
	}
}

// A channel that was good for a while is replaced at once; one that breaks as
// soon as it is open is not, or the two sides would keep each other busy.
func TestDelayAfterALoss(t *testing.T) {
	l := &Listener{cfg: Config{Timing: Timing{}.withDefaults()}}
	routine := &CloseError{Code: 1011, Reason: "NameRenewalFailed"}
	if got := l.delay(routine, triesAfter(24*time.Hour)); got != 0 {
		t.Errorf("after a day the next try is in %v, want at once", got)
	}
	if got := l.delay(routine, triesAfter(time.Second)); got < time.Second {
		t.Errorf("after a second the next try is in %v, want a second or more", got)
	}
}
