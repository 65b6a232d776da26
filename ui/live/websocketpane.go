package live

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// websocketPane shows the sender's WebSocket connections and writes their
// messages.
type websocketPane struct {
	session *Session

	status  *widgets.Status
	facts   *widget.Label
	all     *widgets.Check // hidden: there is no choice between connections
	apply   *widgets.Button
	toggle  *widgets.Button
	more    *widgets.Button
	problem *widgets.Problem
	options *optionsForm
	list    *senderList
	compose *composer
	again   *widgets.Button
	repeat  *repeatBox
	bar     *repeatBar
	closer  *closeBox
	saved   *savedPanel
	open    *widgets.Button // shows the saved messages
	parts   *fyne.Container
	body    *fyne.Container
	header  *fyne.Container
	second  *fyne.Container // the row below the header
	content fyne.CanvasObject

	onMain    func(func())
	times     map[string]int64 // how often each saved message was sent
	wrong     error            // why nothing can connect with these options
	repeating bool             // when the pane was last drawn
}

func newWebsocketPane(onMain func(func())) *websocketPane {
	p := &websocketPane{status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption(""), problem: widgets.NewProblem(), onMain: onMain, times: map[string]int64{}}
	p.facts.Truncation = fyne.TextTruncateEllipsis
	p.toggle = widgets.NewButtonWithIcon("Connect", theme.LoginIcon(), p.connectOrNot)
	p.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), p.openMenu)
	p.more.Importance = widget.LowImportance
	p.apply = widgets.NewButtonWithIcon("", theme.ViewRefreshIcon(), p.applyOptions)
	p.apply.Hide()
	p.all = widgets.NewCheck("All", func(on bool) { p.list.chooseAll(on) })
	p.all.Hide()

	p.compose = newComposer("Write a message, then Ctrl+Enter", onMain, p.send)
	p.repeat = newRepeatBox(p.startRepeat, p.compose.insert)
	p.again = widgets.NewButtonWithIcon("", theme.MediaReplayIcon(), func() { p.repeat.open(p.again) })
	p.again.SetText("Repeat…")
	p.bar = newRepeatBar(func() { p.session.StopRepeat() })
	p.compose.actions.Add(p.again)
	p.compose.bottom.Add(p.bar)
	p.closer = newCloseBox(p.closeWith)
	p.saved = newSavedPanel(onMain, p.compose.draft, p.compose.load, p.sendSaved)
	p.open = widgets.NewButton("Saved", func() { p.showSaved(!p.saved.content.Visible()) })
	p.compose.side.Add(p.saved.content)
	p.compose.beside.Add(p.open)
	p.saved.anchor = p.open
	p.showSaved(fyne.CurrentApp().Preferences().Bool(savedKey))

	p.list = newSenderList(p.redraw)
	p.list.Hide()
	p.options = newOptionsForm(func() { p.parts.Refresh(); p.redraw() }, p.useOptions)
	p.parts = container.New(senderParts{p.options.body, p.list}, p.options.body, p.list, p.compose)
	p.body = container.New(problemOnTop{p.problem}, p.parts, p.problem)
	p.problem.OnResize = p.body.Refresh
	p.header = container.NewHBox(p.toggle, p.more)
	p.second = container.NewBorder(nil, nil, container.NewHBox(container.NewCenter(p.status), p.all), container.NewHBox(p.apply, p.options.fold), p.facts)
	p.content = container.NewBorder(p.second, nil, nil, nil, p.body)
	return p
}

func (p *websocketPane) connectOrNot() {
	if p.session.Sender().State == Disconnected {
		p.session.Connect()
	} else {
		p.session.Disconnect()
	}
}

func (p *websocketPane) setSession(s *Session) {
	p.session = s
	p.repeating = s.Repeating().Running
	p.list.setSession(s)
	p.options.show(s.Profile().ID)
	p.saved.show(s.Profile().ID)
}

// savedKey is where it is remembered whether the saved messages are shown.
const savedKey = "sender.saved"

// showSaved shows the saved messages beside what is written, or not.
func (p *websocketPane) showSaved(on bool) {
	importance := widget.LowImportance
	if on {
		importance = widget.MediumImportance
	}
	p.open.Importance = importance
	p.open.Refresh()
	fyne.CurrentApp().Preferences().SetBool(savedKey, on)
	if show(p.saved.content, on) {
		p.compose.Refresh()
	}
}

