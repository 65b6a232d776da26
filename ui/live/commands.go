package live

import (
	"fyne.io/fyne/v2"

	"relayscope/ui/command"
)

// The headings that the page's commands stand under in the map of keys.
const (
	groupLog      = "Message log"
	groupComposer = "While writing a message"
)

// Commands returns what can be done on the page. The window gives them their
// keys and puts them into the palette.
func (p *Page) Commands() []command.Command {
	return append(p.log.commands(), p.sender.commands()...)
}

// commands are what can be done with the log.
func (p *logPane) commands() []command.Command {
	return []command.Command{
		{Name: "Clear the message log", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyL)}, Why: p.whyEmpty, Do: func() { p.journal.Clear() }},
		{Name: "Go to the message log", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyG)}, Do: func() { focus(p.view) }},
		{Name: "Go through the rows", Group: groupLog, Keys: keys(fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd)},
		{Name: "Select more rows", Group: groupLog, Keys: []command.Key{command.Shift(fyne.KeyUp), command.Shift(fyne.KeyDown)}},
		{Name: "Copy the rows, select all", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyC), command.Ctrl(fyne.KeyA)}},
		{Name: "First and last row", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyHome), command.Ctrl(fyne.KeyEnd)}},
	}
}

func (p *logPane) whyEmpty() string {
	if p.journal == nil {
		return "There is no message log yet."
	}
	if first, last := p.journal.Bounds(); last < first {
		return "The message log is empty."
	}
	return ""
}

// commands are what can be done with the sender.
func (p *senderPane) commands() []command.Command {
	return []command.Command{
		{Name: "Write a message", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyM)}, Do: func() { focus(p.first()) }},
		{Name: "Send it", Group: groupComposer, Keys: []command.Key{command.Ctrl(fyne.KeyReturn)}},
	}
}

// keys are keys alone.
func keys(names ...fyne.KeyName) []command.Key {
	list := make([]command.Key, len(names))
	for i, name := range names {
		list[i] = command.Plain(name)
	}
	return list
}

// focus gives an object the keyboard.
func focus(o fyne.Focusable) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o.(fyne.CanvasObject)); c != nil {
		c.Focus(o)
	}
}
