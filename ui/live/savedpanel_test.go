package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"relayscope/profiles/saved"
)

// A savedTest is a panel beside a composer, as the pane has them.
type savedTest struct {
	*savedPanel
	t      *testing.T
	queue  mainQueue
	path   string
	drafts []draft // loaded
	sent   []draft
	write  draft // what the composer holds
}

func newSavedTest(t *testing.T, path string) *savedTest {
	t.Helper()
	test.NewTempApp(t)
	s := &savedTest{t: t, queue: make(mainQueue, 100), path: path}
	s.savedPanel = newSavedPanel(s.queue.do, func() draft { return s.write }, func(d draft) { s.drafts = append(s.drafts, d) },
		func(_ string, d draft) { s.sent = append(s.sent, d) })
	s.content.Show()
	w := test.NewTempWindow(t, s.content)
	w.Resize(fyne.NewSize(300, 300))
	s.keep(s.queue.do, saved.NewStore(path))
	s.show("p1")
	s.settle()
	w.Canvas().Focus(s.list)
	return s
}

// settle waits until everything is stored and shown.
func (s *savedTest) settle() {
	s.keeper.close()
	for {
		select {
		case f := <-s.queue:
			f()
		default:
			return
		}
	}
}

// add saves a message under a name, as a person does.
func (s *savedTest) add(name string, d draft) {
	s.t.Helper()
	s.write = d
	test.Tap(s.save)
	s.answer(name)
}

// answer types into the box that asks.
func (s *savedTest) answer(text string) {
	s.t.Helper()
	entry, ok := s.popup.Canvas.Focused().(interface {
		SetText(string)
		TypedKey(*fyne.KeyEvent)
	})
	if !ok {
		s.t.Fatal("nothing asks")
	}
	entry.SetText(text)
	entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.settle()
}

func (s *savedTest) press(name fyne.KeyName) {
	s.list.TypedKey(&fyne.KeyEvent{Name: name})
	s.settle()
}

func (s *savedTest) shortcut(name fyne.KeyName, modifier fyne.KeyModifier) {
	s.list.TypedShortcut(&desktop.CustomShortcut{KeyName: name, Modifier: modifier})
	s.settle()
}

// shows returns the rows, folders with a slash, the row of the keyboard in
// brackets.
func (s *savedTest) shows() string {
	var all []string
	for i, r := range s.rows {
		name := r.message.Name
		if r.message.ID == "" {
			name = r.folder + "/"
		}
		if i == s.list.at {
			name = "[" + name + "]"
		}
		all = append(all, name)
	}
	return strings.Join(all, " ")
}

func (s *savedTest) want(what, rows string) {
	s.t.Helper()
	if got := s.shows(); got != rows {
		s.t.Errorf("%s: the list shows %s, want %s", what, got, rows)
	}
	stored, err := saved.NewStore(s.path).List()
	if err != nil || len(stored) != len(s.all) {
		s.t.Errorf("%s: %d messages are stored, %v; want %d", what, len(stored), err, len(s.all))
	}
}

func TestSavedMessagesByKeyboard(t *testing.T) {
	s := newSavedTest(t, filepath.Join(t.TempDir(), saved.FileName))
	if !s.empty.Visible() {
		t.Error("an empty list says nothing")
	}
	s.add("one", draft{Kind: asText, Text: "1"})
	s.add("two", draft{Kind: asHex, Text: "02", Binary: true})
	s.add("three", draft{Kind: asJSON, Text: "{{3", Literal: true})
	s.want("three saved", "one two [three]")
	s.press(fyne.KeyReturn)
	if len(s.drafts) != 1 || s.drafts[0] != (draft{Kind: asJSON, Text: "{{3", Literal: true}) {
		t.Errorf("loaded %+v", s.drafts)
	}
	s.shortcut(fyne.KeyUp, fyne.KeyModifierAlt)
	s.shortcut(fyne.KeyUp, fyne.KeyModifierAlt)
	s.want("moved to the top", "[three] one two")
	s.press(fyne.KeyDown)
	s.shortcut(fyne.KeyReturn, fyne.KeyModifierShortcutDefault)
	s.sendKey(3)
	s.sendKey(4)
	if len(s.sent) != 2 || s.sent[0].Text != "1" || s.sent[1] != (draft{Kind: asHex, Text: "02", Binary: true}) {
		t.Errorf("sent %+v", s.sent)
	}
	s.press(fyne.KeyDelete)
	s.want("deleted", "three [two]")
	test.Tap(s.undo)
	s.settle()
	s.want("undone", "three [one] two")
	if s.undo.Visible() {
		t.Error("undoing can be done twice")
	}
}

func TestSavedMessagesInFolders(t *testing.T) {
	s := newSavedTest(t, filepath.Join(t.TempDir(), saved.FileName))
	for _, name := range []string{"a", "b", "c"} {
		s.add(name, draft{Kind: asText, Text: name})
	}
	for range 2 {
		row, _ := s.at()
		s.refolder(row)
		s.answer("Orders")
		s.press(fyne.KeyUp)
		s.press(fyne.KeyUp)
	}
	s.want("two in a folder", "[a] Orders/ b c")
	s.press(fyne.KeyDown)
	s.press(fyne.KeyReturn)
	s.want("folded", "a [Orders/]")
	if m, ok := s.keyed(3); !ok || m.Name != "c" {
		t.Errorf("folded, Alt+3 stands for %v", m)
	}
	row, _ := s.at()
	s.rename(row)
	s.answer("Bills")
	s.want("renamed", "a [Bills/] b c")
	s.show("p2")
	s.want("another profile", "")
	s.show("p1")
	s.edit(s.all[0].ID, func(m *saved.Message) { m.Profile = "" })
	s.settle()
	s.show("p2")
	s.want("shared", "[a]")
}

func TestSavedMessagesOfABrokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), saved.FileName)
	if err := os.WriteFile(path, []byte("{half"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSavedTest(t, path)
	if !s.notice.Visible() || !strings.Contains(s.notice.Text, "cannot be read") {
		t.Errorf("the panel says %q", s.notice.Text)
	}
	s.add("one", draft{Kind: asText})
	s.want("saved", "[one]")
	if s.notice.Visible() {
		t.Errorf("the panel still says %q", s.notice.Text)
	}
	if kept, _ := filepath.Glob(strings.TrimSuffix(path, ".json") + "-broken-*"); len(kept) != 1 {
		t.Errorf("kept %v", kept)
	}
}

func TestSavedMessagesThatCannotBeStored(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSavedTest(t, "")
	s.keep(s.queue.do, saved.NewStore(filepath.Join(folder, saved.FileName)))
	s.settle()
	s.write = draft{Kind: asText, Text: "x"}
	test.Tap(s.save)
	s.answer("kept all the same")
	if s.shows() != "[kept all the same]" || !s.notice.Visible() {
		t.Errorf("the list shows %q and says %q", s.shows(), s.notice.Text)
	}
}
