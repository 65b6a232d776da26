package identity

import (
	"strings"

	"relayscope/relayclient/token"
)

// judge returns what the token says, and what the issuer's keys have shown of
// its signature.
func (p *Page) judge(target token.Target) []token.Fact {
	facts := p.got.Judge(target)
	if p.verified == nil {
		return facts
	}
	for i, f := range facts {
		if f.Name != "Signature" {
			continue
		}
		for _, s := range p.verified.Steps {
			switch {
			case s.Name == token.StepSignature && s.Outcome == token.Passed:
				facts[i].Verdict, facts[i].Why = token.Right, s.Detail
			case s.Name == token.StepSignature && s.Outcome == token.Failed:
				facts[i].Verdict, facts[i].Why = token.Wrong, s.Detail
			}
		}
	}
	return facts
}

// report is all that the page says of the token, as lines for the clipboard.
// Like the page it has neither the token nor its signature.
func (p *Page) report() string {
	lines := []string{p.headline.title.Text, p.headline.status.Text(), p.headline.until.Text}
	for _, part := range []struct {
		title string
		rows  []*factRow
	}{{"Signature check with the issuer", p.steps}, {"What the token says", p.facts}} {
		if len(part.rows) == 0 {
			continue
		}
		lines = append(lines, "", part.title)
		for _, r := range part.rows {
			lines = append(lines, r.words.line())
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
