package live

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"relayscope/profiles"
	"relayscope/profiles/saved"
	"relayscope/ui/widgets"
)

// A savedPanel shows the messages that a person saved, folder by folder, and
// what can be done with them.
type savedPanel struct {
	onLoad  func(draft)
	onSend  func(id string, d draft)
	written func() draft // what the composer holds
	dialog  func(dialog.Dialog)

	keeper  *savedKeeper
	profile profiles.ID
	all     saved.List
	rows    []savedRow
	folded  []string // folders, in lower case
	removed *removedMessage

	save    *widgets.Button
	more    *widgets.Button
	list    *savedList
	empty   *widget.Label
	notice  *widget.Label
	undo    *widgets.Button
	popup   *widget.PopUp
	anchor  fyne.CanvasObject // what boxes open below: the panel itself may not have been drawn yet
	content *fyne.Container
}

// A savedRow is a folder, or a message.
type savedRow struct {
	folder  string
	message saved.Message // none if ID is ""
	key     int           // of Alt with a digit; 0: none
}

// A removedMessage can be put back.
type removedMessage struct {
	message saved.Message
	before  string
}

// savedKeys is how many messages a key sends.
const savedKeys = 9

// foldedKey is where the names of folded folders are remembered.
const foldedKey = "foldedMessages"

// savedWidth is how wide the panel is, beside what is written.
const savedWidth = 190

func newSavedPanel(onMain func(func()), written func() draft, onLoad func(draft), onSend func(string, draft)) *savedPanel {
	p := &savedPanel{onLoad: onLoad, onSend: onSend, written: written, notice: caption(""), empty: caption("")}
	p.dialog = func(d dialog.Dialog) { d.Show() }
	p.folded = fyne.CurrentApp().Preferences().StringList(foldedKey)
	p.save = widgets.NewButtonWithIcon("Save", theme.ContentAddIcon(), p.saveWritten)
	p.save.Importance = widget.LowImportance
	p.anchor = p.save
	p.more = widgets.NewButtonWithIcon("", theme.MoreVerticalIcon(), p.openMenu)
	p.more.Importance = widget.LowImportance
	p.undo = widgets.NewButtonWithIcon("Undo", theme.ContentUndoIcon(), p.undoRemove)
	p.undo.Importance = widget.LowImportance
	p.undo.Hide()
	p.notice.Wrapping = fyne.TextWrapWord
	p.notice.Hide()
	p.empty.Wrapping = fyne.TextWrapWord
	p.empty.SetText("Nothing saved yet. Save keeps what is written here, to be sent with one key.")
	p.list = newSavedList(p)
	p.content = container.New(fixedWidth(savedWidth),
		container.NewBorder(container.NewBorder(nil, nil, container.NewHBox(p.save, p.undo), p.more), p.notice, nil, nil, p.list, p.empty))
	p.content.Hide()
	p.keeper = &savedKeeper{store: saved.NewStore(""), onMain: onMain, stored: p.stored}
	return p
}

// keep keeps the messages in store from now on.
func (p *savedPanel) keep(onMain func(func()), store *saved.Store) {
	p.keeper = &savedKeeper{store: store, onMain: onMain, stored: p.stored}
	p.keeper.update(nil)
}

// stored takes what is on the disk.
func (p *savedPanel) stored(list saved.List, left int, err error) {
	text := ""
	switch {
	case errors.Is(err, saved.ErrBroken):
		text = "The file of saved messages cannot be read. It is kept under another name when something is saved."
	case errors.Is(err, saved.ErrNewer):
		text = "A newer Relayscope saved these messages. Nothing can be saved here until this one is as new."
	case errors.Is(err, profiles.ErrFull):
		text = "Not stored: the disk is full. It is here until Relayscope ends."
	case err != nil:
		text = upperFirst(err.Error())
	case left == 0:
		p.all = list
	}
	p.say(text)
	p.draw()
}

