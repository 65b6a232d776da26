package messagelog

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/driver/desktop"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// key takes the keys that mean something among rows and in the detail.
func (p *Pane) key(k *fyne.KeyEvent) bool {
	if k.Name != fyne.KeyEscape {
		return false
	}
	switch {
	case p.comparing():
		p.cancelCompare()
	case len(p.showing) > 0:
		p.closeDetail()
		p.focusList()
	case p.conn != "":
		p.followConnection("")
	case p.bar.entry.Text != "":
		p.bar.set("")
	default:
		return false
	}
	return true
}

// typed takes the characters that mean something there.
func (p *Pane) typed(r rune) {
	switch {
	case r == 'n':
		p.step(1)
	case r == 'N':
		p.step(-1)
	case r == '/':
		p.focusFilter()
	case r == 'p':
		p.jumpToPair()
	case r == 'f':
		p.toggleConnection()
	case r == 'c':
		p.compareKey()
	case r == 'a':
		p.askNote()
	case r == 'r':
		p.again(p.opt.Again)
	case r == 'e':
		p.again(p.opt.Edit)
	case r >= '0' && r <= '0'+widgets.Marks:
		p.mark(journal.Mark(r - '0'))
	case r == '?':
		widgets.PassRune(p.list, r)
	}
}

// again gives the row selected to what sends it, if it can be sent.
func (p *Pane) again(send func(journal.Row)) {
	if r, one := p.detail.one(); one && p.whyNotAgain(r) == "" {
		send(*r)
	}
}

// whyNotAgain says why a row cannot be sent again; "" if it can.
func (p *Pane) whyNotAgain(r *journal.Row) string {
	if p.opt.WhyNotAgain == nil {
		return "nothing here sends"
	}
	return p.opt.WhyNotAgain(*r)
}

func (p *Pane) focusList()   { focus(p.list) }
func (p *Pane) focusFilter() { focus(p.bar.entry) }

// focus gives an object the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}

// nextMatch goes to the next match, or with Shift to the one before.
func (p *Pane) nextMatch() {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0 {
		p.step(-1)
		return
	}
	p.step(1)
}

// step goes to the next hit in the row that is shown, then to the next row
// that has one; -1 goes backwards. Without anything to find it goes through
// the rows.
func (p *Pane) step(by int) {
	if len(p.showing) == 1 && p.detail.text.Visible() && p.detail.text.NextHit(by) {
		return
	}
	view := p.source.view
	if p.matches != nil {
		view = p.matches
	}
	from := uint64(0)
	switch at := p.list.Top(); {
	case len(p.showing) > 0:
		from = p.showing[len(p.showing)-1]
	case at == 0:
		return
	case by > 0:
		r, _ := p.source.row(at)
		from = r.Number - 1
	default:
		r, _ := p.source.row(p.list.Bottom())
		from = r.Number + 1
	}
	next := view.Next
	if by < 0 {
		next = view.Previous
	}
	if number, ok := next(from); ok {
		p.goTo(number)
	}
}

// clearFilter shows all rows again.
func (p *Pane) clearFilter() {
	p.chip, p.conn = 0, ""
	p.rememberFilter()
	p.bar.mark()
	if p.bar.entry.Text == "" {
		p.rebuild()
		return
	}
	p.bar.set("") // rebuilds, unless what is there is no filter yet
	p.rebuild()
}

// filterBy looks for a text.
func (p *Pane) filterBy(text string) {
	p.bar.set(`"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`)
}

// followConnection shows the rows of one connection; "" shows all again.
func (p *Pane) followConnection(conn string) {
	if p.conn != conn {
		p.conn = conn
		p.rebuild()
	}
}

// toggleConnection follows the connection of the row that is shown, or ends
// that.
func (p *Pane) toggleConnection() {
	if r, ok := p.detail.one(); ok && r.Connection != "" && r.Connection != p.conn {
		p.followConnection(r.Connection)
		return
	}
	p.followConnection("")
}

// jumpToPair goes to the request of a reply, or the other way.
func (p *Pane) jumpToPair() {
	r, ok := p.detail.one()
	if !ok || r.Pair == 0 {
		return
	}
	pair := r.Pair
	if p.goTo(pair) {
		return
	}
	if p.dropped(pair) {
		p.notice.set(aboutPair, "Row "+widgets.Group(pair)+" is no longer held.", "OK", p.notice.hide)
		return
	}
	p.notice.set(aboutPair, "Row "+widgets.Group(pair)+" is hidden by the filter.", "Clear filter", func() {
		p.notice.hide()
		p.clearFilter()
		p.goTo(pair)
	})
}

