package localrelay

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const defaultAudience = "https://relay.azure.net"

// An Issuer makes JSON Web Tokens that the relay believes, as Microsoft Entra
// ID does for the service. They are signed with RS256 or ES256.
type Issuer struct {
	Name     string                      // the claim iss
	Audience string                      // the claim aud, a final slash is all the same; "" means https://relay.azure.net
	Keys     map[string]crypto.PublicKey // by kid: *rsa.PublicKey or *ecdsa.PublicKey

	// Rights are what a holder may do on every hybrid connection, by the claim
	// oid or, where a token has none, appid, or else sub.
	Rights map[string]Rights
}

// checkIssuers copies the issuers, once they make sense.
func checkIssuers(issuers []Issuer) ([]Issuer, error) {
	var list []Issuer
	for _, i := range issuers {
		if i.Name == "" {
			return nil, errors.New("an issuer has no name")
		}
		if len(i.Keys) == 0 {
			return nil, fmt.Errorf("issuer %s has no keys", i.Name)
		}
		for _, key := range i.Keys {
			switch key.(type) {
			case *rsa.PublicKey, *ecdsa.PublicKey:
			default:
				return nil, fmt.Errorf("issuer %s has a key that is neither *rsa.PublicKey nor *ecdsa.PublicKey", i.Name)
			}
		}
		if i.Audience == "" {
			i.Audience = defaultAudience
		}
		i.Audience = strings.TrimRight(i.Audience, "/")
		i.Keys, i.Rights = maps.Clone(i.Keys), maps.Clone(i.Rights)
		list = append(list, i)
	}
	return list, nil
}

// isJWT reports whether a token looks like a JSON Web Token.
func isJWT(token string) bool {
	return strings.Count(token, ".") == 2 && !strings.ContainsAny(token, " =&")
}

// The claims that say who holds a token.
type holderClaims struct {
	jwt.RegisteredClaims
	ObjectID string `json:"oid"`
	AppID    string `json:"appid"`
}

func (c holderClaims) holder() string { return wording(c.ObjectID, c.AppID, c.Subject) }

// checkJWT verifies a JSON Web Token for one right and returns when it ends.
// Nothing that it says is believed before its signature is.
func checkJWT(text string, issuers []Issuer, right Rights, now time.Time) (time.Time, *refusal) {
	var claims holderClaims
	var issuer Issuer
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256", "ES256"}),
		jwt.WithoutClaimsValidation(), // below, to tell what is wrong
	)
	_, err := parser.ParseWithClaims(text, &claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		for _, i := range issuers {
			if key, ok := i.Keys[kid]; ok && i.Name == claims.Issuer {
				issuer = i
				return key, nil
			}
		}
		return nil, errors.New("unknown issuer or key")
	})
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return time.Time{}, unauthorized("MalformedToken: The token is not a JSON Web Token")
	case err != nil:
		return time.Time{}, unauthorized(textSignature)
	}
	if refused := checkClaims(claims, issuer.Audience, now); refused != nil {
		return time.Time{}, refused
	}
	if issuer.Rights[claims.holder()]&right == 0 {
		return time.Time{}, lacks(right)
	}
	return earlier(claims.ExpiresAt.Time.UTC(), maxExpiry), nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// checkClaims says what is wrong with the claims of a token whose signature is
// right.
func checkClaims(claims holderClaims, audience string, now time.Time) *refusal {
	err := jwt.NewValidator(
		jwt.WithExpirationRequired(), jwt.WithAudience(audience, audience+"/"), jwt.WithTimeFunc(func() time.Time { return now }),
	).Validate(claims)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, jwt.ErrTokenExpired):
		return expired(claims.ExpiresAt.Time)
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return unauthorized(textAudience)
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return unauthorized("The token is not valid yet. Valid from: '" + claims.NotBefore.Time.UTC().Format(timestamp) + "Z'")
	}
	return unauthorized("MalformedToken: The token lacks a claim that it must have")
}
