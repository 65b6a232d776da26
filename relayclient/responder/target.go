package responder

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"relayscope/relayclient"
)

// dialTime is how long a target has to take a connection.
const dialTime = 10 * time.Second

// A TargetError says why forwarding to a target failed.
type TargetError struct {
	Target string // host:port or URL
	Err    error
}

func (e *TargetError) Error() string { return "the target " + e.Target + ": " + why(e.Err) }

// Unwrap returns the cause.
func (e *TargetError) Unwrap() error { return e.Err }

// forSender says as much of it as a sender may know: not where the target is.
func (e *TargetError) forSender() string { return "the listener's target: " + whyInGeneral(e.Err) }

// Winsock's numbers, which syscall's names do not stand for.
const (
	wsaeConnReset   = syscall.Errno(10054)
	wsaeConnRefused = syscall.Errno(10061)
)

// why puts the usual causes into words.
func why(err error) string {
	var dns *net.DNSError
	var answered *answeredError
	var slow net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "its name is not known"
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, wsaeConnRefused):
		return "connection refused; nothing listens there"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, wsaeConnReset), errors.Is(err, syscall.EPIPE):
		return "it broke the connection off"
	case errors.Is(err, relayclient.ErrResponseTimeout):
		return "it did not answer in time"
	case errors.As(err, &slow) && slow.Timeout():
		return fmt.Sprintf("no answer within %d s", dialTime/time.Second)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), websocket.IsCloseError(err, websocket.CloseAbnormalClosure):
		return "it ended in the middle"
	case errors.As(err, &answered):
		return answered.Error()
	}
	return err.Error()
}

// whyInGeneral is why without anything that only the cause's own words say.
func whyInGeneral(err error) string {
	general := why(err)
	if general == err.Error() {
		var answered *answeredError
		if !errors.As(err, &answered) {
			return "it failed"
		}
	}
	return general
}

// An answeredError is a status that is not the one hoped for.
type answeredError struct{ status int }

func (e *answeredError) Error() string {
	return fmt.Sprintf("it answered %d in place of a WebSocket", e.status)
}
