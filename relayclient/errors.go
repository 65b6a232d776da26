package relayclient

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Errors to test for with errors.Is. A HandshakeError matches the one that
// its status stands for.
var (
	ErrClosed            = errors.New("relayclient: closed")
	ErrUnauthorized      = errors.New("relayclient: token rejected")                                // 401 or 403
	ErrSignIn            = errors.New("relayclient: signing in refused")                            // the token provider's: trying again soon is of no use
	ErrNotFound          = errors.New("relayclient: hybrid connection does not exist")              // 404
	ErrNoListener        = errors.New("relayclient: no listener is online")                         // 404 to a sender
	ErrAcceptTimeout     = errors.New("relayclient: no listener accepted in time")                  // 408 or 504
	ErrTokenNeeded       = errors.New("relayclient: a listener needs a token")                      // even where senders need none
	ErrTooLarge          = errors.New("relayclient: message larger than the limit")                 // see MaxMessage
	ErrNotText           = errors.New("relayclient: text message that is not UTF-8")                // such bytes travel as binary
	ErrPeerSilent        = errors.New("relayclient: the other side stopped answering")              // no PONG in time
	ErrProxy             = errors.New("relayclient: the proxy did not connect further")             // its own words follow
	ErrProxyUnreachable  = errors.New("relayclient: the proxy cannot be used")                      // not reached, or no TLS with it
	ErrForeignRendezvous = errors.New("relayclient: the relay sent an address that is not its own") // not dialled
	ErrNotRelay          = errors.New("relayclient: the answer is not from a relay")                // no HTTP, or one without upgrade
	ErrProtocol          = errors.New("relayclient: the other side broke the WebSocket protocol")   // frames that may not be
	ErrAlreadyClosing    = errors.New("relayclient: Close was already sent")                        // nothing may be written after it
	ErrResponseTimeout   = errors.New("relayclient: no response in time")                           // the relay has told the sender so
	ErrHandlerAborted    = errors.New("relayclient: the handler of a request failed")               // it panicked or ended its goroutine
	ErrLost              = errors.New("relayclient: connection lost without a Close")               // TCP gone: a reset, a proxy, a crash
)

// A Cause is what the relay's words say about a refusal, where its status
// alone does not tell.
type Cause int

// The causes that are told apart.
const (
	CauseUnknown Cause = iota
	CauseMissingToken
	CauseMalformedToken
	CauseBadSignature // wrong key or wrong policy name
	CauseWrongAudience
	CauseExpired
	CauseMissingRight
	CauseAddressBlocked // the namespace's IP firewall
	CauseNoSuchEntity
	CauseNoListener
	CauseNobodyAccepted
	CauseTooManyListeners
	CauseUpgradeLost // the request reached the relay as plain HTTP
)

// A HandshakeError reports that the relay answered an upgrade with something
// other than 101.
type HandshakeError struct {
	Op         string        // "listen", "connect", "accept", "reject", "request"; "fetch" or "answer" for the rendezvous of a request
	StatusCode int           // HTTP status code
	Reason     string        // status text sent by the relay, tracking details removed
	Cause      Cause         // what Reason says
	TrackingID string        // the service's correlation ID; "" if the relay sent none
	Answer     string        // the status line as it came
	Skew       time.Duration // the relay's clock minus ours, from its Date header; 0 if it sent none
	Entra      bool          // what was refused came with a token of Microsoft Entra ID, not of a policy; false for "request"

	// Foreign says that the answer is not the relay's: it has no tracking ID and
	// words that no relay uses, but marks of a proxy, a portal or a web server. It
	// matches ErrNotRelay and nothing that a status stands for. Without it and
	// without TrackingID, who answered is unknown.
	Foreign     bool
	Server      string // the Server header
	ContentType string // the Content-Type header, without parameters
	Location    string // scheme and host of the Location header
}

func (e *HandshakeError) Error() string {
	who := "the relay"
	if e.Foreign {
		who = "something other than a relay"
	}
	text := fmt.Sprintf("%s: %s answered %d", e.Op, who, e.StatusCode)
	if e.Reason != "" {
		text += " " + e.Reason
	}
	if e.TrackingID != "" {
		text += " (tracking ID " + e.TrackingID + ")"
	}
	return text
}

// cameWith notes what kind of token the request carried that was refused.
func (e *HandshakeError) cameWith(header http.Header) *HandshakeError {
	//lint:ignore SA1008 it stands there as authorize has spelled it
	for _, token := range header[tokenHeader] {
		e.Entra = strings.Count(token, ".") == 2 && !strings.ContainsAny(token, " =&")
	}
	return e
}

