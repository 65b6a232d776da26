package live

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/relayclient"
	"relayscope/relayclient/placeholder"
	"relayscope/ui/widgets"
)

// A payload is what an editor makes: the bytes of one message, or the file
// that holds them.
type payload struct {
	relayclient.Message
	File string // path; "" if Data has it all
	Size int64

	fill func(n int64) (relayclient.Message, error) // makes the n-th message; nil: all are the same
}

// number returns the n-th message, from 1, with its placeholders filled in.
func (p payload) number(n int64) (payload, error) {
	if p.fill == nil {
		return p, nil
	}
	m, err := p.fill(n)
	m.Binary = p.Binary
	if err == nil && !m.Binary && !utf8.Valid(m.Data) {
		err = relayclient.ErrNotText
	}
	return payload{Message: m, Size: int64(len(m.Data))}, err
}

// The types of message that WebSocket knows.
const (
	frameText   = "as text"
	frameBinary = "as binary"
)

// An editor is where a message is written: an entry or a file, its kind, and
// what is wrong with it. All of it belongs to the main goroutine.
type editor struct {
	widget.BaseWidget
	placeholder string
	onMain      func(func()) // runs a function on the main goroutine without waiting
	dialog      func(dialog.Dialog)
	onChange    func() // what there is to send has changed

	entry  *widgets.Entry
	kind   *widgets.Select
	frame  *widgets.Select // hidden: nobody asks what type of message it is
	format *widgets.Button
	fill   *widgets.Check // hidden: there is no placeholder in the text
	pick   *widgets.Button
	file   *widget.Label
	tools  *fyne.Container

	held    string // a pasted text that is too large to edit; it is sent in place of what is written
	path    string // the file
	made    payload
	problem string // what is wrong with what is written; "" if nothing
	reading int    // counts what is read beside the main goroutine, so that late results are told apart
}

// readingFile is why a file cannot be sent yet.
const readingFile = "reading the file"

// aside is how many bytes are checked while a person waits; more than that
// would be felt.
const aside = 256 << 10

// newEditor returns an editor. Its tools, which it does not show itself, go
// where there is room.
func newEditor(placeholder string, onMain func(func()), onChange func()) *editor {
	e := &editor{placeholder: placeholder, onMain: onMain, onChange: onChange, entry: widgets.NewMultiLineEntry(), file: widget.NewLabel("")}
	e.dialog = func(d dialog.Dialog) { d.Show() }
	e.entry.SetMinRowsVisible(2)
	e.entry.SetPlaceHolder(placeholder)
	e.entry.OnLargePaste = e.hold
	e.entry.OnChanged = func(string) { e.hold(""); e.review() }
	e.file.Alignment = fyne.TextAlignCenter
	e.file.Wrapping = fyne.TextWrapBreak
	e.file.Hide()
	e.format = widgets.NewButtonWithIcon("", theme.ListIcon(), e.layOut)
	e.format.SetText("Format")
	e.format.Importance = widget.LowImportance
	e.pick = widgets.NewButtonWithIcon("Choose…", theme.FolderOpenIcon(), e.choose)
	e.frame = widgets.NewSelect([]string{frameText, frameBinary}, func(string) { e.review() })
	e.fill = widgets.NewCheck("Fill in {{…}}", func(bool) { e.review() })
	e.fill.Checked = true
	e.fill.Hide()
	e.kind = widgets.NewSelect(payloadKinds, e.turn)
	e.tools = container.NewHBox(e.kind, e.frame, e.format, e.fill, e.pick)
	e.kind.SetSelected(asText)
	e.ExtendBaseWidget(e)
	return e
}

// turn changes the kind of message; the text stays.
func (e *editor) turn(kind string) {
	frame := frameText
	if binaryKind(kind) {
		frame = frameBinary
	}
	e.frame.Selected = frame // without its OnChanged: there is one review for both
	e.frame.Refresh()
	show(e.format, formats(kind))
	show(e.pick, kind == asFile)
	show(e.file, kind == asFile)
	show(e.entry, kind != asFile)
	e.review()
	e.tools.Refresh()
}

