package messagelog

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// compareKey compares the two rows selected; with one selected it waits for
// the other.
func (p *Pane) compareKey() {
	r, one := p.detail.one()
	switch {
	case one && p.comparing() && p.comparee == r.Number:
		p.cancelCompare()
	case one:
		p.comparee = r.Number
		p.notice.set(aboutCompare, "Choose the row to compare row "+widgets.Group(r.Number)+" with.", "Cancel", p.cancelCompare)
	default:
		p.compareSelected()
	}
}

// comparing reports whether a row waits for another.
func (p *Pane) comparing() bool { return p.comparee != 0 && p.notice.is == aboutCompare }

func (p *Pane) cancelCompare() {
	p.comparee = 0
	p.notice.end(aboutCompare)
}

// compareSelected compares two rows that are selected.
func (p *Pane) compareSelected() {
	if d := p.detail; len(d.rows) == 2 && d.more == 0 {
		p.compare(d.rows[0], d.rows[1])
	}
}

// compareWith compares the row that waits with another.
func (p *Pane) compareWith(other journal.Row) {
	first, ok := p.rows.Row(p.comparee)
	p.cancelCompare()
	if ok {
		p.compare(first, other)
	}
}

// compare shows two rows side by side, with what differs marked.
func (p *Pane) compare(a, b journal.Row) {
	title := "Row " + widgets.Group(a.Number) + " and row " + widgets.Group(b.Number)
	summary := widget.NewLabel("Comparing…")
	summary.Truncation = fyne.TextTruncateEllipsis
	lines := &diffLines{}
	view := widgets.NewLogView(lines, []widgets.Column{
		{Title: "", Width: 5, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk}, {Title: headingOf(&a)},
		{Title: "", Width: 1},
		{Title: "", Width: 5, Align: fyne.TextAlignTrailing, Ink: widgets.MutedInk}, {Title: headingOf(&b)},
	}, p.opt.OnMain)
	view.OnCopy = func(first, last uint64) { p.opt.Copy(lines.text(first, last)) }
	view.SetFollow(false)
	next := widgets.NewButtonWithIcon("Next difference", theme.MoveDownIcon(), func() { goToDifference(view, lines, 1) })
	before := widgets.NewButtonWithIcon("Previous", theme.MoveUpIcon(), func() { goToDifference(view, lines, -1) })
	view.OnRune = func(r rune) {
		switch r {
		case 'n':
			goToDifference(view, lines, 1)
		case 'N':
			goToDifference(view, lines, -1)
		}
	}
	copyIt := widgets.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { p.opt.Copy(lines.text(1, uint64(len(lines.lines)))) })
	top := container.NewBorder(nil, nil, nil, container.NewHBox(before, next, copyIt), summary)
	d := dialog.NewCustom(title, "Close", container.NewBorder(top, nil, nil, nil, view), p.window())
	size := p.window().Canvas().Size()
	d.Resize(fyne.NewSize(min(size.Width-40, 1400), size.Height-60))
	d.SetOnClosed(view.Close)
	p.show(d)
	focus(view)
	p.background(func(context.Context) {
		made := diff(textOf(a), textOf(b))
		p.opt.OnMain(func() {
			lines.lines = made
			widgets.SetText(summary, lines.summary())
			view.Refresh()
			view.ScrollTo(1)
			goToDifference(view, lines, 1)
		})
	})
}

// maxCompared bounds how much of each row is compared.
const maxCompared = 1 << 20

// textOf is the text that is compared.
func textOf(r journal.Row) string {
	if len(r.Payload) > maxCompared {
		r.Payload = r.Payload[:maxCompared]
	}
	out := layout{row: r, format: guessed, all: true}.do()
	if out.dump != nil {
		return hexDump{out.dump, 8}.text()
	}
	return out.text
}

// goToDifference selects the next stretch of lines that differ.
func goToDifference(v *widgets.LogView, d *diffLines, by int) {
	at, _ := v.Selection()
	i := int(at) - 1
	if at == 0 && by < 0 {
		i = len(d.lines)
	}
	for i += by; i >= 0 && i < len(d.lines); i += by {
		begins := d.lines[i].sign != equal && (i == 0 || d.lines[i-1].sign == equal)
		if begins {
			v.Select(uint64(i+1), uint64(i+1))
			return
		}
	}
}
