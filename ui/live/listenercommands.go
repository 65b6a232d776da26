package live

import (
	"strings"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/responder"
	"relayscope/ui/command"
)

// groupListener is the heading in the map of keys of what the listener takes.
const groupListener = "Listener"

// commands are what can be done with the listener.
func (p *listenerPane) commands() []command.Command {
	list := []command.Command{
		{Name: "Start, or stop the listener", Group: groupListener, Keys: []command.Key{command.Plain(fyne.KeyF4)}, Why: p.whyStopping, Do: p.startOrStop},
		{Name: "Add a listener", Group: groupListener, Why: p.whyNoMore, Do: func() { p.session.AddListener() }},
		{Name: "Settings of the answers", Group: groupListener, Keys: []command.Key{command.CtrlShift(fyne.KeyA)}, Do: func() { p.answers.open(p.answers.folded) }},
		{Name: "Apply what is written for an answer", Group: groupListener, Keys: []command.Key{command.Ctrl(fyne.KeyReturn)}},
	}
	for i, a := range responder.ForWebSocket {
		list = append(list, command.Command{Name: "Answer connections: " + strings.ToLower(a.String()), Group: groupListener, Do: func() { p.answers.websocket.SetSelectedIndex(i) }})
	}
	for i, a := range responder.ForHTTP {
		list = append(list, command.Command{Name: "Answer requests: " + strings.ToLower(a.String()), Group: groupListener, Do: func() { p.answers.http.SetSelectedIndex(i) }})
	}
	return list
}

func (p *listenerPane) whyStopping() string {
	if st, _ := p.session.Listener(); st.Stopping {
		return "The listener is stopping."
	}
	return ""
}

func (p *listenerPane) whyNoMore() string {
	all := p.session.Listeners()
	switch {
	case !isListening(p.session):
		return "No listener runs: start the first one."
	case len(all) >= MaxListeners:
		return "The service lets a hybrid connection have 25 listeners."
	}
	return ""
}