// hold keeps a text that is too large to edit, until something is typed.
func (e *editor) hold(text string) {
	if text == e.held {
		return
	}
	e.held = text
	if text == "" {
		e.entry.SetPlaceHolder(e.placeholder)
		return
	}
	e.entry.Text = "" // without OnChanged, which lets go of what is held
	e.entry.SetPlaceHolder(byteCount(int64(len(text))) + " pasted: too long to edit here. Send sends all of it; type to write something else.")
	e.review()
}

// begun reports whether there is anything yet that could be wrong.
func (e *editor) begun() bool {
	if e.kind.Selected == asFile {
		return e.path != "" && e.problem != readingFile
	}
	return e.held == "" && strings.TrimSpace(e.entry.Text) != ""
}

// text returns all that is written.
func (e *editor) text() string {
	if e.held != "" {
		return e.held
	}
	return e.entry.Text
}

// set puts a text of a kind in place of what is written.
func (e *editor) set(kind, text string, binary bool) {
	e.kind.SetSelected(kind)
	if binary != (e.frame.Selected == frameBinary) {
		e.frame.SetSelected(map[bool]string{false: frameText, true: frameBinary}[binary])
	}
	switch {
	case kind == asFile:
		e.open(text)
	case len(text) > widgets.MaxPaste:
		e.hold(text)
	default:
		e.entry.SetText(text)
		e.entry.CursorRow, e.entry.CursorColumn = 0, 0
		e.entry.Refresh()
	}
}

// review works out anew what there is to send. What takes long is done beside
// the main goroutine.
func (e *editor) review() {
	e.reading++
	reading, kind, text := e.reading, e.kind.Selected, e.text()
	braces := kind != asFile && strings.Contains(text, "{{")
	if show(e.fill, braces) {
		e.tools.Refresh()
	}
	if kind == asFile {
		if e.path == "" {
			e.settle(payload{}, "choose a file")
			return
		}
		e.settle(payload{}, readingFile)
		e.beside(reading, draft{Kind: kind, Text: e.path}.make)
		return
	}
	d := draft{Kind: kind, Text: text, Literal: !e.fill.Checked}
	if !d.quick() {
		e.settle(payload{}, "checking what was pasted")
		e.beside(reading, d.make)
		return
	}
	e.settle(d.make())
}

// make returns what is sent of a draft, or says what is wrong with it. It may
// read a file.
func (d draft) make() (payload, string) {
	switch {
	case d.Kind == asFile:
		return inspectFile(d.Text)
	case !d.Literal && strings.Contains(d.Text, "{{"):
		return encodeTemplate(d.Kind, d.Text)
	}
	return encodeText(d.Kind, d.Text)
}

// quick reports whether making what is sent takes no time that is felt.
func (d draft) quick() bool { return d.Kind != asFile && len(d.Text) <= aside }

// encodeText makes a message of a text, or says what is wrong with it.
func encodeText(kind, text string) (payload, string) {
	data, err := encodePayload(kind, text)
	if err != nil {
		return payload{}, err.Error()
	}
	return payload{Message: relayclient.Message{Data: data, Binary: !utf8.Valid(data)}, Size: int64(len(data))}, ""
}

// encodeTemplate makes messages of a text with placeholders. The first one
// shows whether they can be sent.
func encodeTemplate(kind, text string) (payload, string) {
	template, err := placeholder.Parse(text, placeholder.Sending)
	if err != nil {
		return payload{}, err.Error()
	}
	fill := func(n int64) (relayclient.Message, error) {
		filled, err := template.Fill(placeholder.Values{Now: time.Now(), Count: n})
		if err != nil {
			return relayclient.Message{}, err
		}
		data, err := encodePayload(kind, string(filled))
		return relayclient.Message{Data: data}, err
	}
	m, err := fill(1)
	if err != nil {
		return payload{}, err.Error()
	}
	m.Binary = !utf8.Valid(m.Data)
	return payload{Message: m, Size: int64(len(m.Data)), fill: fill}, ""
}

