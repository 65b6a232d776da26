package live

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/relayclient/dialtext"
	"relayscope/ui/widgets"
)

// An optionsForm is where a person writes what the sender's connections ask
// for. It is folded unless somebody opens it, and keeps what was written for
// each profile.
type optionsForm struct {
	onChange func(SendOptions, error)
	onFold   func()

	fold         *widget.Button
	path         *widgets.Entry
	query        *widgets.Entry
	subprotocols *widgets.Entry
	connections  *widgets.Entry
	headers      []*headerRow
	rows         *fyne.Container
	add          *widget.Button
	wrong        *widget.Label
	kept         *widget.Label
	body         *container.Scroll
	opened       bool

	profile profiles.ID
	written map[profiles.ID]optionTexts
	filling bool // its texts are being set
	summary string
}

// A headerRow is one header being written.
type headerRow struct {
	name, value *widgets.Entry
	content     fyne.CanvasObject
}

// optionsKey is where the options of a profile are remembered.
func optionsKey(id profiles.ID) string { return "sender.options." + string(id) }

func newOptionsForm(onFold func(), onChange func(SendOptions, error)) *optionsForm {
	f := &optionsForm{onChange: onChange, onFold: onFold, written: map[profiles.ID]optionTexts{}, wrong: caption(""), kept: caption("")}
	field := func(hint string) *widgets.Entry {
		e := widgets.NewEntry()
		e.SetPlaceHolder(hint)
		e.OnChanged = func(string) { f.changed() }
		return e
	}
	f.path, f.query, f.subprotocols, f.connections = field("/chat/7"), field("room=1"), field("chat.v2"), field("1")
	f.fold = widget.NewButtonWithIcon("Options", theme.MenuExpandIcon(), func() { f.open(!f.opened) })
	f.fold.Importance = widget.LowImportance
	f.fold.IconPlacement = widget.ButtonIconTrailingText
	f.rows = container.New(widgets.Stacked{})
	f.add = widget.NewButtonWithIcon("Header", theme.ContentAddIcon(), func() { f.focusOn(f.addHeader(dialtext.Header{})) })
	f.add.Importance = widget.LowImportance
	f.wrong.Importance = widget.DangerImportance
	f.wrong.Wrapping, f.kept.Wrapping = fyne.TextWrapWord, fyne.TextWrapWord
	grid := container.New(&fieldRows{},
		caption("Path"), f.path, caption("Query"), f.query,
		caption("Subprotocols"), f.subprotocols, caption("Connections"), container.NewBorder(nil, nil, nil, f.add, f.connections))
	f.body = container.NewVScroll(container.New(widgets.Stacked{}, f.wrong, grid, f.rows, f.kept))
	f.wrong.Hide()
	f.kept.Hide()
	f.body.Hide()
	return f
}

// open unfolds the form or folds it.
func (f *optionsForm) open(on bool) {
	f.opened = on
	f.fold.Icon = theme.MenuExpandIcon()
	if on {
		f.fold.Icon = theme.MenuDropDownIcon()
	}
	show(f.body, on)
	f.fold.Refresh()
	f.onFold()
	if on {
		f.focusOn(f.path)
	}
}

func (f *optionsForm) focusOn(e *widgets.Entry) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.fold); c != nil { // the form itself may not have been drawn yet
		c.Focus(e)
	}
}

// addHeader adds a row for a header and returns where its name goes.
func (f *optionsForm) addHeader(h dialtext.Header) *widgets.Entry {
	r := &headerRow{name: widgets.NewEntry(), value: widgets.NewEntry()}
	r.name.SetPlaceHolder("Header")
	r.value.SetPlaceHolder("Value")
	r.name.Text, r.value.Text = h.Name, h.Value
	for _, e := range []*widgets.Entry{r.name, r.value} {
		e.OnChanged = func(string) { f.changed() }
	}
	remove := widget.NewButtonWithIcon("", theme.ContentRemoveIcon(), func() {
		f.headers = slices.DeleteFunc(f.headers, func(other *headerRow) bool { return other == r })
		f.rows.Remove(r.content)
		f.changed()
	})
	remove.Importance = widget.LowImportance
	r.content = container.NewBorder(nil, nil, nil, remove, container.NewGridWithColumns(2, r.name, r.value))
	f.headers = append(f.headers, r)
	f.rows.Add(r.content)
	f.changed()
	return r.name
}

func (f *optionsForm) texts() optionTexts {
	t := optionTexts{Connections: f.connections.Text}
	t.Path, t.Query, t.Subprotocols = f.path.Text, f.query.Text, f.subprotocols.Text
	for _, r := range f.headers {
		if r.name.Text != "" || r.value.Text != "" {
			t.Headers = append(t.Headers, dialtext.Header{Name: r.name.Text, Value: r.value.Text})
		}
	}
	return t
}

