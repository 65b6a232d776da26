package messagelog

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// What a notice is about.
type about int

const (
	aboutNothing about = iota
	aboutClear         // rows were cleared, and can come back
	aboutPair          // the other row of a pair cannot be shown
	aboutCompare       // a row waits for the one to compare it with
	aboutFile          // a file was written, or is shown
)

// A notice is a line above the rows: what happened, and what can be done about
// it.
type notice struct {
	is       about
	label    *widget.Label
	button   *widgets.Button
	dismiss  *widgets.Button
	content  *fyne.Container
	onHeight func() // it came or went
}

func newNotice() *notice {
	n := &notice{label: widget.NewLabel(""), button: widgets.NewButton("", nil), onHeight: func() {}}
	n.label.Truncation = fyne.TextTruncateEllipsis
	n.dismiss = widgets.NewButtonWithIcon("", theme.CancelIcon(), n.hide)
	n.dismiss.Importance = widget.LowImportance
	n.content = container.NewBorder(nil, nil, nil, container.NewHBox(n.button, n.dismiss), n.label)
	n.content.Hide()
	return n
}

// set shows a sentence, and a button for what can be done.
func (n *notice) set(is about, text, button string, do func()) {
	n.is = is
	widgets.SetText(n.label, text)
	if n.button.Text != button {
		n.button.SetText(button)
	}
	n.button.OnTapped = do
	if setVisible(n.content, text != "") {
		n.onHeight()
	}
}

func (n *notice) hide() { n.set(aboutNothing, "", "", nil) }

// end hides the notice if it is about this.
func (n *notice) end(is about) {
	if n.is == is {
		n.hide()
	}
}