// insert puts a text where the cursor is.
func (e *editor) insert(text string) {
	for _, r := range text {
		e.entry.TypedRune(r)
	}
}

// beside does work that ends by itself, and takes its result unless something
// else is to be sent by then.
func (e *editor) beside(reading int, work func() (payload, string)) {
	go func() {
		made, problem := work()
		e.onMain(func() {
			if reading == e.reading {
				e.settle(made, problem)
			}
		})
	}()
}

// as decides the type of message. Until then Binary tells that it cannot be
// text.
func (p payload) as(binary bool, problem string) (payload, string) {
	if problem == "" && p.Binary && !binary {
		problem = "these bytes are not UTF-8: they can only be sent as binary"
	}
	p.Binary = binary
	return p, problem
}

// settle takes what there is to send.
func (e *editor) settle(made payload, problem string) {
	e.made, e.problem = made.as(e.frame.Selected == frameBinary, problem)
	if e.kind.Selected == asFile {
		widgets.SetText(e.file, e.fileText())
	}
	e.onChange()
}

func (e *editor) fileText() string {
	switch {
	case e.path == "":
		return "No file chosen"
	case e.problem != "":
		return filepath.Base(e.path)
	}
	return filepath.Base(e.path) + "\n" + byteCount(e.made.Size) + ", sent as one message"
}

// layOut formats what is written.
func (e *editor) layOut() {
	if formatted, err := formatPayload(e.kind.Selected, e.text()); err == nil {
		e.set(e.kind.Selected, formatted, e.frame.Selected == frameBinary)
	}
}

// choose lets the person pick a file.
func (e *editor) choose() {
	w := windowOf(e.pick)
	if w == nil {
		return
	}
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return // the dialog has said what is wrong
		}
		file.Close()
		e.open(file.URI().Path())
	}, w)
	d.SetTitleText("File to send as one message")
	d.SetView(dialog.ListView)
	e.dialog(d)
	size := w.Canvas().Size()
	d.Resize(fyne.NewSize(min(900, size.Width*0.8), min(620, size.Height*0.85)))
}

func (e *editor) open(path string) {
	e.path = path
	e.review()
}

// windowOf returns the window that shows o, or nil.
func windowOf(o fyne.CanvasObject) fyne.Window {
	c := fyne.CurrentApp().Driver().CanvasForObject(o)
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if w.Canvas() == c {
			return w
		}
	}
	return nil
}

// inspectFile reads a file in small pieces: its size, and whether it could be
// a text message.
func inspectFile(path string) (payload, string) {
	f, err := os.Open(path)
	if err != nil {
		return payload{}, fileProblem(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return payload{}, "this is not a file that can be read"
	}
	made := payload{File: path}
	var check relayclient.TextChecker
	made.Size, err = io.Copy(&check, io.LimitReader(f, relayclient.MaxMessage+1))
	switch {
	case errors.Is(err, relayclient.ErrNotText) || err == nil && !check.Whole():
		made.Binary = true
		if info, err := f.Stat(); err == nil {
			made.Size = info.Size()
		}
	case err != nil:
		return payload{}, fileProblem(err)
	}
	if made.Size > relayclient.MaxMessage {
		return payload{}, "larger than 64 MiB, the most that one message may hold"
	}
	return made, ""
}

func fileProblem(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return "the file cannot be read: " + err.Error()
}

// CreateRenderer is for Fyne.
func (e *editor) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewStack(e.entry, container.NewVBox(layout.NewSpacer(), e.file, layout.NewSpacer())))
}
