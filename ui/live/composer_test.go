package live

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// A mainQueue is the goroutine that owns the widgets, as a test plays it.
type mainQueue chan func()

func (q mainQueue) do(f func()) { q <- f }

// until plays until what is true.
func (q mainQueue) until(true func() bool) {
	for !true() {
		(<-q)()
	}
}

func newTestComposer(t *testing.T) (*composer, *[]payload) {
	c, sent, _ := newQueuedComposer(t)
	return c, sent
}

func newQueuedComposer(t *testing.T) (*composer, *[]payload, mainQueue) {
	t.Helper()
	test.NewTempApp(t)
	var sent []payload
	queue := make(mainQueue, 10)
	c := newComposer("write here", queue.do, func(p payload) error {
		sent = append(sent, p)
		return nil
	})
	test.NewTempWindow(t, c)
	return c, &sent, queue
}

var ctrlEnter = &desktop.CustomShortcut{KeyName: fyne.KeyReturn, Modifier: fyne.KeyModifierShortcutDefault}

func TestCtrlEnterSends(t *testing.T) {
	c, sent := newTestComposer(t)
	c.entry.SetText("grüße")
	if c.size.Text != "7 bytes" {
		t.Errorf("size = %q", c.size.Text)
	}
	c.entry.TypedShortcut(ctrlEnter)
	if len(*sent) != 1 || string((*sent)[0].Data) != "grüße" || (*sent)[0].Binary {
		t.Errorf("sent %v", *sent)
	}
	if c.entry.Text != "grüße" || c.entry.SelectedText() != "grüße" {
		t.Errorf("the entry holds %q, selected %q; want the text, selected", c.entry.Text, c.entry.SelectedText())
	}
}

func TestHexIsCheckedWhileTyping(t *testing.T) {
	c, sent := newTestComposer(t)
	c.kind.SetSelected(asHex)
	for text, wrong := range map[string]string{"00 fF:10,0x20": "", "0": "One hex digit is missing at the end", "0g": `Line 1, column 2: 'g' is not a hex digit`} {
		c.entry.SetText(text)
		if wrong == "" {
			if c.send.Disabled() || c.size.Text != "4 bytes" {
				t.Errorf("%q: off %v, size %q", text, c.send.Disabled(), c.size.Text)
			}
			continue
		}
		if !c.send.Disabled() || c.why.Text != wrong {
			t.Errorf("%q: off %v, reason %q; want %q", text, c.send.Disabled(), c.why.Text, wrong)
		}
	}
	c.entry.SetText("00fe")
	test.Tap(c.send)
	if len(*sent) != 1 || string((*sent)[0].Data) != "\x00\xfe" || !(*sent)[0].Binary {
		t.Errorf("sent %v", *sent)
	}
}

func TestBlockedComposerSaysWhy(t *testing.T) {
	c, sent := newTestComposer(t)
	c.entry.SetText("hello")
	c.block("Not connected")
	c.entry.TypedShortcut(ctrlEnter)
	if len(*sent) != 0 || !c.send.Disabled() || c.why.Text != "Not connected" {
		t.Errorf("sent %v, off %v, reason %q", *sent, c.send.Disabled(), c.why.Text)
	}
	c.block("")
	if c.send.Disabled() || c.entry.Text != "hello" {
		t.Errorf("off %v, text %q", c.send.Disabled(), c.entry.Text)
	}
}

// A text that the entry could not lay out in any reasonable time is held
// beside it.
func TestLargePasteIsHeld(t *testing.T) {
	c, sent, queue := newQueuedComposer(t)
	large := strings.Repeat("0123456789abcde\n", 1<<17) // 2 MiB
	clipboard := test.NewClipboard()
	clipboard.SetContent(large)
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	if c.entry.Text != "" || !c.send.Disabled() || c.why.Text != "Checking what was pasted" {
		t.Errorf("entry holds %d bytes, off %v, reason %q", len(c.entry.Text), c.send.Disabled(), c.why.Text)
	}
	queue.until(func() bool { return c.problem == "" })
	if c.send.Disabled() || c.size.Text != "2 097 152 bytes" || !strings.HasPrefix(c.entry.PlaceHolder, "2.0 MiB pasted") {
		t.Errorf("entry holds %d bytes, size %q, placeholder %q", len(c.entry.Text), c.size.Text, c.entry.PlaceHolder)
	}
	c.entry.TypedShortcut(ctrlEnter)
	if len(*sent) != 1 || string((*sent)[0].Data) != large {
		t.Fatalf("sent %d messages", len(*sent))
	}
	test.Type(c.entry, "x")
	if c.held != "" || c.size.Text != "1 byte" || c.entry.PlaceHolder != "write here" {
		t.Errorf("after typing %d bytes are held, size %q", len(c.held), c.size.Text)
	}
	clipboard.SetContent("short")
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	if c.entry.Text != "xshort" {
		t.Errorf("a short paste gives %q", c.entry.Text)
	}
}

