package messagelog

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/journal"
	"relayscope/ui/widgets"
)

// Options are what a Pane needs from its window.
type Options struct {
	OnMain func(func())        // runs a function on the main goroutine without waiting
	Copy   func(string)        // puts a text on the clipboard
	Dialog func(dialog.Dialog) // shows a dialog so that Escape closes it; nil: it is just shown

	Start func() // starts what fills the log; nil: somebody else offers that

	// Again sends what a row stands for once more, Edit shows it where it can
	// be edited first, and WhyNotAgain says why neither can be, or "". All of
	// them are nil if the window has nothing that sends.
	Again, Edit func(journal.Row)
	WhyNotAgain func(journal.Row) string
}

// A Pane is the message log. All of it belongs to the main goroutine.
type Pane struct {
	opt     Options
	changes *widgets.Coalescer
	words   *widgets.Coalescer // what says how many rows there are: nobody reads it 30 times a second
	life    context.Context
	end     context.CancelFunc
	work    sync.WaitGroup

	live       *journal.Journal // what happens now; nil until Show
	about      About
	folder     string        // for recordings of every run; "" if there is none
	export     *exportDialog // the one that is open; or nil
	file       *journal.File // a recorded file that is shown instead; or nil
	recordings map[*journal.Journal]*recorded
	source     *source        // the rows on screen
	rows       journal.Source // all rows there are: live, or a file
	stop       func()         // ends the watching of source.view
	matches    *journal.View  // rows with something to find, if all are shown; or nil

	chip int           // the one that is pressed
	text journal.Query // what was typed
	conn string        // the connection that is followed; "" for all
	find journal.Query // what is highlighted

	showing  []uint64 // numbers of the rows in the detail
	wanted   uint64   // a row to select once it is found; 0 for none
	moves    int      // of the view when positions were last looked up
	quiet    bool     // the selection changes, but nobody has chosen anything
	comparee uint64   // a row that waits to be compared with another; 0 for none
	undo     func() bool
	undoing  *time.Timer

	bar     *bar
	list    *widgets.LogView
	empty   *emptyState
	notice  *notice
	banner  *notice // which file is shown
	detail  *detail
	split   *container.Split
	content fyne.CanvasObject
}

// New returns a pane without rows. Call Close when it is no longer used.
func New(opt Options) *Pane {
	life, end := context.WithCancel(context.Background())
	p := &Pane{opt: opt, life: life, end: end, recordings: map[*journal.Journal]*recorded{}}
	p.changes = widgets.NewCoalescer(opt.OnMain, p.refresh)
	p.words = widgets.NewCoalescerEvery(time.Second/5, opt.OnMain, p.refreshWords)
	nothing := journal.New(1, 1)
	p.rows = nothing
	p.source = &source{view: journal.NewView(nothing, journal.Query{}), columns: columnsOf(p.columnKeys()), clock: p.clock(), rules: keptRules()}
	p.list = widgets.NewLogView(p.source, widgetColumns(p.source.columns), opt.OnMain)
	p.list.OnSelect = p.selected
	p.list.OnCopy = func(uint64, uint64) { p.copyRows() }
	p.list.OnFollow = func(bool) { p.bar.refresh() }
	p.list.OnMenu, p.list.OnHeader = p.menu, p.columnMenu
	p.list.OnKey, p.list.OnRune = p.key, p.typed
	p.list.GapText = p.gapText
	p.bar = newBar(p)
	p.empty = newEmptyState(p)
	p.notice, p.banner = newNotice(), newNotice()
	p.banner.dismiss.Hide() // as long as the file is shown, it says so
	p.detail = newDetail(p)
	p.split = container.NewHSplit(container.NewStack(p.list, p.empty.content), p.detail.content)
	p.split.SetOffset(0.62)
	p.content = container.NewPadded(container.NewBorder(container.NewVBox(p.bar.content, p.banner.content, p.notice.content), nil, nil, nil, p.split))
	p.bar.onHeight = p.content.Refresh
	p.notice.onHeight, p.banner.onHeight = p.content.Refresh, p.content.Refresh
	p.detail.content.Hide()
	p.restoreFilter()
	p.refresh()
	p.bar.refresh()
	return p
}

// Content returns what to put into the window.
func (p *Pane) Content() fyne.CanvasObject { return p.content }

// Split returns the splitter between the rows and the detail.
func (p *Pane) Split() *container.Split { return p.split }

// About says what a journal is about, for the files that are made of it.
type About struct {
	Name string // of the profile
	Base string // of its HTTP addresses: https://NAMESPACE/NAME
}

