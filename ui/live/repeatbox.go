package live

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/placeholder"
	"relayscope/ui/widgets"
)

// A repeatBox asks how a message is repeated.
type repeatBox struct {
	count    *widgets.Entry
	interval *widgets.Entry
	jitter   *widgets.Entry
	stop     *widgets.Check
	wrong    *widget.Label
	start    *widgets.Button
	body     fyne.CanvasObject
	popup    *widget.PopUp

	blocked string // why nothing can be sent now; "" if it can
	onStart func(Repeat)
}

// newRepeatBox returns a box that starts through onStart. onInsert puts a
// placeholder into what is written.
func newRepeatBox(onStart func(Repeat), onInsert func(string)) *repeatBox {
	b := &repeatBox{onStart: onStart, wrong: caption("")}
	field := func(text, hint string) *widgets.Entry {
		e := widgets.NewEntry()
		e.SetPlaceHolder(hint)
		e.Text = text
		e.OnChanged = func(string) { b.review() }
		e.OnSubmitted = func(string) { b.submit() }
		return e
	}
	b.count, b.interval, b.jitter = field("100", "until stopped"), field("100 ms", "as fast as they go"), field("", "none")
	b.stop = widgets.NewCheck("Stop on the first error", func(bool) { b.review() })
	b.stop.Checked = true
	b.wrong.Wrapping = fyne.TextWrapWord
	b.start = widgets.NewButtonWithIcon("Start", theme.MediaPlayIcon(), b.submit)
	b.start.Importance = widget.HighImportance
	insert := widgets.NewButtonWithIcon("Placeholder", theme.ContentAddIcon(), nil)
	insert.Importance = widget.LowImportance
	insert.OnTapped = func() {
		var items []*fyne.MenuItem
		for _, p := range placeholder.Known(placeholder.Sending) {
			items = append(items, fyne.NewMenuItem(p.Example+"  "+p.Means, func() { onInsert(p.Example) }))
		}
		widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), b.popup.Canvas, fyne.NewPos(0, insert.Size().Height), insert)
	}
	title := widget.NewLabel("Repeat the message")
	title.TextStyle.Bold = true
	b.body = container.NewVBox(container.NewBorder(nil, nil, title, insert),
		container.New(layout.NewFormLayout(), caption("How many"), b.count, caption("Every"), b.interval, caption("Jitter, up to"), b.jitter),
		b.stop, container.NewBorder(nil, nil, nil, b.start, b.wrong))
	b.review()
	return b
}

// parseRepeat returns what the texts ask for. The error is a sentence but for
// its capital and its full stop.
func parseRepeat(count, interval, jitter string, stop bool) (Repeat, error) {
	r := Repeat{StopOnError: stop}
	if text := strings.TrimSpace(count); text != "" {
		n, err := strconv.Atoi(strings.NewReplacer(" ", "", ",", "", "_", "").Replace(text))
		if err != nil || n < 1 {
			return r, errors.New("how many: give a number, or leave it empty to go on until stopped")
		}
		r.Count = n
	}
	var err error
	if r.Interval, err = parseWait(interval); err != nil {
		return r, fmt.Errorf("every: %w", err)
	}
	if r.Jitter, err = parseWait(jitter); err != nil {
		return r, fmt.Errorf("jitter: %w", err)
	}
	return r, nil
}

// parseWait reads a time such as 100 ms; a number alone is in milliseconds.
func parseWait(text string) (time.Duration, error) {
	text = strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	if text == "" {
		return 0, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		text += "ms"
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 24*time.Hour {
		return 0, errors.New("give a time such as 100 ms, 2 s or 5 m, a day at most")
	}
	return d, nil
}

// pace says what a repetition amounts to.
func (r Repeat) pace() string {
	each := r.Interval + r.Jitter/2
	switch {
	case each == 0 && r.Count == 0:
		return "As fast as they go, until stopped"
	case each == 0:
		return "As fast as they go"
	case r.Count == 0:
		return perSecond(each) + ", until stopped"
	}
	return perSecond(each) + ", for " + (time.Duration(r.Count-1) * each).Round(time.Millisecond).String()
}

// perSecond is how often something happens.
func perSecond(every time.Duration) string {
	rate := float64(time.Second) / float64(every)
	if rate < 1 {
		return "one every " + every.String()
	}
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(rate, 'f', 2, 64), "0"), ".") + " a second"
}

func (b *repeatBox) settings() (Repeat, error) {
	return parseRepeat(b.count.Text, b.interval.Text, b.jitter.Text, b.stop.Checked)
}

// block turns starting off and says why; "" turns it on.
func (b *repeatBox) block(why string) {
	if b.blocked != why {
		b.blocked = why
		b.review()
	}
}

func (b *repeatBox) review() {
	r, err := b.settings()
	text, importance := upperFirst(r.pace()), widget.LowImportance
	switch {
	case err != nil:
		text, importance = upperFirst(err.Error()), widget.DangerImportance
	case b.blocked != "":
		text = b.blocked
	}
	b.wrong.Importance = importance
	widgets.SetText(b.wrong, text)
	setEnabled(b.start, err == nil && b.blocked == "")
}

func (b *repeatBox) submit() {
	r, err := b.settings()
	if err != nil || b.blocked != "" {
		return
	}
	b.popup.Hide()
	b.onStart(r)
}

// open shows the box below an object.
func (b *repeatBox) open(below fyne.CanvasObject) {
	b.popup = popUp(b.body, below, 380)
	if b.popup != nil {
		b.popup.Canvas.Focus(b.count)
	}
}
