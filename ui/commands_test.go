package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles"
	"relayscope/ui/command"
)

// commandNamed returns a command of the window's table.
func commandNamed(t *testing.T, u *Window, name string) command.Command {
	t.Helper()
	for _, c := range u.table {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("there is no command %q", name)
	return command.Command{}
}

// Keys by the names that the source has for them.
var keysOfSource = map[string]fyne.KeyName{
	"KeyUp": fyne.KeyUp, "KeyDown": fyne.KeyDown, "KeyLeft": fyne.KeyLeft, "KeyRight": fyne.KeyRight, "KeyHome": fyne.KeyHome, "KeyEnd": fyne.KeyEnd,
	"KeyPageUp": fyne.KeyPageUp, "KeyPageDown": fyne.KeyPageDown, "KeyReturn": fyne.KeyReturn, "KeyEnter": fyne.KeyReturn, "KeyEscape": fyne.KeyEscape,
	"KeySpace": fyne.KeySpace, "KeyDelete": fyne.KeyDelete, "KeyBackspace": fyne.KeyBackspace, "KeyInsert": fyne.KeyInsert, "KeyTab": fyne.KeyTab, "KeyMenu": desktop.KeyMenu,
	"KeyF1": fyne.KeyF1, "KeyF2": fyne.KeyF2, "KeyF3": fyne.KeyF3, "KeyF4": fyne.KeyF4, "KeyF5": fyne.KeyF5, "KeyF6": fyne.KeyF6,
	"KeyF7": fyne.KeyF7, "KeyF8": fyne.KeyF8, "KeyF9": fyne.KeyF9, "KeyF10": fyne.KeyF10, "KeyF11": fyne.KeyF11, "KeyF12": fyne.KeyF12,
	"KeyComma": fyne.KeyComma, "KeyMinus": fyne.KeyMinus, "KeyEqual": fyne.KeyEqual, "KeyPlus": fyne.KeyPlus, "KeySlash": fyne.KeySlash,
}

// noKeys are no keys, but what is held down beside one or what they are called.
var noKeys = map[string]bool{"KeyName": true, "KeyEvent": true, "KeyModifier": true, "Keyable": true, "KeyShiftLeft": true, "KeyShiftRight": true}

func TestEveryKeyInTheSourceIsInTheMap(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	known := map[fyne.KeyName]bool{}
	for _, c := range u.table {
		for _, k := range c.Keys {
			known[k.Name] = true
		}
	}
	found := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "command/") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			of, _ := s.X.(*ast.Ident)
			switch name := s.Sel.Name; {
			case name == "AddShortcut" || name == "SetOnTypedKey" || name == "SetOnTypedRune":
				t.Errorf("%s calls %s: the table of commands binds keys", path, name)
			case of == nil || of.Name != "fyne" && of.Name != "desktop" || !strings.HasPrefix(name, "Key") || noKeys[name] || strings.HasPrefix(name, "KeyModifier"):
			default:
				key, ok := keysOfSource[name]
				if letter, is := strings.CutPrefix(name, "Key"); is && len(letter) == 1 {
					key, ok = fyne.KeyName(letter), true
				}
				if found++; !ok || !known[key] {
					t.Errorf("%s uses the key %s, which no command has", path, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || found < 20 {
		t.Errorf("found %d keys, %v", found, err)
	}
	closeWindow(t, u, q)
}

func TestNoTwoCommandsShareAKey(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	taken := map[command.Key]string{}
	for _, c := range u.table {
		if c.Name == "" || c.Group == "" {
			t.Errorf("%q in %q lacks a name or a group", c.Name, c.Group)
		}
		for _, k := range c.Keys {
			if other := taken[k]; c.Do != nil && other != "" {
				t.Errorf("%s means %q and %q", k, other, c.Name)
			}
			if c.Do != nil {
				taken[k] = c.Name
			}
		}
	}
	closeWindow(t, u, q)
}

func TestPaletteFindsAndRuns(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	u.run(commandNamed(t, u, "Command palette"))
	test.Type(u.palette.entry, "edit")
	u.palette.entry.OnSubmitted("")
	if !strings.Contains(u.palette.why.Text, "no profile on screen") || !u.palette.content.Visible() || u.win.Canvas().Overlays().Top() == nil {
		t.Errorf("an empty window says %q about editing", u.palette.why.Text)
	}
	u.palette.entry.SetText("")
	test.Type(u.palette.entry, "local")
	u.palette.entry.OnSubmitted("")
	q.until(t, "the local relay is on screen", func() bool { return u.live.Visible() })
	if u.win.Canvas().Overlays().Top() != nil {
		t.Error("the palette stays after it has run something")
	}
	u.run(commandNamed(t, u, "Command palette"))
	test.Type(u.palette.entry, "go to local")
	u.palette.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	u.palette.entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if u.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape does not close the palette")
	}
	closeWindow(t, u, q)
}

func TestKeysDoNothingUnderADialog(t *testing.T) {
	u, q := newWindow(t, profiles.NewMemory())
	u.run(commandNamed(t, u, "All keys"))
	u.run(commandNamed(t, u, "New profile"))
	if u.form.content.Visible() {
		t.Error("the form opened under a dialog")
	}
	u.run(commandNamed(t, u, "Close what is open, or leave the form"))
	u.run(commandNamed(t, u, "New profile"))
	if !u.form.content.Visible() || u.win.Canvas().Overlays().Top() != nil {
		t.Error("Escape did not close the dialog")
	}
	closeWindow(t, u, q)
}