// Describe says anew what the journal that is shown is about.
func (p *Pane) Describe(about About) { p.about = about }

// SetRecordings names the folder for recordings of every run.
func (p *Pane) SetRecordings(folder string) { p.folder = folder }

// Show shows what happens in a journal from now on.
func (p *Pane) Show(j *journal.Journal, about About) {
	p.live, p.about = j, about
	p.recordEveryRun()
	p.applyBounds()
	p.comparee, p.conn = 0, ""
	p.dropUndo()
	p.releaseFile()
	p.use(j)
	p.refreshBanner()
}

// use shows the rows of a source.
func (p *Pane) use(s journal.Source) {
	p.rows = s
	p.source.origin = time.Time{}
	p.source.frozen, p.source.ruled = nil, nil
	p.closeDetail()
	p.rebuild()
	p.list.SetFollow(true)
}

// Close ends the pane's own work and waits for it.
func (p *Pane) Close() {
	p.dropUndo()
	p.releaseFile()
	p.end()
	p.changes.Close()
	p.words.Close()
	p.list.Close()
	p.detail.text.Close()
	if p.stop != nil {
		p.stop()
	}
	p.source.view.Close()
	if p.matches != nil {
		p.matches.Close()
	}
	p.work.Wait()
	p.closeRecordings()
}

// background runs a function off the main goroutine; Close waits for it.
func (p *Pane) background(f func(context.Context)) {
	if p.life.Err() == nil {
		p.work.Go(func() { f(p.life) })
	}
}

// rebuild looks for the rows that chip, text and connection choose.
func (p *Pane) rebuild() {
	query := chips[p.chip].Query
	if !p.bar.findOnly {
		query = query.And(p.text)
	}
	if p.conn != "" {
		query = query.And(mustParse("conn:" + p.conn))
	}
	p.find = p.text
	old, stop := p.source.view, p.stop
	was := p.source.row
	top, _ := was(p.list.Top())
	following := p.list.Following()

	p.source.view = journal.NewView(p.rows, query)
	p.source.find, p.source.hidden = p.find, nil
	if f := p.source.frozen; f != nil {
		p.source.frozen = &frozen{number: f.number} // the rows kept were at other positions
	}
	p.stop = p.source.view.Watch(p.changes.Notify)
	if stop != nil {
		stop()
	}
	old.Close()

	if p.matches != nil {
		p.matches.Close()
		p.matches = nil
	}
	if p.bar.findOnly && !p.text.Everything() {
		p.matches = journal.NewView(p.rows, query.And(p.text))
		p.matches.Watch(p.words.Notify) // until it is closed
	}

	p.quiet = true
	p.list.SetSource(p.source)
	p.quiet = false
	p.moves = 0
	p.wanted = 0
	switch {
	case len(p.showing) > 0:
		p.wanted = p.showing[0] // stays in sight, if it is among those chosen
	case !following && top.Number != 0:
		p.wanted = top.Number
	}
	if len(p.showing) > 0 {
		p.detail.lay(true)
	}
	p.refresh()
}

// mustParse parses what the program itself wrote.
func mustParse(text string) journal.Query {
	q, err := journal.Parse(text)
	if err != nil {
		panic(err)
	}
	return q
}

// refresh brings everything up to date with the rows there are.
func (p *Pane) refresh() {
	if p.source.origin.IsZero() {
		if first, last := p.rows.Bounds(); last >= first {
			if r, ok := p.rows.Row(first); ok {
				p.source.origin = r.Time
			}
		}
	}
	p.seek()
	p.empty.refresh()
	p.list.Refresh()
	p.words.Notify()
}

func (p *Pane) refreshWords() {
	p.refreshBanner()
	p.bar.refresh()
	p.empty.refresh()
}

// seek selects again what was selected before the view changed.
func (p *Pane) seek() {
	counts := p.source.view.Counts()
	if counts.Moves != p.moves {
		p.moves = counts.Moves
		if len(p.showing) == 1 {
			p.wanted = p.showing[0]
		}
	}
	if p.wanted == 0 {
		return
	}
	at, ok := p.source.view.Position(p.wanted)
	switch {
	case ok && len(p.showing) > 0:
		p.wanted = 0
		p.selectQuietly(at, at)
	case ok || counts.Done:
		p.wanted = 0
		if len(p.showing) == 0 {
			p.list.ScrollTo(at)
		}
	}
}

// selectQuietly selects rows without showing them anew.
func (p *Pane) selectQuietly(first, last uint64) {
	p.quiet = true
	p.list.Select(first, last)
	p.quiet = false
}

