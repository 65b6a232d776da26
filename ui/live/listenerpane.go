package live

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// listenerPane shows the listeners of a session and what they answer.
type listenerPane struct {
	session *Session
	onCopy  func(string)

	status      *widgets.Status
	facts       *widget.Label
	add         *widgets.Button
	toggle      *widgets.Button
	several     *listenerRows
	others      *widget.Label // somebody else listens, too
	answers     *answerForm
	counters    *widget.Label
	failures    *widget.Label
	problem     *widgets.Problem
	empty       *widget.Label
	list        *widget.List
	rows        []*connectionRow // that the list has made
	reply       *composer
	split       *container.Split
	body        *fyne.Container
	room        *fyne.Container // body, below the form of the answer
	content     fyne.CanvasObject
	connections []Connection
	selected    string // connection ID that manual replies go to
}

func newListenerPane(onMain func(func())) *listenerPane {
	p := &listenerPane{
		status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption(""), problem: widgets.NewProblem(), onCopy: func(string) {},
		others: caption(""), counters: caption(""), failures: caption(""),
	}
	for _, l := range []*widget.Label{p.facts, p.counters, p.failures} {
		l.Truncation = fyne.TextTruncateEllipsis
	}
	p.others.Wrapping = fyne.TextWrapWord
	p.others.Importance, p.failures.Importance = widget.WarningImportance, widget.DangerImportance
	p.toggle = widgets.NewButtonWithIcon("Start", theme.MediaPlayIcon(), p.startOrStop)
	p.add = widgets.NewButtonWithIcon("Add", theme.ContentAddIcon(), func() { p.session.AddListener() })
	p.add.Importance = widget.LowImportance
	p.several = newListenerRows(func(number int) { p.session.StopOne(number) })
	p.empty = widget.NewLabel("")
	p.empty.Alignment = fyne.TextAlignCenter
	p.empty.Wrapping = fyne.TextWrapWord
	p.empty.Importance = widget.LowImportance
	p.list = widget.NewList(
		func() int { return len(p.connections) },
		func() fyne.CanvasObject {
			r := newConnectionRow(p)
			p.rows = append(p.rows, r)
			return r
		},
		func(i widget.ListItemID, o fyne.CanvasObject) { o.(*connectionRow).set(p.connections[i], time.Now()) },
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
	p.answers = newAnswerForm(func() { p.content.Refresh() })
	p.room = container.New(formAbove{p.answers.body}, p.answers.body, p.split)

	name := widget.NewLabel("Listener")
	name.TextStyle.Bold = true
	header := container.NewBorder(nil, nil, container.NewHBox(name, container.NewCenter(p.status)), container.NewHBox(p.add, p.toggle))
	top := container.New(widgets.Stacked{}, header, container.New(closer{}, p.facts), p.several.scroll, p.others, p.answers.row)
	bottom := container.New(widgets.Stacked{}, container.New(closer{}, p.failures), container.New(closer{}, p.counters))
	p.content = container.NewPadded(container.NewBorder(top, bottom, nil, nil, p.room))
	return p
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

func (p *listenerPane) sendReply(m payload) error { return p.session.reply(p.selected, m) }

func (p *listenerPane) setSession(s *Session) {
	p.session = s
	p.selected = ""
	p.list.UnselectAll()
	p.answers.setSession(s)
}

// refresh draws where the session stands.
func (p *listenerPane) refresh(now time.Time) {
	st, connections := p.session.Listener()
	all, others := p.session.Listeners(), p.session.Others()
	p.connections = connections
	p.status.Set(listenersWord(all))
	text := listenerFacts(st, len(connections), othersFact(others), now)
	if len(all) > 1 {
		text = dotted(fmt.Sprintf("%d listeners", len(all)), plural(len(connections), "connection"), othersFact(others))
	}
	widgets.SetText(p.facts, text)
	moved := p.several.set(all, now)
	warning := othersWarning(others, online(all))
	widgets.SetText(p.others, warning)
	moved = show(p.others, warning != "") || moved
	stopping := st.Stopping
	running := isListening(p.session)
	setEnabled(p.toggle, !stopping)
	if running {
		setButton(p.toggle, "Stop", theme.MediaStopIcon(), widget.MediumImportance)
	} else {
		setButton(p.toggle, "Start", theme.MediaPlayIcon(), widget.HighImportance)
	}
	moved = show(p.add, running && !stopping && len(all) < MaxListeners) || moved
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
	counted, why := counterText(p.session.AnswerCounters())
	widgets.SetText(p.counters, counted)
	widgets.SetText(p.failures, why)
	moved = show(p.counters, counted != "") || moved
	moved = show(p.failures, why != "") || moved
	if moved {
		p.content.Refresh()
	}
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

// listenerFacts says where a listener stands in detail, what matters most first.
func listenerFacts(st ListenerStatus, connections int, others string, now time.Time) string {
	switch st.State {
	case relayclient.Connecting:
		return fmt.Sprintf("attempt %d, %s", st.Attempt, elapsed(now.Sub(st.Since)))
	case relayclient.Online:
		token := ""
		if !st.TokenExpires.IsZero() {
			token = "token " + remaining(st.TokenExpires.Sub(now))
		}
		if st.Renewal != nil {
			token += ", not renewed: " + explain.Error(st.Renewal, relayclient.Listening).Title
		}
		gateway := st.Address
		if st.Gateway != "" {
			gateway = "gateway " + st.Gateway // its address is in the message log
		}
		return dotted(plural(connections, "connection"), "since "+st.Since.Format("15:04:05"), token, others, gateway)
	case relayclient.Waiting:
		return fmt.Sprintf("next try %s · attempt %d failed at %s: %s", in(st.RetryAt.Sub(now)), max(1, st.Attempt), st.Since.Format("15:04:05"), explain.Error(st.Err, relayclient.Listening).Title)
	case relayclient.Offline:
		if st.Err == nil {
			return "stopped at " + st.Since.Format("15:04:05")
		}
		return "ended at " + st.Since.Format("15:04:05")
	}
	return ""
}

// dotted puts facts in a line, but for those that are not known.
func dotted(facts ...string) string {
	return strings.Join(slices.DeleteFunc(facts, func(f string) bool { return f == "" }), " · ")
}

// othersFact says what is known about other listeners when there is nothing to
// warn of.
func othersFact(o Others) string {
	switch {
	case o.Read && o.Since.IsZero():
		return "nobody else listens"
	case errors.Is(o.Err, relayclient.ErrUnauthorized):
		return "others not known: needs Manage"
	}
	return ""
}

// othersWarning says that messages may go elsewhere; "" if they cannot.
func othersWarning(o Others, own int) string {
	if o.Since.IsZero() || o.Count <= own {
		return ""
	}
	return fmt.Sprintf("Since %s the relay counts %s, %d of them here: connections and requests may go to another one. Stop it, or use a hybrid connection of your own.",
		o.Since.Format("15:04:05"), plural(o.Count, "listener"), own)
}

func online(all []ListenerStatus) int {
	n := 0
	for _, st := range all {
		if st.State == relayclient.Online {
			n++
		}
	}
	return n
}

// listenersWord says in a word where several listeners stand.
func listenersWord(all []ListenerStatus) (widgets.StatusKind, string) {
	switch n := online(all); {
	case len(all) == 0:
		return listenerWord(ListenerStatus{})
	case len(all) == 1 || all[0].Stopping:
		return listenerWord(all[0])
	case n == len(all):
		return widgets.StatusOnline, fmt.Sprintf("%d online", n)
	case n == 0:
		return listenerWord(all[0])
	default:
		return widgets.StatusDegraded, fmt.Sprintf("%d of %d online", n, len(all))
	}
}

func (p *listenerPane) objects() map[string]fyne.CanvasObject {
	all := p.answers.objects()
	maps.Copy(all, map[string]fyne.CanvasObject{
		"listener.toggle": p.toggle, "listener.add": p.add, "listener.status": p.status, "listener.problem": p.problem,
		"listener.list": p.list, "listener.facts": p.facts, "listener.others": p.others, "listener.counters": p.counters, "listener.failures": p.failures,
		"reply.entry": p.reply.entry, "reply.send": p.reply.send, "reply.why": p.reply.why,
	})
	for _, r := range p.rows {
		for i, c := range p.connections {
			if c.ID == r.connection.ID && r.Visible() {
				name := fmt.Sprintf("connection.%d.", i)
				all[name+"details"], all[name+"more"] = r.details, r.more
			}
		}
	}
	return all
}

// closer takes the space above and below a line in small type away.
type closer struct{}

func (closer) MinSize(objects []fyne.CanvasObject) fyne.Size {
	if !objects[0].Visible() {
		return fyne.NewSize(0, 0)
	}
	return objects[0].MinSize().SubtractWidthHeight(0, 2*closeBy())
}

func (closer) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, -closeBy()))
	objects[0].Resize(size.AddWidthHeight(0, 2*closeBy()))
}

func closeBy() float32 { return theme.InnerPadding() * 0.6 }
