package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// firstPart is how much of a text is shown until somebody asks for all of it.
// Laying out a label takes long for many short lines: 16 KB of them take a good
// part of a second on a busy machine, where the list shows megabytes at once.
const firstPart = 4 << 10

// A CopyText shows a text that can be selected and copied but not changed.
// Of a large text it shows the beginning, with a button that shows all of it:
// then as a list of lines, in which whole lines are selected.
type CopyText struct {
	widget.BaseWidget

	OnCopied func() // the Copy button has put the text on the clipboard

	text   string
	label  *widget.Label
	scroll *container.Scroll
	copy   *widget.Button
	more   *widget.Button
	note   *widget.Label
	all    *LogView // nil unless all of a large text is shown
	lines  *textLines
	middle *fyne.Container // the label or the list
	body   *fyne.Container
}

// NewCopyText returns an empty text area; monospace suits payloads and dumps.
func NewCopyText(monospace bool) *CopyText {
	c := &CopyText{note: widget.NewLabel("")}
	c.label = &widget.Label{Selectable: true, Wrapping: fyne.TextWrapBreak, TextStyle: fyne.TextStyle{Monospace: monospace}}
	c.scroll = container.NewVScroll(c.label)
	c.copy = widget.NewButtonWithIcon("Copy", theme.ContentCopyIcon(), c.copyAll)
	c.more = widget.NewButton("", c.showAll)
	c.note.Truncation = fyne.TextTruncateEllipsis
	c.middle = container.NewStack(c.scroll)
	bar := container.NewBorder(nil, nil, container.NewHBox(c.copy, c.more), nil, c.note)
	c.body = container.NewBorder(nil, bar, nil, nil, c.middle)
	c.ExtendBaseWidget(c)
	c.SetText("")
	return c
}

// SetText shows another text, from its beginning. The text should hold no
// invisible characters other than line breaks and tabs.
func (c *CopyText) SetText(text string) {
	c.text = text
	if c.all != nil {
		c.all.Close()
		c.all, c.lines = nil, nil
		c.middle.Objects = []fyne.CanvasObject{c.scroll}
	}
	part := cut(text, firstPart)
	c.label.SetText(Shown(part))
	c.scroll.ScrollToTop()
	c.note.SetText("")
	c.more.Hide()
	if len(part) < len(text) {
		c.more.SetText("Show all " + bytesText(len(text)))
		c.more.Show()
		c.note.SetText("The first " + bytesText(len(part)) + " are shown")
	}
	c.copy.Enable()
	if text == "" {
		c.copy.Disable()
	}
	c.body.Refresh()
}

// SetProse makes the text that follows break between words, or anywhere.
func (c *CopyText) SetProse(prose bool) {
	c.label.Wrapping = fyne.TextWrapBreak
	if prose {
		c.label.Wrapping = fyne.TextWrapWord
	}
}

// Text returns all of the text, shown or not.
func (c *CopyText) Text() string { return c.text }

// copyAll is the Copy button: all of the text, shown or not.
func (c *CopyText) copyAll() {
	fyne.CurrentApp().Clipboard().SetContent(c.text)
	if c.OnCopied != nil {
		c.OnCopied()
	}
}

// showAll replaces the label by a list that lays out the lines on screen only.
func (c *CopyText) showAll() {
	c.lines = &textLines{text: c.text}
	c.all = NewLogView(c.lines, []Column{{}}, func(f func()) { f() })
	c.all.plain = true
	c.all.onLayout = func(l *logLayout) { c.lines.wrap(l.places[0].cells) }
	c.all.OnCopy = func(first, last uint64) {
		fyne.CurrentApp().Clipboard().SetContent(c.lines.part(first, last))
	}
	c.middle.Objects = []fyne.CanvasObject{c.all}
	c.middle.Refresh()
	c.all.ScrollTo(1)
	c.more.Hide()
	c.note.SetText(bytesText(len(c.text)))
	c.body.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (c *CopyText) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(c.body) }

// bytesText writes a size for people.
func bytesText(n int) string {
	for _, unit := range []struct {
		bytes int
		name  string
	}{{1 << 20, " MB"}, {1 << 10, " KB"}} {
		if n >= unit.bytes {
			tenths := (n*10 + unit.bytes/2) / unit.bytes
			if tenths%10 == 0 {
				return strconv.Itoa(tenths/10) + unit.name
			}
			return strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10) + unit.name
		}
	}
	return strconv.Itoa(n) + " bytes"
}
