package live

import (
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A composer is where a message is written and sent: an editor, the size of
// what is in it, and a Send button that says why when it is off.
type composer struct {
	widget.BaseWidget
	*editor
	onSend func(payload) error

	size    *widget.Label
	why     *widget.Label
	send    *widgets.Button
	beside  *fyne.Container // at the end of the editor's tools
	actions *fyne.Container // before Send
	side    *fyne.Container // at the right of the editor
	history history

	blocked string // why nothing can be sent now; "" if it can
	failed  string // why the last message was not taken
	hint    string // what stands beside Send when there is nothing to say

	bottom *fyne.Container
	sent   draft // the one sent last
	times  int64 // how often, so far
}

func newComposer(placeholder string, onMain func(func()), onSend func(payload) error) *composer {
	c := &composer{onSend: onSend, size: caption(""), why: caption(""), beside: container.NewHBox(), actions: container.NewHBox(), side: container.NewStack(), hint: "Ctrl+Enter sends"}
	c.why.Wrapping = fyne.TextWrapWord // all of a reason, even if it takes two lines
	c.why.Alignment = fyne.TextAlignTrailing
	c.send = widgets.NewButtonWithIcon("Send", theme.MailSendIcon(), c.submit)
	c.send.Importance = widget.HighImportance
	c.editor = newEditor(placeholder, onMain, func() { c.failed = ""; c.draw() })
	c.entry.OnCtrlEnter = c.submit
	c.entry.OnAltArrow = c.recall
	c.bottom = container.NewStack(container.NewBorder(nil, nil, c.size, container.NewHBox(c.actions, c.send), c.why))
	c.ExtendBaseWidget(c)
	c.draw()
	return c
}

// say shows what stands beside Send when there is nothing else to say.
func (c *composer) say(hint string) {
	if c.hint != hint {
		c.hint = hint
		c.draw()
	}
}

// block turns sending off and says why; "" turns it on.
func (c *composer) block(why string) {
	if c.blocked == why {
		return
	}
	c.blocked = why
	c.draw()
}

// draw brings size, reason and button up to date.
func (c *composer) draw() {
	if c.editor == nil {
		return // it is being made
	}
	size := ""
	if c.problem == "" {
		size = exactly(int(c.made.Size))
	}
	widgets.SetText(c.size, size)
	why, importance := c.blocked, widget.LowImportance
	if why == "" && c.problem != "" {
		why = upperFirst(c.problem)
		if c.begun() {
			importance = widget.DangerImportance
		}
	}
	off := why != ""
	if !off && c.failed != "" {
		why, importance = c.failed, widget.DangerImportance
	}
	if !off && why == "" {
		why = c.hint
	}
	c.why.Importance = importance
	widgets.SetText(c.why, why)
	setEnabled(c.send, !off)
	setEnabled(c.format, c.problem == "")
}

// draft returns what is written, to be taken up again.
func (c *composer) draft() draft {
	d := draft{Kind: c.kind.Selected, Text: c.text(), Binary: c.frame.Selected == frameBinary, Literal: !c.fill.Checked}
	if d.Kind == asFile {
		d.Text = c.path
	}
	return d
}

// load puts a draft in place of what is written.
func (c *composer) load(d draft) {
	c.fill.Checked = !d.Literal // without its OnChanged: what comes is reviewed
	c.fill.Refresh()
	c.set(d.Kind, d.Text, d.Binary)
}

// recall shows an older draft or a newer one.
func (c *composer) recall(by int) {
	if d, ok := c.history.step(by, c.draft()); ok {
		c.load(d)
	}
}

func (c *composer) submit() {
	if c.problem != "" || c.blocked != "" {
		return
	}
	d := c.draft()
	if d != c.sent {
		c.sent, c.times = d, 0
	}
	p, err := c.made.number(c.times + 1)
	if err == nil {
		err = c.onSend(p)
	}
	if err != nil {
		c.failed = upperFirst(err.Error())
	} else {
		c.failed = ""
		c.times++
		c.history.add(d)
		c.entry.TypedShortcut(&fyne.ShortcutSelectAll{}) // typing replaces, sending again repeats
	}
	c.draw()
}

// CreateRenderer is for Fyne.
func (c *composer) CreateRenderer() fyne.WidgetRenderer {
	top := container.NewBorder(nil, nil, c.tools, c.beside)
	return widget.NewSimpleRenderer(container.NewBorder(top, c.bottom, nil, c.side, c.editor))
}

// caption is a label in small type for what stands beside the main thing.
func caption(text string) *widget.Label {
	l := widget.NewLabel(widgets.Shown(text))
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

func lowerFirst(s string) string {
	r := []rune(s)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}
