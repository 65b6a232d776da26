package localrelay

import (
	"net/http"
	"time"
)

// A refusal is an answer other than 101: a status and a sentence that says
// why, without the tracking details.
type refusal struct {
	status int
	text   string
}

// Error lets a refusal be the cause that ends a context.
func (f *refusal) Error() string { return f.text }

const (
	textSignature = "The token has an invalid signature."
	textAudience  = "InvalidAudience: The authorization header contains a token with a wrong audience."
	textExpired   = "The token is expired"
	textMissing   = "MissingToken: Relay security token is required."
)

// authorize checks a token for one right on path, of which e owns a prefix; e
// is nil if no entity does. It returns when the token ends.
func (r *Relay) authorize(token string, e *entity, path []string, right Rights, now time.Time) (time.Time, *refusal) {
	var own []Rule
	if e != nil {
		own = e.Rules
	}
	return checkToken(token, r.Host(), path, right, now, own, r.rules)
}

// checkToken verifies a token against the rules of an entity, then those of
// its namespace.
func checkToken(token, host string, path []string, right Rights, now time.Time, levels ...[]Rule) (time.Time, *refusal) {
	if token == "" {
		return time.Time{}, unauthorized(textMissing)
	}
	t, problem := parseSAS(token)
	if problem != "" {
		return time.Time{}, unauthorized("MalformedToken: " + problem)
	}
	if !t.expires.After(now) {
		return time.Time{}, unauthorized("ExpiredToken: The token is expired. Expiration time: '" + t.expires.Format(timestamp) + "Z'")
	}
	// Two levels may have a rule of the same name. Either may let the token
	// in; if none does, the nearer one says why.
	var first *refusal
	for _, rules := range levels {
		rule, ok := ruleNamed(rules, t.keyName)
		if !ok {
			continue
		}
		refused := checkRule(t, rule, host, path, right)
		if refused == nil {
			return t.expires, nil
		}
		if first == nil {
			first = refused
		}
	}
	if first == nil {
		first = unauthorized(textSignature)
	}
	return time.Time{}, first
}

func checkRule(t sasToken, rule Rule, host string, path []string, right Rights) *refusal {
	switch {
	case !t.signedWith(rule.PrimaryKey.Reveal()) && !t.signedWith(rule.SecondaryKey.Reveal()):
		return unauthorized(textSignature)
	case !t.covers(host, path):
		return unauthorized(textAudience)
	case rule.Rights&right == 0:
		if right == Manage {
			return unauthorized("Manage,EntityRead claims required for this operation")
		}
		return unauthorized("Authorization failed for specified action: " + right.String() + ".")
	}
	return nil
}

func unauthorized(text string) *refusal { return &refusal{http.StatusUnauthorized, text} }