func (p *savedPanel) say(text string) {
	widgets.SetText(p.notice, text)
	if show(p.notice, text != "") {
		p.content.Refresh()
	}
}

// change shows a change at once, and stores it.
func (p *savedPanel) change(f func(saved.List) (saved.List, error)) {
	list, err := f(p.all)
	if err != nil {
		p.say(upperFirst(err.Error()))
		return
	}
	p.all = list
	p.keeper.update(f)
	p.draw()
}

func (p *savedPanel) show(profile profiles.ID) {
	p.profile = profile
	p.removed = nil
	p.draw()
}

// draw lists what the profile has.
func (p *savedPanel) draw() {
	at, hadRow := p.at()
	p.rows = p.rows[:0]
	folder, key := "", 0
	for _, m := range p.all.For(p.profile) {
		if !strings.EqualFold(m.Folder, folder) {
			folder = m.Folder
			p.rows = append(p.rows, savedRow{folder: folder})
		}
		row := savedRow{folder: m.Folder, message: m}
		if key < savedKeys { // folded or not: a key keeps its meaning
			key++
			row.key = key
		}
		if !p.isFolded(m.Folder) {
			p.rows = append(p.rows, row)
		}
	}
	stand := max(0, min(p.list.at, len(p.rows)-1))
	for i, r := range p.rows { // the keyboard stays with its message
		if hadRow && r.message.ID == at.message.ID && (r.message.ID != "" || r.folder == at.folder) {
			stand = i
		}
	}
	show(p.empty, len(p.rows) == 0)
	show(p.list, len(p.rows) > 0)
	show(p.undo, p.removed != nil)
	p.list.Refresh()
	p.list.stand(stand)
	p.content.Refresh()
}

func (p *savedPanel) isFolded(folder string) bool {
	return folder != "" && slices.Contains(p.folded, strings.ToLower(folder))
}

func (p *savedPanel) fold(folder string) {
	name := strings.ToLower(folder)
	if p.isFolded(folder) {
		p.folded = slices.DeleteFunc(p.folded, func(f string) bool { return f == name })
	} else {
		p.folded = append(p.folded, name)
	}
	fyne.CurrentApp().Preferences().SetStringList(foldedKey, p.folded)
	p.draw()
}

// at returns the row that the keyboard is at.
func (p *savedPanel) at() (savedRow, bool) {
	if p.list.at < len(p.rows) {
		return p.rows[p.list.at], true
	}
	return savedRow{}, false
}

func draftOf(m saved.Message) draft {
	kind := m.Kind
	if !slices.Contains(payloadKinds, kind) { // of another version
		kind = asText
	}
	return draft{Kind: kind, Text: m.Text, Binary: m.Binary, Literal: m.Literal}
}

// load shows a message in the composer, or folds a folder.
func (p *savedPanel) load(r savedRow) {
	if r.message.ID == "" {
		p.fold(r.folder)
		return
	}
	p.onLoad(draftOf(r.message))
}

// sendKey sends the message that a digit stands for.
func (p *savedPanel) sendKey(key int) {
	if m, ok := p.keyed(key); ok {
		p.onSend(m.ID, draftOf(m))
	}
}

func (p *savedPanel) keyed(key int) (saved.Message, bool) {
	shown := p.all.For(p.profile)
	if key < 1 || key > min(savedKeys, len(shown)) {
		return saved.Message{}, false
	}
	return shown[key-1], true
}

func (p *savedPanel) whyNoKey(key int) string {
	if _, ok := p.keyed(key); !ok {
		return fmt.Sprintf("There is no saved message %d.", key)
	}
	return ""
}