// goToSaved puts the keyboard into the list of saved messages.
func (p *websocketPane) goToSaved() {
	p.showSaved(true)
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.open); c != nil { // the list may not have been drawn yet
		c.Focus(p.saved.list)
	}
}

// sendSaved sends a saved message, whatever is written.
func (p *websocketPane) sendSaved(id string, d draft) {
	if p.session == nil || p.compose.blocked != "" {
		return // which is said beside Send
	}
	if d.quick() {
		made, problem := d.make()
		p.sendMade(id, d, made, problem)
		return
	}
	go func() { // which ends by itself
		made, problem := d.make()
		p.onMain(func() { p.sendMade(id, d, made, problem) })
	}()
}

func (p *websocketPane) sendMade(id string, d draft, made payload, problem string) {
	made, problem = made.as(d.Binary, problem)
	if problem == "" {
		m, err := made.number(p.times[id] + 1)
		if err == nil {
			err = p.send(m)
		}
		if err != nil {
			problem = err.Error()
		}
	}
	p.compose.failed = ""
	if problem != "" {
		p.compose.failed = "Saved message not sent: " + problem
	} else {
		p.times[id]++
		p.compose.history.add(d)
	}
	p.compose.draw()
}

// useOptions takes what was written into the options.
func (p *websocketPane) useOptions(o SendOptions, err error) {
	p.wrong = err
	if p.session == nil {
		return
	}
	if err == nil {
		p.session.SetSendOptions(o)
	}
	p.redraw()
}

// applyOptions makes the connections what the options ask for.
func (p *websocketPane) applyOptions() {
	if p.session.Sender().Stale {
		p.session.Reconnect()
	} else {
		p.session.Connect()
	}
}

// chosen returns the connections to act on; none stands for all.
func (p *websocketPane) chosen() []int {
	if !p.list.Visible() {
		return nil
	}
	ids, _ := p.list.chosen()
	return ids
}

func (p *websocketPane) send(m payload) error { return p.session.send(m, p.chosen()...) }

func (p *websocketPane) startRepeat(r Repeat) {
	if err := p.session.startRepeat(p.compose.made, r, p.chosen()...); err != nil {
		p.compose.failed = upperFirst(err.Error())
		p.compose.draw()
		return
	}
	p.compose.history.add(p.compose.draft())
	p.redraw()
}

// repeatOrStop is what a key does: it asks how, or stops.
func (p *websocketPane) repeatOrStop() {
	if p.session.Repeating().Running {
		p.session.StopRepeat()
	} else {
		p.repeat.open(p.again)
	}
}

func (p *websocketPane) closeWith(code int, reason string, half bool) {
	if half {
		p.session.HalfCloseSender(code, reason, p.chosen()...)
	} else {
		p.session.CloseSender(code, reason, p.chosen()...)
	}
}

// whyClosed says why nothing can be done with a connection; "" if it can.
func (p *websocketPane) whyClosed() string {
	switch {
	case p.session == nil:
		return "There is no profile on screen."
	case p.session.Sender().Open == 0:
		return "The sender is not connected."
	case p.list.Visible() && len(p.chosen()) == 0:
		return "No connection is chosen in the list."
	}
	return ""
}

func (p *websocketPane) openMenu() {
	target := ""
	if p.list.Visible() {
		_, open := p.list.chosen()
		target = " " + plural(open, "connection")
	}
	items := []*fyne.MenuItem{
		fyne.NewMenuItem("Ping"+target, func() { p.session.PingSender(p.chosen()...) }),
		fyne.NewMenuItem("Close"+target+" with code and reason…", func() { p.closer.open(p.more) }),
		fyne.NewMenuItem("Drop"+target+" without a Close", func() { p.session.DropSender(p.chosen()...) }),
	}
	if why := p.whyClosed(); why != "" {
		for _, item := range items {
			item.Disabled = true
		}
		note := fyne.NewMenuItem(strings.TrimSuffix(why, "."), nil)
		note.Disabled = true
		items = append([]*fyne.MenuItem{note, fyne.NewMenuItemSeparator()}, items...)
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.more); c != nil {
		widget.ShowPopUpMenuAtRelativePosition(fyne.NewMenu("", items...), c, fyne.NewPos(0, p.more.Size().Height), p.more)
	}
}

