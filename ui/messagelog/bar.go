package messagelog

import (
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// chips are the filters that need no typing.
var chips = journal.Chips()

// A bar is what stands above the rows: what is shown of them, and what can be
// done with all of them.
type bar struct {
	pane     *Pane
	findOnly bool // what is typed is highlighted, and hides nothing

	chips    []*widgets.Button
	entry    *widgets.Entry
	saved    *widgets.Button
	count    *widget.Label
	conn     *widgets.Button
	follow   *widgets.Button
	pause    *widgets.Button
	record   *widgets.Button
	dotIs    fyne.ThemeColorName
	export   *widgets.Button
	clear    *widgets.Button
	more     *widgets.Button
	problem  *widget.Label
	mistake  *fyne.Container // the problem, in its place
	content  *fyne.Container
	onHeight func()  // it may need more or less room
	needs    float32 // the width that its parts needed when they were last laid out
}

func newBar(p *Pane) *bar {
	b := &bar{pane: p, findOnly: p.findOnly(), onHeight: func() {}}
	row := container.New(tight{})
	for i, c := range chips {
		chip := widgets.NewButton(c.Name, func() { b.choose(i) })
		b.chips = append(b.chips, chip)
		row.Add(chip)
	}
	b.entry = widgets.NewEntry()
	b.entry.OnChanged = func(string) { b.changed() }
	b.entry.OnKey = b.key
	low := func(text string, icon fyne.Resource, do func()) *widgets.Button {
		button := widgets.NewButtonWithIcon(text, icon, do)
		button.Importance = widget.LowImportance
		return button
	}
	b.saved = low("", theme.MenuDropDownIcon(), func() { p.filterMenu(b.saved) })
	b.count = widget.NewLabel("")
	b.count.SizeName = theme.SizeNameCaptionText
	b.conn = low("", theme.CancelIcon(), func() { p.followConnection("") })
	b.conn.IconPlacement = widget.ButtonIconTrailingText
	b.conn.Importance = widget.HighImportance
	b.follow = low("Follow", nil, func() { p.list.SetFollow(!p.list.Following()) })
	b.pause = low("Pause", theme.MediaPauseIcon(), p.togglePause)
	b.record = low("Record", theme.MediaRecordIcon(), p.recordMenu)
	b.export = low("Export", nil, p.askExport)
	b.clear = low("Clear", nil, p.clear)
	b.more = low("", theme.MoreVerticalIcon(), func() { p.moreMenu(b.more) })
	b.problem = widget.NewLabel("")
	b.problem.Importance = widget.DangerImportance
	b.problem.SizeName = theme.SizeNameCaptionText
	b.problem.Truncation = fyne.TextTruncateEllipsis
	b.mistake = container.New(below{b}, b.problem)
	b.mistake.Hide()
	b.content = container.New(&barLayout{bar: b, rows: 1},
		container.New(tight{}, row, b.conn), b.entry, b.saved, b.count,
		container.New(tight{}, b.follow, b.pause, b.record, b.export, b.clear, b.more), b.mistake)
	b.conn.Hide()
	b.mark()
	return b
}

// choose presses a chip.
func (b *bar) choose(i int) {
	if b.pane.chip == i {
		i = 0 // pressed again
	}
	b.pane.chip = i
	b.pane.rememberFilter()
	b.mark()
	b.pane.rebuild()
}

// mark shows which chip is pressed, and what the entry does.
func (b *bar) mark() {
	for i, c := range b.chips {
		importance := widget.LowImportance
		if i == b.pane.chip {
			importance = widget.MediumImportance
		}
		if c.Importance != importance {
			c.Importance = importance
			c.Refresh()
		}
	}
	words := "Filter: words, size>1k …"
	if b.findOnly {
		words = "Find: words, size>1k …"
	}
	if b.entry.PlaceHolder != words {
		b.entry.SetPlaceHolder(words)
	}
}

// changed follows what is typed. As long as it is wrong, the filter before it
// stays.
func (b *bar) changed() {
	q, err := journal.Parse(b.entry.Text)
	b.complain(err)
	if err == nil && q.String() != b.pane.text.String() {
		b.pane.text = q
		b.pane.rememberFilter()
		b.pane.rebuild()
	}
}

// complain says what is wrong with the text, below the place where it is.
func (b *bar) complain(err error) {
	var wrong *journal.ParseError
	switch {
	case err == nil:
		widgets.SetText(b.problem, "")
	case errors.As(err, &wrong):
		widgets.SetText(b.problem, "▲ "+strings.ToUpper(wrong.Problem[:1])+wrong.Problem[1:])
	default:
		widgets.SetText(b.problem, err.Error())
	}
	if setVisible(b.mistake, err != nil) {
		b.onHeight()
	}
	b.mistake.Refresh()
}

// problemAt is how far into the entry the mistake is.
func (b *bar) problemAt() float32 {
	_, err := journal.Parse(b.entry.Text)
	var wrong *journal.ParseError
	if !errors.As(err, &wrong) {
		return 0
	}
	return fyne.MeasureText(b.entry.Text[:min(wrong.At, len(b.entry.Text))], theme.TextSize(), b.entry.TextStyle).Width
}

// key takes what Enter, Escape and the arrows mean in the entry.
func (b *bar) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyEscape:
		if b.entry.Text == "" {
			b.pane.focusList()
		} else {
			b.entry.SetText("")
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		b.pane.nextMatch()
	case fyne.KeyDown:
		b.pane.focusList()
	default:
		return false
	}
	return true
}

// set types a filter.
func (b *bar) set(text string) {
	b.entry.SetText(text)
	b.entry.CursorColumn = len([]rune(text))
	b.entry.Refresh()
}

