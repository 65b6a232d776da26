package token

import (
	"slices"
	"time"
)

// An Outcome says how a step of a verification ended. The zero Outcome is not
// run, which is never a success.
type Outcome int

// The outcomes.
const (
	NotRun    Outcome = iota
	Passed            // what was to be shown is shown
	Failed            // it is shown to be wrong
	Skipped           // an earlier step failed that this one needs
	NotAsked          // no rule asks for it
	Undecided         // the issuer makes it impossible for anybody but the audience
)

// String returns the outcome in a word or two.
func (o Outcome) String() string {
	switch o {
	case Passed:
		return "passed"
	case Failed:
		return "failed"
	case Skipped:
		return "skipped"
	case NotAsked:
		return "not asked"
	case Undecided:
		return "undecided"
	}
	return "not run"
}

// MarshalText writes what String returns.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// The names of the steps, in the order in which they are taken.
const (
	StepToken          = "Token"           // there is one, and it is a JWT
	StepAlgorithm      = "Algorithm"       // it is RS256
	StepKeyID          = "Key ID"          // the header names a key
	StepTenantID       = "Tenant ID"       // the claim tid is a tenant's ID
	StepIssuerHost     = "Issuer's host"   // it is one that keys are fetched from
	StepDiscovery      = "Discovery"       // the issuer's document and keys were got
	StepKey            = "Key"             // the key is among the issuer's
	StepSignature      = "Signature"       // the key made it
	StepIssuer         = "Issuer"          // the claim iss is the document's
	StepKeyIssuer      = "Key's issuer"    // the key signs for this issuer
	StepIssuerTenant   = "Issuer's tenant" // the claims iss and tid agree
	StepExpectedIssuer = "Expected issuer"
	StepExpectedTenant = "Expected tenant"
	StepAudience       = "Audience"
	StepNotBefore      = "Not before"
	StepExpires        = "Expires"
	StepApplication    = "Application" // the token was issued to an expected application or identity
)

// A Step is one row of a verification.
type Step struct {
	Name    string
	Outcome Outcome
	Detail  string // what was seen, one sentence; never a part of the token's signature
	Err     error  // of StepDiscovery, if it failed: it is ErrFetch and holds what came back
}

// A Result is what a verification came to. The zero Result is no success.
type Result struct {
	Token Token // zero if there is none that could be read
	Steps []Step
	Time  time.Time // when it was verified
}

// OK reports whether the signature was checked and no step spoke against the
// token.
func (r Result) OK() bool {
	signed := false
	for _, s := range r.Steps {
		switch s.Outcome {
		case Passed:
			signed = signed || s.Name == StepSignature
		case NotAsked:
		default:
			return false
		}
	}
	return signed
}

// Failed returns every step that failed.
func (r Result) Failed() []Step {
	return slices.DeleteFunc(slices.Clone(r.Steps), func(s Step) bool { return s.Outcome != Failed })
}

func (r *Result) add(name string, o Outcome, detail string) {
	r.Steps = append(r.Steps, Step{Name: name, Outcome: o, Detail: detail})
}

// check adds a step that passed if ok is true.
func (r *Result) check(name string, ok bool, passed, failed string) {
	if ok {
		r.add(name, Passed, passed)
		return
	}
	r.add(name, Failed, failed)
}
