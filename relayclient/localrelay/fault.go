package localrelay

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
)

// A FaultKind says what goes wrong.
type FaultKind string

// The kinds of faults. Some wait for an occasion; FaultDrop, FaultClose,
// FaultFreeze, FaultUnknown and FaultExpire act at once on the listeners that
// are online.
const (
	FaultRefuse         FaultKind = "refuse"          // a WebSocket handshake is answered with Status
	FaultDelay          FaultKind = "delay"           // something happens only after Delay
	FaultHTTP           FaultKind = "http"            // the relay itself answers an HTTP request, with Status
	FaultCorrupt        FaultKind = "corrupt"         // a command to a listener is broken JSON
	FaultLoseRendezvous FaultKind = "lose-rendezvous" // an invitation's id is dead: the listener gets 403, the sender waits in vain
	FaultCut            FaultKind = "cut"             // a data connection is lost, without a Close, at a message
	FaultBandwidth      FaultKind = "bandwidth"       // data connections opened from now on are slow, until ClearFaults
	FaultDrop           FaultKind = "drop"            // control channels are lost, without a Close
	FaultClose          FaultKind = "close"           // control channels are closed with Code
	FaultFreeze         FaultKind = "freeze"          // control channels stay open but say nothing any more, not even PONG
	FaultUnknown        FaultKind = "unknown"         // listeners get a command that they cannot know
	FaultExpire         FaultKind = "expire"          // the tokens of the control channels expire now: close 1008
)

// An Occasion is what a fault waits for.
type Occasion string

// The occasions. The first four are WebSocket handshakes, by their action.
const (
	OnListen        Occasion = "listen"
	OnConnect       Occasion = "connect"
	OnAccept        Occasion = "accept"         // a listener dials a sender's rendezvous
	OnRequest       Occasion = "request"        // a listener dials the rendezvous of an HTTP request
	OnHTTP          Occasion = "http"           // a sender's HTTP request
	OnAcceptCommand Occasion = "accept-command" // the invitation on the control channel
)

// A Fault is something that is to go wrong. A field that the kind has no use
// for must be zero; other zero fields mean the default.
type Fault struct {
	Kind   FaultKind
	Entity string // hybrid connection; "" means any

	On     Occasion // for refuse (a handshake) and delay; "" means any that the kind can have
	Status int      // for refuse and http, 400 to 599; 0 means 503, for http 502
	Code   int      // for close; 0 means 1011
	Reason string   // for refuse, http and close: one line; "" means the usual words

	Delay          time.Duration // for delay, up to an hour; it must be given
	For            time.Duration // for freeze, up to an hour; 0 means until ClearFaults
	After          int           // for cut: so many messages still pass
	BytesPerSecond int           // for bandwidth, in each direction; it must be given

	// Times is how many occasions it takes effect on; 0 means 1. Only kinds
	// that wait for one have it, but for bandwidth, which stays.
	Times int
}

// limits of what a fault may say.
const (
	maxFaultWait  = time.Hour
	maxFaultCount = 1_000_000
	maxFaultRate  = 1 << 30
	maxArmed      = 256
)

// A faultKind is what one kind may say, beside the entity.
type faultKind struct {
	name    FaultKind
	options []string
	on      []Occasion
	atOnce  bool // acts on the control channels there are
}

// faultKinds are in the order in which sentences list them.
var faultKinds = []faultKind{
	{name: FaultRefuse, options: []string{"on", "status", "reason", "times"}, on: []Occasion{OnListen, OnConnect, OnAccept, OnRequest}},
	{name: FaultDelay, options: []string{"on", "by", "times"}, on: []Occasion{OnListen, OnConnect, OnAccept, OnRequest, OnHTTP, OnAcceptCommand}},
	{name: FaultHTTP, options: []string{"status", "reason", "times"}},
	{name: FaultCorrupt, options: []string{"times"}},
	{name: FaultLoseRendezvous, options: []string{"times"}},
	{name: FaultCut, options: []string{"after", "times"}},
	{name: FaultBandwidth, options: []string{"rate"}},
	{name: FaultDrop, atOnce: true},
	{name: FaultClose, options: []string{"code", "reason"}, atOnce: true},
	{name: FaultFreeze, options: []string{"for"}, atOnce: true},
	{name: FaultUnknown, atOnce: true},
	{name: FaultExpire, atOnce: true},
}

func kindNamed(name FaultKind) (faultKind, error) {
	var names []string
	for _, k := range faultKinds {
		if k.name == name {
			return k, nil
		}
		names = append(names, string(k.name))
	}
	return faultKind{}, fmt.Errorf("there is no fault %q; there are %s", name, listed(names))
}

// AtOnce reports whether the fault acts on the control channels there are,
// rather than waiting for an occasion.
func (f Fault) AtOnce() bool {
	kind, _ := kindNamed(f.Kind)
	return kind.atOnce
}

// takes lists the options of a kind.
func (k faultKind) takes() []string { return append(slices.Clone(k.options), "entity") }

// check says what is wrong with a fault.
func (f Fault) check() error {
	kind, err := kindNamed(f.Kind)
	if err != nil {
		return err
	}
	for _, o := range faultOptions {
		if o.format(f) != "" && !slices.Contains(kind.takes(), o.name) {
			return fmt.Errorf("fault %s has no option %q; it has %s", kind.name, o.name, listed(kind.takes()))
		}
	}
	switch {
	case f.On != "" && !slices.Contains(kind.on, f.On):
		var names []string
		for _, on := range kind.on {
			names = append(names, string(on))
		}
		return fmt.Errorf("fault %s: on=%q is no occasion for it; there are %s", f.Kind, f.On, listed(names))
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return fmt.Errorf("fault %s: the status must be from 400 to 599", f.Kind)
	case f.Code != 0 && !sendable(f.Code):
		return fmt.Errorf("fault %s: no close frame may carry the code %d", f.Kind, f.Code)
	case !oneLineOfText(f.Reason):
		return fmt.Errorf("fault %s: the reason must be one line of text", f.Kind)
	case f.Kind == FaultDelay && f.Delay == 0:
		return fmt.Errorf("fault delay: say how long, such as by=2s")
	case f.Delay < 0 || f.Delay > maxFaultWait || f.For < 0 || f.For > maxFaultWait:
		return fmt.Errorf("fault %s: the duration must be more than 0 and at most an hour", f.Kind)
	case f.Kind == FaultBandwidth && f.BytesPerSecond == 0:
		return fmt.Errorf("fault bandwidth: say how many bytes per second, such as rate=64k")
	case f.BytesPerSecond < 0 || f.BytesPerSecond > maxFaultRate:
		return fmt.Errorf("fault %s: the rate must be from 1 to %s bytes per second", f.Kind, formatRate(maxFaultRate))
	case f.After < 0 || f.After > maxFaultCount || f.Times < 0 || f.Times > maxFaultCount:
		return fmt.Errorf("fault %s: the number must be from 0 to %d", f.Kind, maxFaultCount)
	}
	if f.Entity != "" {
		if _, err := relayclient.CleanHybridConnection(f.Entity); err != nil {
			return fmt.Errorf("fault %s: the hybrid connection's name %w", f.Kind, err)
		}
	}
	return nil
}

func oneLineOfText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// listed joins names for a sentence.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
