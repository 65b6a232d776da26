package live

import (
	"fyne.io/fyne/v2"

	"relayscope/ui/command"
)

// groupComposer is the heading in the map of keys of what the sender takes.
const groupComposer = "While writing a message"

// Commands returns what can be done on the page. The window gives them their
// keys and puts them into the palette.
func (p *Page) Commands() []command.Command {
	return append(p.log.Commands(), p.sender.commands()...)
}

// commands are what can be done with the sender.
func (p *senderPane) commands() []command.Command {
	return []command.Command{
		{Name: "Write a message", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyM)}, Do: func() { focus(p.first()) }},
		{Name: "Send it", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyReturn)}},
	}
}

// focus gives an object the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}