func TestJSONIsCheckedAndFormatted(t *testing.T) {
	c, _ := newTestComposer(t)
	if c.format.Visible() {
		t.Error("text can be formatted")
	}
	c.kind.SetSelected(asJSON)
	c.entry.SetText("{\n\"a\": tru }")
	if !c.send.Disabled() || !c.format.Disabled() || c.why.Text != "Line 2, column 9: ' ' does not belong here" {
		t.Errorf("off %v, format off %v, reason %q", c.send.Disabled(), c.format.Disabled(), c.why.Text)
	}
	c.entry.SetText(`{"a":true}`)
	test.Tap(c.format)
	if c.entry.Text != "{\n  \"a\": true\n}" || c.frame.Selected != frameText {
		t.Errorf("formatted as %q, sent %s", c.entry.Text, c.frame.Selected)
	}
}

func TestBytesThatAreNoTextGoAsBinary(t *testing.T) {
	c, sent := newTestComposer(t)
	c.kind.SetSelected(asBase64)
	c.entry.SetText("/w==")
	if c.frame.Selected != frameBinary || c.send.Disabled() {
		t.Errorf("sent %s, off %v", c.frame.Selected, c.send.Disabled())
	}
	c.frame.SetSelected(frameText)
	if !c.send.Disabled() || !strings.Contains(c.why.Text, "not UTF-8") {
		t.Errorf("off %v, reason %q", c.send.Disabled(), c.why.Text)
	}
	c.entry.SetText("aGk=")
	test.Tap(c.send)
	if len(*sent) != 1 || string((*sent)[0].Data) != "hi" || (*sent)[0].Binary {
		t.Errorf("sent %+v", *sent)
	}
}

func TestHistory(t *testing.T) {
	c, sent := newTestComposer(t)
	up := &desktop.CustomShortcut{KeyName: fyne.KeyUp, Modifier: fyne.KeyModifierAlt}
	down := &desktop.CustomShortcut{KeyName: fyne.KeyDown, Modifier: fyne.KeyModifierAlt}
	c.entry.TypedShortcut(up) // nothing was sent yet
	for _, text := range []string{"one", "two", "two"} {
		c.entry.SetText(text)
		test.Tap(c.send)
	}
	c.kind.SetSelected(asHex)
	c.entry.SetText("03")
	test.Tap(c.send)
	for i, step := range []struct {
		key        *desktop.CustomShortcut
		kind, text string
	}{
		{up, asText, "two"}, {up, asText, "one"}, {up, asText, "one"}, {down, asText, "two"}, {down, asHex, "03"}, {down, asHex, "03"},
	} {
		c.entry.TypedShortcut(step.key)
		if c.entry.Text != step.text || c.kind.Selected != step.kind {
			t.Errorf("step %d: %s %q, want %s %q", i, c.kind.Selected, c.entry.Text, step.kind, step.text)
		}
	}
	c.entry.SetText("04 and more")
	c.entry.TypedShortcut(up)
	c.entry.TypedShortcut(down)
	if c.entry.Text != "04 and more" {
		t.Errorf("what was being written became %q", c.entry.Text)
	}
	if len(*sent) != 4 {
		t.Errorf("%d messages were sent", len(*sent))
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h history
	for i := range 3 * maxHistory {
		h.add(draft{Text: strings.Repeat("x", i<<10)})
	}
	if h.bytes > maxHistoryBytes || len(h.drafts) > maxHistory || len(h.drafts[len(h.drafts)-1].Text) != (3*maxHistory-1)<<10 {
		t.Errorf("%d drafts with %d bytes are kept", len(h.drafts), h.bytes)
	}
	h.add(draft{Text: strings.Repeat("x", 2*maxHistoryBytes)})
	if len(h.drafts) != 1 {
		t.Errorf("%d drafts beside one that is too large", len(h.drafts)-1)
	}
}

func TestFileIsSent(t *testing.T) {
	c, sent, queue := newQueuedComposer(t)
	c.kind.SetSelected(asFile)
	if !c.send.Disabled() || c.why.Text != "Choose a file" || c.entry.Visible() {
		t.Errorf("off %v, reason %q, entry shown %v", c.send.Disabled(), c.why.Text, c.entry.Visible())
	}
	text := filepath.Join(t.TempDir(), "order.json")
	binary := filepath.Join(t.TempDir(), "order.bin")
	for path, data := range map[string]string{text: `{"ü":1}`, binary: "\xff\xfe"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.open(text)
	queue.until(func() bool { return c.problem != "reading the file" })
	if c.size.Text != "8 bytes" || !strings.HasPrefix(c.file.Text, "order.json\n") || c.frame.Selected != frameBinary {
		t.Errorf("size %q, file %q, sent %s", c.size.Text, c.file.Text, c.frame.Selected)
	}
	test.Tap(c.send)
	c.frame.SetSelected(frameText)
	queue.until(func() bool { return c.problem != "reading the file" })
	test.Tap(c.send)
	if len(*sent) != 2 || (*sent)[0].File != text || !(*sent)[0].Binary || (*sent)[1].Binary || (*sent)[1].Size != 8 {
		t.Errorf("sent %+v", *sent)
	}
	for path, why := range map[string]string{binary: "These bytes are not UTF-8", filepath.Dir(text): "This is not a file", text + "x": "The file cannot be read: no such file"} {
		c.open(path)
		queue.until(func() bool { return c.problem != "reading the file" })
		if !c.send.Disabled() || !strings.HasPrefix(c.why.Text, why) {
			t.Errorf("%s: off %v, reason %q; want %q", path, c.send.Disabled(), c.why.Text, why)
		}
	}
}
