package identity

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"relayscope/relayclient"
	"relayscope/relayclient/journal"
	"relayscope/relayclient/signin"
	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

const nothingYet = "No token yet. Get the one that this profile's listener or sender would use, or paste one: " +
	"you then see what it says, whether that fits this profile, and for how long.\n" +
	"Tokens are read on this computer, shown nowhere and kept nowhere."

// How much of a value and of a reason a row shows; Copy has all of it.
const (
	shownOfValue  = 220
	shownOfReason = 600
)

// rowWords are one row's words. full is what Copy puts on the clipboard.
type rowWords struct {
	kind                    widgets.StatusKind
	word, name, value, full string
	why                     string
}

func factWords(f token.Fact) rowWords {
	w := rowWords{name: f.Name, value: visible(f.Value, shownOfValue), full: visible(f.Value, token.MaxText), why: visible(f.Why, shownOfReason)}
	if w.full == "" {
		w.full = visible(f.Why, token.MaxText)
	}
	switch f.Verdict {
	case token.Right:
		w.kind, w.word = widgets.StatusOnline, "Right"
	case token.Wrong:
		w.kind, w.word = widgets.StatusFailed, "Wrong"
	default:
		w.kind, w.word = widgets.StatusIdle, "Not checkable"
	}
	return w
}

func stepWords(s token.Step) rowWords {
	w := rowWords{name: s.Name, why: visible(s.Detail, shownOfReason), full: visible(s.Detail, token.MaxText), kind: widgets.StatusIdle, word: capital(s.Outcome.String())}
	switch s.Outcome {
	case token.Passed:
		w.kind = widgets.StatusOnline
	case token.Failed:
		w.kind = widgets.StatusFailed
	case token.Undecided:
		w.kind = widgets.StatusDegraded
	}
	return w
}

// line is the row for a report.
func (w rowWords) line() string {
	text := w.word + ": " + w.name
	if w.value != "" {
		text += " " + w.value
	}
	if w.why != "" {
		text += " (" + strings.TrimSuffix(w.why, ".") + ")"
	}
	return text
}

// visible keeps what a token says from changing what stands around it.
func visible(text string, most int) string { return journal.Preview([]byte(text), false, most) }

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// titleWords say what a token is.
func titleWords(t token.Token) string {
	words := t.Kind.String()
	switch {
	case t.Kind == token.KindSAS && t.SAS.KeyName != "":
		words += " of the policy " + t.SAS.KeyName
	case t.Kind == token.KindJWT && t.JWT.Name != "":
		words += " of " + t.JWT.Name
	case t.Kind == token.KindJWT && t.JWT.ObjectID != "":
		words += " of object " + t.JWT.ObjectID
	}
	return visible(words, 90)
}

// worstWords are the verdict on all of a token, with the names of what is
// wrong.
func worstWords(facts []token.Fact, verified *token.Result) (widgets.StatusKind, string) {
	var wrong []string
	for _, f := range facts {
		if f.Verdict == token.Wrong {
			wrong = append(wrong, f.Name)
		}
	}
	switch {
	case len(wrong) > 0:
		return widgets.StatusFailed, "Does not fit: " + visible(strings.Join(wrong, ", "), 60)
	case verified != nil && len(verified.Failed()) > 0:
		return widgets.StatusFailed, "Signature check failed"
	case verified != nil && verified.OK():
		return widgets.StatusOnline, "Fits, and the signature is good"
	case fits(facts):
		return widgets.StatusOnline, "Nothing wrong found"
	}
	return widgets.StatusIdle, "Not known whether it fits"
}

// fits reports whether a token is known to be for the profile: that it has not
// expired says nothing.
func fits(facts []token.Fact) bool {
	return slices.ContainsFunc(facts, func(f token.Fact) bool {
		return f.Verdict == token.Right && (f.Name == "Audience" || f.Name == "Namespace")
	})
}

// untilWords say until when a token is good, and count down.
func untilWords(t token.Token, now time.Time) string {
	left, known := t.ExpiresIn(now)
	if !known {
		return "It does not say in a readable way when it expires."
	}
	at := t.Expires().Local().Format("Monday, 2 January 2006, 15:04:05 MST")
	if left <= 0 {
		return "Expired on " + at + ", " + clock(-left) + " ago"
	}
	return "Good until " + at + ", " + clock(left) + " left"
}

// clock writes a span of time that counts by seconds.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	text := fmt.Sprintf("%d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / (24 * 3600); days > 0 {
		return fmt.Sprintf("%d d %s", days, text)
	}
	return text
}

func roleName(role relayclient.Role) string {
	if role == relayclient.Sending {
		return "sender"
	}
	return "listener"
}

// sourceWords say as whom a role signs in, and where its tokens come from.
func sourceWords(s signin.Settings) string {
	switch s.Way {
	case 0:
		return "This profile only sends."
	case signin.SharedAccessKey:
		return "As policy " + s.KeyName + ", signed on this computer with its key"
	case signin.SharedAccessToken:
		return "The SAS token kept in this profile"
	case signin.ClientSecret:
		return "As application " + s.ClientID + ", from Microsoft Entra ID, by its secret"
	case signin.ClientCertificate:
		return "As application " + s.ClientID + ", from Microsoft Entra ID, by its certificate"
	case signin.ManagedIdentity:
		if s.Identity == signin.SystemAssigned {
			return "As the system-assigned managed identity of this machine"
		}
		return "As managed identity " + s.IdentityID + ", from this machine"
	case signin.AzureCLI:
		return "As whoever is signed in with az login on this computer"
	case signin.DeviceCode:
		return "As you, from Microsoft Entra ID, by a device code"
	case signin.Browser:
		return "As you, from Microsoft Entra ID, by this computer's browser"
	}
	return "No token is sent."
}