// selected follows the selection.
func (p *Pane) selected(first, last uint64) {
	if p.quiet {
		return
	}
	p.wanted = 0
	p.notice.end(aboutPair)
	positions := p.list.Selected(maxShown + 1)
	if len(positions) == 0 {
		if len(p.showing) > 0 && p.dropped(p.showing[len(p.showing)-1]) {
			return // it is gone from the list, and stays in the detail until it is closed
		}
		p.closeDetail()
		return
	}
	p.showing = p.showing[:0]
	var rows []journal.Row
	for _, at := range positions[:min(len(positions), maxShown)] {
		if r, ok := p.source.row(at); ok {
			rows = append(rows, r)
			p.showing = append(p.showing, r.Number)
		}
	}
	if len(rows) == 0 {
		return
	}
	var more uint64
	if n := p.list.SelectedCount(); n > uint64(len(rows)) {
		more = n - uint64(len(rows))
	}
	if p.comparing() && len(rows) == 1 && rows[0].Number != p.comparee {
		p.compareWith(rows[0])
	}
	p.detail.show(rows, more, p.timeBefore(positions[0]))
	if setVisible(p.detail.content, true) {
		p.split.Refresh()
		p.list.Reveal()
	}
	p.bar.refresh()
}

// maxShown is how many of the rows that are selected the detail shows.
const maxShown = 200

func (p *Pane) dropped(number uint64) bool {
	_, held := p.rows.Row(number)
	return !held
}

// timeBefore is the time of the row before a position.
func (p *Pane) timeBefore(position uint64) time.Time {
	if position > 1 {
		if r, ok := p.source.row(position - 1); ok {
			return r.Time
		}
	}
	return time.Time{}
}

// closeDetail leaves the room to the rows.
func (p *Pane) closeDetail() {
	p.showing, p.wanted = nil, 0
	p.detail.laid++
	p.detail.rows = nil
	p.selectQuietly(0, 0)
	if setVisible(p.detail.content, false) {
		p.split.Refresh()
	}
	p.bar.refresh()
}

// goTo selects a row by its number, and reports whether it is in the list.
func (p *Pane) goTo(number uint64) bool {
	at, ok := p.source.view.Position(number)
	if ok {
		p.list.Select(at, at)
	}
	return ok
}

func (p *Pane) gapText(dropped uint64) string {
	text := widgets.Group(dropped) + " older rows dropped"
	if dropped == 1 {
		text = "1 older row dropped"
	}
	return text + p.kept()
}

// isFile reports whether the rows are of a file, rather than what happens now.
func (p *Pane) isFile() bool { return p.file != nil }

// show shows a dialog.
func (p *Pane) show(d dialog.Dialog) {
	if p.opt.Dialog != nil {
		p.opt.Dialog(d)
		return
	}
	d.Show()
}

// window is where dialogs belong.
func (p *Pane) window() fyne.Window {
	driver := fyne.CurrentApp().Driver()
	c := driver.CanvasForObject(p.content)
	for _, w := range driver.AllWindows() {
		if w.Canvas() == c {
			return w
		}
	}
	return nil
}

// tell shows a sentence about what was done, or why it was not.
func (p *Pane) tell(title, text string) {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	l.Selectable = true
	d := dialog.NewCustom(title, "Close", l, p.window())
	d.Resize(fyne.NewSize(440, 180))
	p.show(d)
}

// Objects names the parts of the pane that a test drives.
func (p *Pane) Objects() map[string]fyne.CanvasObject {
	d, b := p.detail, p.bar
	all := map[string]fyne.CanvasObject{
		"log": p.list, "log.count": b.count, "log.filter": b.entry, "log.problem": b.problem, "log.pause": b.pause, "log.clear": b.clear,
		"log.saved": b.saved, "log.more": b.more, "log.record": b.record, "log.export": b.export, "log.banner": p.banner.label, "log.closefile": p.banner.button, "log.follow": b.follow,
		"log.empty": p.empty.label, "log.nofilter": p.empty.clear, "log.start": p.empty.start, "log.notice": p.notice.label, "log.undo": p.notice.button, "log.dismiss": p.notice.dismiss,
		"log.detail": d.text, "log.heading": d.heading, "log.close": d.closeIt, "log.copy": d.copyIt, "log.save": d.save, "log.all": d.showAll,
		"log.pair": d.pairIt, "log.compare": d.compare, "log.format": d.format, "log.note": d.note, "log.times": d.times, "log.legs": d.legs,
		"log.conn": b.conn,
	}
	for i, c := range b.chips {
		all["log.chip."+chips[i].Name] = c
	}
	for i, t := range d.tabs {
		all["log.tab."+tabNames[i]] = t
	}
	return all
}
