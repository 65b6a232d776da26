package identity

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// pageWidth is the least width of the page's column. It takes what there is: in
// a window of 1280×720 a good thousand beside the list of profiles.
const pageWidth = 760

// A factRow is a verdict, a name, a value and the reason under it.
type factRow struct {
	words   rowWords
	status  *widgets.Status
	name    *widget.Label
	value   *widget.Label
	why     *widget.Label
	copyIt  *rowButton
	content *fyne.Container
}

func newFactRow(copyText func(string), onFocus func(fyne.CanvasObject)) *factRow {
	r := &factRow{status: widgets.NewStatus(widgets.StatusIdle, ""), name: widget.NewLabel(""), value: widget.NewLabel(""), why: small("")}
	r.name.TextStyle.Bold = true
	r.name.Wrapping = fyne.TextWrapWord
	r.value.Selectable = true
	r.value.Wrapping = fyne.TextWrapBreak
	r.copyIt = newRowButton(func() { copyText(r.words.full) }, func() { onFocus(r.content) })
	r.content = container.New(&factLayout{}, r.status, r.name, r.value, r.why, r.copyIt)
	return r
}

// set shows other words and reports whether they are other words.
func (r *factRow) set(w rowWords) bool {
	if r.words == w {
		return false
	}
	r.words = w
	r.status.Set(w.kind, w.word)
	widgets.SetText(r.name, w.name)
	widgets.SetText(r.value, w.value)
	widgets.SetText(r.why, w.why)
	widgets.SetVisible(r.value, w.value != "")
	widgets.SetVisible(r.why, w.why != "")
	widgets.SetVisible(r.copyIt, w.full != "")
	r.content.Refresh()
	return true
}

// Columns of a row.
const (
	verdictWidth = 138
	nameWidth    = 168
)

// factLayout puts verdict, name and value side by side, the reason under the
// value, and Copy at the end. The height depends on the width, which is that of
// the last layout.
type factLayout struct{ width float32 }

func (l *factLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(pageWidth, l.place(objects, max(pageWidth, l.width)))
}

func (l *factLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width)
}

func (*factLayout) place(objects []fyne.CanvasObject, width float32) float32 {
	status, name, value, why, copyIt := objects[0], objects[1], objects[2], objects[3], objects[4]
	pad := theme.InnerPadding()
	button := copyIt.MinSize()
	chip := status.MinSize()
	line := widgets.HeightAt(name, nameWidth)
	status.Resize(chip)
	status.Move(fyne.NewPos(pad, pad/2))
	name.Resize(fyne.NewSize(nameWidth, line))
	name.Move(fyne.NewPos(verdictWidth, 0))
	copyIt.Resize(button)
	copyIt.Move(fyne.NewPos(width-button.Width, 0))
	room := width - verdictWidth - nameWidth - button.Width
	y := float32(0)
	for _, o := range []fyne.CanvasObject{value, why} {
		if !o.Visible() {
			continue
		}
		h := widgets.HeightAt(o, room)
		o.Move(fyne.NewPos(verdictWidth+nameWidth, y))
		o.Resize(fyne.NewSize(room, h))
		y += h - pad // labels share the padding between them
	}
	return max(y+pad, line, chip.Height+pad)
}
