package live

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/relayclient/explain"
	"relayscope/relayclient/responder"
	"relayscope/ui/widgets"
)

// listenerPane shows the listener of a session and what it answers.
type listenerPane struct {
	session *Session

	status      *widgets.Status
	facts       *widget.Label
	toggle      *widget.Button
	answer      *widget.Select
	problem     *widgets.Problem
	empty       *widget.Label
	list        *widget.List
	reply       *composer
	split       *container.Split
	body        *fyne.Container
	content     fyne.CanvasObject
	connections []Connection
	selected    string // connection ID that manual replies go to
}

func newListenerPane(onMain func(func())) *listenerPane {
	p := &listenerPane{status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption(""), problem: widgets.NewProblem()}
	p.facts.Truncation = fyne.TextTruncateEllipsis
	p.toggle = widget.NewButtonWithIcon("Start", theme.MediaPlayIcon(), p.startOrStop)
	p.answer = widget.NewSelect([]string{responder.Echo.String(), responder.Manual.String(), responder.Silence.String()}, p.setPolicy)
	p.empty = widget.NewLabel("")
	p.empty.Alignment = fyne.TextAlignCenter
	p.empty.Wrapping = fyne.TextWrapWord
	p.empty.Importance = widget.LowImportance
	p.list = widget.NewList(
		func() int { return len(p.connections) },
		func() fyne.CanvasObject { return newConnectionRow(p) },
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*connectionRow).set(p.connections[i]) },
	)
	p.list.OnSelected = func(i widget.ListItemID) {
		p.selected = p.connections[i].ID
		p.refreshReply()
	}
	p.reply = newComposer("Reply on the selected connection", onMain, p.sendReply)

	p.body = container.New(problemOnTop{p.problem}, p.list, p.empty, p.problem)
	p.problem.OnResize = p.body.Refresh
	p.split = container.NewVSplit(p.body, p.reply)
	p.split.SetOffset(0.45)
	p.content = paneFrame("Listener", p.status, p.toggle, p.facts,
		container.NewHBox(caption("Answer"), p.answer), p.split)
	return p
}

// paneFrame is what both panes share: a header, a line of facts, and the rest.
func paneFrame(title string, status fyne.CanvasObject, toggle *widget.Button, facts, tools, body fyne.CanvasObject) fyne.CanvasObject {
	name := widget.NewLabel(title)
	name.TextStyle.Bold = true
	header := container.NewBorder(nil, nil, container.NewHBox(name, status), toggle)
	second := container.NewBorder(nil, nil, tools, nil, facts)
	return container.NewPadded(container.NewBorder(container.NewVBox(header, second), nil, nil, nil, body))
}

func (p *listenerPane) startOrStop() {
	if isListening(p.session) {
		p.session.StopListener()
	} else {
		p.session.StartListener()
	}
}

func isListening(s *Session) bool {
	st, _ := s.Listener()
	return st.Stopping || st.State != 0 && st.State != relayclient.Offline
}

func (p *listenerPane) setPolicy(name string) {
	if p.session == nil {
		return
	}
	to := p.session.Answers()
	for _, a := range responder.ForWebSocket {
		if a.String() == name {
			to.WebSocket = a
		}
	}
	_ = p.session.SetAnswers(to)
}

func (p *listenerPane) sendReply(m payload) error { return p.session.reply(p.selected, m) }

func (p *listenerPane) setSession(s *Session) {
	p.session = s
	p.selected = ""
	p.list.UnselectAll()
	p.answer.SetSelected(s.Answers().WebSocket.String())
}

