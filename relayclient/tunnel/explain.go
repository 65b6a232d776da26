package tunnel

import (
	"errors"
	"strings"
	"syscall"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
)

// Explain puts the failure of a tunnel or of one of its connections into words.
func Explain(err error) explain.Message {
	m := explain.Message{Raw: err.Error()}
	var ce *relayclient.CloseError
	switch {
	case errors.Is(err, ErrClosed):
		return explain.Message{Title: "Stopped"}
	case errors.Is(err, ErrFull):
		m.Title = "Too many connections at once"
		m.Cause = "The tunnel cuts off what is more than it was opened for, so that a program that runs wild does not use up the namespace's connections."
		m.Next = "Let the local program close what it does not need."
	case errors.Is(err, ErrLocal):
		m.Title = "The local program broke its connection off"
		m.Cause = "It was closed with a reset, in the middle or with data unread. The listener was told."
		m.Next = "Look at the local program, unless it was stopped on purpose."
	case errors.Is(err, ErrHalfOpen):
		m.Title = "One side went silent after the other had ended"
		m.Cause = "One direction had ended, and nothing came in the other for two minutes. Nobody could have told that it is gone."
		m.Next = "If the program needs longer pauses, let it keep its own direction open."
	case errors.Is(err, ErrBridge):
		m.Title = "The listener did not open the bridge's port"
		m.Cause = "A port name was given, which only azbridge listeners understand. This one is another kind, or does not know the name."
		m.Next = "Leave the port name empty for other listeners; for azbridge, compare it with the listener's settings."
	case errors.As(err, &ce) && ce.Code == 1011 && strings.HasPrefix(ce.Reason, targetReason):
		m.Title = "The listener could not reach its target"
		m.Cause = "The relay and the listener did their part. The listener says of its target: " + strings.TrimPrefix(ce.Reason, targetReason) + "."
		m.Next = "Check on the listener's side that the target runs, and its address and port."
		m.TrackingID = ce.TrackingID
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, wsaeAddrInUse):
		m.Title = "The port is in use"
		m.Cause = "Another program of this computer listens there, or another tunnel."
		m.Next = "Choose another port, or 0 for a free one."
	case errors.Is(err, syscall.EACCES):
		m.Title = "The port may not be used"
		m.Cause = "This computer keeps it for the system, or reserves it."
		m.Next = "Choose a port from 1024, or 0 for a free one."
	default:
		return explain.Error(err, relayclient.Sending)
	}
	return m
}

// targetReason begins the reason that a listener of this program gives when it
// cannot go on forwarding.
const targetReason = "the listener's target: "

// wsaeAddrInUse is what Windows says in EADDRINUSE's place.
const wsaeAddrInUse = syscall.Errno(10048)