// Is maps status codes to the package's sentinels, so that callers need not
// know numbers. To a sender a 404 may mean either of two things; the words
// tell which, and 502 and 503 mean that nobody listens just as well.
func (e *HandshakeError) Is(target error) bool {
	if e.Foreign {
		return target == ErrNotRelay
	}
	switch e.StatusCode {
	case http.StatusForbidden:
		// A rendezvous has no token: there it means that nobody waits any more.
		return target == ErrUnauthorized && !e.rendezvous()
	case http.StatusUnauthorized:
		return target == ErrUnauthorized
	case http.StatusNotFound:
		if e.Cause == CauseNoListener {
			return target == ErrNoListener
		}
		return target == ErrNotFound
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return target == ErrNoListener && e.Op == "connect"
	case http.StatusRequestTimeout, http.StatusGatewayTimeout:
		return target == ErrAcceptTimeout
	}
	return false
}

// rendezvous reports whether the listener dialled where the relay told it to.
func (e *HandshakeError) rendezvous() bool {
	return e.Op == "accept" || e.Op == "reject" || e.Op == "fetch" || e.Op == "answer"
}

var (
	trackingID = regexp.MustCompile(`TrackingId:([0-9A-Za-z_-]+)`)
	tracking   = regexp.MustCompile(`[\s,.;]*TrackingId:.*$`)
)

// causes maps words of the service to what they mean; the first match counts.
var causes = []struct {
	words string // in lower case
	cause Cause
}{
	{"ip has been prevented", CauseAddressBlocked},
	{"only for web-socket", CauseUpgradeLost},
	{"invalid signature", CauseBadSignature},
	{"invalidsignature", CauseBadSignature},
	{"invalidaudience", CauseWrongAudience},
	{"wrong audience", CauseWrongAudience},
	{"token is expired", CauseExpired},
	{"expiredtoken", CauseExpired},
	{"token expired", CauseExpired},
	{"malformedtoken", CauseMalformedToken},
	{"malformed token", CauseMalformedToken},
	{"tokenrequired", CauseMissingToken},
	{"missingtoken", CauseMissingToken},
	{"authorization failed for specified action", CauseMissingRight},
	{"claims required", CauseMissingRight},
	{"maximumlistenersperendpoint", CauseTooManyListeners},
	{"no listeners connected", CauseNoListener},
	{"none of the connected listeners meet", CauseNoListener},
	{"none of the connected listeners accepted", CauseNobodyAccepted},
	{"endpoint does not exist", CauseNoSuchEntity},
}

// newHandshakeError takes what matters out of a refusal. It reads the status
// line, because that is where the relay explains itself.
func newHandshakeError(op string, resp *http.Response) *HandshakeError {
	e := &HandshakeError{Op: op, StatusCode: resp.StatusCode, Answer: printable(clip(resp.Status))}
	_, reason, _ := strings.Cut(e.Answer, " ")
	e.Reason = strings.TrimSpace(tracking.ReplaceAllString(reason, ""))
	if m := trackingID.FindStringSubmatch(reason); m != nil {
		e.TrackingID = m[1]
	} else {
		e.TrackingID = printable(clip(resp.Header.Get("TrackingId")))
	}
	lower := strings.ToLower(e.Reason)
	for _, c := range causes {
		if strings.Contains(lower, c.words) {
			e.Cause = c.cause
			break
		}
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		e.Skew = time.Until(date).Round(time.Second)
	}
	e.origin(resp.Header)
	return e
}

// A TimeoutError reports that opening a WebSocket took too long. It matches
// context.DeadlineExceeded.
type TimeoutError struct {
	Op      string // as in a HandshakeError
	Stage   Stage  // what was under way
	Proxied bool   // the way led through a proxy
	Err     error  // whose patience ended
}

func (e *TimeoutError) Error() string {
	if e.Stage == 0 {
		return fmt.Sprintf("%s: %v", e.Op, e.Err)
	}
	return fmt.Sprintf("%s: %v (%v)", e.Op, e.Err, e.Stage)
}

func (e *TimeoutError) Unwrap() error { return e.Err }

// maxWords bounds what is kept of the relay's words, in bytes.
const maxWords = 1 << 10

func clip(text string) string { return text[:min(len(text), maxWords)] }

// printable replaces what could play tricks on a terminal or a window: what
// the other side says is shown to people.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// A CloseError reports that a WebSocket was closed by its other end with a
// Close frame.
type CloseError struct {
	Code       int    // 1000 and 1001 are ordinary ends; 1005 means that the frame named none
	Reason     string // tracking details removed
	TrackingID string
}

func (e *CloseError) Error() string {
	text := fmt.Sprintf("closed by the other side with code %d", e.Code)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Ordinary reports whether the other side simply was done: 1000, 1001, or no
// code at all.
func (e *CloseError) Ordinary() bool {
	return e.Code == 1000 || e.Code == 1001 || e.Code == 1005
}

// Routine reports whether this is how the relay ends every control channel
// about once a day: it loses the name that it runs under, which is no fault of
// anybody's, and takes the listener back at once.
func (e *CloseError) Routine() bool {
	return e.Code == 1011 && strings.Contains(e.Reason, "NameRenewalFailed")
}

func newCloseError(code int, text string) *CloseError {
	text = printable(text)
	e := &CloseError{Code: code, Reason: tracking.ReplaceAllString(text, "")}
	if m := trackingID.FindStringSubmatch(text); m != nil {
		e.TrackingID = m[1]
	}
	return e
}
