package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient/cloud"
	"relayscope/ui/widgets"
)

// A cloudForm says which cloud tokens come from, which follows from the
// endpoint, what is doubtful about that, and lets it be overridden.
type cloudForm struct {
	onFold    func()
	name      *widget.Label
	doubts    *widget.Label
	fold      *widgets.Button
	row       *formRow
	authority *formField
	audience  *formField
	opened    bool
	shown     bool
}

func newCloudForm(onFold func()) *cloudForm {
	c := &cloudForm{onFold: onFold, name: widget.NewLabel(""), doubts: note("")}
	c.name.Truncation = fyne.TextTruncateEllipsis
	c.fold = widgets.NewButtonWithIcon("Advanced", theme.MenuExpandIcon(), func() {
		c.open(!c.opened)
		c.onFold()
	})
	c.fold.Importance = widget.LowImportance
	c.row = newFormRow("Cloud", container.New(notesBelow{}, container.NewBorder(nil, nil, nil, c.fold, c.name), c.doubts))
	c.authority = newFormField("Authority", widgets.NewEntry(), "")
	c.audience = newFormField("Audience", widgets.NewEntry(), "")
	c.target("")
	return c
}

// open shows the fields that override the cloud's own.
func (c *cloudForm) open(on bool) {
	c.opened = on
	icon := theme.MenuExpandIcon()
	if on {
		icon = theme.MenuDropDownIcon()
	}
	c.fold.SetIcon(icon)
	c.show(c.shown)
}

func (c *cloudForm) show(on bool) {
	c.shown = on
	c.row.show(on)
	c.authority.row.show(on && c.opened)
	c.audience.row.show(on && c.opened)
}

// target follows the endpoint.
func (c *cloudForm) target(namespace string) {
	of, words := cloudWords(namespace)
	widgets.SetText(c.name, words)
	setNote(c.doubts, doubtsOf(of), widget.WarningImportance)
	c.authority.entry.SetPlaceHolder(of.Authority)
	c.audience.entry.SetPlaceHolder(of.Audience)
}

func doubtsOf(c cloud.Cloud) string { return strings.Join(c.Doubts, "\n") }
