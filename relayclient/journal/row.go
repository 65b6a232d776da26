package journal

import "time"

// A Lane is the side of the window a row belongs to. The zero Lane is unset:
// the row concerns both sides, or neither.
type Lane uint8

// The two lanes.
const (
	Listener Lane = iota + 1
	Sender
)

// String returns "listener", "sender" or "".
func (l Lane) String() string {
	switch l {
	case Listener:
		return "listener"
	case Sender:
		return "sender"
	}
	return ""
}

// A Direction says which way a message went, seen from this program.
type Direction uint8

// The directions. None is for rows that are no message.
const (
	None Direction = iota
	In
	Out
)

// String returns "in", "out" or "".
func (d Direction) String() string {
	switch d {
	case In:
		return "in"
	case Out:
		return "out"
	}
	return ""
}

// A Kind says what sort of thing happened. The zero Kind is unset.
type Kind uint8

// The kinds.
const (
	Data    Kind = iota + 1 // a message, or part of one
	Control                 // a command on a control channel, an accept, a close
	State                   // a listener or connection changed state
	Problem                 // something failed
)

// String returns "data", "control", "state", "problem" or "".
func (k Kind) String() string {
	switch k {
	case Data:
		return "data"
	case Control:
		return "control"
	case State:
		return "state"
	case Problem:
		return "problem"
	}
	return ""
}

// A Row is one thing that happened. Rows are values; the Payload they share
// must not be modified once the row has been appended.
type Row struct {
	Number     uint64    // set by Append; counts from 1 and is never used again
	Time       time.Time // set by whoever saw it happen
	Lane       Lane
	Direction  Direction
	Kind       Kind
	Connection string // "#3"; "" when the row belongs to no connection
	Type       string // "text", "binary", "accept", "close", "online" …
	Size       int64  // bytes of the message; 0 for rows without a payload
	Payload    []byte // the payload as far as it was kept
	Truncated  bool   // Payload is shorter than Size
	Text       string // one line for people, for rows without a payload
	Detail     string // the raw answer, one click away
	TrackingID string // the service's correlation ID
}

// Binary reports whether the payload is to be shown as bytes.
func (r Row) Binary() bool { return r.Type == "binary" }

// weight is what the row counts against the journal's bound on bytes.
func (r *Row) weight() int64 { return int64(len(r.Payload)) + r.words() }

// words is the part of weight that cannot be shortened.
func (r *Row) words() int64 {
	return int64(len(r.Connection) + len(r.Type) + len(r.Text) + len(r.Detail) + len(r.TrackingID))
}
