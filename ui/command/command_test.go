package command_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/command"
)

// canvas takes shortcuts, which the test driver's does not.
type canvas struct {
	fyne.Canvas
	keys fyne.ShortcutHandler
}

func (c *canvas) AddShortcut(s fyne.Shortcut, do func(fyne.Shortcut)) { c.keys.AddShortcut(s, do) }

func TestKeysReachTheirCommands(t *testing.T) {
	test.NewTempApp(t)
	c := &canvas{Canvas: test.NewTempWindow(t, widget.NewLabel("")).Canvas()}
	var ran []string
	do := func() {}
	command.Bind(c, []command.Command{
		{Name: "new", Keys: []command.Key{command.Ctrl(fyne.KeyN)}, Do: do},
		{Name: "keys", Keys: []command.Key{command.Plain(fyne.KeyF1), command.Typed('?')}, Do: do},
		{Name: "of a part", Keys: []command.Key{command.Plain(fyne.KeyF2)}},
	}, func(done command.Command) { ran = append(ran, done.Name) })
	c.keys.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyN, Modifier: fyne.KeyModifierShortcutDefault})
	c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF2})
	c.OnTypedRune()('?')
	if want := []string{"new", "keys", "keys"}; !slices.Equal(ran, want) {
		t.Errorf("ran %q, want %q", ran, want)
	}
}

func TestKeyText(t *testing.T) {
	c := command.Command{Keys: []command.Key{command.Plain(fyne.KeyF1), command.Typed('?'), command.Alt(fyne.KeyUp), {Name: fyne.KeyE, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift}}}
	if got, want := c.KeyText(), "F1, ?, Alt+↑, Ctrl+Shift+E"; got != want {
		t.Errorf("keys = %q, want %q", got, want)
	}
}

func TestMatchPutsTheObviousFirst(t *testing.T) {
	names := []string{"Delete the profile", "Export the message log", "Clear the message log", "New profile", "Larger type", "Test the connection"}
	for typed, want := range map[string]string{
		"clear": "Clear the message log", "log exp": "Export the message log", "np": "New profile",
		"ttc": "Test the connection", "LARGE": "Larger type", "dtp": "Delete the profile",
	} {
		best, found := 0, ""
		for _, name := range names {
			if score, ok := command.Match(typed, name); ok && (found == "" || score > best) {
				best, found = score, name
			}
		}
		if found != want {
			t.Errorf("%q finds %q first, want %q", typed, found, want)
		}
	}
	if _, ok := command.Match("xyz", "New profile"); ok {
		t.Error("xyz is found in New profile")
	}
	if _, ok := command.Match("", "New profile"); !ok {
		t.Error("nothing typed leaves nothing")
	}
}