func (p *websocketPane) onCopy(do func(string)) { p.problem.OnCopy = do }

func (p *websocketPane) first() fyne.Focusable { return p.compose.entry }

func (p *websocketPane) head() fyne.CanvasObject { return p.header }

func (p *websocketPane) main() fyne.CanvasObject { return p.content }

func (p *websocketPane) redraw() {
	if p.session != nil {
		p.refresh(time.Now())
	}
}

// refresh draws where the session stands.
func (p *websocketPane) refresh(now time.Time) {
	st := p.session.Sender()
	p.refreshHead(st, now)
	p.refreshList(st, now)
	failed := st.State == Disconnected && st.Err != nil
	if failed {
		p.problem.Set(failure(st.Err, relayclient.Sending))
	}
	if show(p.problem, failed) {
		p.body.Refresh()
	}
	p.refreshSend(st, now)
}

func (p *websocketPane) refreshHead(st SenderStatus, now time.Time) {
	switch {
	case st.Stopping:
		p.status.Set(widgets.StatusBusy, "Closing")
	case st.State == SenderConnecting:
		p.status.Set(widgets.StatusBusy, "Connecting")
	case st.State == SenderConnected:
		p.status.Set(widgets.StatusOnline, "Connected")
	case st.Err != nil:
		p.status.Set(widgets.StatusFailed, "Not connected")
	default:
		p.status.Set(widgets.StatusIdle, "Not connected")
	}
	switch st.State {
	case Disconnected:
		setButton(p.toggle, "Connect", theme.LoginIcon(), widget.HighImportance)
	case SenderConnecting:
		setButton(p.toggle, "Cancel", theme.CancelIcon(), widget.MediumImportance)
	default:
		setButton(p.toggle, "Disconnect", theme.LogoutIcon(), widget.MediumImportance)
	}
	setEnabled(p.toggle, !st.Stopping && (p.wrong == nil || st.State != Disconnected))

	text, importance := senderFacts(st, now), widget.LowImportance
	if p.wrong != nil && !p.options.opened { // where it says so itself
		text, importance = upperFirst(p.wrong.Error()), widget.DangerImportance
	}
	p.facts.Importance = importance
	widgets.SetText(p.facts, text)
	missing := p.session.SendOptions().Connections - st.Open - st.Connecting
	offer := ""
	switch {
	case p.wrong != nil || st.State == Disconnected || st.Stopping:
	case st.Stale:
		offer = "Reconnect to apply"
	case missing > 0:
		offer = fmt.Sprintf("Connect %d more", missing)
	}
	if offer != "" && p.apply.Text != offer {
		p.apply.SetText(offer)
	}
	show(p.apply, offer != "")
	p.options.label(offer == "")
}

func (p *websocketPane) refreshList(st SenderStatus, now time.Time) {
	connections := p.session.SenderConnections()
	changed := len(connections) != len(p.list.connections)
	p.list.set(connections, now)
	if show(p.list, len(connections) > 1 && st.State != Disconnected) || changed {
		p.parts.Refresh()
	}
	if show(p.all, p.list.Visible()) { // its rows say how each of them stands
		show(p.status, !p.list.Visible())
		p.second.Refresh()
	}
	if on := len(p.list.left) == 0; p.all.Checked != on {
		p.all.Checked = on // without its OnChanged
		p.all.Refresh()
	}
}

// refreshSend draws whether a message can be sent, and to whom.
func (p *websocketPane) refreshSend(st SenderStatus, now time.Time) {
	repeat := p.session.Repeating()
	why := p.whyNot(st)
	p.compose.block(why)
	if why == "" && p.compose.problem != "" {
		why = upperFirst(p.compose.problem)
	}
	p.repeat.block(why)
	setEnabled(p.again, why == "")
	p.bar.set(repeat, now)
	show(p.compose.bottom.Objects[0], !repeat.Running)
	if p.repeating && !repeat.Running {
		p.compose.failed = ""
		if repeat.Err != nil {
			p.compose.failed = upperFirst(repeatWords(repeat))
		}
		p.compose.draw()
	}
	p.repeating = repeat.Running
	hint := "Ctrl+Enter sends"
	if ids, open := p.list.chosen(); p.list.Visible() {
		hint = fmt.Sprintf("Ctrl+Enter sends on %d", open)
		if len(p.list.left) == 0 && open == len(ids) {
			hint = fmt.Sprintf("Ctrl+Enter sends on all %d", open)
		}
	}
	p.compose.say(hint)
}

