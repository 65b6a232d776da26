package entra

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"relayscope/relayclient"
)

// A Kind says why there is no token.
type Kind int

// The kinds. The zero Kind is a failure that none of them fits.
const (
	WrongSecret         Kind = 1 + iota
	ExpiredSecret            // the secret was right once
	UnknownTenant            // no tenant of this ID or domain
	UnknownClient            // no such application in the tenant
	ClientDisabled           // the application exists, but may not sign in
	WrongAudience            // nothing in the tenant answers to the audience
	WrongCloud               // the tenant or the application is in another cloud
	IdentityNotFound         // the managed identity is not assigned here
	SeveralIdentities        // one of several managed identities must be chosen
	OtherIdentity            // another managed identity than the chosen one was given
	NoManagedIdentity        // nothing on this machine gives tokens
	SelectorUnsupported      // this source cannot choose an identity that way
	KeyFileUnreadable        // the file that proves to Azure Arc, or to Microsoft Entra ID for a pod, who is asking
	MetadataBlocked          // a proxy answered for the metadata service
	CLIMissing               // neither the Azure CLI nor the Azure Developer CLI is installed
	CLISignedOut             // nobody is signed in to the CLI
	BadCertificate           // a client certificate that cannot be read, or is not the application's
	NotFederated             // the identity does not trust the token of this pod's cluster
	LoginNeeded              // a person must sign in, consent or prove more
	LoginDeclined            // the person did not go through with it
	NotForPeople             // the application is not set up for people to sign in
	PolicyBlocked            // Conditional Access says no
	ClockWrong               // this computer's clock
	TimedOut                 // Err tells whose patience ended
	Unreachable              // Err tells what happened on the way
)

var kindNames = [...]string{
	"no token", "wrong client secret", "expired client secret", "unknown tenant", "unknown application", "application disabled", "wrong audience", "wrong cloud",
	"managed identity not assigned", "several managed identities", "another managed identity answered", "no managed identity on this machine",
	"identity cannot be chosen this way", "key file not readable", "metadata service blocked by a proxy", "Azure CLI not installed",
	"Azure CLI not signed in", "client certificate not usable", "workload not trusted", "sign-in needed", "sign-in declined", "application not set up for people", "blocked by policy",
	"clock wrong", "no token in time", "not reachable",
}

// String names the kind in a few words.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		k = 0
	}
	return kindNames[k]
}

// An Error says why there is no token. It repeats no secret.
type Error struct {
	Kind          Kind
	Source        Source        // who was asked
	Code          int           // number of the AADSTS code; 0 if there is none
	Description   string        // the other side's words, on one line, without IDs of the request
	CorrelationID string        // what Microsoft's support asks for
	TraceID       string        // the same
	Status        int           // HTTP status code of the answer; 0 if there was none
	Host          string        // that was asked; "" if none was
	Path          string        // KeyFileUnreadable: the file
	Skew          time.Duration // the other side's clock minus ours, from its Date header; 0 if it sent none
	Err           error         // what happened below, if that says more
}

func (e *Error) Error() string {
	text := "get a token from " + e.Source.String() + ": " + e.Kind.String()
	if e.Code != 0 {
		text += fmt.Sprintf(" (AADSTS%d)", e.Code)
	}
	if e.Status != 0 && e.Code == 0 {
		text += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	if e.Path != "" {
		text += ": " + e.Path
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.CorrelationID != "" {
		text += " (correlation ID " + e.CorrelationID + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// Is makes what took too long match context.DeadlineExceeded, and what will
// not get better by itself relayclient.ErrSignIn.
func (e *Error) Is(target error) bool {
	switch target {
	case context.DeadlineExceeded:
		return e.Kind == TimedOut
	case relayclient.ErrSignIn:
		return !e.Temporary()
	}
	return false
}

// Temporary reports whether trying again without a change may help: networks
// come back, wrong secrets stay.
func (e *Error) Temporary() bool {
	switch e.Kind {
	case TimedOut, Unreachable, MetadataBlocked:
		return true
	case 0:
		return e.Status == 429 || e.Status >= 500
	}
	return false
}

// maxWords bounds what is kept of the other side's words, in bytes.
const maxWords = 1 << 10

// printable puts the other side's words on one line and replaces what could
// play tricks on a terminal.
func printable(text string) string {
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "")
	}
	text = strings.Join(strings.Fields(text), " ")
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}
