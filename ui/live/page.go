package live

import (
	"maps"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/profiles/saved"
	"relayscope/ui/messagelog"
	"relayscope/ui/widgets"
)

// A Page draws one session at a time. All of it belongs to the main
// goroutine.
type Page struct {
	onMain   func(func())
	session  *Session
	listener *listenerPane
	sender   *senderPane
	log      *messagelog.Pane
	changes  *widgets.Coalescer
	arranged Arrangement
	panes    *container.Split // listener and sender
	work     *container.Split // the panes and the message log
	content  fyne.CanvasObject

	// OnRefresh, if set, is called after the panes were drawn anew, OnDialog
	// shows a dialog so that Escape closes it, and OnStart starts both sides.
	OnRefresh func()
	OnDialog  func(dialog.Dialog)
	OnStart   func()
}

// NewPage returns a page without a session. onMain runs a function on the
// main goroutine without waiting; onCopy puts a text on the clipboard.
func NewPage(onMain func(func()), onCopy func(string)) *Page {
	p := &Page{onMain: onMain, listener: newListenerPane(onMain), sender: newSenderPane(onMain)}
	p.sender.websocket.saved.dialog = p.showDialog
	p.sender.websocket.compose.dialog = p.showDialog
	p.sender.http.body.dialog = p.showDialog
	p.log = messagelog.New(messagelog.Options{OnMain: onMain, Copy: onCopy, Dialog: p.showDialog, Start: p.start,
		WhyNotAgain: p.WhyNotAgain, Again: p.Replay, Edit: p.EditAndResend})
	p.changes = widgets.NewCoalescer(onMain, p.Refresh)
	p.listener.problem.OnCopy, p.listener.onCopy = onCopy, onCopy
	p.sender.onCopy(onCopy)
	p.panes = container.NewHSplit(p.listener.content, p.sender.content)
	p.work = container.NewVSplit(p.panes, p.log.Content())
	p.work.SetOffset(0.52)
	p.content = container.NewBorder(widget.NewSeparator(), nil, nil, nil, p.work)
	return p
}

// KeepMessages keeps saved messages in store, and not in memory only.
func (p *Page) KeepMessages(store *saved.Store) {
	p.sender.websocket.saved.keep(p.onMain, store)
}

// Forget lets go of what is kept for a profile that is no more. Its saved
// messages stay, for all profiles.
func (p *Page) Forget(id profiles.ID, name string) {
	p.sender.websocket.options.forget(id)
	p.sender.websocket.saved.release(id, name)
}

// Content returns what to put into the window.
func (p *Page) Content() fyne.CanvasObject { return p.content }

// Show draws s from now on.
func (p *Page) Show(s *Session) {
	if p.session == s {
		return
	}
	if p.session != nil {
		p.session.Watch(nil)
	}
	p.session = s
	p.listener.setSession(s)
	p.sender.setSession(s)
	p.log.Show(s.Journal(), aboutLog(s))
	s.Watch(p.changes.Notify)
	p.Refresh()
}

// aboutLog says what a profile's log is about.
func aboutLog(s *Session) messagelog.About {
	p := s.Profile()
	return messagelog.About{Name: p.Name, Base: "https://" + s.Namespace() + "/" + p.HybridConnection}
}

// SetRecordings names the folder for recordings of every run.
func (p *Page) SetRecordings(folder string) { p.log.SetRecordings(folder) }

// Refresh draws where the session stands now. Nothing happens without one.
func (p *Page) Refresh() {
	if p.session == nil {
		return
	}
	now := time.Now()
	p.log.Describe(aboutLog(p.session))
	p.listener.refresh(now)
	p.sender.refresh(now)
	if p.OnRefresh != nil {
		p.OnRefresh()
	}
}

func (p *Page) start() {
	if p.OnStart != nil {
		p.OnStart()
	}
}

func (p *Page) showDialog(d dialog.Dialog) {
	if p.OnDialog != nil {
		p.OnDialog(d)
		return
	}
	d.Show()
}

// First is where a person begins to write.
func (p *Page) First() fyne.Focusable { return p.sender.first() }

// Close ends the page's own refreshing.
func (p *Page) Close() {
	if p.session != nil {
		p.session.Watch(nil)
	}
	p.changes.Close()
	p.sender.close()
	p.log.Close()
}

// Objects names the parts of the page that a test drives.
func (p *Page) Objects() map[string]fyne.CanvasObject {
	all := p.listener.objects()
	maps.Copy(all, p.sender.objects())
	maps.Copy(all, p.log.Objects())
	return all
}
