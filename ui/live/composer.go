package live

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/ui/widgets"
)

// The kinds of message a composer makes.
const (
	asText = "Text"
	asHex  = "Hex"
)

// A composer is where a message is written: an entry, its type, its size, and
// a Send button that says why when it is off.
type composer struct {
	widget.BaseWidget
	onSend func(relayclient.Message) error

	placeholder string

	entry   *widgets.Entry
	kind    *widget.Select
	size    *widget.Label
	why     *widget.Label
	send    *widget.Button
	blocked string // why nothing can be sent now; "" if it can
	failed  string // why the last message was not taken
	held    string // a pasted text that is too large to edit; it is sent in place of what is written
}

func newComposer(placeholder string, onSend func(relayclient.Message) error) *composer {
	c := &composer{onSend: onSend, entry: widgets.NewMultiLineEntry(), size: caption(""), why: caption("")}
	c.entry.SetPlaceHolder(placeholder)
	c.entry.OnCtrlEnter = c.submit
	c.placeholder = placeholder
	c.entry.OnLargePaste = c.hold
	c.entry.OnChanged = func(string) { c.failed = ""; c.hold(""); c.review() }
	c.kind = widget.NewSelect([]string{asText, asHex}, func(string) { c.review() })
	c.why.Truncation = fyne.TextTruncateEllipsis
	c.why.Alignment = fyne.TextAlignTrailing
	c.send = widget.NewButtonWithIcon("Send", theme.MailSendIcon(), c.submit)
	c.send.Importance = widget.HighImportance
	c.kind.SetSelected(asText)
	c.ExtendBaseWidget(c)
	return c
}

// block turns sending off and says why; "" turns it on.
func (c *composer) block(why string) {
	if c.blocked == why {
		return
	}
	c.blocked = why
	c.review()
}

// message returns what is written, or a sentence that says what is wrong.
func (c *composer) message() (relayclient.Message, string) {
	text := c.entry.Text
	if c.held != "" {
		text = c.held
	}
	if c.kind.Selected != asHex {
		return relayclient.Message{Data: []byte(text)}, ""
	}
	digits := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == ':' || r == ',' {
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "0x", ""))
	data, err := hex.DecodeString(digits)
	switch err := err.(type) {
	case nil:
		return relayclient.Message{Binary: true, Data: data}, ""
	case hex.InvalidByteError:
		return relayclient.Message{}, fmt.Sprintf("%q is not a hex digit", rune(err))
	default:
		return relayclient.Message{}, "one hex digit is missing"
	}
}

// hold keeps a text that is too large to edit, until something is typed.
func (c *composer) hold(text string) {
	if text == c.held {
		return
	}
	c.held = text
	if text == "" {
		c.entry.SetPlaceHolder(c.placeholder)
		return
	}
	c.entry.Text = "" // without OnChanged, which lets go of what is held
	c.entry.SetPlaceHolder(byteCount(int64(len(text))) + " pasted: too long to edit here. Send sends all of it; type to write something else.")
	c.review()
}

// review brings size, reason and button up to date.
func (c *composer) review() {
	m, problem := c.message()
	size := ""
	if problem == "" {
		size = exactly(len(m.Data))
	}
	widgets.SetText(c.size, size)
	why, importance := c.blocked, widget.LowImportance
	if why == "" && problem != "" {
		why, importance = problem, widget.DangerImportance
	}
	off := why != ""
	if !off && c.failed != "" {
		why, importance = c.failed, widget.DangerImportance
	}
	if !off && why == "" {
		why = "Ctrl+Enter sends"
	}
	c.why.Importance = importance
	widgets.SetText(c.why, why)
	setEnabled(c.send, !off)
}

func (c *composer) submit() {
	m, problem := c.message()
	if problem != "" || c.blocked != "" {
		return
	}
	if err := c.onSend(m); err != nil {
		c.failed = upperFirst(err.Error())
	} else {
		c.failed = ""
		c.entry.TypedShortcut(&fyne.ShortcutSelectAll{}) // typing replaces, sending again repeats
	}
	c.review()
}

func (c *composer) CreateRenderer() fyne.WidgetRenderer {
	left := container.NewHBox(c.kind, c.size)
	bottom := container.NewBorder(nil, nil, left, c.send, c.why)
	return widget.NewSimpleRenderer(container.NewBorder(nil, bottom, nil, nil, c.entry))
}

// caption is a label in small type for what stands beside the main thing.
func caption(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Importance = widget.LowImportance
	l.SizeName = theme.SizeNameCaptionText
	return l
}

func setEnabled(w fyne.Disableable, on bool) {
	if on {
		w.Enable()
	} else {
		w.Disable()
	}
}

func upperFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
