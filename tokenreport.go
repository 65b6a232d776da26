package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/token"
)

// A tokenReport is what the command token found out.
type tokenReport struct {
	token    token.Token
	facts    []token.Fact
	verified *token.Result // nil if that was not asked for
	now      time.Time
}

// A tokenLine is what --json writes. Others script against it: members are
// added, never renamed.
type tokenLine struct {
	Kind      string      `json:"kind"` // SAS or JWT
	Expires   *time.Time  `json:"expires,omitempty"`
	ExpiresIn *int64      `json:"expires_in,omitempty"` // seconds, negative once expired
	Facts     []tokenFact `json:"facts"`
	Verified  *bool       `json:"verified,omitempty"` // with --verify
	Steps     []tokenStep `json:"steps,omitempty"`    // with --verify
}

type tokenFact struct {
	Name    string        `json:"name"`
	Value   string        `json:"value"`
	Verdict token.Verdict `json:"verdict"` // right, wrong, not checkable
	Why     string        `json:"why"`
}

type tokenStep struct {
	Name    string        `json:"name"`
	Outcome token.Outcome `json:"outcome"` // passed, failed, skipped, not asked, undecided
	Detail  string        `json:"detail"`
}

func (r tokenReport) write(out io.Writer, asJSON bool) {
	if asJSON {
		_ = json.NewEncoder(out).Encode(r.line()) // a pipe that is closed ends the program by itself
		return
	}
	fmt.Fprintln(out, r.headline())
	for _, f := range r.facts {
		first := fmt.Sprintf("%-15s %-22s %s", mark(f.Verdict), f.Name, visible(f.Value))
		fmt.Fprintf(out, "\n%s\n%38s %s\n", strings.TrimRight(first, " "), "", visible(f.Why))
	}
	if r.verified == nil {
		return
	}
	fmt.Fprintln(out, "\nSignature check")
	for _, s := range r.verified.Steps {
		fmt.Fprintf(out, "%-15s %-22s %s\n", outcomeMark(s.Outcome), s.Name, visible(s.Detail))
	}
}

func (r tokenReport) line() tokenLine {
	line := tokenLine{Kind: map[token.Kind]string{token.KindSAS: "SAS", token.KindJWT: "JWT"}[r.token.Kind]}
	if left, ok := r.token.ExpiresIn(r.now); ok {
		end, seconds := r.token.Expires(), int64(left/time.Second)
		line.Expires, line.ExpiresIn = &end, &seconds
	}
	for _, f := range r.facts {
		line.Facts = append(line.Facts, tokenFact(f))
	}
	if r.verified != nil {
		ok := r.verified.OK()
		line.Verified = &ok
		for _, s := range r.verified.Steps {
			line.Steps = append(line.Steps, tokenStep{s.Name, s.Outcome, s.Detail})
		}
	}
	return line
}

// headline is the kind of token and how long it is good for.
func (r tokenReport) headline() string {
	for _, f := range r.facts {
		if f.Name == "Expires" {
			return r.token.Kind.String() + ". " + f.Why
		}
	}
	return r.token.Kind.String() + "."
}

// visible keeps what a token says from steering the terminal.
func visible(text string) string { return journal.Preview([]byte(text), false, maxWords) }

func mark(v token.Verdict) string {
	switch v {
	case token.Right:
		return "✓ right"
	case token.Wrong:
		return "✗ wrong"
	}
	return "? not checkable"
}

func outcomeMark(o token.Outcome) string {
	switch o {
	case token.Passed:
		return "✓ " + o.String()
	case token.Failed:
		return "✗ " + o.String()
	case token.Undecided:
		return "? " + o.String()
	}
	return "– " + o.String()
}
