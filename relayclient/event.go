package relayclient

import (
	"sync"
	"time"
)

// A Role is one of the two parts a client plays.
type Role int

// The roles. The zero Role is none.
const (
	Listening Role = 1 + iota
	Sending
)

func (r Role) String() string { return name(int(r), "", "listener", "sender") }

// A State is where a listener's control channel stands.
type State int

// The states of a listener.
const (
	Connecting State = 1 + iota // an attempt is being made
	Online                      // registered; senders can reach it
	Waiting                     // the last attempt failed or the channel was lost; another follows
	Offline                     // ended, for good
)

func (s State) String() string { return name(int(s), "", "connecting", "online", "waiting", "offline") }

// An EventKind says what an Event tells.
type EventKind int

// The kinds of events, and the fields that each one sets beside Time, Role
// and Kind.
const (
	StateChanged    EventKind = 1 + iota // State; Err, RetryIn and Phases when Waiting; Attempt; TokenExpires, TrackingID, Took and Phases when Online; Err when Offline by itself
	TokenRenewed                         // TokenExpires: a renewal was sent; the relay does not answer it
	RenewalFailed                        // Err: no new token to be had, or none that lasts longer
	CommandReceived                      // Command: the name of a control message; Reason if it was ignored
	Connected                            // Connection, Info, Subprotocol, Took, Phases: a data connection is open
	ConnectFailed                        // Connection, Err, Took, Phases: a data connection did not come about
	Rejected                             // Connection, Info, Code, Reason: the listener turned a sender away, or with Code 0 left it without an answer
	MessageReceived                      // Connection, Message
	MessageSent                          // Connection, Message: on its way; nobody acknowledges it, and a connection that is lost may take the last ones along. Bytes if the message is larger than Data, which then is its beginning
	SendFailed                           // Connection, Message, Err: the message last sent did not leave whole
	Closed                               // Connection, Code, Reason, ByPeer, Err: a data connection has ended
	RequestReceived                      // Connection, Request: a handler is about to serve an HTTP request
	ResponseSent                         // Connection, Code, Bytes, Took, FirstByte, Rendezvous, Phases; Reason if the listener refused, or could not send what its handler wanted
	RequestFailed                        // Connection, Err, Took, and what ResponseSent has as far as it came: the sender got no whole response. Without RequestReceived before it the request could not be fetched
	PingAnswered                         // Connection, Took: a PING of Conn.Ping was answered
)

func (k EventKind) String() string {
	return name(int(k), "", "state-changed", "token-renewed", "renewal-failed", "command-received", "connected",
		"connect-failed", "rejected", "message-received", "message-sent", "send-failed", "closed",
		"request-received", "response-sent", "request-failed", "ping-answered")
}

func name(i int, names ...string) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}

// An Event is one thing that happened to a client. Which fields are set
// depends on Kind. No field holds a token, a key or the address of a
// rendezvous that can still be used.
type Event struct {
	Time         time.Time
	Role         Role
	Kind         EventKind
	State        State
	Attempt      int           // attempts since the listener was last online, from 1
	RetryIn      time.Duration // until the next attempt
	TokenExpires time.Time     // zero if unknown
	Took         time.Duration // how long opening took, or a request from its arrival to the end of its response
	Phases       Phases        // and each part of it, also of an opening that failed
	Connection   string        // the UUID that both ends of a data connection or a request know it by
	Info         *ConnInfo     // what the sender asked for
	Subprotocol  string
	Command      string
	Message      Message // Data must not be modified
	Request      *RequestInfo
	Bytes        int64         // of a response's body, or of a message of which Data is the beginning
	FirstByte    time.Duration // from a request's arrival until its response began; 0 if it did not
	Rendezvous   bool          // the response went over a WebSocket of its own, not the control channel
	Code         int           // of a Close frame, a rejection or a response; 0 if there was none
	Reason       string
	ByPeer       bool // the other side closed first
	TrackingID   string
	Err          error
}

// emitter hands events to the one function that wants them, one at a time.
type emitter struct {
	mu sync.Mutex
	on func(Event)
}

func (e *emitter) emit(ev Event) {
	if e.on == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	ev.Time = time.Now()
	e.on(ev)
}