// mark gives the rows selected a mark; the mark they have is taken away.
func (p *Pane) mark(m journal.Mark) {
	if len(p.showing) == 0 {
		return
	}
	if r, ok := p.rows.Row(p.showing[0]); ok && r.Mark == m {
		m = journal.NoMark
	}
	for _, number := range p.showing {
		p.rows.SetMark(number, m)
	}
	p.refresh()
}

// askNote lets the person write a note on the row that is shown.
func (p *Pane) askNote() {
	r, ok := p.detail.one()
	if !ok {
		return
	}
	number := r.Number
	entry := widgets.NewEntry()
	entry.SetText(r.Note())
	entry.SetPlaceHolder("A note on this row")
	save := func(yes bool) {
		if yes {
			p.note(number, strings.TrimSpace(entry.Text))
		}
	}
	d := dialog.NewCustomConfirm("Note on row "+widgets.Group(number), "Save", "Cancel", entry, save, p.window())
	entry.OnSubmitted = func(string) { d.Confirm() }
	d.Resize(fyne.NewSize(420, 150))
	p.show(d)
	p.window().Canvas().Focus(entry) // it was not drawn yet, so its own canvas is not known
}

// note writes a note; an empty one takes it away.
func (p *Pane) note(number uint64, text string) {
	p.rows.SetNote(number, text)
	if r, ok := p.rows.Row(number); ok && len(p.showing) == 1 && p.showing[0] == number {
		p.detail.rows = []journal.Row{r}
		p.detail.lay(true)
	}
	p.refresh()
}

// togglePause freezes what is on screen, or shows again what happens.
func (p *Pane) togglePause() {
	switch {
	case p.isFile() || p.live == nil:
		return
	case p.source.frozen != nil:
		p.source.frozen = nil
		p.list.SetFollow(true)
	default:
		p.source.frozen = freeze(p.rows, p.source.view, p.list.Top())
	}
	p.refresh()
	p.bar.refresh()
}

// clear takes all rows away, and gives them back for a while.
func (p *Pane) clear() {
	if p.live == nil || p.isFile() {
		return
	}
	held := p.source.view.Counts().Total
	if held == 0 {
		return
	}
	p.dropUndo()
	p.source.frozen = nil
	p.undo = p.live.Clear()
	p.closeDetail()
	p.notice.set(aboutClear, sentence(count(held, "row"))+" cleared.", "Undo", func() {
		if p.undo != nil {
			p.undo()
		}
		p.dropUndo()
	})
	p.undoing = time.AfterFunc(journal.UndoFor, func() { p.opt.OnMain(p.dropUndo) })
	p.source.origin = time.Time{}
	p.refresh()
	p.bar.refresh()
}

// dropUndo ends the time in which a Clear can be undone.
func (p *Pane) dropUndo() {
	if p.undoing != nil {
		p.undoing.Stop()
		p.notice.end(aboutClear)
	}
	p.undo, p.undoing = nil, nil
}

// maxCopied bounds, in bytes, what goes to the clipboard: it happens on the
// main goroutine.
const maxCopied = 8 << 20

// copyRows copies the rows selected.
func (p *Pane) copyRows() {
	var b strings.Builder
	left := p.list.SelectedCount()
	for r := range p.selectedRows() {
		if b.Len()+len(r.Payload) > maxCopied && b.Len() > 0 {
			fmt.Fprintf(&b, "[%s not copied: too much for the clipboard]\n", count(left, "more row"))
			break
		}
		if len(r.Payload) > maxCopied {
			r.Payload, r.Truncated = r.Payload[:maxCopied], true
		}
		b.WriteString(r.Export())
		b.WriteByte('\n')
		left--
	}
	if b.Len() > 0 {
		p.opt.Copy(b.String())
	}
}

// selectedRows yields the rows selected, in their order.
func (p *Pane) selectedRows() func(yield func(journal.Row) bool) {
	positions := p.list.Selected(int(min(p.list.SelectedCount(), 4_000_000)))
	return func(yield func(journal.Row) bool) {
		for _, at := range positions {
			if r, ok := p.source.row(at); ok && !yield(r) {
				return
			}
		}
	}
}

// savePayload writes the payload that is shown to a file.
func (p *Pane) savePayload() {
	r, ok := p.detail.one()
	if !ok || len(r.Payload) == 0 {
		return
	}
	data := r.Payload
	name := fmt.Sprintf("message-%d.%s", r.Number, extensionOf(r))
	p.saveFile("Save the payload", name, func(w fileWriter) error {
		_, err := w.Write(data)
		return err
	}, func(path string) { p.tell("Saved", exactly(int64(len(data)))+" written to "+path+".") })
}
