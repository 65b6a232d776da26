package ui

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/token"
)

// notRenewed is what there is to know of every ready-made token.
const notRenewed = "It cannot be renewed: when it expires, the relay closes the listener's control channel, and nothing connects until there is another token."

// tokenWords says what a ready-made token is, and how long it still lasts.
func tokenWords(text string) (string, widget.Importance) {
	if text == "" {
		return "A token that somebody made for you. " + notRenewed, widget.LowImportance
	}
	t, err := token.Read(text)
	if err != nil {
		return "This cannot be read as a token. " + notRenewed, widget.WarningImportance
	}
	words := t.Kind.String()
	switch {
	case t.Kind == token.KindSAS && t.SAS.KeyName != "":
		words += " of the policy " + t.SAS.KeyName + " for " + t.SAS.Resource
	case t.Kind == token.KindSAS:
		words += " for " + t.SAS.Resource
	case len(t.JWT.Audiences) > 0:
		words += " for " + t.JWT.Audiences[0]
	}
	left, known := t.ExpiresIn(time.Now())
	at := t.Expires().Local().Format("2 January 2006 15:04")
	switch {
	case !known:
		return words + ". It does not say when it expires. " + notRenewed, widget.WarningImportance
	case left <= 0:
		return words + ". It expired on " + at + ", " + spanWords(-left) + " ago: the relay will refuse it.", widget.DangerImportance
	}
	importance := widget.LowImportance
	if left < 5*time.Minute {
		importance = widget.WarningImportance
	}
	return words + ". Expires in " + countdown(left) + ", on " + at + ". " + notRenewed, importance
}

// countdown writes what is left of a time, to the second where it matters.
func countdown(d time.Duration) string {
	if d >= time.Hour {
		return spanWords(d)
	}
	s := int(d / time.Second)
	return fmt.Sprintf("%d:%02d min", s/60, s%60)
}

// spanWords writes a span of time in its two largest units.
func spanWords(d time.Duration) string {
	units := []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}}
	for i, u := range units {
		if d < u.of {
			continue
		}
		text := fmt.Sprintf("%d %s", d/u.of, u.name)
		if i+1 < len(units) {
			if rest := d % u.of / units[i+1].of; rest > 0 {
				text += fmt.Sprintf(" %d %s", rest, units[i+1].name)
			}
		}
		return text
	}
	return "less than a minute"
}
