package token

import (
	"slices"
	"strings"
	"time"

	"relayscope/relayclient/cloud"
)

// Rules are what a JWT must say to be accepted. What is left empty is not
// asked.
type Rules struct {
	Audiences   []string // any one of them, the same text
	IgnoreSlash bool     // a slash at the end of an audience makes no difference, nor does its case
	Issuers     []string // any one of them, the same text
	Tenants     []string // IDs, any one of them

	// Applications are to whom the token may have been issued: IDs of
	// applications (appid or azp) or of principals (oid), or resource IDs of
	// managed identities (xms_mirid). A user's token must be that of a
	// principal in the list: having come through an application in it is not
	// enough.
	Applications []string

	Skew time.Duration // how far the clocks may differ; 0 is DefaultSkew, less is none

	Authority string // URL of the host that publishes the issuer's keys; "" is that of the issuer's cloud
	KeysOf    string // ID of an application that has signing keys of its own; "" for others
}

// DefaultSkew is what validators of Microsoft Entra ID's tokens allow.
const DefaultSkew = 5 * time.Minute

// Rules returns what a token for the target must say, as far as that is known:
// audience and tenant, and who publishes its issuer's keys.
func (t Target) Rules() Rules {
	rules := Rules{IgnoreSlash: true, Authority: t.Authority}
	if guid.MatchString(t.Tenant) {
		rules.Tenants = []string{t.Tenant}
	}
	c, known := cloud.Of(t.Namespace)
	if known && rules.Authority == "" {
		rules.Authority = c.Authority
	}
	switch {
	case t.Audience != "":
		rules.Audiences = []string{t.Audience}
	case known:
		rules.Audiences = []string{c.Audience}
		if len(c.Doubts) > 0 { // it may as well be the public cloud's
			rules.Audiences = append(rules.Audiences, cloud.All()[0].Audience)
		}
	}
	return rules
}

// has reports whether text is in list, whatever its case.
func has(list []string, text string) bool {
	return text != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// check adds the steps that need only the token's claims.
func (rules Rules) check(r *Result, t JWT, now time.Time) {
	rules.checkIssuer(r, t)
	if len(rules.Tenants) == 0 {
		r.add(StepExpectedTenant, NotAsked, "Tokens of any tenant are accepted.")
	} else {
		r.check(StepExpectedTenant, has(rules.Tenants, t.Tenant), "It is an expected tenant.", "The token is of another tenant than expected: "+quoted(t.Tenant)+".")
	}
	rules.checkAudience(r, t)
	rules.checkTimes(r, t, now)
	rules.checkApplication(r, t)
}

func (rules Rules) checkIssuer(r *Result, t JWT) {
	switch {
	case len(rules.Issuers) == 0:
		r.add(StepExpectedIssuer, NotAsked, "Tokens of any trusted issuer are accepted.")
	case slices.Contains(rules.Issuers, t.Issuer):
		r.add(StepExpectedIssuer, Passed, "It is an expected issuer.")
	default:
		why := "The token is of another issuer than expected: " + quoted(t.Issuer) + "."
		for _, expected := range rules.Issuers {
			other := JWT{Issuer: expected}
			if t.issuerTenant() != "" && strings.EqualFold(other.issuerTenant(), t.issuerTenant()) && other.issuerVersion() != t.issuerVersion() {
				why = "The tenant is the expected one, but the token is of version " + t.issuerVersion() + " and the expected issuer is of " + other.issuerVersion() + "; expect " + quoted(t.Issuer) + "."
			}
		}
		r.add(StepExpectedIssuer, Failed, why)
	}
}

func (rules Rules) checkAudience(r *Result, t JWT) {
	if len(rules.Audiences) == 0 {
		r.add(StepAudience, NotAsked, "Tokens for any audience are accepted.")
		return
	}
	near := false
	for _, got := range t.Audiences {
		if slices.Contains(rules.Audiences, got) {
			r.add(StepAudience, Passed, "It is an expected audience.")
			return
		}
		near = near || slices.ContainsFunc(rules.Audiences, func(want string) bool { return sameAudience(got, want) })
	}
	switch {
	case near && rules.IgnoreSlash:
		r.add(StepAudience, Passed, "It is an expected audience but for its case or a slash at its end.")
	case near:
		r.add(StepAudience, Failed, "It differs from the expected audience in case or in a slash at its end; both sides must use the same text.")
	default:
		r.add(StepAudience, Failed, "The token is for another audience than expected: "+quoted(strings.Join(t.Audiences, ", "))+".")
	}
}

func (rules Rules) checkTimes(r *Result, t JWT, now time.Time) {
	skew := rules.Skew
	if skew == 0 {
		skew = DefaultSkew
	}
	skew = max(skew, 0)
	switch {
	case slices.Contains(t.Malformed, "nbf"):
		r.add(StepNotBefore, Failed, "The claim nbf is not a number.")
	case t.NotBefore.IsZero():
		r.add(StepNotBefore, NotAsked, "The token does not say from when on it is good.")
	default:
		r.check(StepNotBefore, !t.NotBefore.After(now.Add(skew)), "It is good since "+timeText(t.NotBefore)+".", "It is good only from "+timeText(t.NotBefore)+".")
	}
	switch {
	case t.Expires.IsZero():
		r.add(StepExpires, Failed, "The token does not say when it expires.")
	case t.Milliseconds:
		r.add(StepExpires, Failed, "The expiry counts milliseconds; tokens count seconds.")
	default:
		r.check(StepExpires, t.Expires.After(now.Add(-skew)), "It is good until "+timeText(t.Expires)+".", "It expired at "+timeText(t.Expires)+".")
	}
}

func (rules Rules) checkApplication(r *Result, t JWT) {
	principal := has(rules.Applications, t.ObjectID) || has(rules.Applications, t.ManagedIdentity)
	switch {
	case len(rules.Applications) == 0:
		r.add(StepApplication, NotAsked, "Any application that can get a token for the audience is accepted.")
	case principal, has(rules.Applications, t.AppID) && t.Holder != User:
		r.add(StepApplication, Passed, "The token was issued to an expected application or identity.")
	case has(rules.Applications, t.AppID):
		r.add(StepApplication, Failed, "The token was issued to a user through an expected application, not to the application itself.")
	default:
		r.add(StepApplication, Failed, "The token was issued to another application than expected: "+quoted(first(t.AppID, t.ObjectID, t.ManagedIdentity))+".")
	}
}

// maxQuoted is how much of a claim is repeated.
const maxQuoted = 200

// quoted returns a claim for people.
func quoted(claim string) string {
	switch {
	case claim == "":
		return "nothing"
	case len(claim) > maxQuoted:
		return strings.ToValidUTF8(claim[:maxQuoted], "") + "…"
	}
	return claim
}
