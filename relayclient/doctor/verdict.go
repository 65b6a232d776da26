package doctor

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
)

// judge sums the steps up in one status and one sentence.
func (r *Report) judge() {
	r.Status = Passed
	for _, s := range r.Steps {
		switch {
		case s.Status == Failed:
			r.Status = Failed
		case s.Status == NotRun && r.Status != Failed:
			r.Status = NotRun
		case s.Status == Warned && r.Status == Passed:
			r.Status = Warned
		}
	}
	r.Headline = r.headline()
}

func (r *Report) headline() string {
	worst, found := r.worst(Failed)
	switch {
	case found:
		text := trouble(worst, r.port())
		if other := r.Step(ListenRight); worst.ID == SendRight && other.Status == Failed {
			text = "neither sending nor listening works: " + lower(worst.problem())
			if other.problem() != worst.problem() {
				text += ", and " + lower(other.problem())
			}
		}
		if below := r.fine(worst); below != "" {
			text = below + ", but " + text
		}
		if worst.OutOfTime {
			text += fmt.Sprintf(" (gave up after %s)", ms(worst.Took))
		}
		return capital(text)
	case r.Stopped:
		return "Stopped before everything was tested; nothing had failed so far"
	case r.Status == NotRun:
		return "Not everything could be tested"
	}
	text := r.works()
	if warned, found := r.worst(Warned); found {
		return text + ", but: " + lower(warned.problem())
	}
	return text
}

// port names the namespace's port.
func (r *Report) port() string {
	if _, port, err := net.SplitHostPort(r.Namespace); err == nil {
		return "port " + port
	}
	return "port 443"
}

// worst returns the first step with a status. A step that others build on goes
// first, whatever is in the list before it.
func (r *Report) worst(status Status) (Step, bool) {
	for _, s := range r.Steps {
		if s.Status != status {
			continue
		}
		for _, later := range r.Steps {
			if later.BlockedBy == s.ID {
				return s, true
			}
		}
	}
	for _, s := range r.Steps {
		if s.Status == status {
			return s, true
		}
	}
	return Step{}, false
}

// fine names what works below the step that failed.
func (r *Report) fine(failed Step) string {
	type layer struct {
		id   ID
		name string
	}
	layers := []layer{{DNS, "DNS"}, {TCP, r.port()}, {TLS, "TLS"}}
	if r.Via != "" { // the lower ones are about reaching the proxy
		layers = []layer{{Proxy, "the proxy"}, {TLS, "TLS"}}
	}
	if r.Via != "" && (failed.ID == DNS || failed.ID == TCP) {
		return ""
	}
	var names []string
	for _, l := range layers {
		if l.id == failed.ID {
			break
		}
		if r.Step(l.id).Healthy() {
			names = append(names, l.name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case len(layers):
		return "the network is fine"
	case 1:
		return names[0] + " is fine"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are fine"
}

// trouble says what is wrong with a step.
func trouble(s Step, port string) string {
	switch s.ID {
	case TCP:
		switch {
		case proxied(s.Err):
		case s.OutOfTime:
			return port + " is blocked: nothing answers"
		case refused(s.Err):
			return port + " is refused"
		}
	case SendRight:
		return "sending fails: " + lower(s.problem())
	case ListenRight:
		return "listening fails: " + lower(s.problem())
	case WebSocketTrip:
		return "the WebSocket round trip fails: " + lower(s.problem())
	case HTTPTrip:
		return "the HTTP round trip fails: " + lower(s.problem())
	case Token, TokenListen, TokenSend:
		return "no token could be got: " + lower(s.problem())
	}
	return lower(s.problem())
}

// works says what was proved.
func (r *Report) works() string {
	send, listen := r.Step(SendRight).Status == Passed, r.Step(ListenRight).Status == Passed
	switch {
	case r.Step(WebSocketTrip).Status == Passed:
		return "Everything works: a message went there and back" + strings.TrimPrefix(cut(r.Step(WebSocketTrip).Detail), "there and back")
	case send && listen:
		return "Listening and sending work"
	case listen && r.Step(SendRight).Status == Warned:
		return "Listening works"
	case listen:
		return "Listening works; sending was not tested"
	case send && r.Step(ListenRight).Status == Warned:
		return "Sending works"
	case send:
		return "Sending works; listening was not tested"
	}
	return "Nothing failed"
}

// cut leaves out what follows the first comma.
func cut(detail string) string {
	first, _, _ := strings.Cut(detail, ",")
	return first
}

// proxied reports whether an error is about the way to the proxy.
func proxied(err error) bool {
	var late *relayclient.TimeoutError
	return errors.Is(err, relayclient.ErrProxyUnreachable) || errors.As(err, &late) && late.Proxied
}

func (s Step) problem() string {
	if s.Finding.Title != "" {
		return s.Finding.Title
	}
	return s.Title
}

// lower lets a title follow a colon, unless it begins with an abbreviation.
func lower(title string) string {
	first, n := utf8.DecodeRuneInString(title)
	second, _ := utf8.DecodeRuneInString(title[n:])
	if unicode.IsUpper(second) {
		return title
	}
	return string(unicode.ToLower(first)) + title[n:]
}

func capital(text string) string {
	first, n := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[n:]
}