// show fills the form with what was written for a profile.
func (f *optionsForm) show(id profiles.ID) {
	f.profile = id
	t, known := f.written[id]
	if !known {
		t = restoreOptions(fyne.CurrentApp().Preferences().String(optionsKey(id)))
	}
	f.filling = true
	f.path.SetText(t.Path)
	f.query.SetText(t.Query)
	f.subprotocols.SetText(t.Subprotocols)
	f.connections.SetText(t.Connections)
	f.headers = nil
	f.rows.RemoveAll()
	for _, h := range t.Headers {
		f.addHeader(h)
	}
	f.filling = false
	f.review(t)
}

// changed keeps what is written, but for secrets, which are kept in memory
// only.
func (f *optionsForm) changed() {
	if f.filling {
		return
	}
	t := f.texts()
	f.written[f.profile] = t
	fyne.CurrentApp().Preferences().SetString(optionsKey(f.profile), t.store())
	f.review(t)
}

// forget drops what was written for a profile.
func (f *optionsForm) forget(id profiles.ID) {
	delete(f.written, id)
	fyne.CurrentApp().Preferences().RemoveValue(optionsKey(id))
}

func (f *optionsForm) review(t optionTexts) {
	o, err := t.parse()
	text := ""
	if err != nil {
		text = upperFirst(err.Error())
	}
	widgets.SetText(f.wrong, text)
	show(f.wrong, text != "")
	_, missing := t.WithoutSecrets()
	if missing != nil {
		widgets.SetText(f.kept, upperFirst(strings.Join(missing, ", "))+" may be secret: kept until Relayscope ends, not stored.")
	}
	show(f.kept, missing != nil)
	f.summary = o.summary()
	if err != nil {
		f.summary = "" // what is wrong is said beside it
	}
	f.body.Content.Refresh()
	f.onChange(o, err)
	if f.opened {
		f.onFold() // it may need another height
	}
}

// label names the disclosure, with what it hides if there is room for it.
func (f *optionsForm) label(room bool) {
	text := "Options"
	if room && f.summary != "" && !f.opened {
		text = clip(f.summary, 28)
	}
	if f.fold.Text != text {
		f.fold.SetText(text)
	}
}

func (f *optionsForm) objects() map[string]fyne.CanvasObject {
	all := map[string]fyne.CanvasObject{
		"options.fold": f.fold, "options.path": f.path, "options.query": f.query, "options.subprotocols": f.subprotocols,
		"options.connections": f.connections, "options.add": f.add, "options.wrong": f.wrong, "options.kept": f.kept,
	}
	if n := len(f.headers); n > 0 { // the last one
		all["options.header.name"], all["options.header.value"] = f.headers[n-1].name, f.headers[n-1].value
	}
	return all
}

// fieldRows is a layout of fields, each after its name: two a row, or one where
// there is little room. The keyboard goes along the rows.
type fieldRows struct{ width float32 } // when it was last laid out

// columns returns how wide the names and the fields need to be, for two fields
// a row, and how high a row is.
func (*fieldRows) columns(objects []fyne.CanvasObject) (names, fields [2]float32, height float32) {
	for i, o := range objects {
		into := &names[i/2%2]
		if i%2 == 1 {
			into = &fields[i/2%2]
			height = max(height, o.MinSize().Height)
		}
		*into = max(*into, o.MinSize().Width)
	}
	return names, fields, height
}

func (l *fieldRows) perRow(names, fields [2]float32) int {
	if l.width >= names[0]+names[1]+2*max(fields[0], fields[1])+theme.Padding() {
		return 2
	}
	return 1
}

// MinSize is for Fyne.
func (l *fieldRows) MinSize(objects []fyne.CanvasObject) fyne.Size {
	names, fields, height := l.columns(objects)
	rows := float32(len(objects) / 2 / l.perRow(names, fields))
	return fyne.NewSize(max(names[0], names[1])+max(fields[0], fields[1]), rows*(height+theme.Padding())-theme.Padding())
}

// Layout is for Fyne.
func (l *fieldRows) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	names, fields, height := l.columns(objects)
	perRow := l.perRow(names, fields)
	if perRow == 1 {
		names[0] = max(names[0], names[1])
	}
	var x, y float32
	for i, o := range objects {
		column := i / 2 % perRow
		width, h := names[column], o.MinSize().Height
		if i%2 == 1 {
			width, h = size.Width-names[0], height
			if perRow == 2 {
				width = (size.Width - names[0] - names[1] - theme.Padding()) / 2
			}
		}
		o.Move(fyne.NewPos(x, y+(height-h)/2))
		o.Resize(fyne.NewSize(width, h))
		if x += width; i%2 == 1 {
			x += theme.Padding()
			if column == perRow-1 {
				x, y = 0, y+height+theme.Padding()
			}
		}
	}
}
