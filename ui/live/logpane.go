package live

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// logPane shows the message log and, beside it, the row that is selected.
type logPane struct {
	journal *journal.Journal
	shown   uint64 // the row in the detail, 0 for none

	view    *widgets.LogView
	count   *widget.Label
	copyIt  *widget.Button
	clearIt *widget.Button
	follow  *widget.Check
	heading *widget.Label
	detail  *widgets.CopyText
	closeIt *widget.Button
	right   *fyne.Container
	split   *container.Split
	content fyne.CanvasObject
	onCopy  func(string)
}

func newLogPane(onMain func(func()), onCopy func(string)) *logPane {
	p := &logPane{count: caption(""), onCopy: onCopy, detail: widgets.NewCopyText(true)}
	p.view = widgets.NewLogView(logSource{journal.New(1, 1)}, logColumns, onMain)
	p.view.SetEmptyText("Nothing has happened yet. Start the listener, connect the sender and send a message: every step appears here.")
	p.view.OnSelect = p.selected
	p.view.OnCopy = p.copyRows
	p.view.OnFollow = func(on bool) {
		if p.follow.Checked != on {
			p.follow.SetChecked(on)
		}
	}
	p.view.OnMenu = p.menu
	p.copyIt = widget.NewButtonWithIcon("Copy row", theme.ContentCopyIcon(), func() { p.copyRows(p.view.Selection()) })
	p.clearIt = widget.NewButtonWithIcon("Clear", theme.DeleteIcon(), func() { p.journal.Clear() })
	p.closeIt = widget.NewButtonWithIcon("", theme.CancelIcon(), func() { p.view.Select(0, 0) })
	for _, b := range []*widget.Button{p.copyIt, p.clearIt, p.closeIt} {
		b.Importance = widget.LowImportance
	}
	p.follow = widget.NewCheck("Follow", func(on bool) {
		if p.view.Following() != on {
			p.view.SetFollow(on)
		}
	})
	p.follow.Checked = true
	p.heading = widget.NewLabel("")
	p.heading.TextStyle.Bold = true
	p.heading.Truncation = fyne.TextTruncateEllipsis

	name := widget.NewLabel("Message log")
	name.TextStyle.Bold = true
	bar := container.NewBorder(nil, nil, container.NewHBox(name, p.count), container.NewHBox(p.follow, p.copyIt, p.clearIt))
	p.right = container.NewBorder(container.NewBorder(nil, nil, nil, p.closeIt, p.heading), nil, nil, nil, p.detail)
	p.split = container.NewHSplit(p.view, p.right)
	p.split.SetOffset(0.7)
	p.content = container.NewPadded(container.NewBorder(bar, nil, nil, nil, p.split))
	p.selected(0, 0)
	return p
}

func (p *logPane) setJournal(j *journal.Journal) {
	p.journal = j
	p.view.SetSource(logSource{j})
	p.selected(0, 0)
}

// refresh brings the count up to date; the view looks after its rows.
func (p *logPane) refresh() {
	p.refreshCount()
	p.view.Changed()
}

func (p *logPane) selected(first, last uint64) {
	setEnabled(p.copyIt, last != 0)
	p.copyIt.SetText("Copy row")
	if last > first {
		p.copyIt.SetText(fmt.Sprintf("Copy %d rows", last-first+1))
	}
	p.shown = 0
	if last != 0 && first == last {
		if row, ok := p.journal.Row(last); ok {
			p.shown = last
			widgets.SetText(p.heading, headingOf(row))
			p.detail.SetProse(row.Kind != journal.Data)
			p.detail.SetText(detailOf(row))
		}
	}
	if show(p.right, p.shown != 0) {
		p.split.Refresh()
	}
	p.refreshCount()
}

// refreshCount says how many rows there are, and how to see more of one.
func (p *logPane) refreshCount() {
	if p.journal == nil {
		return
	}
	first, last := p.journal.Bounds()
	text := plural(int(last+1-first), "row")
	if p.shown == 0 && last >= first {
		text += " · select one to see all of it"
	}
	widgets.SetText(p.count, text)
}

func headingOf(r journal.Row) string {
	parts := []string{strings.TrimSpace(side(r) + " " + r.Connection), r.Type}
	if r.Kind == journal.Data {
		parts = append(parts, exactly(int(r.Size)))
	}
	return strings.Join(parts, " · ")
}

// maxDetail and maxCopied bound, in bytes, what is laid out for a row and what
// goes to the clipboard: it happens on the main goroutine.
const (
	maxDetail = 1 << 20
	maxCopied = 8 << 20
)

// detailOf is everything there is to a row.
func detailOf(r journal.Row) string {
	if r.Kind == journal.Data {
		part := r.Payload[:min(len(r.Payload), maxDetail)]
		text := journal.FullText(part, r.Binary())
		if len(part) < len(r.Payload) {
			text += fmt.Sprintf("\n\n[the first %d of %d bytes are shown]", len(part), len(r.Payload))
		}
		if r.Truncated {
			text += fmt.Sprintf("\n\n[%d of %d bytes were kept]", len(r.Payload), r.Size)
		}
		return text
	}
	text := journal.FullText([]byte(r.Text), false)
	if r.Detail != "" {
		text = journal.FullText([]byte(r.Detail), false)
		if !strings.Contains(r.Detail, r.Text) && !strings.Contains(r.Text, ", next try") {
			text = r.Text + "\n\n" + text
		}
	}
	if r.TrackingID != "" && !strings.Contains(text, r.TrackingID) {
		text += "\n\nTracking ID: " + r.TrackingID
	}
	return text
}

func (p *logPane) copyRows(first, last uint64) {
	if last == 0 {
		return
	}
	var b strings.Builder
	for row := range p.journal.Range(first, last) {
		if b.Len()+len(row.Payload) > maxCopied && b.Len() > 0 {
			fmt.Fprintf(&b, "[%s not copied: too much for the clipboard]\n", plural(int(last-row.Number+1), "more row"))
			break
		}
		if len(row.Payload) > maxCopied {
			row.Payload, row.Truncated = row.Payload[:maxCopied], true
		}
		b.WriteString(row.Export())
		b.WriteByte('\n')
	}
	p.onCopy(b.String())
}

func (p *logPane) menu(at fyne.Position) {
	first, last := p.view.Selection()
	copyRows := fyne.NewMenuItem("Copy row", func() { p.copyRows(first, last) })
	copyRows.Disabled = last == 0
	copyPayload := fyne.NewMenuItem("Copy payload", func() { p.onCopy(p.detail.Text()) })
	copyPayload.Disabled = p.shown == 0
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", copyRows, copyPayload,
		fyne.NewMenuItemSeparator(), fyne.NewMenuItem("Clear", func() { p.journal.Clear() })),
		fyne.CurrentApp().Driver().CanvasForObject(p.view), at)
}

func (p *logPane) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"log": p.view, "log.count": p.count, "log.detail": p.detail, "log.copy": p.copyIt, "log.follow": p.follow,
		"log.clear": p.clearIt, "log.heading": p.heading, "log.close": p.closeIt,
	}
}
