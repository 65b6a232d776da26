package live

import (
	"fmt"
	"slices"
	"strconv"

	"fyne.io/fyne/v2"

	"relayscope/relayclient/request"
	"relayscope/ui/command"
)

// The headings in the map of keys of what the sender takes.
const (
	groupComposer = "While writing a message"
	groupSender   = "Sender"
	groupSaved    = "Saved messages"
)

// Commands returns what can be done on the page. The window gives them their
// keys and puts them into the palette.
func (p *Page) Commands() []command.Command {
	return slices.Concat(p.log.Commands(), p.listener.commands(), p.sender.commands())
}

// commands are what can be done with the sender.
func (p *senderPane) commands() []command.Command {
	return append([]command.Command{
		{Name: "Write a message", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyM)}, Do: func() { focus(p.first()) }},
		{Name: "Send it", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyReturn)}},
		{Name: "Send over WebSocket", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyW)}, Do: func() { p.turnTo(p.websocket) }},
		{Name: "Send HTTP requests", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyH)}, Do: func() { p.turnTo(p.http) }},
		{Name: "Open or see a tunnel", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyT)}, Do: func() { p.turnTo(p.tunnel) }},
	}, append(p.http.commands(), p.websocket.commands()...)...)
}

// turnTo shows a way to send, with the cursor where a person begins to write.
func (p *senderPane) turnTo(way senderWay) {
	p.show(way)
	p.choice.focus(p.first())
}

// commands are what can be done with the HTTP request that is written.
func (p *requestPane) commands() []command.Command {
	why := func() string {
		if _, err := p.written(); err != nil {
			return upperFirst(err.Error()) + "."
		}
		return ""
	}
	list := make([]command.Command, 0, 3)
	for _, tool := range []request.Tool{request.Curl, request.PowerShell, request.Go} {
		list = append(list, command.Command{Name: "Copy the HTTP request for " + tool.String(), Group: groupSender, Why: why, Do: func() { p.copyFor(tool) }})
	}
	return list
}

// commands are what can be done with the sender's WebSocket connections.
func (p *websocketPane) commands() []command.Command {
	list := []command.Command{
		{Name: "Take up an earlier message, or a later one", Group: groupComposer, Keys: []command.Key{command.Alt(fyne.KeyUp), command.Alt(fyne.KeyDown)}},
		{Name: "Repeat the message, or stop repeating", Group: groupSender, Keys: []command.Key{command.Plain(fyne.KeyF6)}, Why: p.whyNoRepeat, Do: p.repeatOrStop},
		{Name: "Ping the relay", Group: groupSender, Keys: []command.Key{command.Plain(fyne.KeyF7)}, Why: p.whyClosed, Do: func() { p.session.PingSender(p.chosen()...) }},
		{Name: "Close with code and reason…", Group: groupSender, Why: p.whyClosed, Do: func() { p.closer.open(p.more) }},
		{Name: "Drop without a Close", Group: groupSender, Why: p.whyClosed, Do: func() { p.session.DropSender(p.chosen()...) }},
		{Name: "Connect, or disconnect the sender", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyC)}, Do: func() { p.toggle.OnTapped() }},
		{Name: "Path, query, headers and number of connections", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyO)}, Do: func() { p.options.open(!p.options.opened) }},
		{Name: "Choose connections to send on", Group: groupSender, Keys: []command.Key{command.CtrlShift(fyne.KeyL)}, Why: p.whyNoChoice, Do: func() { focus(p.list) }},
		{Name: "Choose a connection in the list, or close it", Group: groupSender, Keys: []command.Key{command.Plain(fyne.KeySpace), command.Plain(fyne.KeyDelete)}},
		{Name: "Saved messages", Group: groupSaved, Keys: []command.Key{command.CtrlShift(fyne.KeyS)}, Do: p.goToSaved},
		{Name: "Save what is written", Group: groupSaved, Keys: []command.Key{command.Ctrl(fyne.KeyS)}, Do: func() { p.showSaved(true); p.saved.saveWritten() }},
		{Name: "Load a saved message, send it, delete it", Group: groupSaved, Keys: []command.Key{command.Plain(fyne.KeyReturn), command.Ctrl(fyne.KeyReturn), command.Plain(fyne.KeyDelete)}},
		{Name: "Move a saved message", Group: groupSaved, Keys: []command.Key{command.Alt(fyne.KeyUp), command.Alt(fyne.KeyDown)}},
	}
	for key := range savedKeys {
		list = append(list, command.Command{
			Name: fmt.Sprintf("Send saved message %d", key+1), Group: groupSaved, Keys: []command.Key{command.Alt(fyne.KeyName(strconv.Itoa(key + 1)))},
			Why: func() string { return p.whyNoSaved(key + 1) }, Do: func() { p.saved.sendKey(key + 1) },
		})
	}
	return list
}

func (p *websocketPane) whyNoSaved(key int) string {
	if why := p.saved.whyNoKey(key); why != "" {
		return why
	}
	if p.compose.blocked != "" {
		return p.compose.blocked + "."
	}
	return ""
}

func (p *websocketPane) whyNoRepeat() string {
	if p.session != nil && p.session.Repeating().Running {
		return ""
	}
	if p.repeat.blocked != "" {
		return p.repeat.blocked + "."
	}
	return ""
}

func (p *websocketPane) whyNoChoice() string {
	if !p.list.Visible() {
		return "There is no more than one connection."
	}
	return ""
}

// focus gives an object the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}
