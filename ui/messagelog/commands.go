package messagelog

import (
	"fyne.io/fyne/v2"

	"relayscope/ui/command"
)

const groupLog = "Message log"

// Commands returns what can be done with the log.
func (p *Pane) Commands() []command.Command {
	whyEmpty := func() string {
		if first, last := p.rows.Bounds(); last < first {
			return "The message log is empty."
		}
		return ""
	}
	whyNotLive := func() string {
		if p.isFile() {
			return "A recorded file is open. Close it first."
		}
		return ""
	}
	return []command.Command{
		{Name: "Filter the message log", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyF)}, Do: p.focusFilter},
		{Name: "Next match, or the one before with Shift", Group: groupLog, Keys: []command.Key{command.Plain(fyne.KeyF3), command.Typed('n'), command.Typed('N')}, Why: whyEmpty, Do: p.nextMatch},
		{Name: "Pause the message log, or go on", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyP)}, Why: whyNotLive, Do: p.togglePause},
		{Name: "Clear the message log", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyL)}, Why: whyEmpty, Do: p.clear},
		{Name: "Go to the message log", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyG)}, Do: p.focusList},
		{Name: "Export the message log…", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyE)}, Why: whyEmpty, Do: p.askExport},
		{Name: "Open a recorded file…", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyO)}, Do: p.askOpen},
		{Name: "Record the message log, or stop", Group: groupLog, Keys: []command.Key{command.CtrlShift(fyne.KeyR)}, Why: whyNotLive, Do: p.toggleRecording},
		{Name: "How much the message log keeps…", Group: groupLog, Do: p.askBounds},
		{Name: "What can be typed into the filter…", Group: groupLog, Do: p.explainQueries},
		{Name: "Show all rows of the message log", Group: groupLog, Do: p.clearFilter},
		{Name: "Go through the rows", Group: groupLog, Keys: plain(fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown, fyne.KeyHome, fyne.KeyEnd)},
		{Name: "Select more rows", Group: groupLog, Keys: []command.Key{command.Shift(fyne.KeyUp), command.Shift(fyne.KeyDown)}},
		{Name: "Copy the rows, select all", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyC), command.Ctrl(fyne.KeyA)}},
		{Name: "First and last row", Group: groupLog, Keys: []command.Key{command.Ctrl(fyne.KeyHome), command.Ctrl(fyne.KeyEnd)}},
		{Name: "Only this connection; its request or reply", Group: groupLog, Keys: []command.Key{command.Typed('f'), command.Typed('p')}},
		{Name: "Send a message or request again; edit it first", Group: groupLog, Keys: []command.Key{command.Typed('r'), command.Typed('e')}},
		{Name: "Compare with another row; note; mark", Group: groupLog, Keys: []command.Key{command.Typed('c'), command.Typed('a'), command.Typed('1')}},
	}
}

// plain are keys alone.
func plain(names ...fyne.KeyName) []command.Key {
	list := make([]command.Key, len(names))
	for i, name := range names {
		list[i] = command.Plain(name)
	}
	return list
}