// refresh draws where the session stands.
func (p *listenerPane) refresh(now time.Time) {
	st, connections := p.session.Listener()
	p.connections = connections
	kind, word := listenerWord(st)
	p.status.Set(kind, word)
	widgets.SetText(p.facts, listenerFacts(st, len(connections), now))
	setEnabled(p.toggle, !st.Stopping)
	if isListening(p.session) {
		setButton(p.toggle, "Stop", theme.MediaStopIcon(), widget.MediumImportance)
	} else {
		setButton(p.toggle, "Start", theme.MediaPlayIcon(), widget.HighImportance)
	}
	failure, failed := listenerFailure(st, len(connections))
	if failed {
		p.problem.Set(failure)
	}
	if show(p.problem, failed) {
		p.body.Refresh()
	}
	widgets.SetText(p.empty, emptyText(st))
	show(p.empty, len(connections) == 0 && !p.problem.Visible())
	show(p.list, len(connections) > 0 && !p.problem.Visible())
	p.reselect()
	p.list.Refresh()
	p.refreshReply()
}

// reselect keeps the selection on its connection, whatever row that is in.
func (p *listenerPane) reselect() {
	if p.session.Answers().WebSocket != responder.Manual {
		p.selected = "" // a selection means something only to a manual reply
		p.list.UnselectAll()
		return
	}
	for i, c := range p.connections {
		if c.ID == p.selected {
			p.list.Select(i)
			return
		}
	}
	p.selected = ""
	p.list.UnselectAll()
	if len(p.connections) == 1 {
		p.list.Select(0)
	}
}

func (p *listenerPane) refreshReply() {
	manual := p.session.Answers().WebSocket == responder.Manual
	if show(p.reply, manual && !p.problem.Visible()) {
		p.split.Refresh()
	}
	switch {
	case len(p.connections) == 0:
		p.reply.block("No connection to reply on")
	case p.selected == "":
		p.reply.block("Select a connection to reply on")
	default:
		p.reply.block("")
	}
}

func emptyText(st ListenerStatus) string {
	switch st.State {
	case relayclient.Online:
		return "Waiting for a sender. Connections appear here."
	case relayclient.Connecting:
		return "Opening the control channel…"
	}
	return "Start the listener to register with the relay.\nConnections appear here."
}

func listenerWord(st ListenerStatus) (widgets.StatusKind, string) {
	switch {
	case st.Stopping:
		return widgets.StatusBusy, "Stopping"
	case st.State == relayclient.Connecting:
		return widgets.StatusBusy, "Connecting"
	case st.State == relayclient.Online:
		return widgets.StatusOnline, "Online"
	case st.State == relayclient.Waiting && st.WasOnline:
		return widgets.StatusBusy, "Reconnecting"
	case st.State == relayclient.Waiting:
		return widgets.StatusFailed, "Retrying"
	case st.Err != nil:
		return widgets.StatusFailed, "Failed"
	}
	return widgets.StatusIdle, "Stopped"
}

// listenerFailure returns what to tell about, if anything went wrong. The
// first reconnect after a loss is routine and not worth a panel, and open
// connections are worth more room than one.
func listenerFailure(st ListenerStatus, open int) (widgets.Failure, bool) {
	if st.Err == nil || st.State != relayclient.Offline && (st.Attempt < 1 || open > 0) {
		return widgets.Failure{}, false
	}
	return failure(st.Err, relayclient.Listening), true
}

func listenerFacts(st ListenerStatus, connections int, now time.Time) string {
	switch st.State {
	case relayclient.Connecting:
		return fmt.Sprintf("attempt %d, %s", st.Attempt, elapsed(now.Sub(st.Since)))
	case relayclient.Online:
		text := fmt.Sprintf("%s · since %s", plural(connections, "connection"), st.Since.Format("15:04:05"))
		if !st.TokenExpires.IsZero() {
			text += " · token " + remaining(st.TokenExpires.Sub(now))
		}
		return text
	case relayclient.Waiting:
		return fmt.Sprintf("%s · next try %s", explain.Error(st.Err, relayclient.Listening).Title, in(st.RetryAt.Sub(now)))
	}
	return ""
}

func (p *listenerPane) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"listener.toggle": p.toggle, "listener.status": p.status, "listener.answer": p.answer, "listener.problem": p.problem,
		"listener.list": p.list, "listener.facts": p.facts,
		"reply.entry": p.reply.entry, "reply.send": p.reply.send, "reply.why": p.reply.why,
	}
}
