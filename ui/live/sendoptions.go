package live

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"relayscope/relayclient"
	"relayscope/relayclient/dialtext"
)

// optionTexts is what a person wrote into the sender's options.
type optionTexts struct {
	dialtext.Texts
	Connections string `json:"connections,omitempty"`
}

// parse returns what the texts ask for. The error is a sentence but for its
// capital and its full stop.
func (t optionTexts) parse() (SendOptions, error) {
	asked, err := t.Texts.Parse()
	o := SendOptions{DialOptions: asked, Connections: 1}
	if err != nil {
		return o, err
	}
	if n := strings.TrimSpace(t.Connections); n != "" {
		o.Connections, err = strconv.Atoi(n)
		if err != nil || o.Connections < 1 || o.Connections > maxConnections {
			return o, fmt.Errorf("connections: give a number from 1 to %d", maxConnections)
		}
	}
	return o, nil
}

// summary says in a few words what is asked for; "" if it is nothing in
// particular.
func (o SendOptions) summary() string {
	var parts []string
	if o.Path != "" || o.Query != "" {
		where := o.Path
		if o.Query != "" {
			where += "?" + relayclient.RedactQuery(o.Query)
		}
		parts = append(parts, clip(where, 24))
	}
	headers := 0
	for _, values := range o.Header {
		headers += len(values)
	}
	if headers > 0 {
		parts = append(parts, plural(headers, "header"))
	}
	if len(o.Subprotocols) > 0 {
		parts = append(parts, clip(relayclient.RedactSubprotocol(strings.Join(o.Subprotocols, ", ")), 20))
	}
	if o.Connections > 1 {
		parts = append(parts, plural(o.Connections, "connection"))
	}
	return strings.Join(parts, " · ")
}

// clip keeps a text short.
func clip(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// store returns the texts as JSON without what looks secret.
func (t optionTexts) store() string {
	t.Texts, _ = t.WithoutSecrets()
	text, err := json.Marshal(t)
	if err != nil {
		return ""
	}
	return string(text)
}

// restoreOptions reads what store wrote. What cannot be read is as if it were not
// there: it can be written again in a moment.
func restoreOptions(text string) optionTexts {
	var t optionTexts
	if json.Unmarshal([]byte(text), &t) != nil {
		return optionTexts{}
	}
	return t
}
