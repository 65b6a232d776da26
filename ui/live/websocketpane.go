package live

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// websocketPane shows the sender's WebSocket connection and writes its messages.
type websocketPane struct {
	session *Session

	status  *widgets.Status
	facts   *widget.Label
	toggle  *widget.Button
	problem *widgets.Problem
	compose *composer
	body    *fyne.Container
	header  *fyne.Container
	content fyne.CanvasObject
}

func newWebsocketPane(onMain func(func())) *websocketPane {
	p := &websocketPane{status: widgets.NewStatus(widgets.StatusIdle, ""), facts: caption(""), problem: widgets.NewProblem()}
	p.facts.Truncation = fyne.TextTruncateEllipsis
	p.toggle = widget.NewButtonWithIcon("Connect", theme.LoginIcon(), p.connectOrNot)
	p.compose = newComposer("Write a message, then Ctrl+Enter", onMain, func(m payload) error { return p.session.send(m) })
	p.body = container.New(problemOnTop{p.problem}, p.compose, p.problem)
	p.problem.OnResize = p.body.Refresh
	p.header = container.NewHBox(p.status, p.toggle)
	p.content = container.NewBorder(p.facts, nil, nil, nil, p.body)
	return p
}

func (p *websocketPane) connectOrNot() {
	if p.session.Sender().State == Disconnected {
		p.session.Connect()
	} else {
		p.session.Disconnect()
	}
}

func (p *websocketPane) setSession(s *Session) { p.session = s }

func (p *websocketPane) onCopy(do func(string)) { p.problem.OnCopy = do }

func (p *websocketPane) first() fyne.Focusable { return p.compose.entry }

func (p *websocketPane) head() fyne.CanvasObject { return p.header }

func (p *websocketPane) main() fyne.CanvasObject { return p.content }

// refresh draws where the session stands.
func (p *websocketPane) refresh(now time.Time) {
	st := p.session.Sender()
	setEnabled(p.toggle, !st.Stopping)
	switch {
	case st.Stopping:
		p.status.Set(widgets.StatusBusy, "Closing")
		p.compose.block("Closing the connection")
	case st.State == SenderConnecting:
		p.status.Set(widgets.StatusBusy, "Connecting")
		p.compose.block("Still connecting")
	case st.State == SenderConnected:
		p.status.Set(widgets.StatusOnline, "Connected")
		p.compose.block("")
	case st.Err != nil:
		p.status.Set(widgets.StatusFailed, "Not connected")
		p.compose.block("Not connected")
	default:
		p.status.Set(widgets.StatusIdle, "Not connected")
		p.compose.block("Not connected")
	}
	widgets.SetText(p.facts, senderFacts(st, now))
	switch st.State {
	case Disconnected:
		setButton(p.toggle, "Connect", theme.LoginIcon(), widget.HighImportance)
	case SenderConnecting:
		setButton(p.toggle, "Cancel", theme.CancelIcon(), widget.MediumImportance)
	default:
		setButton(p.toggle, "Disconnect", theme.LogoutIcon(), widget.MediumImportance)
	}
	failed := st.State == Disconnected && st.Err != nil
	if failed {
		p.problem.Set(failure(st.Err, relayclient.Sending))
	}
	if show(p.problem, failed) {
		p.body.Refresh()
	}
}

func senderFacts(st SenderStatus, now time.Time) string {
	switch st.State {
	case SenderConnecting:
		return "waiting for a listener to accept, " + elapsed(now.Sub(st.Since))
	case SenderConnected:
		return fmt.Sprintf("#%d · %d sent · %d received · since %s", st.Number, st.Sent, st.Received, st.Since.Format("15:04:05"))
	}
	if st.Closed != nil {
		text := fmt.Sprintf("closed by the other side with %d", st.Closed.Code)
		if st.Closed.Reason != "" {
			text += ": " + st.Closed.Reason
		}
		return text
	}
	return "Connects to the listener through the relay"
}

func (p *websocketPane) objects() map[string]fyne.CanvasObject {
	return map[string]fyne.CanvasObject{
		"sender.toggle": p.toggle, "sender.status": p.status, "sender.problem": p.problem, "sender.facts": p.facts,
		"composer.entry": p.compose.entry, "composer.send": p.compose.send, "composer.kind": p.compose.kind,
		"composer.frame": p.compose.frame, "composer.format": p.compose.format, "composer.pick": p.compose.pick, "composer.file": p.compose.file,
		"composer.why": p.compose.why, "composer.size": p.compose.size,
	}
}
