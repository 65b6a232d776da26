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
	HTTP                    // a request or its response
)

// String returns "data", "control", "state", "problem", "http" or "".
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
	case HTTP:
		return "http"
	}
	return ""
}

// A Row is one thing that happened. Rows are values; the Payload and the Facts
// they share must not be modified once the row has been appended. A million
// rows are held at times: what few of them have belongs into Facts.
type Row struct {
	Number     uint64    // set by Append; counts from 1 and is never used again
	Time       time.Time // set by whoever saw it happen
	Lane       Lane
	Direction  Direction
	Kind       Kind
	Mark       Mark          // set by people, with SetMark
	Truncated  bool          // Payload is shorter than Size
	Status     int           // of an HTTP response, or the code of a Close; 0 if there is none
	Latency    time.Duration // of a reply: since what it answers; 0 if that is not known for certain
	Pair       uint64        // number of the row that this one answers, or that answers it; 0 if none is known
	Connection string        // "#3"; "" when the row belongs to no connection
	Type       string        // "text", "binary", "request", "response", "accept", "close", "online" …
	Size       int64         // bytes of the message or body; 0 for rows without a payload
	Payload    []byte        // the payload as far as it was kept
	Text       string        // one line for people, for rows without a payload
	Detail     string        // the raw answer, one click away
	TrackingID string        // the service's correlation ID
	Facts      *Facts        // what only some rows have; nil if nothing
}

// Binary reports whether the payload is to be shown as bytes.
func (r Row) Binary() bool { return r.Type == "binary" || r.Facts != nil && r.Facts.BinaryBody }

// Failed reports whether the row tells of something that went wrong: a
// problem, an HTTP status from 400 on, a Close that is no goodbye.
func (r Row) Failed() bool { return r.failed() }

func (r *Row) failed() bool {
	switch r.Status {
	case 1000, 1001, 1005: // goodbyes
		return r.Kind == Problem
	}
	return r.Kind == Problem || r.Status >= 400
}

// http reports whether the row is a part of an HTTP exchange.
func (r *Row) http() bool { return r.Kind == HTTP || r.Facts != nil && r.Facts.Method != "" }

// weight is what the row counts against the journal's bound on bytes.
func (r *Row) weight() int64 { return int64(len(r.Payload)) + r.words() }

// words is the part of weight that cannot be shortened.
func (r *Row) words() int64 {
	return int64(len(r.Connection)+len(r.Type)+len(r.Text)+len(r.Detail)+len(r.TrackingID)) + r.Facts.weight()
}
