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
// is nil if no entity does. It returns when the token ends. A token is a shared
// access signature or, where there are issuers, a JSON Web Token.
func (r *Relay) authorize(token string, e *entity, path []string, right Rights, now time.Time) (time.Time, *refusal) {
	if len(r.issuers) > 0 && isJWT(token) {
		return checkJWT(token, r.issuers, right, now)
	}
	var own []Rule
	if e != nil {
		own = e.Rules
	}
	return checkToken(token, r.Host(), path, right, now, own, r.rules)
}

func unauthorized(text string) *refusal { return &refusal{http.StatusUnauthorized, text} }

// expired refuses a token that ended at a time.
func expired(at time.Time) *refusal {
	return unauthorized("ExpiredToken: The token is expired. Expiration time: '" + at.UTC().Format(timestamp) + "Z'")
}

// lacks refuses a token without a right.
func lacks(right Rights) *refusal {
	if right == Manage {
		return unauthorized("Manage,EntityRead claims required for this operation")
	}
	return unauthorized("Authorization failed for specified action: " + right.String() + ".")
}
