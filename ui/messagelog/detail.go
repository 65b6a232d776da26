package messagelog

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/relayclient/payload"
	"relayscope/ui/widgets"
)

// A tab is one way to look at a row.
type tab int

const (
	tabPretty tab = iota
	tabRaw
	tabHex
	tabHeaders
	tabTiming
	tabs
)

var tabNames = [tabs]string{"Pretty", "Raw", "Hex", "Headers", "Timing"}

// How much of a payload is laid out: at first, and on the main goroutine.
const (
	firstPart = 64 << 10
	atOnce    = 512 << 10
	maxHits   = 5000
)

// A detail shows all there is to one row, or to several one after the other.
// It keeps what it shows while rows come and go.
type detail struct {
	pane   *Pane
	rows   []journal.Row // copies: they may be dropped meanwhile
	before time.Time     // of the row before; zero if there is none
	more   uint64        // rows that are selected beyond rows
	tab    tab
	all    bool   // all of a large payload
	laid   uint64 // counts what was laid out, to tell what comes late

	heading *widget.Label
	pairIt  *widgets.Button
	compare *widgets.Button
	closeIt *widgets.Button
	tabs    [tabs]*widgets.Button
	format  *widgets.Select
	text    *widgets.TextView
	times   *widget.Label
	legs    *widgets.Waterfall
	timing  *container.Scroll
	note    *widget.Label
	showAll *widgets.Button
	save    *widgets.Button
	copyIt  *widgets.Button
	content *fyne.Container
}

// guessed is the choice of a format that leaves it to the payload.
const guessed = "Auto"

func newDetail(p *Pane) *detail {
	d := &detail{pane: p, text: widgets.NewTextView(p.opt.OnMain), legs: widgets.NewWaterfall()}
	d.text.OnCopy = p.opt.Copy
	d.text.OnKey, d.text.OnRune = p.key, p.typed
	d.text.OnMenu = d.menu
	d.heading = widget.NewLabel("")
	d.heading.TextStyle.Bold = true
	d.heading.Truncation = fyne.TextTruncateEllipsis
	low := func(b *widgets.Button) *widgets.Button {
		b.Importance = widget.LowImportance
		return b
	}
	d.pairIt = low(widgets.NewButton("", p.jumpToPair))
	d.compare = low(widgets.NewButton("Compare", p.compareSelected))
	d.closeIt = low(widgets.NewButtonWithIcon("", theme.CancelIcon(), p.closeDetail))
	row := container.NewHBox()
	for i := range d.tabs {
		d.tabs[i] = low(widgets.NewButton(tabNames[i], func() { d.choose(tab(i)) }))
		row.Add(d.tabs[i])
	}
	options := []string{guessed}
	for _, f := range payload.Formats() {
		options = append(options, f.String())
	}
	d.format = widgets.NewSelect(options, func(string) { d.lay(false) })
	d.format.Selected = guessed
	d.times = widget.NewLabel("")
	d.times.TextStyle.Monospace = true
	d.times.Selectable = true
	d.timing = container.NewVScroll(container.NewVBox(d.times, d.legs))
	d.note = widget.NewLabel("")
	d.note.Truncation = fyne.TextTruncateEllipsis
	d.note.SizeName = theme.SizeNameCaptionText
	d.showAll = low(widgets.NewButton("", func() { d.all = true; d.lay(false) }))
	d.save = low(widgets.NewButtonWithIcon("Save…", theme.DocumentSaveIcon(), p.savePayload))
	d.copyIt = low(widgets.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), func() { p.opt.Copy(d.shownText()) }))
	top := container.NewBorder(nil, nil, nil, container.NewHBox(d.pairIt, d.compare, d.closeIt), d.heading)
	ways := container.NewBorder(nil, nil, row, nil, container.NewHBox(d.format))
	bottom := container.NewBorder(nil, nil, nil, container.NewHBox(d.showAll, d.save, d.copyIt), d.note)
	d.content = container.NewBorder(container.NewVBox(top, ways), bottom, nil, nil, container.NewStack(d.text, d.timing))
	return d
}

// show shows rows, of which more are selected than are given.
func (d *detail) show(rows []journal.Row, more uint64, before time.Time) {
	d.rows, d.more, d.before = rows, more, before
	d.all = false
	d.lay(true)
}

func (d *detail) choose(t tab) {
	d.tab = t
	d.lay(true)
}

// one returns the row that is shown, and whether it is only one.
func (d *detail) one() (*journal.Row, bool) {
	if len(d.rows) == 1 && d.more == 0 {
		return &d.rows[0], true
	}
	return nil, false
}

// lay lays out what is shown. What is large comes in a moment.
func (d *detail) lay(fromTop bool) {
	d.laid++
	r, one := d.one()
	d.buttons(r)
	if !one {
		d.heading.SetText(count(uint64(len(d.rows))+d.more, "row") + " selected")
		widgets.SetVisible(d.timing, false)
		widgets.SetVisible(d.text, true)
		d.fill(d.several(), fromTop)
		return
	}
	widgets.SetText(d.heading, headingOf(r))
	widgets.SetVisible(d.timing, d.tab == tabTiming)
	widgets.SetVisible(d.text, d.tab != tabTiming)
	if d.tab == tabTiming {
		d.times.SetText(timingOf(r, d.before))
		d.legs.SetLegs(legsOf(r))
		d.timing.Content.Refresh()
		d.timing.ScrollToTop()
		widgets.SetText(d.note, "")
		return
	}
	job := layout{row: *r, tab: d.tab, format: d.format.Selected, all: d.all, find: d.pane.find}
	if !d.all || len(r.Payload) <= atOnce {
		d.fill(job.do(), fromTop)
		return
	}
	widgets.SetText(d.note, "Laying out "+sizeText(int64(len(r.Payload)))+"…")
	laid := d.laid
	d.pane.background(func(context.Context) {
		done := job.do()
		d.pane.opt.OnMain(func() {
			if d.laid == laid {
				d.fill(done, fromTop)
			}
		})
	})
}

