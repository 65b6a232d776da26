// Package command is the table of what a person can do in the window. One
// table gives the keys their meaning, fills the map of keys and the palette,
// and so cannot contradict itself.
package command

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// A Command is something that a person can do.
type Command struct {
	Name  string // what it does, as an instruction: "Clear the message log"
	Group string // what it belongs to; the map of keys has a heading for each
	Keys  []Key  // the first one is shown beside the command in the palette
	Over  bool   // it also works while a dialog is open

	// Why says why it cannot be done now, in a sentence; "" if it can. A
	// command without Why can always be done.
	Why func() string

	// Do does it. A command without Do is a key that some part of the window
	// takes while it has the keyboard: it stands in the map of keys only.
	Do func()
}

// Off returns why the command cannot be done now; "" if it can.
func (c Command) Off() string {
	if c.Why == nil {
		return ""
	}
	return c.Why()
}

// KeyText writes the command's keys for people.
func (c Command) KeyText() string {
	texts := make([]string, len(c.Keys))
	for i, k := range c.Keys {
		texts[i] = k.String()
	}
	return strings.Join(texts, ", ")
}

// A Key is a key with what is held down beside it, or a character that is
// typed while nothing takes text.
type Key struct {
	Name     fyne.KeyName
	Modifier fyne.KeyModifier
	Rune     rune // instead of Name
}

// Plain is a key alone.
func Plain(name fyne.KeyName) Key { return Key{Name: name} }

// Typed is a character, wherever the keyboard has it.
func Typed(r rune) Key { return Key{Rune: r} }

// Ctrl is a key with Ctrl held down, or Command on a Mac.
func Ctrl(name fyne.KeyName) Key {
	return Key{Name: name, Modifier: fyne.KeyModifierShortcutDefault}
}

// CtrlShift is a key with Ctrl and Shift held down.
func CtrlShift(name fyne.KeyName) Key {
	return Key{Name: name, Modifier: fyne.KeyModifierShortcutDefault | fyne.KeyModifierShift}
}

// Alt is a key with Alt held down.
func Alt(name fyne.KeyName) Key { return Key{Name: name, Modifier: fyne.KeyModifierAlt} }

// Shift is a key with Shift held down. The window does not get to see those:
// they are for the map only.
func Shift(name fyne.KeyName) Key { return Key{Name: name, Modifier: fyne.KeyModifierShift} }

// keyWords are the keys that are not called what they are.
var keyWords = map[fyne.KeyName]string{
	fyne.KeyUp: "↑", fyne.KeyDown: "↓", fyne.KeyLeft: "←", fyne.KeyRight: "→",
	fyne.KeyReturn: "Enter", fyne.KeyEnter: "Enter", fyne.KeyEscape: "Esc",
	fyne.KeyPageUp: "Page up", fyne.KeyPageDown: "Page down", fyne.KeyEqual: "+", desktop.KeyMenu: "Menu key",
}

func (k Key) String() string {
	if k.Rune != 0 {
		return string(k.Rune)
	}
	name, ok := keyWords[k.Name]
	if !ok {
		name = string(k.Name)
	}
	for _, m := range []struct {
		held fyne.KeyModifier
		word string
	}{
		{fyne.KeyModifierShift, "Shift+"}, {fyne.KeyModifierAlt, "Alt+"},
		{fyne.KeyModifierControl, "Ctrl+"}, {fyne.KeyModifierSuper, "Cmd+"},
	} {
		if k.Modifier&m.held != 0 {
			name = m.word + name
		}
	}
	return name
}

// Bind gives the commands their keys on a canvas. Each runs through run, which
// decides whether it may.
func Bind(c fyne.Canvas, commands []Command, run func(Command)) {
	plain, typed := map[fyne.KeyName]Command{}, map[rune]Command{}
	for _, command := range commands {
		if command.Do == nil {
			continue
		}
		for _, k := range command.Keys {
			switch {
			case k.Rune != 0:
				typed[k.Rune] = command
			case k.Modifier == 0:
				plain[k.Name] = command
			default:
				c.AddShortcut(&desktop.CustomShortcut{KeyName: k.Name, Modifier: k.Modifier}, func(fyne.Shortcut) { run(command) })
			}
		}
	}
	c.SetOnTypedKey(func(e *fyne.KeyEvent) {
		if command, ok := plain[e.Name]; ok {
			run(command)
		}
	})
	c.SetOnTypedRune(func(r rune) {
		if command, ok := typed[r]; ok {
			run(command)
		}
	})
}
