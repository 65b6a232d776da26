package live

import (
	"fmt"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/ui/widgets"
)

// failure puts an error into words for a Problem.
func failure(err error, role relayclient.Role) widgets.Failure {
	m := explain.Error(err, role)
	return widgets.Failure{Title: m.Title, Cause: m.Cause, Next: m.Next, Raw: m.Raw, TrackingID: m.TrackingID}
}

func plural(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// exactly is a size to the byte.
func exactly(n int) string {
	if n == 1 {
		return "1 byte"
	}
	return grouped(n) + " bytes"
}

// byteCount is short: 512 B, 1.5 KiB, 12.0 MiB.
func byteCount(n int64) string {
	switch {
	case n < 1<<10:
		return strconv.FormatInt(n, 10) + " B"
	case n < 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KiB"
	}
	return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
}

// elapsed is a duration that counts up in whole seconds.
func elapsed(d time.Duration) string { return fmt.Sprintf("%d s", int(d/time.Second)) }

// remaining is how long a token is still good.
func remaining(d time.Duration) string {
	switch {
	case d <= 0:
		return "expired"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d/time.Second))
	}
	return fmt.Sprintf("%d min", int((d + 30*time.Second).Minutes()))
}

// show makes o visible or not and reports whether that changed anything.
func show(o fyne.CanvasObject, on bool) bool {
	if o.Visible() == on {
		return false
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
	return true
}

// setButton changes a button only if it must, because every change redraws.
func setButton(b *widgets.Button, text string, icon fyne.Resource, importance widget.Importance) {
	if b.Text == text {
		return
	}
	b.Text, b.Icon, b.Importance = text, icon, importance
	b.Refresh()
}

// ListenerState says in a word where the listener stands.
func (s *Session) ListenerState() (widgets.StatusKind, string) {
	return listenersWord(s.Listeners())
}

// StateOf says in a word where a session stands as a whole; "" if nothing was
// started.
func StateOf(s *Session) (widgets.StatusKind, string) {
	listener, _ := s.Listener()
	sender := s.Sender()
	kind, word := s.ListenerState()
	switch {
	case listener.State != 0 && kind != widgets.StatusIdle:
		return kind, word
	case sender.State == SenderConnected:
		return widgets.StatusOnline, "Connected"
	case sender.State == SenderConnecting:
		return widgets.StatusBusy, "Connecting"
	case s.Tunnel().Running:
		return widgets.StatusOnline, "Tunnel open"
	case sender.Err != nil:
		return widgets.StatusFailed, "Failed"
	}
	return widgets.StatusIdle, ""
}
