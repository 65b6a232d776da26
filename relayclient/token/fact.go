package token

import (
	"fmt"
	"net"
	"strings"
	"time"

	"relayscope/relayclient"
)

// A Verdict says whether a fact fits a target. The zero Verdict is
// NotCheckable, so that nothing looks right by being forgotten.
type Verdict int

// The verdicts.
const (
	NotCheckable Verdict = iota
	Right
	Wrong
)

// String returns "not checkable", "right" or "wrong".
func (v Verdict) String() string {
	switch v {
	case Right:
		return "right"
	case Wrong:
		return "wrong"
	}
	return "not checkable"
}

// MarshalText writes what String returns.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// A Fact is one thing that a token says, judged against a target. Value and
// Why may hold any character that was in the token.
type Fact struct {
	Name    string // what it is, for people: "Audience"
	Value   string // what the token says, for people; "" if it says nothing
	Verdict Verdict
	Why     string // the reason for the verdict, one sentence
}

// A Permission is what a token shall allow. The zero Permission is not said.
type Permission int

// The permissions.
const (
	Listen Permission = 1 + iota
	Send
)

// String returns "Listen" or "Send".
func (p Permission) String() string {
	switch p {
	case Listen:
		return "Listen"
	case Send:
		return "Send"
	}
	return ""
}

// A Target is what a token is to be used for. What is not known is left zero:
// it makes facts not checkable, not wrong.
type Target struct {
	Namespace        string // host, with or without a port
	HybridConnection string
	Permission       Permission

	Audience  string // for JWTs: "" is that of the namespace's cloud
	Authority string // for JWTs: URL of the host that issues them; "" is that of the namespace's cloud
	Tenant    string // for JWTs: ID or domain

	Key relayclient.Secret // for SAS tokens: the policy's key, to check the signature with
	Now time.Time          // the zero time stands for the present
}

// host returns the namespace in lower case without port.
func (t Target) host() string {
	host := t.Namespace
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func (t Target) now() time.Time {
	if t.Now.IsZero() {
		return time.Now()
	}
	return t.Now
}

// Judge returns what the token says, in the order in which a person should
// read it, each fact judged against target. What only the relay knows, such as
// the rights of a policy or the roles in Azure, is not checkable.
func (t Token) Judge(target Target) []Fact {
	var facts []Fact
	switch t.Kind {
	case KindSAS:
		facts = t.SAS.judge(target)
	case KindJWT:
		facts = t.JWT.judge(target)
	default:
		return nil
	}
	if len(t.Wrapping) > 0 {
		names := make([]string, len(t.Wrapping))
		for i, w := range t.Wrapping {
			names[i] = string(w)
		}
		facts = append(facts, Fact{"Around it", strings.Join(names, ", "), NotCheckable,
			"It was taken off here; whether it belongs there depends on where the token travels."})
	}
	return facts
}

// Worst returns Wrong if a fact is wrong, else Right if one is right, else
// NotCheckable.
func Worst(facts []Fact) Verdict {
	worst := NotCheckable
	for _, f := range facts {
		worst = max(worst, f.Verdict)
	}
	return worst
}

// timeText is a time for people, in UTC.
func timeText(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// span is a length of time for people, as exact as one needs it.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d s", d/time.Second)
}

// expiry judges when a token ends.
func expiry(end, now time.Time) (string, Verdict, string) {
	left := end.Sub(now)
	switch {
	case left <= 0:
		return timeText(end), Wrong, "It expired " + span(left) + " ago, by this computer's clock."
	case left < time.Minute:
		return timeText(end), Right, "It is good for " + span(left) + " only; the relay may refuse a token with less than a minute left."
	}
	return timeText(end), Right, "It is good for another " + span(left) + "."
}