// saveWritten saves what the composer holds, in the folder that the keyboard
// is at, and asks for its name.
func (p *savedPanel) saveWritten() {
	d := p.written()
	at, _ := p.at()
	m := saved.Message{ID: saved.NewID(), Folder: at.folder, Profile: p.profile, Kind: d.Kind, Text: d.Text, Binary: d.Binary, Literal: d.Literal}
	list, err := p.all.Put(m) // which names it
	if err != nil {
		p.say(upperFirst(err.Error()))
		return
	}
	named, _ := list.Get(m.ID)
	p.ask("Save as", named.Name, nil, func(name string) {
		m.Name = name
		p.change(func(l saved.List) (saved.List, error) { return l.Put(m) })
		p.standAt(m.ID)
	})
}

// standAt puts the keyboard at a message.
func (p *savedPanel) standAt(id string) {
	for i, r := range p.rows {
		if r.message.ID == id {
			p.list.stand(i)
		}
	}
}

func (p *savedPanel) edit(id string, f func(*saved.Message)) {
	p.change(func(l saved.List) (saved.List, error) {
		m, ok := l.Get(id)
		if !ok {
			return l, nil // another window deleted it
		}
		f(&m)
		return l.Put(m)
	})
}

func (p *savedPanel) rename(r savedRow) {
	if r.message.ID == "" {
		p.ask("Name of the folder", r.folder, nil, func(name string) { p.renameFolder(r.folder, name) })
		return
	}
	p.ask("Name", r.message.Name, nil, func(name string) { p.edit(r.message.ID, func(m *saved.Message) { m.Name = name }) })
}

func (p *savedPanel) renameFolder(from, to string) {
	of := p.profile
	p.change(func(l saved.List) (saved.List, error) { return l.RenameFolder(from, to, of), nil })
}

func (p *savedPanel) refolder(r savedRow) {
	p.ask("Folder, or nothing for none", r.message.Folder, p.all.Folders(p.profile), func(folder string) {
		p.edit(r.message.ID, func(m *saved.Message) { m.Folder = folder })
	})
}

func (p *savedPanel) release(of profiles.ID, folder string) {
	if slices.ContainsFunc(p.all, func(m saved.Message) bool { return m.Profile == of }) {
		p.change(func(l saved.List) (saved.List, error) { return l.Release(of, folder), nil })
	}
}

func (p *savedPanel) move(r savedRow, by int) {
	if of := p.profile; r.message.ID != "" {
		p.change(func(l saved.List) (saved.List, error) { return l.Move(r.message.ID, by, of), nil })
	}
}

func (p *savedPanel) remove(r savedRow) {
	if r.message.ID == "" {
		return
	}
	_, before := p.all.Remove(r.message.ID)
	p.removed = &removedMessage{r.message, before}
	p.change(func(l saved.List) (saved.List, error) {
		l, _ = l.Remove(r.message.ID)
		return l, nil
	})
}

func (p *savedPanel) undoRemove() {
	if r := p.removed; r != nil {
		p.removed = nil
		p.change(func(l saved.List) (saved.List, error) { return l.Insert(r.message, r.before), nil })
		p.standAt(r.message.ID)
		focus(p.list)
	}
}

