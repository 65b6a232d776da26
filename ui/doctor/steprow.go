package doctor

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	engine "relayscope/relayclient/doctor"
	"relayscope/ui/widgets"
)

// A stepRow is one step: a line, and below it, once it is open, everything
// that was found. What went wrong opens by itself, unless an earlier row
// explains it in the same words.
type stepRow struct {
	step    engine.Step
	copy    func(string)
	resized func()

	fold    *widgets.Button
	status  *widgets.Status
	title   *widget.Label
	line    *widget.Label
	took    *widget.Label
	body    *widget.Label
	command *widget.Label
	copyIt  *widgets.Button
	below   *fyne.Container
	content fyne.CanvasObject
	open    bool
	touched bool // the person has opened or closed it
}

func newStepRow(copyText func(string), resized func()) *stepRow {
	r := &stepRow{copy: copyText, resized: resized, status: widgets.NewStatus(widgets.StatusIdle, "")}
	r.fold = widgets.NewButtonWithIcon("", theme.MenuExpandIcon(), func() {
		r.touched = true
		r.unfold(!r.open)
		r.resized()
	})
	r.fold.Importance = widget.LowImportance
	r.title = widget.NewLabel("")
	r.title.TextStyle.Bold = true
	r.title.Truncation = fyne.TextTruncateEllipsis
	r.line = widget.NewLabel("")
	r.line.Truncation = fyne.TextTruncateEllipsis
	r.took = widget.NewLabel("")
	r.took.Alignment = fyne.TextAlignTrailing
	r.took.Importance = widget.LowImportance
	r.body = widget.NewLabel("")
	r.body.Wrapping = fyne.TextWrapWord
	r.body.Selectable = true
	r.command = widget.NewLabel("")
	r.command.TextStyle.Monospace = true
	r.command.SizeName = theme.SizeNameCaptionText
	r.command.Wrapping = fyne.TextWrapBreak
	r.command.Selectable = true
	r.copyIt = widgets.NewButtonWithIcon("Copy command", theme.ContentCopyIcon(), func() { r.copy(r.step.Command) })
	r.copyIt.Importance = widget.LowImportance
	r.below = container.New(widgets.Stacked{Indent: foldWidth + statusWidth}, r.body, r.command, container.NewHBox(r.copyIt))
	r.content = container.New(widgets.Stacked{},
		container.New(stepColumns{}, r.fold, r.status, r.title, r.line, r.took), r.below)
	r.unfold(false)
	return r
}

// set draws s, a step of report.
func (r *stepRow) set(s engine.Step, report engine.Report) {
	if r.step.Status != s.Status && !r.touched {
		r.open = (s.Status == engine.Failed || s.Status == engine.Warned) && report.Said(s) == ""
	}
	r.step = s
	kind, word := kindOf(s.Status)
	r.status.Set(kind, word)
	widgets.SetText(r.title, s.Title)
	line := s.Line(report)
	if s.Finding.Title != "" {
		line = s.Finding.Title
	}
	widgets.SetText(r.line, line)
	if s.Took > 0 {
		widgets.SetText(r.took, took(s.Took))
	} else {
		widgets.SetText(r.took, "")
	}
	body := details(s, report)
	widgets.SetText(r.body, body)
	widgets.SetText(r.command, s.Command)
	for _, o := range []fyne.CanvasObject{r.command, r.copyIt} {
		widgets.SetVisible(o, s.Command != "")
	}
	widgets.SetVisible(r.fold, body != "" || s.Command != "")
	r.unfold(r.open && r.fold.Visible())
}

func (r *stepRow) unfold(open bool) {
	r.open = open
	icon := theme.MenuExpandIcon()
	if open {
		icon = theme.MenuDropDownIcon()
	}
	r.fold.SetIcon(icon)
	widgets.SetVisible(r.below, open)
}

// details is what the line of a step has no room for.
func details(s engine.Step, report engine.Report) string {
	var lines []string
	add := func(head, text string) {
		if text != "" {
			lines = append(lines, head+text)
		}
	}
	if f := s.Finding; f.Title != "" {
		add("", f.Cause)
		add("Next: ", f.Next)
		add("Seen: ", s.Line(report))
		add("Answer: ", f.Raw)
		add("Tracking ID: ", f.TrackingID)
	}
	if len(s.Seen) > 1 || s.Finding.Title != "" {
		for _, o := range s.Seen {
			add("", o.Line())
		}
	} else if s.Status == engine.Passed {
		add("", s.Detail)
	}
	for _, id := range s.TrackingIDs {
		if id != s.Finding.TrackingID {
			add("Tracking ID: ", id)
		}
	}
	return strings.Join(lines, "\n")
}

// kindOf gives a status its shape, colour and word.
func kindOf(s engine.Status) (widgets.StatusKind, string) {
	switch s {
	case engine.Running:
		return widgets.StatusBusy, "Running"
	case engine.Passed:
		return widgets.StatusOnline, "Passed"
	case engine.Warned:
		return widgets.StatusDegraded, "Warning"
	case engine.Failed:
		return widgets.StatusFailed, "Failed"
	case engine.Skipped:
		return widgets.StatusIdle, "Skipped"
	}
	return widgets.StatusIdle, "Not run"
}

func took(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%d ms", max(d.Milliseconds(), 1))
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
