package identity

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/token"
	"relayscope/ui/widgets"
)

// A headline says what a token is, the verdict, and how long it still lasts.
type headline struct {
	who     string // the token was issued to, as its source says; "" if it was pasted
	title   *widget.Label
	status  *widgets.Status
	until   *widget.Label
	copyIt  *widgets.Button
	content *fyne.Container
}

func newHeadline(copyAll func()) *headline {
	h := &headline{title: subheading(""), status: widgets.NewStatus(widgets.StatusIdle, ""), until: widget.NewLabel("")}
	h.title.Truncation = fyne.TextTruncateEllipsis
	h.until.Wrapping = fyne.TextWrapWord
	h.title.SizeName = theme.SizeNameSubHeadingText
	h.copyIt = widgets.NewButtonWithIcon("Copy all", theme.ContentCopyIcon(), copyAll)
	h.copyIt.Importance = widget.LowImportance
	h.content = container.New(widgets.Stacked{Gap: theme.Padding()}, widget.NewSeparator(), container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(h.status), h.copyIt), h.title), h.until)
	return h
}

func (h *headline) set(t token.Token, facts []token.Fact, verified *token.Result, now time.Time) {
	h.status.Set(worstWords(facts, verified))
	widgets.SetText(h.title, titleWords(t))
	words, importance := untilWords(t, now), widget.MediumImportance
	if left, known := t.ExpiresIn(now); !known || left <= 0 {
		importance = widget.DangerImportance
	} else if left < 5*time.Minute {
		importance = widget.WarningImportance
	}
	if h.who != "" {
		words += "\nFor " + visible(h.who, 200)
	}
	if len(t.Wrapping) > 0 {
		words += "\nTaken out of " + wrappingWords(t.Wrapping) + ": the relay wants the token alone."
	}
	h.until.Importance = importance
	widgets.SetText(h.until, words)
}

func wrappingWords(around []token.Wrapping) string {
	text := ""
	for i, w := range around {
		if i > 0 {
			text += ", "
		}
		text += string(w)
	}
	return text
}