// whyNot says why nothing can be sent; "" if it can.
func (p *websocketPane) whyNot(st SenderStatus) string {
	_, open := p.list.chosen()
	switch {
	case p.session.Repeating().Running:
		return "A message is being repeated"
	case st.Stopping:
		return "Closing the connection"
	case st.State == SenderConnecting:
		return "Still connecting"
	case st.State == Disconnected && p.wrong != nil:
		return "Not connected: the options are to be mended"
	case st.State == Disconnected && st.Err != nil:
		return "Not connected: " + lowerFirst(failure(st.Err, relayclient.Sending).Title)
	case st.State == Disconnected:
		return "Not connected"
	case p.list.Visible() && open == 0:
		return "No open connection is chosen"
	case open == 0:
		return "Close was sent: this side can only receive"
	}
	return ""
}

func senderFacts(st SenderStatus, now time.Time) string {
	switch st.State {
	case SenderConnecting:
		return "waiting for a listener to accept, " + elapsed(now.Sub(st.Since))
	case SenderConnected:
		who := fmt.Sprintf("#%d", st.Number)
		if st.Open+st.Connecting > 1 {
			who = fmt.Sprintf("%d open", st.Open)
			if st.Connecting > 0 {
				who += fmt.Sprintf(", %d connecting", st.Connecting)
			}
		}
		text := fmt.Sprintf("%s · %s sent · %s received · since %s", who, grouped(st.Sent), grouped(st.Received), st.Since.Format("15:04:05"))
		if st.Ping > 0 && st.Open == 1 {
			text += " · ping " + tenths(st.Ping)
		}
		return text
	}
	if st.Closed != nil {
		return closedText(st.Closed)
	}
	return "Connects to the listener through the relay"
}

// grouped writes a count with spaces between the thousands.
func grouped(n int) string { return widgets.Group(uint64(max(0, n))) }

// closedText says how the other side closed.
func closedText(c *relayclient.CloseError) string {
	if c == nil {
		return "closed"
	}
	text := fmt.Sprintf("closed by the other side with %d", c.Code)
	if c.Reason != "" {
		text += ": " + c.Reason
	}
	return text
}

func (p *websocketPane) objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"sender.toggle": p.toggle, "sender.status": p.status, "sender.problem": p.problem, "sender.facts": p.facts,
		"sender.list": p.list, "sender.all": p.all, "sender.apply": p.apply, "sender.more": p.more,
		"composer.entry": p.compose.entry, "composer.send": p.compose.send, "composer.kind": p.compose.kind,
		"composer.frame": p.compose.frame, "composer.format": p.compose.format, "composer.pick": p.compose.pick, "composer.file": p.compose.file,
		"composer.why": p.compose.why, "composer.size": p.compose.size, "composer.fill": p.compose.fill,
		"repeat.open": p.again, "repeat.stop": p.bar.stop, "repeat.progress": p.bar.words,
		"repeat.count": p.repeat.count, "repeat.interval": p.repeat.interval, "repeat.jitter": p.repeat.jitter, "repeat.start": p.repeat.start, "repeat.wrong": p.repeat.wrong,
		"close.code": p.closer.code, "close.reason": p.closer.reason, "close.half": p.closer.half, "close.do": p.closer.do, "close.wrong": p.closer.wrong,
	}
	for name, o := range map[string]fyne.CanvasObject{
		"saved.open": p.open, "saved.list": p.saved.list, "saved.save": p.saved.save, "saved.more": p.saved.more,
		"saved.undo": p.saved.undo, "saved.notice": p.saved.notice, "saved.empty": p.saved.empty,
	} {
		all[name] = o
	}
	for name, o := range p.options.objects() {
		all[name] = o
	}
	return all
}
