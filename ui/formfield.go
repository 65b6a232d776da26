package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/ui/widgets"
)

// A formField is one thing to fill in, with what is wrong with it underneath.
type formField struct {
	entry *widgets.Entry // nil if it is filled in otherwise
	wrong *widget.Label
	row   *formRow
}

// newFormField returns a field in a row of its own. Notes stand below it.
func newFormField(name string, e *widgets.Entry, placeholder string, notes ...fyne.CanvasObject) *formField {
	e.SetPlaceHolder(placeholder)
	f := newFormFieldOf(name, e, notes...)
	f.entry = e
	e.OnChanged = func(string) { f.complain("") }
	e.OnLargePaste = func(string) { f.complain("What was pasted is too long for this field. Nothing was changed.") }
	return f
}

// newFormFieldOf is a field that is not an entry.
func newFormFieldOf(name string, input fyne.CanvasObject, notes ...fyne.CanvasObject) *formField {
	f := &formField{wrong: widget.NewLabel("")}
	f.wrong.Importance = widget.DangerImportance
	f.wrong.Wrapping = fyne.TextWrapWord
	f.wrong.SizeName = theme.SizeNameCaptionText
	f.wrong.Hide()
	f.row = newFormRow(name, container.New(notesBelow{}, append([]fyne.CanvasObject{input, f.wrong}, notes...)...))
	return f
}

// complain says what is wrong with the field; "" is nothing.
func (f *formField) complain(message string) {
	if f.wrong.Text == message {
		return
	}
	f.wrong.SetText(message)
	widgets.SetVisible(f.wrong, message != "")
}

// alsoOnChange calls do after what a change of the field does already.
func (f *formField) alsoOnChange(do func()) {
	before := f.entry.OnChanged
	f.entry.OnChanged = func(text string) {
		before(text)
		do()
	}
}

// A formRow is a label with what belongs to it. A row that is not needed is
// hidden as a whole.
type formRow struct {
	name *widget.Label
	body fyne.CanvasObject
}

func newFormRow(name string, body fyne.CanvasObject) *formRow {
	r := &formRow{widget.NewLabel(name), body}
	r.name.Alignment = fyne.TextAlignTrailing
	return r
}

func (r *formRow) show(on bool) {
	widgets.SetVisible(r.name, on)
	widgets.SetVisible(r.body, on)
}

// formRows lays out rows one under the other.
func formRows(rows ...*formRow) *fyne.Container {
	var objects []fyne.CanvasObject
	for _, r := range rows {
		objects = append(objects, r.name, r.body)
	}
	return container.New(formLayout{}, objects...)
}

// ruler parts the rows above it from those below.
func ruler() *formRow { return &formRow{widget.NewLabel(""), &ruled{*widget.NewSeparator()}} }

// A ruled is a separator that goes through both columns.
type ruled struct{ widget.Separator }

func note(text string) *widget.Label {
	l := widget.NewLabel(widgets.Shown(text))
	l.SizeName = theme.SizeNameCaptionText
	l.Importance = widget.LowImportance
	l.Wrapping = fyne.TextWrapWord
	return l
}

// setNote changes a note; one that says nothing takes no room.
func setNote(l *widget.Label, text string, importance widget.Importance) {
	widgets.SetVisible(l, text != "")
	if l.Text == text && l.Importance == importance {
		return
	}
	l.Importance = importance
	l.SetText(text)
}
