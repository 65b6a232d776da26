package live

import (
	"encoding/json"
	"strings"

	"fyne.io/fyne/v2"

	"relayscope/profiles"
	"relayscope/relayclient/dialtext"
	"relayscope/relayclient/responder"
)

// answersKey is where the answers of a profile's listener are remembered.
func answersKey(id profiles.ID) string { return "listener.answers." + string(id) }

// keepAnswers remembers answers, but for what may be secret in their headers.
func keepAnswers(id profiles.ID, s responder.Settings) {
	s.Rules, _ = withoutSecretLines(s.Rules)
	s.Reply.Header, _ = withoutSecretLines(s.Reply.Header)
	text, err := json.Marshal(s)
	if err != nil {
		return // it holds nothing but texts and numbers
	}
	fyne.CurrentApp().Preferences().SetString(answersKey(id), string(text))
}

// keptAnswers returns what was remembered. What cannot be read is as if it were
// not there.
func keptAnswers(id profiles.ID) (responder.Settings, bool) {
	var s responder.Settings
	text := fyne.CurrentApp().Preferences().String(answersKey(id))
	return s, text != "" && json.Unmarshal([]byte(text), &s) == nil
}

// withoutSecretLines returns header lines without those that may carry a
// credential, and the names of the headers in them.
func withoutSecretLines(text string) (safe string, missing []string) {
	var kept []string
	for line := range strings.Lines(text) {
		rule := strings.TrimLeft(strings.TrimSpace(line), "< ")
		name, value, _ := strings.Cut(rule, ":")
		if (dialtext.Header{Name: name, Value: strings.TrimSpace(value)}).Secret() {
			missing = append(missing, strings.TrimSpace(name))
			continue
		}
		kept = append(kept, strings.TrimRight(line, "\r\n"))
	}
	return strings.Join(kept, "\n"), missing
}
