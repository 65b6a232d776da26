// Package token reads the tokens that Azure Relay accepts, SAS tokens and JSON
// Web Tokens: what they say, whether that fits a target, and whether the
// signature holds. Reading and judging happen on this computer alone; only a
// Verifier fetches anything, when it is asked to.
package token

import (
	"errors"
	"strings"
	"time"

	"relayscope/relayclient"
)

// A Kind tells the two kinds of tokens apart. The zero Kind is neither.
type Kind int

// The kinds.
const (
	KindSAS Kind = 1 + iota // shared access signature
	KindJWT                 // JSON Web Token, as Microsoft Entra ID issues them
)

// String returns "SAS token" or "JWT".
func (k Kind) String() string {
	switch k {
	case KindSAS:
		return "SAS token"
	case KindJWT:
		return "JWT"
	}
	return "unknown"
}

// A Token is a token taken apart, not yet believed. Printing one shows neither
// its text nor its signature.
type Token struct {
	Kind     Kind
	SAS      SAS        // if Kind is KindSAS
	JWT      JWT        // if Kind is KindJWT
	Wrapping []Wrapping // what was around it, outermost first

	// Text is the token alone, as the relay wants it.
	Text relayclient.Secret
}

// Expires returns when the token ends, or the zero time if it does not say so
// in a way that can be read.
func (t Token) Expires() time.Time {
	switch t.Kind {
	case KindSAS:
		return t.SAS.Expires
	case KindJWT:
		return t.JWT.Expires
	}
	return time.Time{}
}

// ExpiresIn returns how long the token is still good at now, negative once it
// has expired. It returns false if the token does not say when it ends.
func (t Token) ExpiresIn(now time.Time) (time.Duration, bool) {
	end := t.Expires()
	if end.IsZero() {
		return 0, false
	}
	return end.Sub(now), true
}

// MaxText is the longest text that Read takes, in bytes. The relay itself
// takes far less.
const MaxText = 64 << 10

// What Read fails with; test for them with errors.Is.
var (
	ErrEmpty     = errors.New("token: there is no text")
	ErrTooLong   = errors.New("token: the text is longer than any token")
	ErrNotToken  = errors.New("token: the text is neither a SAS token nor a JWT")
	ErrMalformed = errors.New("token: the token is malformed")
)

// An Error says what keeps a text from being read. It never quotes the text.
type Error struct {
	Kind    Kind   // what the text seems to be; 0 if neither
	Part    string // the part at fault, such as "sig" or "header"; "" if it is the whole
	Problem string // what is wrong, a clause without a subject
	Err     error  // one of the errors above
}

func (e *Error) Error() string {
	if e.Kind == 0 {
		return "token: the text " + e.Problem
	}
	if e.Part == "" {
		return "token: the " + e.Kind.String() + " " + e.Problem
	}
	return "token: the " + e.Kind.String() + "'s " + e.Part + " " + e.Problem
}

func (e *Error) Unwrap() error { return e.Err }

// Read takes a SAS token or a JWT apart. Around it there may be white space,
// quotation marks, the word Bearer, the name of the header or the URL that it
// travelled in, a connection string, or the JSON that a tool printed it in, and
// it may be percent-encoded once more. What does not hold together as a token is an *Error; what is merely
// wrong in it, such as an expiry that is no number, is left to Judge.
func Read(text string) (Token, error) {
	if len(text) > MaxText {
		return Token{}, &Error{Problem: "is longer than any token", Err: ErrTooLong}
	}
	bare, wrapping := unwrap(text)
	if bare == "" {
		return Token{}, &Error{Problem: "is empty", Err: ErrEmpty}
	}
	t := Token{Wrapping: wrapping, Text: relayclient.NewSecret(bare)}
	var err error
	switch lower := strings.ToLower(bare); {
	case strings.Contains(lower, "endpoint="), strings.Contains(lower, "sharedaccesskey="):
		err = &Error{Problem: "is a connection string, from which tokens are yet to be made", Err: ErrNotToken}
	case looksLikeJWT(bare):
		t.Kind = KindJWT
		t.JWT, err = readJWT(bare)
	case strings.HasPrefix(lower, sasWord), strings.Contains(lower, "sr=") && strings.Contains(lower, "sig="):
		t.Kind = KindSAS
		t.SAS, err = readSAS(bare)
	default:
		err = &Error{Problem: "is neither a SAS token nor a JWT", Err: ErrNotToken}
	}
	if err != nil {
		return Token{}, err
	}
	return t, nil
}
