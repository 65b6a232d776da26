package live

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"relayscope/relayclient"
)

func newTestComposer(t *testing.T) (*composer, *[]relayclient.Message) {
	t.Helper()
	test.NewTempApp(t)
	var sent []relayclient.Message
	c := newComposer("write here", func(m relayclient.Message) error {
		sent = append(sent, m)
		return nil
	})
	test.NewTempWindow(t, c)
	return c, &sent
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
	for text, wrong := range map[string]string{"00 fF:10,0x20": "", "0": "one hex digit is missing", "0g": `'g' is not a hex digit`} {
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
	c, sent := newTestComposer(t)
	large := strings.Repeat("0123456789abcde\n", 1<<17) // 2 MiB
	clipboard := test.NewClipboard()
	clipboard.SetContent(large)
	c.entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: clipboard})
	if c.entry.Text != "" || c.size.Text != "2097152 bytes" || !strings.HasPrefix(c.entry.PlaceHolder, "2.0 MiB pasted") {
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