// refresh says how many rows there are, and in which state the log is.
func (b *bar) refresh() {
	p := b.pane
	counts := p.source.view.Counts()
	text := count(counts.Total, "row")
	if counts.Shown != counts.Total || !p.source.view.Query().Everything() {
		text = widgets.Group(counts.Shown) + " of " + widgets.Group(counts.Total)
		if !counts.Done {
			text += "…"
		}
	}
	if p.matches != nil {
		text = widgets.Group(p.matches.Counts().Shown) + " found in " + count(counts.Total, "row")
	}
	if n := p.list.SelectedCount(); n > 1 {
		text += " · " + widgets.Group(n) + " selected"
	}
	widgets.SetText(b.count, text)
	b.button(b.follow, "Follow", p.list.Following())
	if f := p.source.frozen; f != nil {
		b.button(b.pause, "Paused · "+widgets.Group(f.waiting(p.source.view))+" wait", true)
	} else {
		b.button(b.pause, "Pause", false)
	}
	setEnabled(b.clear, counts.Total > 0 && !p.isFile())
	setEnabled(b.export, counts.Total > 0)
	setEnabled(b.pause, !p.isFile())
	b.refreshRecord()
	if p.conn != "" && b.conn.Text != "Only "+p.conn {
		b.conn.SetText("Only " + p.conn)
	}
	setVisible(b.conn, p.conn != "")
	if needs := b.content.Layout.(*barLayout).width(b.content.Objects); needs != b.needs {
		b.needs = needs
		b.content.Refresh()
	}
}

// button shows a button as on or off.
func (b *bar) button(w *widgets.Button, text string, on bool) {
	importance := widget.LowImportance
	if on {
		importance = widget.MediumImportance
	}
	if w.Text != text || w.Importance != importance {
		w.Text, w.Importance = text, importance
		w.Refresh()
	}
}

// tight puts objects beside each other with hardly a gap.
type tight struct{}

const tightGap = 1

func (tight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 0)
	for _, o := range objects {
		if o.Visible() {
			need := o.MinSize()
			size = fyne.NewSize(size.Width+need.Width+tightGap, max(size.Height, need.Height))
		}
	}
	return size
}

func (tight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var x float32
	for _, o := range objects {
		if o.Visible() {
			width := o.MinSize().Width
			o.Move(fyne.NewPos(x, 0))
			o.Resize(fyne.NewSize(width, size.Height))
			x += width + tightGap
		}
	}
}

// A barLayout puts the parts of a bar into one row if the entry keeps enough
// room, or else into two.
type barLayout struct {
	bar  *bar
	rows int
}

// The parts of the bar.
const (
	partChips = iota
	partEntry
	partSaved
	partCount
	partButtons
	partMistake
)

const minEntry = 150

// width is what the parts need in one row.
func (*barLayout) width(o []fyne.CanvasObject) float32 {
	return o[partChips].MinSize().Width + minEntry + o[partSaved].MinSize().Width + o[partCount].MinSize().Width + o[partButtons].MinSize().Width
}

// line is the height of a row.
func (*barLayout) line(o []fyne.CanvasObject) float32 {
	height := float32(0)
	for _, part := range o[:partMistake] {
		height = max(height, part.MinSize().Height)
	}
	return height
}

func (l *barLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	line := l.line(o)
	size := fyne.NewSize(max(o[partChips].MinSize().Width+o[partSaved].MinSize().Width+60, o[partCount].MinSize().Width+o[partButtons].MinSize().Width), line*float32(l.rows))
	if o[partMistake].Visible() {
		size.Height += o[partMistake].MinSize().Height
	}
	return size
}

func (l *barLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	rows := 1
	if l.width(o) > size.Width {
		rows = 2
	}
	if rows != l.rows && size.Width > 0 {
		l.rows = rows
		l.bar.pane.opt.OnMain(l.bar.onHeight) // not within a layout
	}
	line := l.line(o)
	right := size.Width
	put := func(o fyne.CanvasObject, y float32) {
		width := o.MinSize().Width
		right -= width
		o.Move(fyne.NewPos(right, y))
		o.Resize(fyne.NewSize(width, line))
	}
	put(o[partButtons], float32(rows-1)*line)
	put(o[partCount], float32(rows-1)*line)
	if rows > 1 {
		right = size.Width
	}
	put(o[partSaved], 0)
	chips := o[partChips].MinSize().Width
	o[partChips].Move(fyne.NewPos(0, 0))
	o[partChips].Resize(fyne.NewSize(chips, line))
	o[partEntry].Move(fyne.NewPos(chips+2, 0))
	o[partEntry].Resize(fyne.NewSize(right-chips-2, line))
	o[partMistake].Move(fyne.NewPos(0, line*float32(rows)))
	o[partMistake].Resize(fyne.NewSize(size.Width, o[partMistake].MinSize().Height))
}

// below puts the sentence about a mistake below the place where it is, as far
// as there is room for it.
type below struct{ bar *bar }

func (below) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(0, objects[0].MinSize().Height-theme.InnerPadding())
}

func (l below) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	o := objects[0].(*widget.Label)
	need := fyne.MeasureText(o.Text, theme.CaptionTextSize(), o.TextStyle).Width + 2*theme.InnerPadding() + 4
	x := l.bar.entry.Position().X + l.bar.problemAt()
	x = max(0, min(x, size.Width-need))
	o.Move(fyne.NewPos(x, -theme.InnerPadding()/2))
	o.Resize(fyne.NewSize(min(need, size.Width-x), o.MinSize().Height))
}