// openMenu offers what can be done with the row that the keyboard is at, and
// with all.
func (p *savedPanel) openMenu() {
	var items []*fyne.MenuItem
	r, any := p.at()
	of := p.profile
	switch {
	case any && r.message.ID != "":
		owner := fyne.NewMenuItem("Use in all profiles", func() { p.edit(r.message.ID, func(m *saved.Message) { m.Profile = "" }) })
		if r.message.Profile == "" {
			owner = fyne.NewMenuItem("Use in this profile only", func() { p.edit(r.message.ID, func(m *saved.Message) { m.Profile = of }) })
		}
		items = append(items,
			fyne.NewMenuItem("Send it now", func() { p.onSend(r.message.ID, draftOf(r.message)) }),
			fyne.NewMenuItem("Replace by what is written", func() {
				d := p.written()
				p.edit(r.message.ID, func(m *saved.Message) { m.Kind, m.Text, m.Binary, m.Literal = d.Kind, d.Text, d.Binary, d.Literal })
			}),
			fyne.NewMenuItem("Rename…", func() { p.rename(r) }),
			fyne.NewMenuItem("Folder…", func() { p.refolder(r) }),
			fyne.NewMenuItem("Move up", func() { p.move(r, -1) }),
			fyne.NewMenuItem("Move down", func() { p.move(r, 1) }),
			owner,
			fyne.NewMenuItem("Delete", func() { p.remove(r) }),
			fyne.NewMenuItemSeparator())
	case any:
		items = append(items,
			fyne.NewMenuItem("Rename the folder…", func() { p.rename(r) }),
			fyne.NewMenuItem("Dissolve the folder", func() { p.renameFolder(r.folder, "") }),
			fyne.NewMenuItemSeparator())
	}
	export := fyne.NewMenuItem("Export…", p.export)
	export.Disabled = !any
	items = append(items, fyne.NewMenuItem("Import…", p.importFile), export)
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.more); c != nil {
		menu := widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
		menu.ShowAtRelativePosition(fyne.NewPos(p.more.Size().Width-menu.MinSize().Width, p.more.Size().Height), p.more)
	}
}

// ask asks for a line of text.
func (p *savedPanel) ask(title, text string, offer []string, do func(string)) {
	entry := widgets.NewEntry()
	if offer != nil {
		entry = widgets.NewSuggestEntry(func() []string { return offer })
	}
	entry.Text = text
	entry.OnSubmitted = func(text string) {
		p.popup.Hide()
		do(text)
		focus(p.list)
	}
	ok := widgets.NewButton("OK", func() { entry.OnSubmitted(entry.Text) })
	ok.Importance = widget.HighImportance
	p.popup = popUp(container.NewVBox(caption(title), container.NewBorder(nil, nil, nil, ok, entry)), p.anchor, 300)
	if p.popup != nil {
		p.popup.Canvas.Focus(entry)
		entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// maxImport is more than any file of saved messages has, in bytes.
const maxImport = 24 << 20

// importFile adds the messages of a file.
func (p *savedPanel) importFile() {
	w := windowOf(p.more)
	if w == nil {
		return
	}
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if err != nil || file == nil {
			return // the dialog has said what is wrong
		}
		of := p.profile
		p.keeper.update(func(l saved.List) (saved.List, error) {
			defer file.Close()
			text, err := io.ReadAll(io.LimitReader(file, maxImport))
			if err != nil {
				return l, err
			}
			l, _, err = l.Import(text, of)
			if errors.Is(err, saved.ErrBroken) {
				err = errors.New("this is no file of saved messages")
			}
			return l, err
		})
	}, w)
	d.SetTitleText("File of saved messages")
	d.SetFilter(storage.NewExtensionFileFilter([]string{".json"}))
	p.showFileDialog(d, w)
}

// export writes what the profile has into a file.
func (p *savedPanel) export() {
	w := windowOf(p.more)
	if w == nil {
		return
	}
	text := p.all.Export(p.profile)
	d := dialog.NewFileSave(func(file fyne.URIWriteCloser, err error) {
		if err != nil || file == nil {
			return
		}
		p.keeper.update(func(l saved.List) (saved.List, error) {
			_, err := file.Write(text)
			return l, errors.Join(err, file.Close())
		})
	}, w)
	d.SetFileName("relayscope-messages.json")
	p.showFileDialog(d, w)
}

func (p *savedPanel) showFileDialog(d *dialog.FileDialog, w fyne.Window) {
	d.SetView(dialog.ListView)
	p.dialog(d)
	size := w.Canvas().Size()
	d.Resize(fyne.NewSize(min(900, size.Width*0.8), min(620, size.Height*0.85)))
}

// fixedWidth is a layout that is as wide as it says.
type fixedWidth float32

func (w fixedWidth) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(w), objects[0].MinSize().Height)
}

func (w fixedWidth) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
}