// legsOf are the parts of a row's time, or its latency as a whole.
func legsOf(r *journal.Row) []widgets.Leg {
	var legs []widgets.Leg
	if r.Facts != nil {
		for _, l := range r.Facts.Legs {
			legs = append(legs, widgets.Leg{Name: l.Name, Start: l.Start, Took: l.Took})
		}
	}
	if len(legs) == 0 && r.Latency > 0 {
		legs = append(legs, widgets.Leg{Name: "Latency", Took: r.Latency})
	}
	return legs
}

// fill shows what was laid out.
func (d *detail) fill(l laidOut, fromTop bool) {
	if l.dump != nil {
		data, spans := l.dump, l.spans
		d.text.SetFlow(func(cells int) (string, []widgets.Tinted, []widgets.Part) {
			dump := fitting(data, cells)
			return dump.text(), dump.tints(), dump.parts(spans)
		})
	} else {
		d.text.SetText(l.text, l.tints)
		d.text.SetHits(l.hits, fromTop)
	}
	widgets.SetText(d.note, l.note)
	widgets.SetVisible(d.showAll, l.whole > 0)
	if l.whole > 0 {
		d.showAll.SetText("Show all " + sizeText(l.whole))
	}
	d.content.Refresh()
}

// buttons shows what can be done.
func (d *detail) buttons(r *journal.Row) {
	for i, b := range d.tabs {
		importance := widget.LowImportance
		if tab(i) == d.tab && r != nil {
			importance = widget.MediumImportance
		}
		if b.Importance != importance {
			b.Importance = importance
			b.Refresh()
		}
		off := r == nil || tab(i) == tabHeaders && headersOf(r) == "" || tab(i) == tabHex && len(r.Payload) == 0
		setEnabled(b, !off || tab(i) == d.tab && r != nil)
	}
	widgets.SetVisible(d.format, r != nil && d.tab == tabPretty && len(r.Payload) > 0)
	widgets.SetVisible(d.compare, r == nil && len(d.rows) == 2 && d.more == 0)
	widgets.SetVisible(d.save, r != nil && len(r.Payload) > 0)
	widgets.SetVisible(d.showAll, false)
	widgets.SetVisible(d.pairIt, r != nil && r.Pair != 0)
	if r != nil && r.Pair != 0 {
		d.pairIt.SetText(pairWord(r))
	}
}

// pairWord names the row that a row is paired with.
func pairWord(r *journal.Row) string {
	if r.Latency > 0 {
		return "⇄ Request"
	}
	return "⇄ Reply"
}

// shownText is what is on screen as text.
func (d *detail) shownText() string {
	if _, one := d.one(); one && d.tab == tabTiming {
		return strings.TrimSpace(d.times.Text + "\n\n" + d.legs.Text())
	}
	if r, one := d.one(); one && d.tab != tabHeaders && !d.all && len(r.Payload) > firstPart {
		return layout{row: *r, tab: d.tab, format: d.format.Selected, all: true}.do().plain() // not only the part on screen
	}
	return d.text.Text()
}

// several are rows one after the other, as they are copied.
func (d *detail) several() laidOut {
	var b strings.Builder
	all := d.more == 0
	for i := range d.rows {
		if b.Len() > firstPart {
			all = false
			break
		}
		r := d.rows[i]
		b.WriteString("── " + widgets.Group(r.Number) + " · " + r.Time.Local().Format("15:04:05.000") + " · " + headingOf(&r) + "\n")
		r.Payload = r.Payload[:min(len(r.Payload), firstPart)]
		b.WriteString(layout{row: r, format: guessed, all: true}.do().plain() + "\n\n")
	}
	out := laidOut{text: b.String()}
	if !all {
		out.note = "The first of them are shown"
	}
	return out
}

// menu is the context menu of the text.
func (d *detail) menu(at fyne.Position) {
	part := fyne.NewMenuItem("Copy selection", d.text.Copy)
	part.Disabled = d.text.SelectedText() == ""
	whole := fyne.NewMenuItem("Copy all", func() { d.pane.opt.Copy(d.shownText()) })
	filter := fyne.NewMenuItem("Filter by selection", func() { d.pane.filterBy(d.text.SelectedText()) })
	filter.Disabled = part.Disabled || strings.Contains(d.text.SelectedText(), "\n")
	save := fyne.NewMenuItem("Save payload…", d.pane.savePayload)
	save.Disabled = !d.save.Visible()
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", part, whole, filter, fyne.NewMenuItemSeparator(), save),
		fyne.CurrentApp().Driver().CanvasForObject(d.text), at)
}

func setEnabled(b *widgets.Button, on bool) {
	if b.Disabled() != on {
		return
	}
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}
