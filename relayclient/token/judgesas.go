package token

import (
	"encoding/base64"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/cloud"
)

// judge judges what a SAS token says.
func (s SAS) judge(target Target) []Fact {
	facts := []Fact{s.judgeResource()}
	if s.Scope != 0 {
		facts = append(facts, s.judgeHost(target), s.judgePath(target))
		if s.Port != "" {
			facts = append(facts, Fact{"Port", s.Port, Right, "The relay ignores a port in the resource."})
		}
	}
	facts = append(facts, s.judgePolicy(), s.judgeRight(target), s.judgeExpiry(target), s.judgeSignature(target))
	return append(facts, s.judgeForm()...)
}

// judgeResource judges what is signed for as a whole.
func (s SAS) judgeResource() Fact {
	f := Fact{Name: "Resource", Value: s.Resource, Verdict: Wrong}
	lower := strings.ToLower(s.Resource)
	switch {
	case strings.HasPrefix(lower, "http%3a"), strings.HasPrefix(lower, "https%3a"), strings.HasPrefix(lower, "sb%3a"):
		f.Why = "It is percent-encoded twice; the relay decodes it once and finds no URI."
	case !strings.Contains(s.Resource, "://"):
		f.Why = "It has no scheme; the relay wants a URI such as http://NAMESPACE/NAME."
	case s.Scope == 0:
		f.Why = "It is not a URI."
	default:
		switch s.Scheme {
		case "http", "https", "sb", "ws", "wss", "amqps":
			f.Verdict, f.Why = Right, "It is a URI; the relay takes any of http, https, sb, ws, wss and amqps as its scheme."
		default:
			f.Why = "The relay takes http, https, sb, ws, wss and amqps as the scheme, not this one."
		}
	}
	return f
}

// judgeHost compares the namespaces.
func (s SAS) judgeHost(target Target) Fact {
	f := Fact{Name: "Namespace", Value: s.Host}
	want := target.host()
	switch {
	case want == "":
		f.Why = "There is no namespace to compare it with."
	case strings.TrimSuffix(s.Host, ".") == want:
		f.Verdict, f.Why = Right, "It is the namespace of the target."
	default:
		f.Verdict = Wrong
		f.Why = "The token is for another namespace than " + want + "."
		wantName, wantSuffix, _ := strings.Cut(want, ".")
		name, suffix, _ := strings.Cut(s.Host, ".")
		_, known := cloud.Of(s.Host)
		switch {
		case suffix == want:
			f.Why = "It begins with a name that is no part of the namespace " + want + ", such as that of a policy."
		case name == wantName && suffix != wantSuffix && known:
			f.Why = "It has the right name but is in another cloud than " + want + "."
		}
	}
	return f
}

// judgePath compares what below the namespace the token is good for.
func (s SAS) judgePath(target Target) Fact {
	f := Fact{Name: "Scope", Value: "hybrid connection " + s.Path}
	if s.Scope == NamespaceScope {
		return Fact{"Scope", "the whole namespace", Right, "It is good for every hybrid connection there, if the policy is one of the namespace."}
	}
	if target.HybridConnection == "" {
		f.Why = "There is no hybrid connection to compare it with."
		return f
	}
	want := strings.Split(strings.Trim(target.HybridConnection, "/"), "/")
	same := 0
	for same < min(len(want), len(s.segments)) && strings.EqualFold(want[same], s.segments[same]) {
		same++
	}
	switch {
	case same == len(s.segments) && same == len(want):
		f.Verdict, f.Why = Right, "It is the hybrid connection of the target."
	case same == len(s.segments):
		f.Verdict, f.Why = Right, "It covers everything below this path, so also "+target.HybridConnection+"."
	case same == len(want):
		f.Verdict, f.Why = Wrong, "It names something below "+target.HybridConnection+", so it is not good for the hybrid connection itself."
		if strings.EqualFold(s.segments[len(s.segments)-1], s.KeyName) {
			f.Why = "It ends in the name of the policy, which does not belong there."
		}
	default:
		f.Verdict, f.Why = Wrong, "The token is for another hybrid connection than "+target.HybridConnection+"."
	}
	return f
}

func (s SAS) judgePolicy() Fact {
	f := Fact{Name: "Policy", Value: s.KeyName}
	switch {
	case len(s.KeyName) > relayclient.MaxKeyName:
		f.Verdict, f.Why = Wrong, "The name of a policy has at most 256 characters."
	case strings.EqualFold(s.KeyName, "RootManageSharedAccessKey"):
		f.Why = "It is the policy that every namespace begins with; it may do everything, which is more than a listener or sender needs."
	default:
		f.Why = "Only the relay knows its policies."
	}
	return f
}

func (s SAS) judgeRight(target Target) Fact {
	f := Fact{Name: "Right", Why: "A SAS token does not say what it allows: its policy does, and only the relay knows it."}
	if target.Permission != 0 {
		f.Why = "A SAS token does not say what it allows: the relay looks whether the policy has the " + target.Permission.String() + " right."
	}
	return f
}

func (s SAS) judgeExpiry(target Target) Fact {
	f := Fact{Name: "Expires", Verdict: Wrong}
	switch {
	case s.Expires.IsZero():
		f.Value, f.Why = "unreadable", "It is not a whole number of seconds since 1970."
	case s.Milliseconds:
		f.Value = timeText(s.Expires) + ", in milliseconds"
		f.Why = "It counts milliseconds since 1970; the relay counts seconds, and calls the token expired."
	default:
		f.Value, f.Verdict, f.Why = expiry(s.Expires, target.now())
	}
	return f
}

func (s SAS) judgeSignature(target Target) Fact {
	f := Fact{Name: "Signature", Value: "HMAC-SHA256"}
	if !target.Key.Empty() {
		check := s.CheckKey(target.Key)
		f.Verdict, f.Why = check.Verdict, check.Why
		return f
	}
	f.Why = "It can only be checked with the policy's key."
	if sum, err := base64.StdEncoding.DecodeString(s.Signature.Reveal()); err != nil || len(sum) != 32 {
		f.Verdict, f.Why = Wrong, "It is not the base64 text of 32 bytes."
	}
	return f
}

// judgeForm judges how the token is written.
func (s SAS) judgeForm() []Fact {
	escapes := Fact{"Escapes", "upper-case hex", Right, "Upper and lower case are equally good, as long as what was signed is written the same way."}
	switch s.HexCase {
	case LowerHex:
		escapes.Value = "lower-case hex"
	case MixedHex:
		escapes.Value = "hex in both cases"
	case NoHex:
		escapes = Fact{"Escapes", "none", NotCheckable, "The resource is not percent-encoded as clients do it; whether the relay takes it is not established."}
	}
	if s.PlusSpace {
		escapes.Value += ", spaces as +"
	}
	facts := []Fact{escapes, {"Fields", strings.Join(s.Fields, ", "), Right, "Their order is free."}}
	for _, name := range s.Fields {
		if name != strings.ToLower(name) {
			facts[1].Verdict, facts[1].Why = NotCheckable, "Clients write the names of the fields in lower case; whether the relay takes another is not established."
		}
	}
	if s.NoWord {
		facts = append(facts, Fact{"First word", "", Wrong, "The token must begin with the word SharedAccessSignature and a space."})
	}
	return facts
}
